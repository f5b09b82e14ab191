//! What the judge suggests: a project, the signs for and against it, their places in the text, and the ways to go on.

use maud::{Markup, html};

use crate::domain::case::CaseRef;
use crate::domain::directory::{Channel, Directory, Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::judgement::{Candidate, Evidence, Field, Judgement, Speaks, Strength};
use crate::judge::marks::{Judged, Mark, Marks, Piece};
use crate::mail::write::clean::lines;
use crate::store::CaseRow;

/// Candidates whose signs are shown and marked; the others wait in a fold.
const SHOWN: usize = 3;

/// A project of a judgement by its name, or by its id where the directory has lost it.
fn name<'a>(directory: &'a Directory, id: &'a ProjectId) -> &'a str {
    directory.project(id).map_or(id.as_str(), |project| &project.name)
}

/// The places in the text that the first candidates rest on, and those that make it look like no report.
pub fn marks<'a>(judgement: &'a Judgement, directory: &'a Directory, judged: &Judged<'_>) -> Marks<'a> {
    let of_candidate = |candidate: &'a Candidate| {
        let name = name(directory, &candidate.project);
        candidate.evidence.iter().map(move |evidence| (name, evidence))
    };
    let noise = judgement.noise.iter().flat_map(|seems| seems.evidence.iter().map(|e| (seems.noise.label(), e)));
    Marks::of(judged, judgement.candidates.iter().take(SHOWN).flat_map(of_candidate).chain(noise))
}

/// "Suggested: Lantern — strong match. Because: …" for each candidate, its signs as sentences with the numbers of their
/// marks.
pub fn sentences(case: &CaseRow, directory: &Directory, marks: &Marks<'_>) -> Markup {
    let candidates = &case.judgement.candidates;
    let (shown, others) = candidates.split_at(candidates.len().min(SHOWN));
    html! {
        @if candidates.is_empty() { p.muted { "The judge names no project." } }
        @for (index, candidate) in shown.iter().enumerate() {
            p.reasons {
                @if index == 0 { "Suggested: " } @else { "Or: " }
                strong { (name(directory, &candidate.project)) } " — " (match_words(candidate.strength)) " Because:"
            }
            (because(&candidate.evidence, marks, &case.number))
        }
        @if !others.is_empty() {
            details { summary { (others.len()) " more that the text may mean" }
                ul.tight.small { @for candidate in others {
                    li { (name(directory, &candidate.project)) ", " (candidate.strength.word()) " match: "
                        (lines(&candidate.clauses().collect::<Vec<_>>().join(" · "))) }
                } } }
        }
    }
}

fn match_words(strength: Strength) -> Markup {
    let class = match strength {
        Strength::Strong => "ok",
        Strength::Likely => "info",
        Strength::Weak => "idle",
    };
    html! { span.tag.(class) { (strength.word()) " match." } }
}

/// Signs as a list: each with what it speaks for, and the number of its mark where the text has one.
pub fn because(evidence: &[Evidence], marks: &Marks<'_>, case: &CaseRef) -> Markup {
    html! {
        ul.signs { @for sign in evidence {
            li {
                @match sign.speaks {
                    Speaks::For => { span.sign { (FOR) span.unseen { " for it: " } } }
                    Speaks::Against => { span.sign { (AGAINST) span.unseen { " against it: " } } }
                }
                " " (lines(&sign.clause))
                @if let Some(number) = marks.number(sign.at.as_ref()) {
                    " " a.to-mark href={ "#" (case) "-" (number) } { "[" (number) "]" }
                }
            }
        } }
    }
}

const FOR: &str = "+";
const AGAINST: &str = "\u{2212}";

/// A stranger's text with its marks, made harmless like [`said`](crate::web::frame::said).
pub fn marked(marks: &Marks<'_>, field: Field, text: &str, case: &CaseRef) -> Markup {
    html! { @for piece in marks.pieces(field, text) { (one_piece(&piece, case)) } }
}

fn one_piece(piece: &Piece<'_, '_>, case: &CaseRef) -> Markup {
    let Some((class, _)) = look(&piece.marks) else { return html! { (lines(piece.text)) } };
    let titles: Vec<String> = piece.marks.iter().map(|mark| title(mark)).collect();
    html! {
        mark.(class) title=(lines(&titles.join("; "))) { (lines(piece.text))
            @for mark in &piece.ends {
                sup id={ (case) "-" (mark.number) } { (mark.number) (look(&[*mark]).map_or("", |(_, sign)| sign)) }
            }
        }
    }
}

