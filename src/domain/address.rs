//! Mailboxes, and our own plus-addresses, tags and tokens: made and read in this one place.

use std::fmt;
use std::hash::{Hash, Hasher};

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// RFC 5321 section 4.5.3.1.1: at most 64 octets of local part.
const LOCAL_PART_MAX: usize = 64;
/// RFC 5321 section 4.5.3.1.2: at most 255 octets of domain.
const DOMAIN_MAX: usize = 255;

/// One mailbox `local@domain` of the strict grammar: a dot-atom and a domain name.
///
/// The local part is kept as written and compared without regard to ASCII case; the domain is kept
/// as lower-case A-labels (RFC 5890), so an internationalised domain has one spelling. Quoted local
/// parts, source routes and address literals are refused: nothing we answer or compare needs them,
/// and each has opened a hole elsewhere (THREATS.md rows 4 and 12).
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mailbox {
    text: String,
    at: usize,
}

/// Why a text is no mailbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAMailbox {
    #[error("`{0}` has no @ between a name and a domain")]
    NoAt(String),
    #[error("the part before the @ in `{0}` is not a plain name (letters, digits, dots and .!#$%&'*+/=?^_`{{|}}~-)")]
    BadLocalPart(String),
    #[error("the part after the @ in `{0}` is not a domain name")]
    BadDomain(String),
}

impl Mailbox {
    /// Reads a mailbox without angle brackets or display name (RFC 5321 section 4.1.2, RFC 6531).
    pub fn parse(text: &str) -> Result<Self, NotAMailbox> {
        let shown = || text.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
        let (local, domain) = text.rsplit_once('@').ok_or_else(|| NotAMailbox::NoAt(shown()))?;
        if !is_dot_atom(local) || local.len() > LOCAL_PART_MAX {
            return Err(NotAMailbox::BadLocalPart(shown()));
        }
        let domain = a_labels(domain).ok_or_else(|| NotAMailbox::BadDomain(shown()))?;
        Ok(Self { at: local.len(), text: format!("{local}@{domain}") })
    }

    /// `local@domain`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part before the @, as written.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// The domain in lower-case A-labels.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The form to compare and to store for look-ups: all ASCII letters in lower case.
    pub fn folded(&self) -> String {
        self.text.to_ascii_lowercase()
    }

    /// `j…@example.org`: enough for an operator to recognise, too little to harm in a log.
    pub fn masked(&self) -> String {
        let first: String = self.local().chars().take(1).collect();
        format!("{first}…@{}", self.domain())
    }

    /// The same mailbox with `+tag` behind its local part.
    fn tagged(&self, tag: &str) -> Self {
        let local = format!("{}+{tag}", self.local());
        Self { at: local.len(), text: format!("{local}@{}", self.domain()) }
    }
}

impl PartialEq for Mailbox {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl Eq for Mailbox {}

impl Hash for Mailbox {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Mailbox {
    type Error = NotAMailbox;
    fn try_from(text: String) -> Result<Self, NotAMailbox> {
        Self::parse(&text)
    }
}

impl From<Mailbox> for String {
    fn from(mailbox: Mailbox) -> Self {
        mailbox.text
    }
}

/// RFC 5322 section 3.2.3 `dot-atom-text`, with the UTF-8 of RFC 6531.
fn is_dot_atom(local: &str) -> bool {
    let is_atext = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
            || (!c.is_ascii() && !c.is_control() && !c.is_whitespace())
    };
    !local.is_empty() && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// The domain in lower-case A-labels, if it is one: dot-separated labels of letters, digits and inner hyphens.
fn a_labels(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii(domain).ok()?;
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (ascii.len() <= DOMAIN_MAX && ascii.split('.').all(is_label)).then_some(ascii)
}

/// What a token is for. The purpose is part of what is signed: a status link never opens an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The address of one party, `security+c.…@`: mail to it belongs to that party's lane. Row: a party.
    PartyAddress,
    /// The return path of one letter, `security+b.…@`: mail to it is a delivery report. Row: a letter.
    ReturnPath,
    /// `/s/…`, the reporter's status page. Row: a party.
    StatusLink,
    /// `/a/…`, what a contact may see and do. Row: a party.
    ActionLink,
    /// The link in a sign-in letter. Row: the letter.
    SignInLink,
    /// `security+r.…@`: what a contact writes there goes on to the reporter. Row: the contact's party.
    SecondAddress,
    /// `security+t.…@`: our own letter that shows that mail comes in. Row: the letter.
    LoopTest,
    /// `/c/…`, a contact's proof, consent or answer. Row: as the letter's kind says.
    ContactLink,
    /// `/b/…`, one of the board takes a case up. Row: the letter.
    BoardLink,
    /// `/appeal/…`, a banned sender's word. Row: the ban.
    AppealLink,
    /// The hidden stamp of one report form. Row: when it was made, and chance.
    FormStamp,
    /// `/address/…`, a mailbox that a reporter left later says that it is the reporter's. Row: the letter.
    AddressProof,
    /// `/calendar/…`, the deadlines that a member follows. Row: the member's address.
    CalendarLink,
    /// `security+q.…@`: answers to "Still a security contact?". Row: the contact.
    ContactAddress,
}

impl Purpose {
    const ALL: [Self; 14] = [
        Self::PartyAddress,
        Self::ReturnPath,
        Self::StatusLink,
        Self::ActionLink,
        Self::SignInLink,
        Self::SecondAddress,
        Self::LoopTest,
        Self::ContactLink,
        Self::BoardLink,
        Self::AppealLink,
        Self::FormStamp,
        Self::AddressProof,
        Self::CalendarLink,
        Self::ContactAddress,
    ];

