//! "Looks like SEC-2026-0031": what a case page and triage offer, `/cases/{number}/near/{other}` to compare, and the acts.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::case::{CaseRef, CaseState};
use crate::domain::directory::Member;
use crate::domain::id::CaseId;
use crate::domain::near::Proposal;
use crate::flows::near;
use crate::judge::near::marks;
use crate::mail::write::clean;
use crate::store::{CaseRow, LikenessRow, ReportRow};
use crate::web::WebState;
use crate::web::desk::case_parts::sender;
use crate::web::desk::lists::state_words;
use crate::web::desk::{desk_page, not_done, sight};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The route of comparing.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/near/{other}", get(compare).post(act))
}

/// What stands beside a case that seems to tell of the same flaw as another, or that is linked to one.
pub struct Near<'a> {
    pub case: &'a CaseRow,
    /// Of this case, and of others that may be there as well.
    pub proposals: &'a [Proposal],
    /// The case that told of it first, and those that told of it again.
    pub first: Option<&'a CaseRef>,
    pub again: &'a [CaseRef],
    /// Which page the buttons lead back to.
    pub back: Back,
}

/// The page on which an act was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    Triage,
    Case,
}

/// Proposals and links of one case; nothing where there are none.
pub fn part(view: &Near<'_>) -> Markup {
    let (id, number) = (&view.case.id, &view.case.number);
    html! {
        @if let Some(first) = view.first {
            div.notice { p { "Tells again of what " (case_link(first)) " told first." }
                div.row { (compare_link(number, first)) (button(number, first, "unlink", "Unlink", view.back)) }
            }
        }
        @for again in view.again {
            div.notice { p { (case_link(again)) " tells of it again. Its reporter and this one do not know of each other." }
                div.row { (compare_link(again, number)) }
            }
        }
        @for proposal in view.proposals.iter().filter(|proposal| proposal.case == *id) {
            div.notice { p { strong { "Looks like " (case_link(&proposal.like_number)) } " " (proposal.like_title) " "
                    span.small.muted { "(" (state_words(proposal.like_state)) ")" }
                    br; span.small { "Because: " (proposal.likeness.reasons.join(" · ")) } }
                div.row {
                    (compare_link(number, &proposal.like_number))
                    (button(number, &proposal.like_number, "link", "Link", view.back))
                    (button(number, &proposal.like_number, "not-the-same", "Not the same", view.back))
                }
            }
        }
        @for proposal in view.proposals.iter().filter(|proposal| proposal.like == *id) {
            div.notice { p { strong { (case_link(&proposal.number)) } " came later and looks like this one."
                    br; span.small { "Because: " (proposal.likeness.reasons.join(" · ")) } }
                div.row { (compare_link(&proposal.number, number)) }
            }
        }
    }
}

fn case_link(number: &CaseRef) -> Markup {
    html! { a.mono href={ "/cases/" (number) } { (number) } }
}

fn compare_link(later: &CaseRef, first: &CaseRef) -> Markup {
    html! { a.button href={ "/cases/" (later) "/near/" (first) } { "Compare" span.unseen { " " (later) " with " (first) } } }
}

fn button(later: &CaseRef, first: &CaseRef, act: &str, words: &str, back: Back) -> Markup {
    html! {
        form method="post" action={ "/cases/" (later) "/near/" (first) } {
            input type="hidden" name="act" value=(act);
            @if back == Back::Triage { input type="hidden" name="back" value="triage"; }
            button { (words) span.unseen { " (" (later) " and " (first) ")" } }
        }
    }
}

/// Two cases side by side.
struct Comparison {
    later: Side,
    first: Side,
    /// What was found in common, if the program proposed it.
    found: Option<LikenessRow>,
    /// What the later case is linked to.
    linked_to: Option<CaseRef>,
}

struct Side {
    case: CaseRow,
    reports: Vec<ReportRow>,
}

impl Side {
    /// All that its reporters sent.
    fn text(&self) -> String {
        self.reports.iter().map(|report| text_of(report) + "\n").collect()
    }
}

fn text_of(report: &ReportRow) -> String {
    format!("{}\n\n{}", report.subject, report.body)
}

async fn side(state: &WebState, number: &str) -> Result<Side, WebError> {
    let store = &state.house.store;
    let case = store.case_by_number(number).await?.ok_or(WebError::NotFound)?;
    Ok(Side { reports: store.reports_of(&case.id).await?, case })
}

