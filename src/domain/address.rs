//! Our own plus-addresses: made and read in this one place, from mailboxes and tokens.

mod mailbox;
mod token;

pub use mailbox::{Mailbox, NotAMailbox};
pub use token::{InstanceKey, Purpose, Token};

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
        let tag = match token.purpose() {
            Purpose::ReturnPath => "b",
            Purpose::SecondAddress => "r",
            Purpose::LoopTest => "t",
            Purpose::ContactAddress => "q",
            _ => "c",
        };
        self.security.tagged(&format!("{tag}.{}", token.letters()))
    }

    /// What the relay is told to name a letter by (RFC 3461 section 4.4): the tag of its return path, as unguessable as
    /// the path itself. `None` for an address without a tag.
    pub fn envelope_id(return_path: &Mailbox) -> Option<&str> {
        return_path.local().split_once('+').map(|(_, tag)| tag)
    }

    /// The return path that a delivery report means by this envelope id.
    pub fn return_path_named(envelope_id: &str) -> Option<Token> {
        tagged(envelope_id.trim()).filter(|token| token.purpose() == Purpose::ReturnPath)
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
        Some(tagged(tag).map_or(OwnAddress::UnknownTag, OwnAddress::Tagged))
    }
}

/// The token of a tag as `OwnAddresses::with` writes it.
fn tagged(tag: &str) -> Option<Token> {
    let (letter, rest) = tag.split_once('.')?;
    let purpose = match letter {
        "c" | "C" => Purpose::PartyAddress,
        "b" | "B" => Purpose::ReturnPath,
        "r" | "R" => Purpose::SecondAddress,
        "t" | "T" => Purpose::LoopTest,
        "q" | "Q" => Purpose::ContactAddress,
        _ => return None,
    };
    Token::read(purpose, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
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
    fn the_envelope_id_of_a_letter_leads_to_its_return_path_and_no_other_text_does() {
        let key = InstanceKey::new([7; 32]);
        let own = OwnAddresses::of(mailbox("security@example.org"));
        let token = key.token(Purpose::ReturnPath, "letter", 0);
        let path = own.with(&token);
        let id = OwnAddresses::envelope_id(&path).unwrap();
        assert_eq!(OwnAddresses::return_path_named(&format!(" {}", id.to_ascii_uppercase())), Some(token));
        let party = own.with(&key.token(Purpose::PartyAddress, "row", 0));
        for other in [OwnAddresses::envelope_id(&party).unwrap(), "b.abc", "0193a1b2-0000-7000-8000-0123456789ab", ""] {
            assert_eq!(OwnAddresses::return_path_named(other), None, "{other}");
        }
        assert_eq!(OwnAddresses::envelope_id(own.security()), None);
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
}
