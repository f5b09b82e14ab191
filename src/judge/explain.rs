//! Each sign as a clause that a volunteer understands.

use std::ops::Range;

use crate::domain::judgement::{Evidence, Field, Span, Speaks};
use crate::judge::against::Against;
use crate::judge::fold::plain_line;
use crate::judge::forms::Form;
use crate::judge::mention::Mention;
use crate::judge::setting::Setting;
use crate::judge::signs::Role;
use crate::judge::weigh::Weighed;

/// Clauses for one project, at most: more is read by nobody.
const CLAUSES: usize = 4;
/// Letters of a text that a clause quotes, at most.
const QUOTED: usize = 60;

/// What speaks for the project, the weightiest first, then what speaks against it.
pub fn explain(weighed: &Weighed<'_>, setting: &Setting<'_>) -> Vec<Evidence> {
    let mut order: Vec<&Mention<'_>> = weighed.mentions.iter().collect();
    order.sort_by(|a, b| b.points().total_cmp(&a.points()));
    let mut clauses: Vec<Evidence> = Vec::new();
    for mention in
        order.into_iter().filter(|mention| !matches!(mention.form, Form::CommonWord) || mention.points() > 0.0)
    {
        for clause in clauses_of(mention, setting) {
            if clauses.len() < CLAUSES && !clauses.iter().any(|known| known.clause == clause.clause) {
                clauses.push(clause);
            }
        }
    }
    if let Some((field, range)) = &weighed.rival {
        let named = quote(text_of(*field, setting), range);
        clauses.push(Evidence {
            clause: format!("but the {} also names \"{named}\"", place_word(*field)),
            speaks: Speaks::Against,
            at: Some(Span::of(*field, range)),
        });
    }
    clauses
}

fn clauses_of(mention: &Mention<'_>, setting: &Setting<'_>) -> Vec<Evidence> {
    let text = text_of(mention.field, setting);
    let written = quote(text, &mention.hit.range);
    let place = place_word(mention.field);
    let naming = match mention.form {
        _ if mention.is_disguised => {
            let meant = mention.hit.handle.spellings.first().map_or("", String::as_str);
            format!("{place} says \"{written}\", which only looks like \"{meant}\"")
        }
        Form::Registry => format!("package \"{written}\" on its registry in the {place}"),
        Form::Installed => format!("path {} in the {place}", quote(text, &path_around(text, &mention.hit.range))),
        Form::Import => format!("path {} in the {place}", quote(text, &path_around(text, &mention.hit.range))),
        Form::Repository | Form::RepositoryAddress => format!("repository {written} in the {place}"),
        Form::Described(_) => format!("the {place} describes it as the directory does: \"{written}\""),
        Form::Misspelled => {
            let meant = mention.hit.handle.spellings.first().map_or("", String::as_str);
            format!("{place} says \"{written}\", which may be a slip for \"{meant}\"")
        }
        Form::Module => format!("module {} in the {place}", quote(text, &path_around(text, &mention.hit.range))),
        Form::Site => format!("host {} in the {place}", quote(text, &path_around(text, &mention.hit.range))),
        Form::Address => format!("the {place} names its address {written}"),
        Form::Domain => format!("address {written} in the {place}"),
        Form::Part => format!("\"{}\" in the {place}", quote(text, &path_around(text, &mention.hit.range))),
        _ => format!("{place} says \"{written}\""),
    };
    let role = mention.roles.first().filter(|_| mention.against.is_empty()).map(|role| match role {
        Role::Slot => format!("the {place} names it as what is affected"),
        Role::Versioned | Role::Numbered => format!("a version of it is named in the {place}"),
        Role::Defined => format!("the {place} introduces it as its topic"),
        Role::Fixed => format!("the {place} speaks of a fix for it"),
        Role::Addressed => format!("the {place} speaks to its team"),
        Role::Flawed => format!("the {place} says that the flaw is in it"),
        Role::Opens | Role::Tagged => format!("the {place} opens with it"),
        Role::Acts | Role::Houses => format!("the {place} says what it does wrong"),
        Role::Source => format!("the {place} links into its code"),
        Role::Kind => format!("the {place} calls it a package"),
    });
    let against = mention.against.first().map(|sign| match sign {
        Against::Used => "but there it is only used by something else".to_owned(),
        Against::Compared => "but there it is only compared with".to_owned(),
        Against::Spared => "but there the text says that it is not affected".to_owned(),
        Against::Addon => "but there it is about an add-on for it".to_owned(),
        Against::OtherEcosystem => "but there it is a package of a registry on which the project has none".to_owned(),
        Against::Site => "but there it is about its website".to_owned(),
        Against::Environment => "but there it is a part of the environment".to_owned(),
        Against::Instructed => "but there the text only asks to be sent to it".to_owned(),
        Against::Signed => "but there it is a part of a signature".to_owned(),
        Against::Longer => "but there it begins the longer name of another thing".to_owned(),
        Against::Behind => "but there another product's name stands before it".to_owned(),
    });
    let at = Some(Span::of(mention.field, &mention.hit.range));
    let evidence = |speaks| move |clause| Evidence { clause, speaks, at };
    let against = against.map(evidence(Speaks::Against));
    std::iter::once(naming).chain(role).map(evidence(Speaks::For)).chain(against).collect()
}

fn place_word(field: Field) -> &'static str {
    match field {
        Field::Subject => "subject",
        Field::Body => "text",
    }
}

fn text_of<'t>(field: Field, setting: &Setting<'t>) -> &'t str {
    match field {
        Field::Subject => setting.subject,
        Field::Body => setting.body,
    }
}

/// The whole path or compound word that `range` is a part of.
fn path_around(text: &str, range: &Range<usize>) -> Range<usize> {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '@' | '\\' | ':');
    let before = text[..range.start].chars().rev().take(QUOTED / 2).take_while(|&c| is_path(c));
    let after = text[range.end..].chars().take(QUOTED / 2).take_while(|&c| is_path(c));
    let start = range.start - before.map(char::len_utf8).sum::<usize>();
    let end = range.end + after.map(char::len_utf8).sum::<usize>();
    let path = &text[start..end];
    start..start + path.trim_end_matches(['.', ':', '-']).len().max(range.end - start)
}

/// The text of `range` on one line, cut where it is long.
fn quote(text: &str, range: &Range<usize>) -> String {
    let line = plain_line(&text[range.clone()]);
    match line.char_indices().nth(QUOTED) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}
