//! What gives a sender away: name, addresses, local parts, each as a row of folded words.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::address::Mailbox;
use crate::domain::report::IncomingMail;

/// A shorter word alone is too common to tell anybody: initials, "Al", "Bo".
const LETTERS_MIN: usize = 3;

/// Written without a gap ("janedoe"), a name needs more letters to be told from a word.
const SQUEEZED_MIN: usize = 5;

/// A line of at most so many words is a signature rather than a sentence.
const SIGNATURE_WORDS_MAX: usize = 3;

/// First letter of the scripts that write without gaps between words (CJK and what follows it).
const FIRST_GAPLESS: char = '\u{2E80}';

/// Local parts, and parts of them, that belong to a role and not to a person (RFC 2142 and usage).
const ROLES: &[&str] = &[
    "abuse",
    "admin",
    "bounce",
    "bounces",
    "bug",
    "bugs",
    "cert",
    "contact",
    "csirt",
    "cve",
    "dev",
    "disclosure",
    "email",
    "hello",
    "info",
    "mail",
    "noreply",
    "office",
    "oss",
    "postmaster",
    "psirt",
    "report",
    "reports",
    "research",
    "root",
    "sec",
    "security",
    "support",
    "team",
    "test",
    "user",
    "vuln",
    "webmaster",
];

/// Words that stand in display names and just as well in any report.
const ORDINARY: &[&str] = &[
    "and",
    "april",
    "art",
    "august",
    "bill",
    "black",
    "bounty",
    "brown",
    "bug",
    "case",
    "chase",
    "code",
    "cook",
    "dean",
    "drew",
    "faith",
    "for",
    "frank",
    "from",
    "general",
    "grace",
    "grant",
    "gray",
    "green",
    "guy",
    "hacker",
    "hope",
    "hunter",
    "jack",
    "joy",
    "june",
    "king",
    "lab",
    "labs",
    "long",
    "major",
    "mark",
    "may",
    "miles",
    "page",
    "park",
    "pat",
    "penny",
    "price",
    "project",
    "ray",
    "researcher",
    "rich",
    "rob",
    "rose",
    "rusty",
    "stone",
    "summer",
    "sunny",
    "the",
    "van",
    "via",
    "von",
    "white",
    "will",
    "wood",
    "young",
];

/// Everything by which a sender can be told.
#[derive(Debug, Clone)]
pub struct Identity {
    marks: Vec<Mark>,
}

/// Words that in this order give the sender away.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    words: Vec<String>,
    /// An ordinary word: it counts only with a capital, in a line that is no sentence.
    is_ordinary: bool,
}

impl Identity {
    /// The sender of `mail`, which came with this return path.
    pub fn of(mail: &IncomingMail, return_path: Option<&Mailbox>) -> Self {
        let mut identity = Self { marks: Vec::new() };
        if let Some(name) = mail.from.name() {
            identity.add_name(name);
        }
        for mailbox in mail.from.mailbox().into_iter().chain(&mail.reply_to).chain(return_path) {
            identity.add_mailbox(mailbox);
        }
        identity
    }

    /// A person as our own rows know one: by names and addresses.
    pub fn known<'a>(
        names: impl IntoIterator<Item = &'a str>,
        mailboxes: impl IntoIterator<Item = &'a Mailbox>,
    ) -> Self {
        let mut identity = Self { marks: Vec::new() };
        names.into_iter().for_each(|name| identity.add_name(name));
        mailboxes.into_iter().for_each(|mailbox| identity.add_mailbox(mailbox));
        identity
    }

    /// Without what everybody on the case knows, such as the name of the project in the name of its contact.
    #[must_use]
    pub fn but_for(mut self, known: &str) -> Self {
        let known = folded_words(known);
        self.marks.retain(|mark| !mark.words.iter().all(|word| known.contains(word)));
        self
    }

    /// Everything by which either of two can be told: a reporter who writes from a second address is still the same.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.marks.extend(other.marks);
        self
    }

    /// Whether `line` tells who the sender is.
    pub fn is_in(&self, line: &str) -> bool {
        let words = folded_words(line);
        self.marks.iter().any(|mark| mark.is_in(&words, line))
    }

    fn add_name(&mut self, name: &str) {
        let words = folded_words(name);
        for word in &words {
            self.add_word(word);
        }
        if words.len() > 1 {
            self.add_squeezed(&words);
            self.add(words);
        }
    }

    fn add_mailbox(&mut self, mailbox: &Mailbox) {
        self.add(folded_words(mailbox.as_str()));
        // What stands behind a plus sorts the owner's mail and names nobody.
        let local = mailbox.local().split('+').next().unwrap_or_default();
        self.add(folded_words(&format!("{local}@{}", mailbox.domain())));
        let words: Vec<String> = folded_words(local).into_iter().filter(|word| !is_role(word)).collect();
        for word in &words {
            self.add_word(word);
        }
        if words.len() > 1 {
            self.add_squeezed(&words);
            self.add(words);
        }
    }

    /// A single word, if it is long enough and not a number.
    fn add_word(&mut self, word: &str) {
        let enough = if is_gapless(word) { 2 } else { LETTERS_MIN };
        let tells = word.chars().count() >= enough && word.chars().any(char::is_alphabetic);
        if tells && !is_role(word) {
            self.add(vec![word.to_owned()]);
        }
    }

    fn add_squeezed(&mut self, words: &[String]) {
        let squeezed = words.concat();
        if squeezed.chars().count() >= SQUEEZED_MIN || is_gapless(&squeezed) {
            self.add(vec![squeezed]);
        }
    }

    fn add(&mut self, words: Vec<String>) {
        let is_ordinary = matches!(&words[..], [word] if ORDINARY.contains(&word.as_str()));
        let mark = Mark { words, is_ordinary };
        if !mark.words.is_empty() && !self.marks.contains(&mark) {
            self.marks.push(mark);
        }
    }
}

