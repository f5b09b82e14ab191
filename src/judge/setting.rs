//! What a whole text says besides its mentions of projects.

use crate::domain::judgement::Field;
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
    /// All paths into `node_modules/` or `site-packages/` lead to one package.
    pub has_one_package: bool,
}

impl<'t> Setting<'t> {
    /// Reads what `subject` and `body` are about.
    pub fn of(subject: &'t str, body: &'t str) -> Self {
        let in_field = |field, text| subject::claims(text).into_iter().map(move |claim| (field, claim));
        Self {
            subject,
            body,
            claims: in_field(Field::Subject, subject).chain(in_field(Field::Body, body)).collect(),
            is_unnamed: subject::is_unnamed(subject) || subject::is_unnamed(body),
            is_about_a_flaw: subject::is_about_a_flaw(subject) || subject::is_about_a_flaw(body),
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

    /// Whether a place is where texts say what they are about.
    pub fn is_early(field: Field, at: usize) -> bool {
        field == Field::Subject || at < EARLY
    }
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
