//! A few words from somebody who has found something and does not say what, or says it without the words of the field.
//!
//! "Is this the right address?" comes before many a report, and a person who is not of the field tells a flaw by what
//! happened. So little text tells nothing of its kind: it is left among the reports.

use std::sync::LazyLock;

use regex::Regex;

/// Words up to which a text says too little to be ordinary mail or a question about use.
const VAGUE: usize = 12;
/// Words up to which one hint of a flaw is enough to be a report.
const SHORT: usize = 60;

static HINT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) secur | vulnerab | sensitive | confidential | disclos | \bp?gpg?\b | \bpgp\b | encrypt | passw | credential
          | \btokens?\b | secret | hack | malicious | steal | stole | leak | expos | imperson | \.\./ | overwrit
          | (?:log|sign|logged|signed)\ (?:in|on)\ as | as\ (?:an)?\ ?(?:admin|root|somebody|someone)
          | (?:an)?other\ (?:user|person|account|customer|people)s? | (?:some(?:one|body)|everybody|anybody|anyone)(?:\ else|'s)
          | without\ (?:permission|asking|a\ password|login|logging) | outside\ of
          | report\ (?:something|a\ problem|this|an\ issue|a\ bug) | wh(?:om|o)\ (?:do|should|can|must)\ (?:i|we)
          | right\ (?:address|place|person|people|list)",
    )
    .expect("a fixed pattern, which a test compiles")
});

/// Reads the pattern now, so that no text has to wait for it.
pub fn prepare() {
    LazyLock::force(&HINT);
}

/// Whether a text is so short that it may be somebody's careful first word about a flaw.
pub fn is_careful_word(subject: &str, text: &str) -> bool {
    let words = subject.split_whitespace().chain(text.split_whitespace()).take(SHORT + 1).count();
    words <= VAGUE || (words <= SHORT && (HINT.is_match(subject) || HINT.is_match(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_words_of_somebody_who_found_something_are_no_noise() {
        for (subject, text) in [
            ("Something odd", "I do not know which project this is."),
            ("Question", "Is this the right address for a problem? I would rather not send details before I know."),
            (
                "Something is wrong with your login",
                "Hi, I can log in as somebody else if I change the number in the address.",
            ),
            (
                "Bug in upload",
                "If I upload a zip with ../ in its names, the server writes its files where it should not write.",
            ),
            ("PGP key?", "Hello, I would like to write to you about a thing that I saw. Do you have a PGP key?"),
        ] {
            assert!(is_careful_word(subject, text), "{subject}");
        }
    }

    #[test]
    fn a_question_about_use_and_a_long_text_are_what_they_are() {
        let question =
            "Hello, how can I install your program on my new computer? The installer shows an error message.";
        assert!(!is_careful_word("How do I install it?", question));
        assert!(!is_careful_word("Newsletter", &"We tell you about our password manager. ".repeat(20)));
    }
}