async fn compare(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, other)): Path<(String, String)>,
) -> Result<Markup, WebError> {
    let (later, first) = (side(&state, &number).await?, side(&state, &other).await?);
    let view = Comparison {
        found: state.house.store.likeness(&later.case.id, &first.case.id).await?,
        linked_to: state.house.store.duplicate_of(&later.case.id).await?,
        later,
        first,
    };
    let title = format!("Compare {} with {}", view.later.case.number, view.first.case.number);
    Ok(desk_page(&state, &member, Place::Elsewhere, &title, page(&view)).await?)
}

/// What a button brings.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Pressed {
    act: String,
    back: String,
}

async fn act(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, other)): Path<(String, String)>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, WebError> {
    let (house, store) = (&state.house, &state.house.store);
    let case = store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let other = store.case_by_number(&other).await?.ok_or(WebError::NotFound)?;
    // What was done before is done: a second press of the same button is no error.
    match pressed.act.as_str() {
        "link" => {
            if let Err(refusal) = near::link(house, &case.id, &other.id, &member).await? {
                let back = format!("/cases/{}/near/{}", case.number, other.number);
                return Ok(not_done(&state, &member, &back, &refusal.to_string()).await?);
            }
        }
        "unlink" => drop(near::unlink(house, &case.id, &member).await?),
        "not-the-same" => drop(near::not_the_same(house, &case.id, &other, &member).await?),
        "may-be-the-same" => drop(near::may_be_the_same(house, &case.id, &other, &member).await?),
        _ => {
            return Ok(
                not_done(&state, &member, &format!("/cases/{}", case.number), "Press one of the buttons.").await?
            );
        }
    }
    // Only to a page of ours (THREATS.md row 65).
    let to = if pressed.back == "triage" { "/triage".to_owned() } else { format!("/cases/{}", case.number) };
    Ok(Redirect::to(&to).into_response())
}

