//! Each sign as a clause that a volunteer understands, with the words of the text that it rests on.

use std::ops::Range;

use crate::domain::judgement::{Evidence, Field, Span, Speaks};
use crate::judge::against::Against;
use crate::judge::fold::plain_line;
use crate::judge::forms::{Form, is_version};
use crate::judge::mention::Mention;
use crate::judge::place::Place;
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
    let mut signs: Vec<Sign> = Vec::new();
    for mention in
        order.into_iter().filter(|mention| !matches!(mention.form, Form::CommonWord) || mention.points() > 0.0)
    {
        for sign in signs_of(mention, setting) {
            if signs.len() < CLAUSES && !signs.iter().any(|known| known.words == sign.words) {
                signs.push(sign);
            }
        }
    }
    signs.extend(weighed.rival.as_ref().map(|(field, range)| rival(*field, range, setting)));
    signs.sort_by_key(|sign| sign.speaks == Speaks::Against);
    signs.into_iter().map(|sign| sign.evidence(setting)).collect()
}

/// A clause before it quotes the text; two with the same words say nothing new.
struct Sign {
    words: String,
    speaks: Speaks,
    field: Field,
    /// The words of the text that make it a sign.
    range: Range<usize>,
    /// The clause ends with those words; else it has them already.
    quotes: bool,
}

impl Sign {
    fn evidence(self, setting: &Setting<'_>) -> Evidence {
        let at = Some(Span::of(self.field, &self.range));
        let clause = match self.quotes {
            true => format!("{}: \"{}\"", self.words, quote(setting.text(self.field), &self.range)),
            false => self.words,
        };
        Evidence { clause, speaks: self.speaks, at }
    }
}

/// What a mention says: what speaks against it; else its part in the sentence, and how it is named where that says more.
fn signs_of(mention: &Mention<'_>, setting: &Setting<'_>) -> Vec<Sign> {
    let field = mention.field;
    let text = setting.text(field);
    let place = Place::of(text, &mention.hit.range);
    let quoting = |(words, left, right): (String, usize, usize), speaks| {
        let range = widened(&place, &mention.hit.range, left, right);
        Sign { words, speaks, field, range, quotes: true }
    };
    if let Some(&sign) = mention.against.first() {
        return vec![quoting(doubt(sign, field), Speaks::Against)];
    }
    let role = mention.roles.first().map(|&role| match role {
        Role::Source => {
            Sign { range: path_around(text, &mention.hit.range), ..quoting(part(role, field, &place), Speaks::For) }
        }
        _ => quoting(part(role, field, &place), Speaks::For),
    });
    let is_plain = !mention.is_disguised && is_bare(mention.form);
    let named = (role.is_none() || !is_plain).then(|| naming(mention, text));
    named.into_iter().chain(role).collect()
}

/// Whether the form is the name alone, which a clause about its part in the sentence quotes as well.
fn is_bare(form: Form) -> bool {
    matches!(
        form,
        Form::Name | Form::Prefixed | Form::OtherCase | Form::StandsOut | Form::CommonName | Form::CommonWord
    )
}

/// How the text names the project.
fn naming(mention: &Mention<'_>, text: &str) -> Sign {
    let hit = &mention.hit.range;
    let place = place_word(mention.field);
    let range = match mention.form {
        Form::Installed | Form::Import | Form::Module | Form::Site => path_around(text, hit),
        Form::Part | Form::Member | Form::CamelPart | Form::File => path_around(text, hit),
        _ => hit.clone(),
    };
    let written = quote(text, &range);
    let meant = mention.hit.handle.spellings.first().map_or("", String::as_str);
    let words = match mention.form {
        _ if mention.is_disguised => {
            let hidden = if written.is_ascii() { " with hidden characters" } else { "" };
            format!("{place} says \"{written}\"{hidden}, which only looks like \"{meant}\"")
        }
        Form::Registry => format!("package \"{written}\" on its registry in the {place}"),
        Form::Installed => format!("path {written} in the {place}"),
        Form::Import => format!("path {written} in the {place}"),
        Form::Repository | Form::RepositoryAddress => format!("repository {written} in the {place}"),
        Form::Described(_) => format!("the {place} describes it as the directory does: \"{written}\""),
        Form::Misspelled => format!("{place} says \"{written}\", which may be a slip for \"{meant}\""),
        Form::Advisory => format!("{place} names {written}, a vulnerability of it that is known"),
        Form::Module => format!("module {written} in the {place}"),
        Form::Site => format!("host {written} in the {place}"),
        Form::Address => format!("the {place} names its address {written}"),
        Form::Domain => format!("address {written} in the {place}"),
        Form::Part => format!("\"{written}\" in the {place}, which may be another's"),
        Form::CommonName | Form::CommonWord => format!("{place} says \"{written}\", which is also a common word"),
        _ => format!("{place} says \"{written}\""),
    };
    Sign { words, speaks: Speaks::For, field: mention.field, range, quotes: false }
}

