//! What in a mail to the security address hints at a case: for a person, never a credential (STANDARDS.md 1.5).

use crate::domain::case::CaseRef;
use crate::domain::id::LetterId;

/// More are not looked up: whoever names a hundred cases belongs to none of them.
const HINTS_MAX: usize = 20;

/// What a mail points at. Anybody can copy it, so it opens nothing and joins nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// Letters of ours that it answers, by their Message-IDs.
    pub letters: Vec<LetterId>,
    /// Case numbers in brackets in its subject, as our letters have them. A bare number may be what the mail is about.
    pub numbers: Vec<CaseRef>,
}

/// The hints of a mail, where our case numbers begin with `case_prefix` and our Message-IDs end with `our_domain`.
pub fn hints(subject: &str, references: &[String], case_prefix: &str, our_domain: &str) -> Hints {
    let letters = references.iter().filter_map(|id| letter(id, our_domain)).take(HINTS_MAX);
    let numbers = subject.split('[').skip(1).filter_map(|rest| number(rest, case_prefix)).take(HINTS_MAX);
    Hints { letters: letters.collect(), numbers: numbers.collect() }
}

/// The letter whose Message-ID this is, if it may be one of ours.
pub fn letter(message_id: &str, our_domain: &str) -> Option<LetterId> {
    let (local, domain) = message_id.rsplit_once('@')?;
    let is_an_id = local.len() == 36 && local.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    (is_an_id && domain.eq_ignore_ascii_case(our_domain)).then(|| LetterId::from_row(local.to_ascii_lowercase()))
}

/// The case number that `rest`, the text after a bracket, begins with.
fn number(rest: &str, case_prefix: &str) -> Option<CaseRef> {
    let (inside, _) = rest.split_once(']')?;
    let (prefix, digits) = inside.trim().split_at_checked(case_prefix.len())?;
    let (year, sequence) = digits.strip_prefix('-')?.split_once('-')?;
    let is_a_number = |text: &str| (4..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let is_ours = prefix.eq_ignore_ascii_case(case_prefix) && is_a_number(year) && is_a_number(sequence);
    is_ours.then(|| CaseRef::from_row(format!("{case_prefix}{digits}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(subject: &str, references: &[&str]) -> (Vec<String>, Vec<String>) {
        let references: Vec<String> = references.iter().map(|id| (*id).to_owned()).collect();
        let hints = hints(subject, &references, "SEC", "foundation.example");
        let letters = hints.letters.iter().map(ToString::to_string).collect();
        (letters, hints.numbers.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_tag_in_the_subject_and_a_message_id_of_ours_are_hints() {
        let ours = "0193a1b2-0000-7000-8000-0123456789AB@Foundation.Example";
        let (letters, numbers) = found("Fwd: Re: [sec-2026-0042] [List] [SEC-2026-10007] hello", &[ours]);
        assert_eq!(letters, ["0193a1b2-0000-7000-8000-0123456789ab"]);
        assert_eq!(numbers, ["SEC-2026-0042", "SEC-2026-10007"]);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for subject in [
            "Regression of SEC-2026-0042",
            "[SEC-2026-0042",
            "[SEC-2026]",
            "[SEC-26-1]",
            "[SECT-2026-0042]",
            "[SEC-2026-0042; x]",
            "[Öl]",
            "[S",
        ] {
            assert_eq!(found(subject, &[]).1, [""; 0], "{subject}");
        }
        let others = ["0193a1b2-0000-7000-8000-0123456789ab@elsewhere.example", "x@foundation.example", "no-at", ""];
        assert_eq!(found("", &others).0, [""; 0]);
    }
}