fn page(view: &Comparison) -> Markup {
    let (later, first) = (&view.later.case, &view.first.case);
    html! {
        h1 { "Compare " span.mono.nowrap { (later.number) } " with " span.mono.nowrap { (first.number) } }
        @if let Some(found) = &view.found { p { "They look alike: " (found.likeness.reasons.join(" · ")) "." } }
        p.small.muted { "What both have is marked. A link changes nothing for the reporters: neither hears of the other, each keeps
            their own answers and their own clock." }
        div.row { (acts(view)) a.button href={ "/cases/" (later.number) } { "Back to " (later.number) } }
        div.compare {
            (column(&view.later, &view.first.text()))
            (column(&view.first, &view.later.text()))
        }
    }
}

fn acts(view: &Comparison) -> Markup {
    let (later, first) = (&view.later.case, &view.first.case);
    let is_dismissed = view.found.as_ref().is_some_and(|found| found.dismissed_at.is_some());
    html! {
        @match &view.linked_to {
            Some(linked) if *linked == first.number => {
                (button(&later.number, &first.number, "unlink", "Unlink", Back::Case))
                @if later.state != CaseState::Closed {
                    a.button href={ "/cases/" (later.number) "/close" } { "Close " (later.number) " …" }
                }
            }
            Some(linked) => { p { (later.number) " is linked to " (case_link(linked)) "." } }
            None => {
                (button(&later.number, &first.number, "link", "It is the same: link them", Back::Case))
                @if is_dismissed {
                    (button(&later.number, &first.number, "may-be-the-same", "It may be the same after all", Back::Case))
                } @else if view.found.is_some() {
                    (button(&later.number, &first.number, "not-the-same", "Not the same", Back::Case))
                }
            }
        }
    }
}

fn column(side: &Side, other: &str) -> Markup {
    let case = &side.case;
    html! {
        section {
            h2 { (case_link(&case.number)) " " (case.title) }
            p.small.muted { (state_words(case.state)) " · arrived " (when::time(case.arrived_at)) }
            @for report in &side.reports {
                p.small { "From " (sender(report.from_name.as_deref(), report.from.as_ref().map(|from| from.as_str()))) }
                (marked(&text_of(report), other))
            }
        }
    }
}

/// A stranger's text with what `other` has too.
fn marked(text: &str, other: &str) -> Markup {
    let mut at = 0;
    let pieces: Vec<(&str, &str)> = marks::shared(text, other)
        .into_iter()
        .map(|range| {
            let before = &text[at..range.start];
            at = range.end;
            (before, &text[range])
        })
        .collect();
    html! {
        pre.said {
            @for (before, both) in pieces { (clean::lines(before)) mark { (clean::lines(both)) } }
            (clean::lines(text[at..].trim_end()))
        }
    }
}

/// What is to be shown beside these cases, asked once for a whole list.
pub async fn proposals(state: &WebState, member: &Member, cases: &[&CaseId]) -> Result<Vec<Proposal>, WebError> {
    let kept = sight::kept_from(&state.house, member).await?;
    let mut proposals = state.house.store.proposals(cases).await?;
    proposals.retain(|proposal| !kept.has(&proposal.case) && !kept.has(&proposal.like));
    Ok(proposals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::near::Likeness;
    use crate::web::samples::{HOSTILE, case, now, report, safe, shows_hostile_texts};

    fn likeness() -> Likeness {
        Likeness { points: 7, reasons: vec![format!("both name lib/mill.py and {HOSTILE}")] }
    }

    fn earlier() -> CaseRow {
        CaseRow {
            id: CaseId::from_row("earlier"),
            number: CaseRef::from_row("SEC-2026-0031"),
            ..case(CaseState::Closed)
        }
    }

    fn proposal() -> Proposal {
        Proposal {
            case: CaseId::from_row("case"),
            number: CaseRef::from_row("SEC-2026-0042"),
            like: CaseId::from_row("earlier"),
            like_number: CaseRef::from_row("SEC-2026-0031"),
            like_title: HOSTILE.to_owned(),
            like_state: CaseState::Closed,
            likeness: likeness(),
        }
    }

    fn shown(case: &CaseRow, first: Option<&CaseRef>, again: &[CaseRef]) -> Markup {
        part(&Near { case, proposals: &[proposal()], first, again, back: Back::Triage })
    }

    #[test]
    fn a_case_that_looks_like_another_says_which_why_and_what_can_be_done() {
        let page = shows_hostile_texts(shown(&case(CaseState::New), None, &[]), 2);
        for words in
            ["Looks like", "SEC-2026-0031", "both name lib/mill.py", "Compare", ">Link<", "Not the same", "(closed)"]
        {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(page.contains("value=\"triage\""), "the button leads back to triage");
    }

    #[test]
    fn the_earlier_case_names_the_later_one() {
        let page = safe(shown(&earlier(), None, &[]));
        assert!(page.contains("SEC-2026-0042</a></strong> came later and looks like this one."), "{page}");
        assert!(!page.contains("Not the same"), "that is said on the later one: {page}");
    }

    #[test]
    fn linked_cases_name_each_other_and_can_be_parted() {
        let number = CaseRef::from_row("SEC-2026-0031");
        let part = |first, again: &[CaseRef]| {
            safe(super::part(&Near { case: &case(CaseState::New), proposals: &[], first, again, back: Back::Case }))
        };
        assert!(part(Some(&number), &[]).contains("Unlink"));
        assert!(part(None, std::slice::from_ref(&number)).contains("do not know of each other"));
        assert!(part(None, &[]).is_empty());
    }

    fn comparison(linked_to: Option<&str>, is_dismissed: bool) -> Comparison {
        let side = |case: CaseRow, body: &str| {
            let body = format!("{body} {HOSTILE}");
            Side { case, reports: vec![ReportRow { body, ..report() }] }
        };
        Comparison {
            later: side(case(CaseState::New), "the quern grinds stale barley flour twice"),
            first: side(earlier(), "quern grinds stale barley flour in lib/mill.py"),
            found: Some(LikenessRow { likeness: likeness(), dismissed_at: is_dismissed.then(now) }),
            linked_to: linked_to.map(CaseRef::from_row),
        }
    }

    #[test]
    fn two_texts_stand_side_by_side_with_what_both_have_marked() {
        let page = shows_hostile_texts(page(&comparison(None, false)), 6);
        assert!(page.contains("<mark>quern grinds stale barley flour</mark> in lib/mill.py"), "{page}");
        assert!(page.contains("link them") && page.contains("Not the same"), "{page}");
    }

    #[test]
    fn what_a_member_said_can_be_taken_back() {
        let dismissed = safe(page(&comparison(None, true)));
        assert!(dismissed.contains("It may be the same after all"), "{dismissed}");
        let linked = safe(page(&comparison(Some("SEC-2026-0031"), false)));
        assert!(linked.contains("Unlink") && !linked.contains("link them"), "{linked}");
        let elsewhere = safe(page(&comparison(Some("SEC-2026-0007"), false)));
        assert!(elsewhere.contains("is linked to") && !elsewhere.contains("Unlink"), "{elsewhere}");
    }
}
