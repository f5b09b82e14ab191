//! Looks for the signs of spam in a mail: who it is from and for, how it is written, what it says.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::address::Mailbox;
use crate::domain::phrases::{Hit, Phrases};
use crate::domain::report::{AutomaticSign, IncomingMail, TextSource};
use crate::domain::spam::phrases::{ADVERTISING, WORKS};
use crate::domain::spam::{Facts, Sign};

/// No more than this of a text is looked at: spam says what it wants at its start.
const LOOKED_AT: usize = 16 * 1024;
/// Links of which each comes with fewer words than this are many against few words.
const WORDS_PER_LINK: usize = 30;
/// Addressees of one mail above which it is sent to the many.
const ADDRESSEES_OF_MANY: usize = 8;
/// Words below which a mail says nothing. A first "is this the right address?" says more.
const NOTHING: usize = 4;
/// Words below which it is its pictures that speak.
const FEW_WORDS: usize = 8;
/// One in so many words with unreadable letters makes a text garbled.
const GARBLED_ONE_IN: usize = 20;
/// In a shorter text one word more or less decides how many of a hundred they are.
const WORDS_FOR_PERCENT: usize = 25;
/// Of more than so many different phrases and marks, the further ones say nothing new.
const PHRASES_COUNTED: usize = 40;
const WORK_COUNTED: usize = 12;
const MARKS_COUNTED: usize = 15;
/// A local part as short as this stands in many texts by chance.
const SHORT_NAME: usize = 3;

/// All signs of a mail, those for it too.
pub fn signs(facts: &Facts<'_>) -> Vec<Sign> {
    let mail = facts.mail;
    let text = start_of(&mail.text);
    let mut signs = vec![Sign::NoProject];
    add(&mut signs, !facts.is_proven, Sign::Unproven);
    add(&mut signs, !facts.is_addressed_to_us, Sign::NotToUs);
    add_ways(&mut signs, mail, text);
    add_looks(&mut signs, mail, text);
    add_words(&mut signs, &mail.subject, text);
    signs
}

fn add(signs: &mut Vec<Sign>, is_so: bool, sign: Sign) {
    if is_so {
        signs.push(sign);
    }
}

/// How it came, and what it is an answer to.
fn add_ways(signs: &mut Vec<Sign>, mail: &IncomingMail, text: &str) {
    // A list sets Reply-To to itself, and says in each mail how to leave it.
    let is_of_a_list = mail.automatic == Some(AutomaticSign::MailingList);
    let addressees = mail.to.len() + mail.cc.len();
    add(signs, is_of_a_list, Sign::OfAList);
    add(signs, !is_of_a_list && replies_elsewhere(mail), Sign::RepliesElsewhere);
    add(signs, addressees > ADDRESSEES_OF_MANY, Sign::ToMany(addressees));
    add(signs, !mail.references.is_empty(), Sign::Answers);
    add(signs, text.lines().any(|line| line.trim_start().starts_with('>')), Sign::Quotes);
    add(signs, names_the_address(mail, text), Sign::NamesTheAddress);
}

/// How it is made and written.
fn add_looks(signs: &mut Vec<Sign>, mail: &IncomingMail, text: &str) {
    let (links, words) = (LINK.find_iter(text).count(), words_in(text));
    let said = words + words_in(&mail.subject);
    let has_pictures = mail.attachments.iter().any(|file| file.media_type.starts_with("image/"));
    let is_html = matches!(mail.text_source, TextSource::Html | TextSource::LongHtml) || HTML_TAG.is_match(text);
    add(signs, said < NOTHING && mail.attachments.is_empty(), Sign::NothingInIt);
    add(signs, said < FEW_WORDS && has_pictures, Sign::PicturesAlone);
    add(signs, is_html, Sign::HtmlAlone);
    add(signs, links > 0 && words < links * WORDS_PER_LINK, Sign::ManyLinks(links, words));
    add(signs, shouts(&mail.subject), Sign::Shouts);
    add(signs, has_odd_tail(&mail.subject), Sign::OddTail);
    let unreadable = text.matches(char::REPLACEMENT_CHARACTER).count();
    let is_garbled = unreadable * GARBLED_ONE_IN > words.max(1) || mail.subject.contains(char::REPLACEMENT_CHARACTER);
    add(signs, is_garbled, Sign::Garbled);
    let exclamations = text.matches('!').count();
    add(signs, exclamations > 0, Sign::Exclaims(exclamations.min(MARKS_COUNTED)));
    let capitals = percent_of_words(text, is_in_capitals);
    add(signs, capitals >= 10, Sign::Capitals(capitals));
}

/// What it says.
fn add_words(signs: &mut Vec<Sign>, subject: &str, text: &str) {
    let (said, titled) = (phrases_in(text), phrases_in(subject));
    let advertises = |hits: &[Hit]| hits.iter().filter(|hit| hit.list < ADVERTISING.len()).count();
    let first = |hits: &[Hit]| hits.iter().find(|hit| hit.list < ADVERTISING.len()).map(|hit| hit.phrase);
    if let Some(phrase) = first(&said) {
        signs.push(Sign::Advertises(advertises(&said).min(PHRASES_COUNTED), phrase));
    }
    signs.extend(first(&titled).map(Sign::AdvertisesInSubject));
    let work = [&said, &titled].into_iter().flatten().filter(|hit| hit.list == ADVERTISING.len()).count();
    add(signs, work > 0, Sign::Works(work.min(WORK_COUNTED)));
    let addresses = percent_of_words(text, speaks_to_the_reader);
    add(signs, addresses > 0 && words_in(text) >= WORDS_FOR_PERCENT, Sign::Addresses(addresses));
    add(signs, MONEY.is_match(text) || MONEY.is_match(subject), Sign::Money);
    let percents = PERCENT.find_iter(text).take(MARKS_COUNTED).count();
    add(signs, percents > 0, Sign::Percents(percents));
}