    /// The word that stands in the row and in what is signed.
    pub fn word(self) -> &'static str {
        match self {
            Self::PartyAddress => "party-address",
            Self::ReturnPath => "return-path",
            Self::StatusLink => "status-link",
            Self::ActionLink => "action-link",
            Self::SignInLink => "sign-in-link",
            Self::SecondAddress => "second-address",
            Self::LoopTest => "loop-test",
            Self::ContactLink => "contact-link",
            Self::BoardLink => "board-link",
            Self::AppealLink => "appeal-link",
            Self::FormStamp => "form-stamp",
            Self::AddressProof => "address-proof",
            Self::CalendarLink => "calendar-link",
            Self::ContactAddress => "contact-address",
        }
    }

    /// The purpose of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }

    /// Addresses carry 128 bits (26 letters of base32), links 192 (39 letters).
    fn bytes(self) -> usize {
        match self {
            Self::PartyAddress | Self::ReturnPath | Self::SecondAddress | Self::LoopTest | Self::ContactAddress => 16,
            _ => 24,
        }
    }

    fn letters(self) -> usize {
        (self.bytes() * 8).div_ceil(5)
    }
}

/// The key from which all addresses and links are derived; it lives in a file outside the database.
#[derive(Clone)]
pub struct InstanceKey([u8; 32]);

impl InstanceKey {
    /// A key of 32 bytes from the key file.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The token for `purpose` of `row`; raising the row's `generation` revokes the earlier ones.
    pub fn token(&self, purpose: Purpose, row: &str, generation: i64) -> Token {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for field in [purpose.word(), row, &generation.to_string()] {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field.as_bytes());
        }
        let bytes = mac.finalize().into_bytes();
        let letters = BASE32_NOPAD.encode(&bytes[..purpose.bytes()]).to_ascii_lowercase();
        Token { purpose, letters }
    }

    /// 64 bits that stand for `value` among those of its `kind`: equal values stay recognizable, and none can be guessed
    /// without the key.
    pub fn print(&self, kind: u8, value: &[u8]) -> i64 {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"near\0");
        mac.update(&[kind]);
        mac.update(value);
        let bytes = mac.finalize().into_bytes();
        i64::from_be_bytes(*bytes.first_chunk().expect("an HMAC has 32 bytes"))
    }

    /// A salted hash for the record: equal values stay recognisable, and none can be guessed without the key.
    pub fn salted_hash(&self, value: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"record\0");
        mac.update(value.as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()[..16])
    }
}

impl fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstanceKey(…)")
    }
}

/// An unguessable token: whoever knows it may act as the row's owner, so it is never logged or stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    purpose: Purpose,
    letters: String,
}

impl Token {
    /// Reads a token as it stands in an address or link; letters in any case, of exactly the purpose's length.
    pub fn read(purpose: Purpose, text: &str) -> Option<Self> {
        let letters = text.to_ascii_lowercase();
        let is_base32 = letters.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        (is_base32 && letters.len() == purpose.letters()).then_some(Self { purpose, letters })
    }

    /// The letters to put into an address or link.
    pub fn letters(&self) -> &str {
        &self.letters
    }

