//! `/quarters` and `/quarters/{month}`: the report that the board gets, from the draft until it is frozen.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use crate::domain::access::{Act, Viewer, may};
use crate::domain::directory::Member;
use crate::domain::quarter::figures::Figures;
use crate::domain::quarter::table::{COLUMNS, rows};
use crate::domain::quarter::{NotAQuarter, Quarter, Standing, Texts};
use crate::flows::quarter::{self as reports, NotChanged, Report};
use crate::web::desk::quarter_page::{View, page};
use crate::web::desk::{desk_page, not_done, sight, zone_of};
use crate::web::frame::{Page, Place, WebError, document};
use crate::web::session::{AtBoard, AtDesk, BoardJustSignedIn, member};
use crate::web::{WebState, csv, when};

/// The routes of the board's periods.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/quarters", get(list))
        .route("/quarters/{month}", get(show))
        .route("/quarters/{month}/figures.csv", get(file))
        .route("/quarters/{month}/texts", post(write))
        .route("/quarters/{month}/approve", post(approve))
}

/// The quarter that an address means, once it has begun; a month in which none is due means the one it is reported in.
fn read(state: &WebState, month: &str) -> Result<Quarter, WebError> {
    let quarter = match Quarter::parse(month) {
        Ok(quarter) => Some(quarter),
        Err(NotAQuarter::NotDueThen { reported, .. }) => Some(reported),
        Err(NotAQuarter::Unreadable(_)) => None,
    };
    quarter.filter(|quarter| quarter.from() <= state.house.now()).ok_or(WebError::NotFound)
}

fn page_of(quarter: Quarter) -> Response {
    Redirect::to(&format!("/quarters/{quarter}")).into_response()
}

/// The page in the frame of whoever looks: members have the desk's, the board a way out. It is made to be printed and
/// handed on, so that on paper its times are UTC, whatever its reader chose for the screen.
async fn framed(state: &WebState, viewer: &Viewer, title: &str, body: Markup) -> Result<Response, WebError> {
    if let Some(member) = member(viewer, state) {
        let zone = zone_of(state, Some(&member)).await?;
        let body = when::in_zone_on_screen(body, zone.as_deref(), state.house.now());
        return Ok(desk_page(state, &member, Place::Quarters, title, body).await?.into_response());
    }
    let body = html! {
        (body)
        div.row { a.button href="/quarters" { "All quarters" } a.button href="/board" { "What waits now" }
            form method="post" action="/logout" { button { "Sign out" } } }
    };
    Ok(document(state, Page { is_text: false, ..Page::public(title, body) }).into_response())
}

async fn list(State(state): State<WebState>, AtBoard(viewer): AtBoard) -> Result<Response, WebError> {
    let quarters = reports::all(&state.house).await?;
    framed(&state, &viewer, "Quarters", list_page(&quarters)).await
}

fn list_page(quarters: &[(Quarter, Standing, Option<Figures>)]) -> Markup {
    html! {
        h1 { "Quarters" }
        p.muted { "What the board hears of each: how the promises were kept, and no title or text of a report." }
        table.stacks {
            thead { tr { th scope="col" { "Due in" } th scope="col" { "Period" } th scope="col" { "Report" } th scope="col" { "In short" } } }
            tbody { @for (quarter, standing, figures) in quarters {
                tr {
                    td { a.mono href={ "/quarters/" (quarter) } { (quarter) } }
                    td { (quarter.title()) }
                    td { (tag(*standing, *quarter)) }
                    td { @if let Some(figures) = figures { (figures.headline()) } }
                }
            } }
        }
    }
}

/// Where a report stands, in a few words.
pub fn tag(standing: Standing, quarter: Quarter) -> Markup {
    html! { @match standing {
        Standing::Running => span.tag { "Runs until " (quarter.until().strftime("%F")) },
        Standing::Draft => span.tag.soon { "Draft, due on " (quarter.due_on()) },
        Standing::Late => span.tag.late { "Late, was due on " (quarter.due_on()) },
        Standing::Frozen { at } => span.tag.ok { "Approved on " (when::date(at)) },
    } }
}

async fn show(
    State(state): State<WebState>,
    AtBoard(viewer): AtBoard,
    Path(month): Path<String>,
) -> Result<Response, WebError> {
    let quarter = read(&state, &month)?;
    if quarter.to_string() != month {
        return Ok(page_of(quarter));
    }
    let report = seen_by(&state, &viewer, reports::look(&state.house, quarter).await?).await?;
    report_page(&state, &viewer, quarter, &report, None).await
}

/// The report, or to the board before it is approved that it is not; with what a member typed that was not kept.
async fn report_page(
    state: &WebState,
    viewer: &Viewer,
    quarter: Quarter,
    report: &Report,
    typed: Option<(&Texts, &NotChanged)>,
) -> Result<Response, WebError> {
    let title = format!("Security report, {}", quarter.title());
    if !may_see(viewer, report.standing) {
        return framed(state, viewer, &title, not_yet(quarter, report.standing)).await;
    }
    let policy = state.house.policy();
    let view = View {
        quarter,
        report,
        writes: may(viewer, Act::WriteQuarters),
        approves: may(viewer, Act::ApproveQuarters),
        directory: &policy.directory,
        typed,
    };
    framed(state, viewer, &title, page(&view)).await
}