/// The part of a text that is looked at.
pub fn start_of(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT)]
}

/// Words, links not counted. What is written without spaces counts as a word for every two letters.
pub fn words_in(text: &str) -> usize {
    let is_word = |word: &&str| !LINK.is_match(word);
    let letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count();
    let weight = |word: &str| if word.is_ascii() { letters(word).min(1) } else { letters(word).div_ceil(2) };
    start_of(text).split_whitespace().filter(is_word).map(weight).sum()
}

fn percent_of_words(text: &str, counts: impl Fn(&str) -> bool) -> usize {
    let (mut all, mut counted) = (0, 0);
    for word in text.split_whitespace() {
        all += 1;
        counted += usize::from(counts(word));
    }
    counted * 100 / all.max(1)
}

fn is_in_capitals(word: &str) -> bool {
    word.chars().filter(|c| c.is_uppercase()).count() >= 4 && !word.chars().any(char::is_lowercase)
}

fn speaks_to_the_reader(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    ["you", "your", "we", "our", "us"].iter().any(|one| bare.eq_ignore_ascii_case(one))
}

pub fn replies_elsewhere(mail: &IncomingMail) -> bool {
    let Some(from) = mail.from.mailbox() else { return false };
    let is_elsewhere = |reply_to: &Mailbox| {
        let (of_reply, of_from) = (reply_to.domain(), from.domain());
        of_reply != of_from
            && !of_reply.ends_with(&format!(".{of_from}"))
            && !of_from.ends_with(&format!(".{of_reply}"))
    };
    !mail.reply_to.is_empty() && mail.reply_to.iter().all(is_elsewhere)
}

/// Whether text or subject start with the name in one of the addresses it was sent to, or the text has the address.
fn names_the_address(mail: &IncomingMail, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let subject = mail.subject.to_ascii_lowercase();
    mail.to.iter().map(Mailbox::folded).any(|address| {
        let name = address.split('@').next().unwrap_or(&address);
        let is_called = text.trim_start().starts_with(name) || subject.starts_with(name);
        text.contains(&address) || (name.len() > SHORT_NAME && is_called)
    })
}

fn shouts(subject: &str) -> bool {
    let letters: Vec<char> = subject.chars().filter(|c| c.is_alphabetic()).collect();
    let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
    let has_case = letters.iter().any(|c| c.is_uppercase() || c.is_lowercase());
    (letters.len() >= 8 && has_case && capitals * 10 >= letters.len() * 8) || subject.contains('!')
}

/// A last word that means nothing, set there so that no two copies are the same.
fn has_odd_tail(subject: &str) -> bool {
    let words = subject.split_whitespace().count();
    let Some(last) = subject.split_whitespace().next_back().filter(|_| words > 2) else { return false };
    let is = |test: fn(&u8) -> bool| last.as_bytes().iter().all(test);
    let has = |test: fn(&u8) -> bool| last.as_bytes().iter().any(test);
    let vowels = last.bytes().filter(|byte| b"aeiouyAEIOUY".contains(byte)).count();
    let is_number = last.len() >= 5 && is(u8::is_ascii_digit);
    let is_letters = last.len() >= 4 && is(u8::is_ascii_alphabetic);
    let has_no_vowels = vowels == 0 || (is(u8::is_ascii_uppercase) && vowels * 5 < last.len());
    let is_mixed = last.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    is_number || (is_letters && has_no_vowels) || is_mixed || subject.contains("   ")
}

fn phrases_in(text: &str) -> Vec<Hit> {
    PHRASES.found_in(&folded(text))
}

/// Lower case on one line, with one space for white space and hyphens.
fn folded(text: &str) -> String {
    let parts = text.split(|c: char| c.is_whitespace() || c == '-').filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The topics of advertising, then words of work.
static PHRASES: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::of(ADVERTISING.iter().copied().chain(std::iter::once(WORKS))));

static LINK: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?i-u)\bhttps?://|\bwww\.[a-z0-9]"));

static HTML_TAG: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?i-u)<(html|body|font|table)\b"));

static PERCENT: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?-u)\d ?%"));

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)[$€£]\s?\d{1,3}([,.]\d{3})+|[$€£]\s?\d{3,}|\busd?\s?\$\s?\d|\busd\s?\d|\b\d[\d.,]*\s?(million|thousand)?\s?(us\s)?(dollars|euros)\b|\bmillion (us )?dollars\b",
    )
});

/// Compiles the patterns and reads the phrases now.
pub fn prepare() {
    for pattern in [&LINK, &HTML_TAG, &PERCENT, &MONEY] {
        LazyLock::force(pattern);
    }
    LazyLock::force(&PHRASES);
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and compiled in a test")
}