/// The part in the sentence, with the number of words that show it before the name and behind it.
fn part(role: Role, field: Field, at: &Place<'_>) -> (String, usize, usize) {
    let place = place_word(field);
    let to_version = || at.right.iter().position(|word| is_version(bare_number(word))).map_or(1, |last| last + 1);
    match role {
        Role::Slot => (format!("the {place} names it as what is affected"), 3, 0),
        Role::Versioned | Role::Numbered => (format!("the {place} names a version of it"), 0, to_version()),
        Role::Defined => (format!("the {place} introduces it as its topic"), 0, 4),
        Role::Fixed => (format!("the {place} speaks of a fix for it"), 3, 0),
        Role::Addressed => (format!("the {place} speaks to its team"), 1, 1),
        Role::Flawed => (format!("the {place} says that the flaw is in it"), 4, 0),
        Role::Opens | Role::Tagged => (format!("the {place} opens with it"), 0, 0),
        Role::Houses => (format!("the {place} says that the fault is in it"), 1, 3),
        Role::Acts => (format!("the {place} says what it does wrong"), 0, 3),
        Role::Source => (format!("the {place} links into its code"), 0, 0),
        Role::Kind => (format!("the {place} calls it a package"), 1, 1),
    }
}

/// What speaks against a mention, with the number of words that show it before the name and behind it.
fn doubt(sign: Against, field: Field) -> (String, usize, usize) {
    let place = place_word(field);
    match sign {
        Against::Used => (format!("but in the {place} it is only used by something else"), 2, 0),
        Against::Compared => (format!("but in the {place} it is only compared with"), 4, 0),
        Against::Spared => (format!("but the {place} says that it is not affected"), 1, 3),
        Against::Addon => (format!("but the {place} is about an add-on for it"), 0, 1),
        Against::OtherEcosystem => (format!("but the {place} means a package of a registry where it has none"), 2, 1),
        Against::Site => (format!("but the {place} is about its website"), 0, 1),
        Against::Environment => (format!("but the {place} lists it as a part of the environment"), 0, 2),
        Against::Instructed => (format!("but the {place} only asks to be sent to it"), 4, 0),
        Against::Signed => ("but it stands in the signature".to_owned(), 0, 0),
        Against::Longer => (format!("but in the {place} it begins the longer name of another thing"), 0, 1),
        Against::Behind => (format!("but in the {place} another product's name stands before it"), 1, 0),
    }
}

/// Another thing stands in the subject's place.
fn rival(field: Field, range: &Range<usize>, setting: &Setting<'_>) -> Sign {
    let named = quote(setting.text(field), range);
    let words = format!("but the {} also names \"{named}\" as what it is about", place_word(field));
    Sign { words, speaks: Speaks::Against, field, range: range.clone(), quotes: false }
}

fn place_word(field: Field) -> &'static str {
    match field {
        Field::Subject => "subject",
        Field::Body => "text",
    }
}

fn bare_number(word: &str) -> &str {
    word.trim_start_matches(['<', '=', '>', '~'])
}

