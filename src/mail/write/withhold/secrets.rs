//! What must not cross with a text: our own private addresses and links, and everybody's addresses.

use std::fmt::Write as _;

/// What stands in place of an address.
const NO_ADDRESS: &str = "[address withheld]";
/// What stands in place of a link that is somebody's own.
const NO_LINK: &str = "[private link withheld]";

/// A token of ours has at least so many letters (26 in addresses, 39 in links).
const TOKEN_MIN: usize = 26;

/// The words before a token in our private links.
const LINK_ROOMS: [&str; 6] = ["/s/", "/a/", "/c/", "/b/", "/appeal/", "/login/"];

/// The text without tokens of ours: whoever knows one may act as the party it belongs to.
pub fn without_private(text: &str) -> String {
    each_word(text, |word| match () {
        () if holds_private_link(word) => Some(NO_LINK),
        () if is_address(word) && has_token_after(word, &["+c.", "+r.", "+b.", "+t."]) => Some(NO_ADDRESS),
        () => None,
    })
}

/// The text without tokens of ours and without any mail address: a contact's, a colleague's, a list's.
pub fn without_addresses(text: &str) -> String {
    each_word(&without_private(text), |word| is_address(word).then_some(NO_ADDRESS))
}

/// Replaces words, which end at white space and at the brackets and quotes that stand around addresses.
fn each_word(text: &str, replaced: impl Fn(&str) -> Option<&'static str>) -> String {
    let ends_word = |c: char| c.is_whitespace() || "<>()[]{}\"'`,;|*".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(ends_word).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        write!(out, "{}", replaced(word).unwrap_or(word)).expect("a String takes all");
        let mut next = behind.chars();
        if let Some(separator) = next.next() {
            out.push(separator);
        }
        rest = next.as_str();
    }
    out
}

/// `name@host.example`, also behind `mailto:` or a colon: something, an @, and a domain with a dot.
pub(super) fn is_address(word: &str) -> bool {
    word.match_indices('@').any(|(at, _)| {
        let domain = word[at + 1..].trim_end_matches(|c: char| !c.is_alphanumeric());
        let has_name = word[..at].ends_with(|c: char| c.is_alphanumeric() || "+-_.=~".contains(c));
        has_name && domain.contains('.') && !domain.starts_with('.') && domain.starts_with(char::is_alphanumeric)
    })
}

fn holds_private_link(word: &str) -> bool {
    has_token_after(word, &LINK_ROOMS)
}

/// Whether one of `marks` stands in the word with as many base32 letters behind it as a token of ours has.
fn has_token_after(word: &str, marks: &[&str]) -> bool {
    let lower = word.to_ascii_lowercase();
    let is_token =
        |rest: &str| rest.bytes().take_while(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7')).count() >= TOKEN_MIN;
    marks.iter().any(|mark| lower.match_indices(mark).any(|(at, _)| is_token(&lower[at + mark.len()..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "mzxw6ytboi4dqmrzgq2donzvgumzxw6ytboi4dq";

    #[test]
    fn tokens_of_ours_never_cross_and_other_texts_do() {
        for (text, left) in [
            (format!("see https://s.example/a/{TOKEN}#others."), "see [private link withheld]".to_owned()),
            (format!("HTTPS://S.EXAMPLE/S/{}", TOKEN.to_uppercase()), "[private link withheld]".to_owned()),
            (format!("<https://s.example/a/{TOKEN}/attachments/x/2>"), "<[private link withheld]>".to_owned()),
            (
                format!("write to <security+r.{}@f.example>, please", &TOKEN[..26]),
                "write to <[address withheld]>, please".to_owned(),
            ),
            ("a/b/c, jane@finder.example\n\n  x".to_owned(), "a/b/c, jane@finder.example\n\n  x".to_owned()),
            ("https://s.example/a/short".to_owned(), "https://s.example/a/short".to_owned()),
        ] {
            assert_eq!(without_private(&text), left);
        }
    }

    #[test]
    fn no_mail_address_crosses_to_the_reporter() {
        for (text, left) in [
            ("ask kai@parsley.example.", "ask [address withheld]"),
            ("\"Kai\" <kai@parsley.example>; x", "\"Kai\" <[address withheld]>; x"),
            ("mailto:kai@parsley.example?subject=x", "[address withheld]"),
            ("git@github.com:parsley/parsley.git", "[address withheld]"),
            ("@decorator at a@b and x @ y.z", "@decorator at a@b and x @ y.z"),
            ("tab\there\u{2003}ü@bücher.example", "tab\there\u{2003}[address withheld]"),
        ] {
            assert_eq!(without_addresses(text), left);
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_around_it_an_address_goes(before in "[ -~\n]{0,20}", after in "[ -~\n]{0,20}") {
            let text = without_addresses(&format!("{before} kai@parsley.example {after}"));
            proptest::prop_assert!(!text.contains("kai@parsley.example"), "{}", text);
        }
    }
}