    /// What the token opens.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// SHA-256 of purpose and letters in hex: what the database holds to find the row by.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.purpose.word().as_bytes());
        hash.update([0]);
        hash.update(self.letters.as_bytes());
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}, …)", self.purpose.word())
    }
}

/// What one of our own addresses is, read from its text alone; whether its token was ever issued
/// only the database knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnAddress {
    /// The security address itself.
    Security,
    /// `postmaster` of our domain, which RFC 5321 section 4.5.1 obliges us to take.
    Postmaster,
    /// A plus-address of the right shape.
    Tagged(Token),
    /// A plus-address of another shape: never issued.
    UnknownTag,
}

/// One of our own addresses as it stands in a row: with the fingerprint in place of the token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Addressee {
    Security,
    Postmaster,
    /// Fingerprint of a party's address.
    Party(String),
    /// Fingerprint of the address at which a contact writes to the reporter.
    SecondAddress(String),
    /// Fingerprint of a letter's return path.
    ReturnPath(String),
    /// Fingerprint of our own letter that shows that mail comes in.
    LoopTest(String),
    /// Fingerprint of the address at which a contact answers our question.
    Contact(String),
    UnknownTag,
}

impl Addressee {
    /// The text that stands in the row: one word, or two with a space between.
    pub fn to_row(&self) -> String {
        match self {
            Self::Security => "security".to_owned(),
            Self::Postmaster => "postmaster".to_owned(),
            Self::Party(fingerprint) => format!("party {fingerprint}"),
            Self::SecondAddress(fingerprint) => format!("second-address {fingerprint}"),
            Self::ReturnPath(fingerprint) => format!("return-path {fingerprint}"),
            Self::LoopTest(fingerprint) => format!("loop-test {fingerprint}"),
            Self::Contact(fingerprint) => format!("contact {fingerprint}"),
            Self::UnknownTag => "unknown-tag".to_owned(),
        }
    }

    /// The addressee of a row's text.
    pub fn from_row(text: &str) -> Option<Self> {
        match text.split_once(' ') {
            Some(("party", fingerprint)) => Some(Self::Party(fingerprint.to_owned())),
            Some(("second-address", fingerprint)) => Some(Self::SecondAddress(fingerprint.to_owned())),
            Some(("return-path", fingerprint)) => Some(Self::ReturnPath(fingerprint.to_owned())),
            Some(("loop-test", fingerprint)) => Some(Self::LoopTest(fingerprint.to_owned())),
            Some(("contact", fingerprint)) => Some(Self::Contact(fingerprint.to_owned())),
            Some(_) => None,
            None => match text {
                "security" => Some(Self::Security),
                "postmaster" => Some(Self::Postmaster),
                "unknown-tag" => Some(Self::UnknownTag),
                _ => None,
            },
        }
    }
}

impl From<OwnAddress> for Addressee {
    fn from(address: OwnAddress) -> Self {
        match address {
            OwnAddress::Security => Self::Security,
            OwnAddress::Postmaster => Self::Postmaster,
            OwnAddress::Tagged(token) => match token.purpose() {
                Purpose::ReturnPath => Self::ReturnPath(token.fingerprint()),
                Purpose::SecondAddress => Self::SecondAddress(token.fingerprint()),
                Purpose::LoopTest => Self::LoopTest(token.fingerprint()),
                Purpose::ContactAddress => Self::Contact(token.fingerprint()),
                _ => Self::Party(token.fingerprint()),
            },
            OwnAddress::UnknownTag => Self::UnknownTag,
        }
    }
}

/// The addresses that are ours, all derived from the security address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAddresses {
    security: Mailbox,
}

impl OwnAddresses {
    /// All that belongs to this security address.
    pub fn of(security: Mailbox) -> Self {
        Self { security }
    }

    /// The security address, which is also the From of every letter.
    pub fn security(&self) -> &Mailbox {
        &self.security
    }

    /// The address that carries `token`.
    pub fn with(&self, token: &Token) -> Mailbox {
        let tag = match token.purpose {
            Purpose::ReturnPath => "b",
            Purpose::SecondAddress => "r",
            Purpose::LoopTest => "t",
            Purpose::ContactAddress => "q",
            _ => "c",
        };
        self.security.tagged(&format!("{tag}.{}", token.letters))
    }