/// Class and sign of a place with these marks; `None` for plain text. The line below tells the classes apart, and
/// the sign behind the number, so that color is not needed.
fn look(marks: &[&Mark<'_>]) -> Option<(&'static str, &'static str)> {
    let speaks = |which| marks.iter().any(|mark| mark.speaks(which));
    match (speaks(Speaks::For), speaks(Speaks::Against)) {
        (true, true) => Some(("both", "\u{b1}")),
        (true, false) => Some(("for", FOR)),
        (false, true) => Some(("against", AGAINST)),
        (false, false) => None,
    }
}

/// "2: speaks for Lantern, against Parsley".
fn title(mark: &Mark<'_>) -> String {
    let say = |(name, speaks): &(&str, Speaks)| match speaks {
        Speaks::For => format!("for {name}"),
        Speaks::Against => format!("against {name}"),
    };
    format!("{}: speaks {}", mark.number, mark.says.iter().map(say).collect::<Vec<_>>().join(", "))
}

/// What the marks mean.
pub fn legend() -> Markup {
    html! {
        p.small.muted { "Marked: "
            mark.for { "solid line" sup { (FOR) } } " speaks for a project, "
            mark.against { "dashed line" sup { (AGAINST) } } " against one, "
            mark.both { "double line" sup { "\u{b1}" } } " for one and against another. The numbers are those of the reasons." }
    }
}

/// The ways to a project: the first candidate in one press (the hold leaves time to stop it), the others and every
/// project of the directory that does not have it by a look at what would leave. One whose part has ended is not
/// suggested again.
pub fn choices(case: &CaseRow, directory: &Directory, handlings: &[(ProjectId, HandlingState)]) -> Markup {
    let has_had_it = |id: &ProjectId| handlings.iter().any(|(project, _)| project == id);
    let has_it = |id: &ProjectId| handlings.iter().any(|(project, state)| project == id && state.is_open());
    let candidates = case.judgement.candidates.iter().filter(|candidate| !has_had_it(&candidate.project));
    let known = candidates.filter_map(|known| Some((directory.project(&known.project)?, known.strength)));
    let known: Vec<(&Project, Strength)> = known.take(SHOWN).collect();
    let action = format!("/cases/{}/forward", case.number);
    html! {
        @if let Some((first, others)) = known.split_first() {
            (first_choice(case, directory, *first))
            @if !others.is_empty() {
                div.row { span.small { "Rather: " } @for (project, _) in others { a.button href={ (action) "?project=" (project.id) } { (project.name) " …" } } }
            }
        }
        form.row method="get" action=(action) {
            label.small for={ "project-" (case.number) } { "Project" }
            select #{ "project-" (case.number) } name="project" {
                @for project in directory.projects.iter().filter(|p| !has_it(&p.id)) {
                    option value=(project.id) { (project.name) }
                }
            }
            button { "Another project…" }
        }
        p { a.button href={ "/cases/" (case.number) "/several" } { "Several projects…" } }
    }
}

