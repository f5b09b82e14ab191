//! `Thread-Index`: by what Outlook shows the letters of a case as one conversation, whatever becomes of their subject.

use mail_builder::encoders::base64::Base64Encoder;
use sha2::{Digest, Sha256};

use crate::domain::id::CaseId;

/// Milliseconds from 1601, where Windows begins to count, to 1970.
const FROM_1601: u64 = 11_644_473_600_000;
/// Windows counts in tenths of a microsecond.
const TICKS_A_MILLISECOND: u64 = 10_000;

/// The header block of [MS-OXOMSG] section 2.2.1.3, the same for each letter of the case: when it began, and what
/// looks like a GUID. The id itself stays with us.
pub fn thread_index(case: &CaseId) -> String {
    let ticks = (opened_at(case) + FROM_1601) * TICKS_A_MILLISECOND;
    let mut block = ticks.to_be_bytes()[..6].to_vec();
    block.extend_from_slice(&Sha256::digest(case.as_str())[..16]);
    let encoded = Base64Encoder::new().encode(&block).expect("a Vec takes all that is written");
    String::from_utf8(encoded).expect("base64 is ASCII")
}

/// Milliseconds since 1970: the first 48 bits of a UUIDv7 (RFC 9562 section 5.7); 0 for an id of another form.
fn opened_at(case: &CaseId) -> u64 {
    let digits: String = case.as_str().chars().filter(char::is_ascii_hexdigit).take(12).collect();
    u64::from_str_radix(&digits, 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use mail_parser::decoders::base64::base64_decode;

    use super::*;

    #[test]
    fn it_is_the_same_for_a_case_and_says_when_the_case_was_opened() {
        let case = CaseId::new("2026-11-20T14:00:00Z".parse().unwrap(), [7; 10]);
        let block = base64_decode(thread_index(&case).as_bytes()).unwrap();
        assert_eq!((block.len(), block[0], thread_index(&case)), (22, 1, thread_index(&case)));
        let mut ticks = [0; 8];
        ticks[..6].copy_from_slice(&block[..6]);
        let millis = u64::from_be_bytes(ticks) / TICKS_A_MILLISECOND - FROM_1601;
        let late = 1_795_183_200_000 - i64::try_from(millis).unwrap();
        assert!((0..10).contains(&late), "two bytes are cut off, 6.5 ms: {late}");

        let other = CaseId::new("2026-11-20T14:00:00Z".parse().unwrap(), [8; 10]);
        assert_ne!(thread_index(&case)[12..], thread_index(&other)[12..]);
        assert!(!block.windows(4).any(|bytes| case.as_str().as_bytes().windows(4).any(|id| id == bytes)));
        assert_eq!(base64_decode(thread_index(&CaseId::from_row("case")).as_bytes()).unwrap().len(), 22);
    }
}
