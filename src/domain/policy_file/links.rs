//! Addresses and links in a project's own words: where mail goes, and which of the channels we know a link leads to.

use crate::domain::address::Mailbox;
use crate::domain::directory::Channel;

/// Links and addresses of a text, in its order, each once.
pub fn in_text(text: &str) -> (Vec<Mailbox>, Vec<String>) {
    let (mut addresses, mut links): (Vec<Mailbox>, Vec<String>) = (Vec::new(), Vec::new());
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | '`' | '|' | '*');
    for word in text.split(ends).map(|word| word.trim_end_matches(['.', ',', ';', ':', '!', '?'])) {
        if word.starts_with("https://") || word.starts_with("http://") {
            if !links.iter().any(|link| link == word) {
                links.push(word.to_owned());
            }
        } else if let Some(address) = address(word)
            && !addresses.contains(&address)
        {
            addresses.push(address);
        }
    }
    (addresses, links)
}

/// The address of a word or of a `mailto:` link.
pub fn address(word: &str) -> Option<Mailbox> {
    let word = word.strip_prefix("mailto:").unwrap_or(word);
    let word = word.split('?').next().unwrap_or(word);
    if !word.contains('@') || !word.rsplit('@').next().is_some_and(|domain| domain.contains('.')) {
        return None;
    }
    Mailbox::parse(&percent_decoded(word)).ok()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let (left, byte) = match hex.filter(|_| first == b'%') {
            Some(byte) => (&tail[2..], byte),
            None => (tail, first),
        };
        rest = left;
        bytes.push(byte);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The channel that a link leads to, if it is one that we know.
pub fn channel(link: &str) -> Option<Channel> {
    let rest = link.split_once("://")?.1;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.trim_start_matches("www.").to_ascii_lowercase();
    match host.as_str() {
        "github.com" if path.contains("/security/advisories") => Some(Channel::Github),
        "hackerone.com" if !path.is_empty() => Some(Channel::Hackerone),
        "tidelift.com" if path.starts_with("security") => Some(Channel::Tidelift),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_links_are_found_once_each_without_the_marks_around_them() {
        let (addresses, links) = in_text(
            "Write to **<security@quern.example>** or [us](mailto:sec%2Bx@quern.example?subject=hi), \
             security@quern.example. See https://quern.example/security, (https://quern.example/security). @here me@host",
        );
        let addresses: Vec<&str> = addresses.iter().map(Mailbox::as_str).collect();
        assert_eq!(addresses, ["security@quern.example", "sec+x@quern.example"]);
        assert_eq!(links, ["https://quern.example/security"]);
        for odd in ["%", "a%zz@b.example", "%4", "mailto:", "@", "%C3%28@x.example"] {
            in_text(odd);
        }
    }

    #[test]
    fn a_link_tells_its_channel() {
        for (link, expected) in [
            ("https://github.com/o/r/security/advisories/new", Some(Channel::Github)),
            ("https://github.com/o/r", None),
            ("https://hackerone.com/quern", Some(Channel::Hackerone)),
            ("https://www.tidelift.com/security", Some(Channel::Tidelift)),
            ("https://quern.example/report", None),
            ("mailto:a@b.example", None),
        ] {
            assert_eq!(channel(link), expected, "{link}");
        }
    }
}