fn first_choice(case: &CaseRow, directory: &Directory, (project, strength): (&Project, Strength)) -> Markup {
    let takes_mail = project.channel == Channel::Mail && !project.contacts.is_empty();
    // A weak match is a guess: it goes nowhere before somebody has looked at what would leave, and to whom.
    let in_one_press = directory.routing.hold.is_positive() && strength >= Strength::Likely;
    html! {
        div.row {
            @if !takes_mail {
                form method="post" action={ "/cases/" (case.number) "/by-hand/" (project.id) } {
                    button { @match project.channel {
                        Channel::Mail | Channel::None => { "Take it to " (project.name) }
                        channel => { "Take it to " (channel.word()) " (" (project.name) ")" }
                    } }
                }
            } @else {
                @if in_one_press {
                    form method="post" action={ "/cases/" (case.number) "/forward" } {
                        input type="hidden" name="project" value=(project.id);
                        button.primary { "Forward to " (project.name) }
                    }
                }
                a.button href={ "/cases/" (case.number) "/forward?project=" (project.id) } data-key="f" { "Look at the forward to " (project.name) " …" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::domain::judgement::Span;
    use crate::web::samples::{HOSTILE, case, directory, id, safe};

    fn evidence(field: Field, start: usize, end: usize, speaks: Speaks) -> Evidence {
        Evidence { clause: "text says something".to_owned(), speaks, at: Some(Span { field, start, end }) }
    }

    fn judged(evidence: Vec<Evidence>) -> CaseRow {
        let of = |project: &str, evidence| Candidate { project: id(project), strength: Strength::Likely, evidence };
        let candidates = vec![of("lantern", evidence.clone()), of("parsley", evidence)];
        CaseRow { judgement: Judgement { candidates, noise: None }, ..case(CaseState::Triage) }
    }

    /// The marked text, and what of it a reader sees without the numbers.
    fn shown(case: &CaseRow, body: &str) -> (String, String) {
        let directory = directory();
        let marks = marks(&case.judgement, &directory, &Judged { subject: "", body, is_cut: false });
        let shown = safe(marked(&marks, Field::Body, body, &case.number));
        let mut read = String::new();
        for (index, part) in shown.split('<').enumerate() {
            let text = if index == 0 { part } else { part.split_once('>').unwrap().1 };
            read.push_str(if part.starts_with("sup") { "" } else { text });
        }
        let read = read.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        (shown, read)
    }

    #[test]
    fn hostile_and_overlapping_places_show_the_text_that_was_written_and_nothing_else() {
        let body = format!("{HOSTILE} naïve \u{202e}Quern\u{202c} 漢字\u{200b} & more & 🔥 ");
        let letters: Vec<usize> = body.char_indices().map(|(at, _)| at).collect();
        let every_third = |from: usize| letters[from..].iter().step_by(3).copied();
        for speaks in [Speaks::For, Speaks::Against] {
            let places =
                every_third(0).zip(every_third(7)).map(|(start, end)| evidence(Field::Body, start, end, speaks));
            let case = judged(places.take(12).chain([evidence(Field::Body, 0, body.len(), Speaks::For)]).collect());
            let (page, read) = shown(&case, &body);
            assert_eq!(read, lines(&body));
            assert!(page.contains("<mark class="), "{page}");
        }
    }

    #[test]
    fn a_text_that_was_erased_or_does_not_fit_its_places_is_shown_without_marks() {
        for (start, end) in [(0, 99), (5, 3), (1, 2), (usize::MAX - 1, usize::MAX)] {
            let case = judged(vec![evidence(Field::Body, start, end, Speaks::For)]);
            for body in ["", "éé", "[erased]"].into_iter().filter(|body| (start, end) != (1, 2) || *body == "éé") {
                let (page, read) = shown(&case, body);
                assert_eq!((page.contains("<mark"), read.as_str()), (false, body), "{start} {end}");
            }
            let directory = directory();
            let marks = marks(&case.judgement, &directory, &Judged { subject: "", body: "", is_cut: false });
            let reasons = safe(sentences(&case, &directory, &marks));
            assert!(reasons.contains("text says something") && !reasons.contains("href"), "{reasons}");
        }
    }

    #[test]
    fn what_speaks_for_and_what_speaks_against_differ_in_words_signs_and_lines() {
        let both = vec![evidence(Field::Body, 0, 5, Speaks::For), evidence(Field::Body, 9, 14, Speaks::Against)];
        let mut case = judged(both);
        case.judgement.candidates[1].evidence[1].speaks = Speaks::For;
        let (page, _) = shown(&case, "Quern or Larder");
        assert!(
            page.contains("title=\"1: speaks for Lantern, for Parsley\">Quern<sup id=\"SEC-2026-0042-1\">1+"),
            "{page}"
        );
        assert!(
            page.contains("class=\"both\" title=\"2: speaks against Lantern, for Parsley\">Larde<sup id"),
            "{page}"
        );
        case.judgement.candidates.truncate(1);
        assert!(shown(&case, "Quern or Larder").0.contains("class=\"against\""));
        let directory = directory();
        let marks = marks(&case.judgement, &directory, &Judged { subject: "", body: "Quern or Larder", is_cut: false });
        let reasons = safe(sentences(&case, &directory, &marks));
        assert!(reasons.contains("for it: ") && reasons.contains("against it: "), "{reasons}");
        assert!(reasons.contains("href=\"#SEC-2026-0042-2\">[2]"), "{reasons}");
        assert!(safe(legend()).contains("dashed line"));
    }

    #[test]
    fn only_the_first_candidates_are_told_in_full() {
        let mut case = judged(vec![evidence(Field::Body, 0, 5, Speaks::For)]);
        let more = case.judgement.candidates[0].clone();
        case.judgement.candidates.extend([more.clone(), Candidate { project: id("gone"), ..more }]);
        let directory = directory();
        let reasons = safe(sentences(&case, &directory, &Marks::default()));
        assert!(
            reasons.contains("1 more that the text may mean") && reasons.contains("gone, likely match: "),
            "{reasons}"
        );
        case.judgement.candidates.clear();
        assert!(safe(sentences(&case, &directory, &Marks::default())).contains("names no project"));
    }
}
