//! What leaves with a forward, as its preview shows it: who gets it, what is told of the reporter, the text and files,
//! and the lines that may still tell more.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::directory::{Contact, DeliveryMode, ProjectId};
use crate::domain::id::{ArrivalId, CaseId, ReportId};
use crate::domain::party::Party;
use crate::domain::report::Attachment;
use crate::flows::forward::{Content, ContentText, content};
use crate::flows::sharing;
use crate::flows::withholding::{self, Doubt};
use crate::store::{CaseRow, ContactRow, ReportRow, StoreError};
use crate::web::WebState;
use crate::web::desk::contacts::health;
use crate::web::desk::not_done;
use crate::web::frame::{WebError, said};
use crate::web::session::AtDesk;
use crate::web::when;

/// The route of withholding a line.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/withhold", post(withhold))
}

/// What would leave now.
pub struct Leaving {
    /// What the letter says of the reporter.
    reporter: String,
    content: Content,
    doubts: Vec<Doubt>,
    /// For the names of doubts in addresses: the ids of the reports in their order.
    reports: Vec<ReportId>,
    kept: Kept,
}

/// Doubtful lines that the member lets stand on this page: `0.3,1.7`, by report and line. An address carries them, for
/// nothing else is changed by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept(Vec<(usize, usize)>);

impl Kept {
    /// Reads what stands in an address; what is no such list keeps nothing.
    pub fn parse(text: &str) -> Self {
        let one = |part: &str| {
            let (report, line) = part.split_once('.')?;
            Some((report.parse().ok()?, line.parse().ok()?))
        };
        Self(text.split(',').filter_map(one).collect())
    }

    fn with(&self, one: (usize, usize)) -> String {
        let all = self.0.iter().chain([&one]).map(|(report, line)| format!("{report}.{line}"));
        all.collect::<Vec<_>>().join(",")
    }

    fn text(&self) -> String {
        self.0.iter().map(|(report, line)| format!("{report}.{line}")).collect::<Vec<_>>().join(",")
    }
}

/// Asks what would leave of this case.
pub async fn leaving(state: &WebState, case: &CaseId, kept: Kept) -> Result<Leaving, StoreError> {
    let store = &state.house.store;
    let (reports, parties) = (store.reports_of(case).await?, store.parties_of(case).await?);
    let mut files: Vec<(ArrivalId, Attachment)> = Vec::new();
    for report in &reports {
        let attached = store.attachments_of(&report.arrival).await?;
        files.extend(attached.into_iter().map(|file| (report.arrival.clone(), file)));
    }
    Ok(Leaving::of(&reports, files, &parties, kept))
}

impl Leaving {
    /// Of these reports.
    pub fn of(reports: &[ReportRow], files: Vec<(ArrivalId, Attachment)>, parties: &[Party], kept: Kept) -> Self {
        Self {
            reporter: sharing::seen(parties).words(),
            content: content(reports, files, parties),
            doubts: withholding::doubtful(reports, parties),
            reports: reports.iter().map(|report| report.id.clone()).collect(),
            kept,
        }
    }

    /// The doubts that are still to be decided, each with its name in addresses.
    fn open(&self) -> impl Iterator<Item = (&Doubt, (usize, usize))> {
        self.doubts.iter().map(|doubt| (doubt, self.name(doubt))).filter(|(_, name)| !self.kept.0.contains(name))
    }

    /// By the place of its report and its line.
    fn name(&self, doubt: &Doubt) -> (usize, usize) {
        (self.reports.iter().position(|id| *id == doubt.report).unwrap_or_default(), doubt.line)
    }
}

/// The part of a preview below "What is shared". `here` is the address of the preview, with a query.
pub fn part(case: &CaseRow, leaving: &Leaving, here: &str) -> Markup {
    html! {
        p { (leaving.reporter) }
        (doubts(case, leaving, here))
        @match &leaving.content.text {
            ContentText::Text(text) => { p { "This is the text that leaves:" } (said(text)) }
            ContentText::Unreadable(why) => p { "No text leaves: " (why) ". The contacts are told so." },
        }
        @if !leaving.content.files.is_empty() {
            p { "Attached files, as links that only the contact opens:" }
            ul.tight { @for (_, file) in &leaving.content.files {
                li { (file.name) span.small.muted { " " (file.media_type) ", " (file.size) " bytes" } }
            } }
        }
    }
}

fn doubts(case: &CaseRow, leaving: &Leaving, here: &str) -> Markup {
    html! {
        @for (doubt, name) in leaving.open() {
            div.notice.soon {
                p { "The text contains “" (doubt.text) "”. It may tell who the reporter is." }
                div.row {
                    form method="post" action={ "/cases/" (case.number) "/withhold" } {
                        input type="hidden" name="report" value=(doubt.report);
                        input type="hidden" name="line" value=(doubt.line);
                        input type="hidden" name="text" value=(doubt.text);
                        input type="hidden" name="back" value={ (here) "&keep=" (leaving.kept.text()) };
                        button { "Withhold this line" span.unseen { ": " (doubt.text) } }
                    }
                    a.button href={ (here) "&keep=" (leaving.kept.with(name)) } { "Keep" span.unseen { ": " (doubt.text) } }
                }
            }
        }
    }
}