/// `range` with that many words of its sentence before it and behind it, as far as there are any.
fn widened(place: &Place<'_>, range: &Range<usize>, left: usize, right: usize) -> Range<usize> {
    let mut start = place.before.len();
    for word in place.left.iter().take(left) {
        start = place.before[..start].rfind(word).unwrap_or(start);
    }
    let mut end = 0;
    for word in place.right.iter().take(right) {
        end += place.after[end..].find(word).map_or(0, |at| at + word.len());
    }
    range.start - (place.before.len() - start)..range.end + end
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

#[cfg(test)]
mod tests {
    use crate::domain::judgement::{Evidence, Field, Speaks};
    use crate::judge::Judge;
    use crate::judge::marks::Judged;
    use crate::judge::tests::{directory, project};

    /// The evidence for the best candidate in these two texts.
    fn evidence_in(subject: &str, body: &str) -> Vec<Evidence> {
        let mut quern = project("Quern");
        quern.packages = vec!["pkg:pypi/quern".into()];
        quern.imports = vec!["quern_toolkits".into()];
        let judge = Judge::new(&directory([quern, project("Beam"), project("Larder")]));
        judge.judge(subject, body).candidates.swap_remove(0).evidence
    }

    /// Clauses with a sign, each with the words that are marked for it.
    fn told(subject: &str, body: &str) -> String {
        let judged = Judged { subject, body, is_cut: false };
        let line = |evidence: Evidence| {
            let marked = judged.words(&evidence.at.unwrap()).unwrap();
            let sign = if evidence.speaks == Speaks::For { '+' } else { '-' };
            format!("{sign} {} [{marked}]\n", evidence.clause)
        };
        evidence_in(subject, body).into_iter().map(line).collect()
    }

    #[test]
    fn each_sign_quotes_the_words_that_make_it_one() {
        insta::assert_snapshot!(
            told("Heap overflow in Quern", "Quern before 2.1 allows reading.\nSee lib/quern_toolkits/mill.py and https://pypi.org/project/quern/"),
            @r#"
        + the text names a version of it: "Quern before 2.1" [Quern before 2.1]
        + the subject says that the flaw is in it: "Heap overflow in Quern" [Heap overflow in Quern]
        + package "quern" on its registry in the text [quern]
        + path lib/quern_toolkits/mill.py in the text [lib/quern_toolkits/mill.py]
        "#
        );
        insta::assert_snapshot!(
            told("XSS in Acmetool", "Acmetool is a mill that is built on Quern.\n\nEnvironment:\n- Quern version: 1.2\n\n-- \nAda, Quern user"),
            @r#"
        - but the text lists it as a part of the environment: "Quern version: 1.2" [Quern version: 1.2]
        - but in the text it is only used by something else: "built on Quern" [built on Quern]
        - but it stands in the signature: "Quern" [Quern]
        - but the text also names "Acmetool" as what it is about [Acmetool]
        "#
        );
        insta::assert_snapshot!(
            told("Injection", "Module name: `beam`\nUsers of Larder: please see the Larder plugin, and route it to Quern."),
            @r#"
        + the text names it as what is affected: "Module name: `beam" [Module name: `beam]
        - but the text also names "Users of Larder" as what it is about [Users of Larder]
        "#
        );
    }

    #[test]
    fn a_disguise_is_told_and_its_mark_is_what_stands_there() {
        let all = evidence_in("Injection in Q\u{200b}uern 1.2", "");
        let disguise = &all[0];
        assert_eq!(disguise.clause, "subject says \"Quern\" with hidden characters, which only looks like \"Quern\"");
        let span = disguise.at.unwrap();
        assert_eq!((span.field, span.start, span.end), (Field::Subject, 13, 21));
    }

    #[test]
    fn every_place_is_whole_letters_of_its_text() {
        let odd = "漢字Quernを、«Quern»—Quern 1.2…\n\u{202e}Quern plugin\u{202c} ﬁx for Quern é built on Quern";
        for subject in [odd, ""] {
            for evidence in evidence_in(subject, odd) {
                let judged = Judged { subject, body: odd, is_cut: false };
                assert!(judged.words(&evidence.at.unwrap()).is_some(), "{evidence:?}");
            }
        }
    }
}
