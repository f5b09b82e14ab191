//! One contact in the table: how sure we are of it, what troubles it, and the days on which it is away.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};

use super::{View, in_short, may_decide, not_done};
use crate::domain::contact::{Health, Standing};
use crate::domain::directory::Absence;
use crate::domain::id::ContactId;
use crate::flows::contacts;
use crate::store::ContactRow;
use crate::web::WebState;
use crate::web::frame::{Icon, WebError, icon};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of absences.
pub fn routes() -> Router<WebState> {
    Router::new().route("/contacts/{id}/away", post(away)).route("/contacts/{id}/back", post(back))
}

/// The contact as a row of the table.
pub fn contact_row(row: &ContactRow, view: &View<'_>) -> Markup {
    html! {
        tr {
            td { (in_short(&row.contact)) }
            td { (standing(row.health.proof.standing(view.now))) }
            td { (trouble(row, &row.health)) }
            td {
                @if row.health.gone.is_none() {
                    form method="post" action={ "/contacts/" (row.id) "/ask" } { button { "Ask now" } }
                }
                (absence(row, view))
            }
        }
    }
}

/// How sure we are of a contact and what troubles it, in one line.
pub fn health(row: &ContactRow, now: Timestamp) -> Markup {
    html! {
        (standing(row.health.proof.standing(now)))
        @if row.health.bounced_at.is_some() { " " span.tag.late { (icon(Icon::Triangle)) (row.health.bounces) " bounced" } }
        @if row.health.gone.is_some() { " " span.tag.late { (icon(Icon::Triangle)) "domain gone, nothing is sent to it" } }
    }
}

fn standing(standing: Standing) -> Markup {
    html! {
        @match standing {
            Standing::Listed => span.tag { "Listed, never confirmed" }
            Standing::Confirmed { on } => { span.tag.ok { (icon(Icon::Check)) "Confirmed" } " " span.small { (when::time(on)) } }
            Standing::Asked { on, asked_at } => {
                span.tag.info { (icon(Icon::Hourglass)) "Asked again" } " " span.small { (when::time(asked_at)) }
                @if let Some(on) = on { br; span.small.muted { "confirmed " (when::time(on)) } }
            }
            Standing::Unconfirmed { since } => {
                span.tag.late { (icon(Icon::Triangle)) "Unconfirmed, links only" } " " span.small { "since " (when::time(since)) }
            }
        }
    }
}

fn trouble(row: &ContactRow, health: &Health) -> Markup {
    html! {
        @if let Some(at) = health.bounced_at {
            span.tag.late { (icon(Icon::Triangle)) (health.bounces) " bounced" } " " span.small { "last " (when::time(at)) } br;
        }
        @if let Some(gone) = &health.gone {
            span.tag.late { (icon(Icon::Triangle)) "domain gone" } " "
            span.small { (gone.because) " Since " (when::time(gone.since)) ". Nothing is sent to it." }
            @if let Some(back) = gone.back_at {
                p.small { "Back since " (when::time(back)) ". Ask somebody at the project whether it is still theirs." }
                form method="post" action="/contacts/trust" {
                    input type="hidden" name="domain" value=(row.contact.email.domain());
                    button { "It is still theirs" }
                }
            }
        }
    }
}

/// When the contact is away, and the form that says so.
fn absence(row: &ContactRow, view: &View<'_>) -> Markup {
    let project = view.directory.project(&row.project);
    let contacts = project.into_iter().flat_map(|project| &project.contacts);
    let days: Vec<&Absence> =
        contacts.filter(|contact| contact.email == row.contact.email).flat_map(|contact| &contact.away).collect();
    let was_said = days.iter().any(|days| !row.contact.away.contains(days));
    html! {
        @for days in &days { p.small { "Away " (days.first) " to " (days.last) } }
        @if was_said {
            form method="post" action={ "/contacts/" (row.id) "/back" } { button { "Is there again" } }
        } @else {
            details {
                summary { "Away …" }
                form method="post" action={ "/contacts/" (row.id) "/away" } {
                    p { label { "First day" br; input type="date" name="first" required; } }
                    p { label { "Last day" br; input type="date" name="last" required; } }
                    p { button { "Note these days" } }
                    p.small.muted { "Deputies get what comes, and what is not confirmed yet. No deadline changes." }
                }
            }
        }
    }
}

/// Days as they were typed.
#[derive(serde::Deserialize)]
struct Days {
    first: String,
    last: String,
}

async fn away(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
    Form(days): Form<Days>,
) -> Result<Response, WebError> {
    if !may_decide(&member) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let day = |text: &str| text.trim().parse::<Date>().ok();
    let (Some(first), Some(last)) = (day(&days.first), day(&days.last)) else {
        return not_done(&state, &member, "Write the days like 2026-12-20.").await;
    };
    match contacts::say_away(&state.house, &ContactId::from_row(id), first, last, &member).await? {
        None => Err(WebError::NotFound),
        Some(Ok(())) => Ok(Redirect::to("/contacts").into_response()),
        Some(Err(refusal)) => not_done(&state, &member, &refusal.to_string()).await,
    }
}

async fn back(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    if !may_decide(&member) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    // If another was faster, the page shows it as there.
    contacts::back_again(&state.house, &ContactId::from_row(id)).await?;
    Ok(Redirect::to("/contacts").into_response())
}