/// Who gets it, each with how sure we are of them.
pub fn people(contacts: &[&Contact], known: &[ContactRow], now: Timestamp) -> Markup {
    html! {
        ul.tight { @for contact in contacts {
            li { @if let Some(name) = &contact.name { strong { (name) } " " } (contact.email)
                @if contact.delivery != DeliveryMode::Full { span.small.muted { " gets a link, not the text" } }
                @if let Some(row) = known.iter().find(|row| row.contact.email == contact.email) { " " (health(row, now)) }
            }
        } }
        @if let [only] = contacts { @if !only.is_list { p.small.muted { "A single person: nobody else hears of it before the deputies do." } } }
    }
}

/// "They are asked to confirm by …".
pub fn confirm_by(at: Timestamp) -> Markup {
    html! { p { "They are asked to confirm by " strong { (when::time(at)) } "." } }
}

/// What the button brings.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Pressed {
    report: String,
    line: usize,
    text: String,
    back: String,
}

async fn withhold(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let back = back(&case, &pressed.back);
    let doubt = Doubt { report: ReportId::from_row(pressed.report), line: pressed.line, text: pressed.text };
    match withholding::withhold(&state.house, &case.id, &doubt, &member).await? {
        true => Ok(Redirect::to(&back).into_response()),
        false => {
            let why = "That line is not in the text any more. Look at the text again.";
            Ok(not_done(&state, &member, &back, why).await?)
        }
    }
}

/// The preview that the button stood on, put together anew: only to a page of ours (THREATS.md row 65).
fn back(case: &CaseRow, said: &str) -> String {
    let (path, query) = said.split_once('?').unwrap_or_default();
    let (projects, kept) = asked(query);
    match path.rsplit('/').next() {
        Some(preview @ ("forward" | "several")) => format!("{}&keep={}", here(case, preview, &projects), kept.text()),
        _ => format!("/cases/{}", case.number),
    }
}

/// The address of a preview: `forward` of one project, `several` of more.
pub fn here(case: &CaseRow, preview: &str, projects: &[ProjectId]) -> String {
    let projects: Vec<String> = projects.iter().map(|id| format!("project={id}")).collect();
    format!("/cases/{}/{preview}?{}", case.number, projects.join("&"))
}

/// The project ids and the kept lines of a preview's address, in which one name stands several times.
pub fn asked(query: &str) -> (Vec<ProjectId>, Kept) {
    let (mut projects, mut kept) = (Vec::new(), Kept::default());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "project" => projects.extend(ProjectId::parse(&value).filter(|id| !projects.contains(id))),
            "keep" => kept = Kept::parse(&value),
            _ => {}
        }
    }
    (projects, kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::web::samples::{HOSTILE, attachment, case, id, report, safe, shows_hostile_texts};

    fn of(shared: &str, kept: &str) -> Leaving {
        let report = ReportRow { shared: shared.to_owned(), unreadable: None, ..report() };
        Leaving::of(&[report], vec![(ArrivalId::from_row("arrival"), attachment())], &[], Kept::parse(kept))
    }

    #[test]
    fn the_preview_shows_the_text_the_files_and_each_doubtful_line_with_two_buttons() {
        let shared = format!("Subject: a flaw\n\n{HOSTILE}\nCredit: Jane Doe\nThen it stops.\n");
        let page = shows_hostile_texts(part(&case(CaseState::New), &of(&shared, ""), "/here?project=lantern"), 2);
        for words in [
            "name withheld, replies go through us",
            "The text contains “Credit: Jane Doe”",
            "Withhold this line",
            "name=\"line\" value=\"3\"",
            "href=\"/here?project=lantern&amp;keep=0.3\"",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
    }

    #[test]
    fn a_line_that_is_kept_is_asked_about_no_more() {
        let page = safe(part(&case(CaseState::New), &of("a flaw\nCredit: Jane Doe\nIt stops.\n", "0.1"), "/here?x"));
        assert!(!page.contains("The text contains") && page.contains("Credit: Jane Doe"), "{page}");
    }

    #[test]
    fn an_address_names_projects_and_kept_lines_and_nonsense_names_nothing() {
        let (projects, kept) = asked("project=lantern&project=parsley&project=lantern&project=%20&keep=0.3,x,1.7,2");
        assert_eq!(projects, [id("lantern"), id("parsley")]);
        assert_eq!((kept.text().as_str(), kept.with((2, 1)).as_str()), ("0.3,1.7", "0.3,1.7,2.1"));
        assert_eq!(asked("").1, Kept::default());
        let back = |said: &str| super::back(&case(CaseState::New), said);
        let ours = "/cases/SEC-2026-0042/several?project=lantern&project=parsley&keep=0.1";
        assert_eq!(back(ours), ours);
        assert_eq!(
            back("https://evil.example/forward?project=lantern"),
            "/cases/SEC-2026-0042/forward?project=lantern&keep="
        );
        assert_eq!(back("//evil.example"), "/cases/SEC-2026-0042");
    }
}
