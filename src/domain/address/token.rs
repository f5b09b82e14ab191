//! Tokens: what each is for, how it is made from the instance key, and what of it may stand in a row.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

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

#[cfg(test)]
mod tests {
    use super::*;

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
