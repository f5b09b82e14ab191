//! What a whole text says besides its mentions of projects.

use crate::domain::judgement::Field;
use crate::judge::mention::Mention;
use crate::judge::subject::{self, Claim};

/// Bytes of the body that are early.
const EARLY: usize = 400;

/// A text, and what it says in general.
#[derive(Debug, Default)]
pub struct Setting<'t> {
    pub subject: &'t str,
    pub body: &'t str,
    pub claims: Vec<(Field, Claim)>,
    /// It speaks of a thing without a name.
    pub is_unnamed: bool,
    /// It speaks of a flaw at all, and not only of something that does not work.
    pub is_about_a_flaw: bool,
    /// Where the first sentence of the body ends.
    first_sentence: usize,
    /// It speaks of a flaw.
    first_tells_a_flaw: bool,
    /// All paths into `node_modules/` or `site-packages/` lead to one package.
    pub has_one_package: bool,
}

impl<'t> Setting<'t> {
    /// Reads what `subject` and `body` are about.
    pub fn of(subject: &'t str, body: &'t str) -> Self {
        let first_sentence = first_sentence(body);
        let in_field = |field, text| subject::claims(text).into_iter().map(move |claim| (field, claim));
        Self {
            subject,
            body,
            claims: in_field(Field::Subject, subject).chain(in_field(Field::Body, body)).collect(),
            is_unnamed: subject::is_unnamed(subject) || subject::is_unnamed(body),
            is_about_a_flaw: subject::is_about_a_flaw(subject) || subject::is_about_a_flaw(body),
            first_sentence,
            first_tells_a_flaw: subject::is_about_a_flaw(&body[..first_sentence]),
            has_one_package: has_one_package(body),
        }
    }

    /// The whole text of `field`.
    pub fn text(&self, field: Field) -> &'t str {
        match field {
            Field::Subject => self.subject,
            Field::Body => self.body,
        }
    }

    /// The rest of the sentence behind a mention.
    pub fn sentence_after(&self, mention: &Mention<'_>) -> &'t str {
        /// Bytes in which a sentence says what a thing is.
        const REACH: usize = 300;
        let text = self.text(mention.field);
        let rest = &text[mention.hit.range.end..];
        let rest = &rest[..rest.floor_char_boundary(REACH)];
        rest.find(". ").map_or(rest, |end| &rest[..end])
    }

    /// Whether the sentence around a mention speaks of a flaw, or the mention stands in the subject.
    pub fn tells_a_flaw_around(&self, mention: &Mention<'_>) -> bool {
        /// Bytes of a sentence that are read to each side.
        const REACH: usize = 200;
        let text = self.text(mention.field);
        let range = &mention.hit.range;
        let before = &text[text.ceil_char_boundary(range.start.saturating_sub(REACH))..range.start];
        let after = &text[range.end..text.floor_char_boundary(range.end + REACH)];
        let ends = [". ", "\n", "\r"];
        let start = ends.iter().filter_map(|end| before.rfind(end).map(|at| at + end.len())).max().unwrap_or(0);
        let end = ends.iter().filter_map(|end| after.find(end)).min().unwrap_or(after.len());
        mention.field == Field::Subject
            || subject::is_about_a_flaw(&before[start..])
            || subject::is_about_a_flaw(&after[..end])
    }

    /// Whether a mention stands in the subject or in the first sentence.
    pub fn opens_with(&self, mention: &Mention<'_>) -> bool {
        self.opens_at(mention.field, mention.hit.range.start)
    }

    /// The same, where the first sentence speaks of the flaw.
    pub fn tells_a_flaw_with(&self, mention: &Mention<'_>) -> bool {
        mention.field == Field::Subject || (self.first_tells_a_flaw && self.opens_with(mention))
    }

    /// The same for any place.
    pub fn opens_at(&self, field: Field, at: usize) -> bool {
        field == Field::Subject || at < self.first_sentence
    }

    /// Leaves out what claims to be the subject and is a project that is only used, compared or spared there.
    pub fn drop_claims_of<'m>(&mut self, mentions: impl Iterator<Item = &'m Mention<'m>> + Clone) {
        let is_of = |claim: &(Field, Claim), mention: &Mention<'_>| {
            let (start, end) = (mention.hit.range.start, mention.hit.range.end);
            mention.field == claim.0 && start <= claim.1.range.start + 1 && claim.1.range.start < end
        };
        let is_aside = |mention: &&Mention<'_>| !mention.against.is_empty();
        self.claims.retain(|claim| !mentions.clone().filter(is_aside).any(|mention| is_of(claim, mention)));
    }

    /// Whether a place is where texts say what they are about.
    pub fn is_early(field: Field, at: usize) -> bool {
        field == Field::Subject || at < EARLY
    }
}

/// The end of the first sentence that says something: greetings and headings are shorter.
fn first_sentence(text: &str) -> usize {
    /// Words of a sentence that says something.
    const WORDS: usize = 5;
    /// Bytes in which it must have ended.
    const WINDOW: usize = 600;
    let window = &text[..text.floor_char_boundary(WINDOW)];
    let mut start = 0;
    while let Some(length) = window[start..].find(['\n', '.', '!', '?']).map(|at| at + 1) {
        let end = start + length;
        let ends = window[..end].ends_with('\n') || window[end..].starts_with(char::is_whitespace);
        if ends && window[..end].split_whitespace().count() >= WORDS {
            return end;
        }
        start = end;
    }
    window.len()
}

/// Whether every path to an installed package, of which there is one, names the same.
fn has_one_package(text: &str) -> bool {
    let folders = ["node_modules/", "site-packages/", "dist-packages/"];
    let mut packages = folders.iter().flat_map(|folder| text.split(folder).skip(1)).map(package_at);
    packages.next().is_some_and(|first| packages.all(|other| other == first))
}

/// The package's own folder: the first step of a path, or two where the first is a scope.
fn package_at(path: &str) -> &str {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '@' | '-' | '_' | '.');
    let mut end = path.find(|c| !is_name(c)).unwrap_or(path.len());
    if path.starts_with('@') && path[end..].starts_with('/') {
        end += 1 + path[end + 1..].find(|c| !is_name(c)).unwrap_or(path.len() - end - 1);
    }
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_installed_package_is_told_from_several() {
        for (text, is_one) in [
            ("run ./node_modules/quern/bin/quern and node_modules/quern/lib/mill.js", true),
            ("node_modules/@millers/quern/a.js, node_modules/@millers/quern/b.js", true),
            ("node_modules/@millers/quern/a.js, node_modules/@millers/larder/b.js", false),
            ("at node_modules/quern/a.js, at node_modules/larder/b.js", false),
            ("File \"/usr/lib/python3/site-packages/quern/mill.py\"", true),
            ("none", false),
        ] {
            assert_eq!(has_one_package(text), is_one, "{text}");
        }
    }
}
