//! Rows of a list that are like one of them: of the same sender, from the same domain, with nearly the same text.

use crate::domain::address::Mailbox;
use crate::judge::near::shingles::Sketch;
use crate::judge::near::text;

/// Texts with fewer shingles are compared word by word.
const SHINGLES_MIN: usize = 4;
/// Two texts are the same but for names and numbers filled in where they share so much of their shingles.
const SAME: f64 = 0.5;

/// In what rows are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Sender,
    Domain,
    Text,
}

impl By {
    pub const ALL: [Self; 3] = [Self::Sender, Self::Domain, Self::Text];

    /// The word in forms and on buttons.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Domain => "domain",
            Self::Text => "text",
        }
    }

    /// The way of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.word() == word)
    }
}

/// What of a row is compared.
pub struct Row {
    /// What the form calls it.
    key: String,
    sender: Option<Mailbox>,
    sketch: Sketch,
    /// All its words, where there are too few for the sketch.
    words: String,
}

impl Row {
    /// The row that a form calls `key`.
    pub fn new(key: &str, sender: Option<&Mailbox>, subject: &str, body: &str) -> Self {
        let whole = format!("{subject}\n\n{body}");
        let sketch = Sketch::of(&text::runs(&whole));
        let words = if sketch.count < SHINGLES_MIN { only_words(&whole) } else { String::new() };
        Self { key: key.to_owned(), sender: sender.cloned(), sketch, words }
    }

    /// What the form calls it.
    pub fn key(&self) -> &str {
        &self.key
    }

    fn is_like(&self, other: &Self, by: By) -> bool {
        match (by, &self.sender, &other.sender) {
            (By::Sender, Some(one), Some(other)) => one == other,
            (By::Domain, Some(one), Some(other)) => one.domain() == other.domain(),
            (By::Sender | By::Domain, _, _) => false,
            (By::Text, _, _) => self.has_the_text_of(other),
        }
    }

    fn has_the_text_of(&self, other: &Self) -> bool {
        let is_short = |row: &Self| row.sketch.count < SHINGLES_MIN;
        if is_short(self) || is_short(other) {
            return !self.words.is_empty() && self.words == other.words;
        }
        let places = self.sketch.places.iter().zip(&other.sketch.places);
        let filled = places.clone().filter(|(one, other)| one.is_some() || other.is_some()).count();
        let equal = places.filter(|(one, other)| one.is_some() && one == other).count();
        equal as f64 >= SAME * filled as f64
    }
}

fn only_words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The rows like the one called `key`, that one among them; none if it is not in the list.
pub fn alike<'r>(rows: &'r [Row], key: &str, by: By) -> Vec<&'r str> {
    let Some(one) = rows.iter().find(|row| row.key == key) else { return Vec::new() };
    rows.iter().filter(|row| row.key == key || row.is_like(one, by)).map(|row| row.key.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, sender: &str, text: &str) -> Row {
        Row::new(key, Mailbox::parse(sender).ok().as_ref(), "Toner", text)
    }

    fn offer(number: usize) -> String {
        format!(
            "Dear friend number {number}, our warehouse in Halden sells printer toner below any price you know. \
             Order before Sunday and the courier brings {number} cartridges to your door without a fee."
        )
    }

    #[test]
    fn rows_are_alike_by_sender_by_domain_and_by_a_text_in_which_only_names_and_numbers_differ() {
        let rows = [
            row("a", "sales@deals.example", &offer(7)),
            row("b", "Sales@Deals.example", "Your invoice is attached, please pay it before the end of this month."),
            row("c", "info@deals.example", &offer(1_234)),
            row("d", "jane@finder.example", &offer(8)),
            row("e", "kay@finder.example", "A crafted table makes Parsley read past the end of its buffer and crash."),
        ];
        assert_eq!(alike(&rows, "a", By::Sender), ["a", "b"]);
        assert_eq!(alike(&rows, "a", By::Domain), ["a", "b", "c"]);
        assert_eq!(alike(&rows, "a", By::Text), ["a", "c", "d"]);
        assert_eq!(alike(&rows, "e", By::Text), ["e"]);
        assert!(alike(&rows, "gone", By::Text).is_empty());
    }

    #[test]
    fn short_texts_are_alike_only_word_by_word_and_mails_of_nobody_have_no_sender_in_common() {
        let rows = [row("a", "", "Hi!"), row("b", "", "hi"), row("c", "", "Hello"), row("d", "", &offer(1))];
        assert_eq!(alike(&rows, "a", By::Text), ["a", "b"]);
        assert_eq!(alike(&rows, "a", By::Sender), ["a"]);
        assert_eq!(alike(&rows, "d", By::Text), ["d"]);
    }
}