impl Mark {
    fn is_in(&self, line_words: &[String], line: &str) -> bool {
        if let [word] = &self.words[..]
            && is_gapless(word)
        {
            return line_words.iter().any(|in_line| in_line.contains(word));
        }
        let is_there = line_words.windows(self.words.len()).any(|window| window == self.words);
        is_there && (!self.is_ordinary || self.signs(line_words, line))
    }

    /// Whether the line is short and has the word with a capital: "— Will", not "it will crash".
    fn signs(&self, line_words: &[String], line: &str) -> bool {
        let has_capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
        line_words.len() <= SIGNATURE_WORDS_MAX
            && line
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| has_capital(word) && folded_words(word) == self.words)
    }
}

fn is_role(word: &str) -> bool {
    ROLES.contains(&word)
}

fn is_gapless(word: &str) -> bool {
    word.chars().any(|c| c >= FIRST_GAPLESS)
}

/// The words of a text without case, accents and compatibility forms: "Zoë-MÜLLER" gives `zoe`, `muller`.
pub(super) fn folded_words(text: &str) -> Vec<String> {
    let folded: String = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
    };
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str, address: &str) -> Identity {
        let mut identity = Identity { marks: Vec::new() };
        identity.add_name(name);
        identity.add_mailbox(&Mailbox::parse(address).unwrap());
        identity
    }

    #[test]
    fn a_line_tells_the_sender_by_name_address_or_local_part() {
        let jane = ("Jane Quillfeather", "jq.hill+sec@finder.example");
        let wu = ("Bo Wu", "b@wu.example");
        let zoe = ("Zoë Müller", "zm1987@finder.example");
        let yamada = ("山田 太郎", "yamada@finder.example");
        let mark = ("Mark Long", "security@finder.example");
        let team = ("Security", "info@finder.example");
        for ((name, address), line, tells) in [
            (jane, "found by Jane", true),
            (jane, "FOUND BY JANE!", true),
            (jane, "janet wrote the parser", false),
            (jane, "(c) Quillfeather, 2026", true),
            (jane, "see github.example/JaneQuillfeather", true),
            (jane, "mail me: JQ.HILL@finder.example", true),
            (jane, "mail me: jq.hill+sec@finder.example", true),
            (jane, "jq.hill on the chat", true),
            (jane, "user jqhill on the chat", true),
            (jane, "a hill of bytes", true), // in doubt it is cut
            (jane, "uphill all the way", false),
            (jane, "jq parses the file", false),
            (jane, "https://finder.example/advisory", false),
            (wu, "Bo Wu found it", true),
            (wu, "bo = wu + 1", true),
            (wu, "bo is short for buffer overflow", false),
            (wu, "b@wu.example", true),
            (wu, "a.b", false),
            (zoe, "regards from ZOE", true),
            (zoe, "— Muller", true),
            (zoe, "in 1987 or so", false),
            (zoe, "zm1987", true),
            (yamada, "山田太郎です", true),
            (yamada, "太郎より", true),
            (yamada, "田", false),
            (mark, "— Mark", true),
            (mark, "I mark the page, which is long", false),
            (mark, "mark this", false),
            (mark, "a report by mark long", true),
            (mark, "the security of the parser", false),
            (mark, "security@finder.example", true),
            (team, "a security hole", false),
            (team, "more info below", false),
        ] {
            assert_eq!(identity(name, address).is_in(line), tells, "{name} <{address}> in {line:?}");
        }
    }
}