    /// What `mailbox` is to us; `None` if it is not ours at all.
    pub fn read(&self, mailbox: &Mailbox) -> Option<OwnAddress> {
        if mailbox.domain() != self.security.domain() {
            return None;
        }
        if *mailbox == self.security {
            return Some(OwnAddress::Security);
        }
        if mailbox.local().eq_ignore_ascii_case("postmaster") {
            return Some(OwnAddress::Postmaster);
        }
        let (base, tag) = mailbox.local().split_once('+')?;
        if !base.eq_ignore_ascii_case(self.security.local()) {
            return None;
        }
        let token = tag.split_once('.').and_then(|(letter, rest)| match letter {
            "c" | "C" => Token::read(Purpose::PartyAddress, rest),
            "b" | "B" => Token::read(Purpose::ReturnPath, rest),
            "r" | "R" => Token::read(Purpose::SecondAddress, rest),
            "t" | "T" => Token::read(Purpose::LoopTest, rest),
            "q" | "Q" => Token::read(Purpose::ContactAddress, rest),
            _ => None,
        });
        Some(token.map_or(OwnAddress::UnknownTag, OwnAddress::Tagged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
    }

    #[test]
    fn mailboxes_of_the_strict_grammar_are_read_and_all_else_is_refused() {
        for good in
            ["a@b.example", "jane.doe+x@example.org", "o'hara@example.org", "root@localhost", "jürgen@example.org"]
        {
            assert_eq!(mailbox(good).as_str(), good);
        }
        let bad = [
            "",
            "a",
            "@b.example",
            "a@",
            "a@b@c.example@",
            "a b@example.org",
            "\"a b\"@example.org",
            ".a@example.org",
            "a.@example.org",
            "a..b@example.org",
            "a@[127.0.0.1]",
            "a@-b.example",
            "a@b_c.example",
            "a@b..example",
            "@x.example:a@b.example",
            "a\r@b.example",
            "a@b.example\n",
            "a@b.example.",
        ];
        for text in bad {
            assert!(Mailbox::parse(text).is_err(), "{text:?}");
        }
        assert!(Mailbox::parse(&format!("{}@b.example", "a".repeat(65))).is_err());
    }

    #[test]
    fn mailboxes_compare_without_case_and_by_a_labels() {
        assert_eq!(mailbox("Jane@Example.ORG"), mailbox("jane@example.org"));
        assert_eq!(mailbox("x@bücher.example"), mailbox("x@xn--bcher-kva.example"));
        assert!(Mailbox::parse("x@xn--example-.org").is_err(), "no A-label at all");
    }

    #[test]
    fn an_address_of_ours_is_read_back_from_any_case() {
        let key = InstanceKey::new([7; 32]);
        let own = OwnAddresses::of(mailbox("security@example.org"));
        let token = key.token(Purpose::PartyAddress, "row", 0);
        let address = own.with(&token);
        assert_eq!(address.local().len(), "security+c.".len() + 26);
        let shouted = mailbox(&address.as_str().to_ascii_uppercase());
        assert_eq!(own.read(&shouted), Some(OwnAddress::Tagged(token)));
    }

    #[test]
    fn what_is_not_ours_or_was_never_issued_in_that_shape_is_told_apart() {
        let own = OwnAddresses::of(mailbox("security@example.org"));
        assert_eq!(own.read(&mailbox("SECURITY@example.org")), Some(OwnAddress::Security));
        assert_eq!(own.read(&mailbox("PostMaster@example.org")), Some(OwnAddress::Postmaster));
        assert_eq!(own.read(&mailbox("security+c.abc@example.org")), Some(OwnAddress::UnknownTag));
        for foreign in ["security@example.com", "securit@example.org", "root%x@example.org", "security!x@example.org"] {
            assert_eq!(own.read(&mailbox(foreign)), None, "{foreign}");
        }
    }

    #[test]
    fn purpose_row_and_generation_each_change_the_token_and_no_token_shows_in_its_fingerprint() {
        let key = InstanceKey::new([7; 32]);
        let token = key.token(Purpose::StatusLink, "row", 0);
        assert_eq!(token.letters().len(), 39);
        assert_ne!(token.letters(), key.token(Purpose::ActionLink, "row", 0).letters());
        assert_ne!(token.letters(), key.token(Purpose::StatusLink, "rov", 0).letters());
        assert_ne!(token.letters(), key.token(Purpose::StatusLink, "row", 1).letters());
        assert!(!token.fingerprint().contains(token.letters()));
        assert!(!format!("{token:?}").contains(token.letters()));
        assert_eq!(Token::read(Purpose::StatusLink, ""), None);
    }
}
