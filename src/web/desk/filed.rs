//! `/automatic` and `/set-aside`: mail that opened nothing by itself; and the originals of all mail, as downloads.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::directory::Member;
use crate::domain::id::ArrivalId;
use crate::flows::read_back;
use crate::store::{FiledAs, FiledLine};
use crate::web::WebState;
use crate::web::desk::{ROWS, desk_page, download, sight};
use crate::web::frame::{Place, WebError};
use crate::web::session::{AtDesk, JustSignedIn};
use crate::web::when;

/// The routes of filed mail and of downloads.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/automatic", get(automatic))
        .route("/set-aside", get(set_aside))
        .route("/arrivals/{id}/original", get(original))
        .route("/arrivals/{id}/attachments/{part}", get(attachment))
}

async fn automatic(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let lines = lines(&state, &member, FiledAs::Automatic).await?;
    let about = "Bounces, automatic replies, receipts. They stop no clock and are never answered.";
    let body = page("Automatic mail", about, &lines);
    Ok(desk_page(&state, &member, Place::Automatic, "Automatic mail", body).await?)
}

async fn set_aside(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let lines = lines(&state, &member, FiledAs::SetAside).await?;
    let about =
        "Mail over which the program stopped twice. Nothing in it is looked at again; each has a case in triage.";
    let body = page("Set aside", about, &lines);
    Ok(desk_page(&state, &member, Place::SetAside, "Set aside", body).await?)
}

async fn lines(state: &WebState, member: &Member, filed_as: FiledAs) -> Result<Vec<FiledLine>, WebError> {
    let kept = sight::kept_from(&state.house, member).await?;
    let mut lines = state.house.store.filed(filed_as, ROWS).await?;
    lines.retain(|line| !line.case_number.as_ref().is_some_and(|number| kept.has_number(number.as_str())));
    Ok(lines)
}

fn page(title: &str, about: &str, lines: &[FiledLine]) -> Markup {
    html! {
        h1 { (title) }
        p.muted { (about) }
        @if lines.is_empty() { p { "Nothing is here." } }
        @for line in lines {
            section.card {
                h2 { (line.subject.as_deref().unwrap_or("(no subject)")) }
                dl.facts {
                    dt { "Arrived" } dd { (when::time(line.arrived_at)) ", " (line.size) " bytes" }
                    dt { "From" } dd { (line.from.as_deref().unwrap_or("nobody we could name")) }
                    @if let Some(number) = &line.case_number { dt { "Case" } dd { a.mono href={ "/cases/" (number) } { (number) } } }
                    @if let Some(because) = &line.because { dt { "Why here" } dd { (because) } }
                }
                p { a href={ "/arrivals/" (line.arrival) "/original" } { "Download the original" } }
            }
        }
    }
}

async fn original(
    State(state): State<WebState>,
    JustSignedIn(_): JustSignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let arrival = ArrivalId::from_row(&id);
    still_here(&state, &arrival).await?;
    let bytes = read_back::original(&state.house, &arrival).await?.ok_or(WebError::NotFound)?;
    Ok(download(&format!("{id}.eml"), bytes))
}

async fn attachment(
    State(state): State<WebState>,
    JustSignedIn(_): JustSignedIn,
    Path((id, part)): Path<(String, usize)>,
) -> Result<Response, WebError> {
    let arrival = ArrivalId::from_row(id);
    still_here(&state, &arrival).await?;
    let found = read_back::attachment(&state.house, &arrival, part).await?;
    let (facts, bytes) = found.ok_or(WebError::NotFound)?;
    Ok(download(&facts.name, bytes))
}

/// Says that a mail was erased where it was, instead of that there is none.
async fn still_here(state: &WebState, arrival: &ArrivalId) -> Result<(), WebError> {
    match read_back::erased_at(&state.house, arrival).await? {
        Some(_) => Err(WebError::Erased),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, now, safe, shows_hostile_texts};

    #[test]
    fn filed_mail_is_listed_as_text_with_its_original_as_a_download() {
        let hostile = || Some(HOSTILE.to_owned());
        let line = FiledLine {
            arrival: ArrivalId::from_row("arrival"),
            arrived_at: now(),
            filed_at: now(),
            sender: None,
            from: hostile(),
            subject: hostile(),
            because: hostile(),
            case_number: None,
            size: 9,
        };
        let shown = shows_hostile_texts(page("Automatic mail", "About.", &[line]), 3);
        assert!(shown.contains("href=\"/arrivals/arrival/original\""), "{shown}");
        assert!(safe(page("Set aside", "About.", &[])).contains("Nothing is here."));
    }
}