/// Without the lines of cases that are kept from a member; the sums are the board's, and name no case.
async fn seen_by(state: &WebState, viewer: &Viewer, mut report: Report) -> Result<Report, WebError> {
    if let Some(member) = member(viewer, state) {
        let kept = sight::kept_from(&state.house, &member).await?;
        report.figures.escalations.retain(|line| !kept.has_number(line.case.as_str()));
    }
    Ok(report)
}

fn may_see(viewer: &Viewer, standing: Standing) -> bool {
    may(viewer, Act::WriteQuarters) || matches!(standing, Standing::Frozen { .. })
}

fn not_yet(quarter: Quarter, standing: Standing) -> Markup {
    html! {
        h1 { "Security report, " (quarter.title()) }
        p { (tag(standing, quarter)) }
        p { "The chair of the security committee has not approved it yet. You get a mail as soon as it is." }
    }
}

async fn file(
    State(state): State<WebState>,
    BoardJustSignedIn(viewer): BoardJustSignedIn,
    Path(month): Path<String>,
) -> Result<Response, WebError> {
    let quarter = read(&state, &month)?;
    let report = seen_by(&state, &viewer, reports::look(&state.house, quarter).await?).await?;
    match may_see(&viewer, report.standing) {
        true => Ok(csv::file(&format!("quarter-{quarter}.csv"), lines(&report.figures))),
        false => Ok(page_of(quarter)),
    }
}

/// The figures as CSV.
pub fn lines(figures: &Figures) -> String {
    let head = csv::row(&COLUMNS);
    rows(figures).iter().fold(head, |lines, row| lines + &csv::row(row))
}

/// The form below the figures.
#[derive(Debug, serde::Deserialize)]
struct Written {
    #[serde(default)]
    activities: String,
    #[serde(default)]
    challenges: String,
    #[serde(default)]
    budget: String,
    /// Of the texts that were shown.
    #[serde(default)]
    version: i64,
}

fn viewer(member: &Member) -> Viewer {
    Viewer::Member { email: member.email.clone(), name: member.name.clone(), role: member.role }
}

async fn write(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(month): Path<String>,
    Form(form): Form<Written>,
) -> Result<Response, WebError> {
    let quarter = read(&state, &month)?;
    let texts = Texts { activities: form.activities, challenges: form.challenges, budget: form.budget };
    match reports::write(&state.house, quarter, &texts, form.version, &member).await? {
        Ok(()) => Ok(Redirect::to(&format!("/quarters/{quarter}#texts")).into_response()),
        Err(reason) => {
            let report = reports::look(&state.house, quarter).await?;
            report_page(&state, &viewer(&member), quarter, &report, Some((&texts, &reason))).await
        }
    }
}

/// What the chair has seen.
#[derive(Debug, serde::Deserialize)]
struct Seen {
    #[serde(default)]
    version: i64,
}

async fn approve(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(month): Path<String>,
    Form(seen): Form<Seen>,
) -> Result<Response, WebError> {
    let quarter = read(&state, &month)?;
    let back = format!("/quarters/{quarter}");
    if !may(&viewer(&member), Act::ApproveQuarters) {
        return Ok(not_done(&state, &member, &back, "Only the chair approves the report to the board.").await?);
    }
    match reports::approve(&state.house, quarter, seen.version, &member).await? {
        Ok(()) => Ok(page_of(quarter)),
        Err(reason) => Ok(not_done(&state, &member, &back, &reason.to_string()).await?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{figures, now, safe};

    #[test]
    fn the_list_says_where_each_report_stands() {
        let quarter = Quarter::parse("2026-12").unwrap();
        let before = quarter.previous();
        let shown = safe(list_page(&[
            (quarter, Standing::Running, None),
            (before, Standing::Frozen { at: now() }, Some(figures())),
            (before.previous(), Standing::Late, None),
        ]));
        for words in [
            "Runs until 2026-12-01",
            "href=\"/quarters/2026-09\"",
            "data-as=\"date\">2026-11-20</time>",
            "31 reports, 29 answered within 7 days",
            "Late, was due on 2026-06-15",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }

    #[test]
    fn a_board_that_comes_early_learns_no_figure() {
        let quarter = Quarter::parse("2026-12").unwrap();
        let shown = safe(not_yet(quarter, Standing::Draft));
        assert!(shown.contains("has not approved it yet") && shown.contains("Draft, due on 2026-12-15"), "{shown}");
        let board = Viewer::Board { email: crate::web::samples::mailbox("board@story.example") };
        assert!(!may_see(&board, Standing::Late) && may_see(&board, Standing::Frozen { at: now() }));
    }

    #[test]
    fn the_file_has_a_line_for_each_value() {
        let lines = lines(&figures());
        assert!(lines.starts_with("\"quarter\",\"section\",\"item\",\"measure\",\"value\"\r\n"), "{lines}");
        assert!(lines.contains("\"2026-12\",\"first human reply\",\"\",\"in time\",\"29\"\r\n"), "{lines}");
    }
}
