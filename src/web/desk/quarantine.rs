//! `/quarantine`: suspected spam and mail of banned senders in daily batches, the least certain first.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::bulk::Pile;
use crate::domain::directory::Member;
use crate::domain::id::ArrivalId;
use crate::flows::abuse;
use crate::judge::near::alike::Row;
use crate::store::{Batch, QuarantineRow};
use crate::web::WebState;
use crate::web::desk::ticks::{self, Asked, Ticks};
use crate::web::desk::{ROWS, desk_page, senders};
use crate::web::frame::{Place, WebError, said};
use crate::web::session::AtDesk;
use crate::web::when;

/// Days that the page names.
const DAYS: i64 = 60;

/// The routes of quarantined mail.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/quarantine", get(list))
        .route("/quarantine/seen", post(see))
        .route("/quarantine/{id}", get(one))
        .route("/quarantine/{id}/release", post(release))
}

/// Which day is shown.
#[derive(serde::Deserialize)]
struct Which {
    #[serde(default)]
    day: String,
}

async fn list(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Query(which): Query<Which>,
) -> Result<Markup, WebError> {
    show(&state, &member, &which.day, Asked::default()).await
}

/// The batch of `day`, with ticks as `asked`.
pub async fn show(state: &WebState, member: &Member, day: &str, asked: Asked) -> Result<Markup, WebError> {
    let days = state.house.store.batches(DAYS).await?;
    let shown = days.iter().find(|batch| batch.day == day).or(days.first()).cloned();
    let mails = match &shown {
        Some(batch) => state.house.store.batch(&batch.day, ROWS).await?,
        None => Vec::new(),
    };
    let title = if asked.problem.is_some() { "Error: Quarantine" } else { "Quarantine" };
    let compared =
        |mail: &QuarantineRow| Row::new(mail.arrival.as_str(), mail.from.as_ref(), &mail.subject, &mail.body);
    let ticks = Ticks::of(mails.iter().map(compared).collect(), asked);
    let body = page(&View { days: &days, shown: shown.as_ref(), mails: &mails, ticks: &ticks });
    Ok(desk_page(state, member, Place::Quarantine, title, body).await?)
}

/// What the page shows.
struct View<'a> {
    /// Those with unseen mail first.
    days: &'a [Batch],
    shown: Option<&'a Batch>,
    /// Of the day that is shown, the least certain first.
    mails: &'a [QuarantineRow],
    ticks: &'a Ticks,
}

fn page(view: &View<'_>) -> Markup {
    html! {
        h1 { "Quarantine" }
        p.muted { "Suspected spam and mail of paused senders. None of it has a case, a number or an answer. It is erased
                   once one of you has seen it and 30 days have gone by. " a href="/senders" { "Warnings and bans" } }
        @if view.days.is_empty() { p { "Nothing is in quarantine." } }
        @if view.days.len() > 1 {
            ul.row aria-label="Days" { @for batch in view.days {
                li { a href={ "/quarantine?day=" (batch.day) }
                    aria-current=[view.shown.is_some_and(|shown| shown.day == batch.day).then_some("page")] {
                    (batch.day) } span.small.muted { " " (counts(batch)) } }
            } }
        }
        @if let Some(batch) = view.shown { (day(batch, view)) }
    }
}

fn counts(batch: &Batch) -> String {
    match batch.unseen {
        0 => format!("{}, all seen", batch.mails),
        unseen => format!("{}, {unseen} not seen", batch.mails),
    }
}

fn day(batch: &Batch, view: &View<'_>) -> Markup {
    let mails = view.mails;
    let until = mails.iter().map(|mail| mail.quarantined_at).max();
    let hidden = batch.mails - mails.len() as i64;
    html! {
        h2 { (batch.day) " (" (counts(batch)) ")" }
        p.muted { "The least certain first."
            @if hidden > 0 { " " (hidden) " more are surer still, and not shown." } }
        (ticks::form(view.ticks, Pile::Quarantine, &batch.day))
        @for mail in mails { (line(mail, view.ticks)) }
        (ticks::below(view.ticks, Pile::Quarantine))
        @if let Some(until) = until { @if batch.unseen > 0 {
            form.row method="post" action="/quarantine/seen" {
                input type="hidden" name="day" value=(batch.day);
                input type="hidden" name="until" value=(until.as_microsecond());
                button.primary { "Seen" }
                span.small.muted { "Nobody misses any of this day. What came in since you opened this page stays unseen." }
            }
        } }
    }
}

fn line(mail: &QuarantineRow, ticks: &Ticks) -> Markup {
    html! {
        section.card {
            h3 { a href={ "/quarantine/" (mail.arrival) } { (subject(mail)) } }
            (ticks::row(ticks, mail.arrival.as_str(), subject(mail)))
            p.small { "From " (sender(mail)) ", arrived " (when::time(mail.arrived_at))
                @if let Some(at) = mail.seen_at { ", seen " (when::time(at)) } }
            ul.tight.small { @for reason in &mail.reasons { li { (reason) } } }
            (release_button(mail))
        }
    }
}

fn subject(mail: &QuarantineRow) -> &str {
    if mail.subject.trim().is_empty() { "(no subject)" } else { &mail.subject }
}

fn sender(mail: &QuarantineRow) -> Markup {
    html! {
        @match &mail.from {
            Some(from) => { @if let Some(name) = &mail.from_name { (name) " " } "<" (from) ">" }
            None => "nobody we could name",
        }
        @if !mail.proven { " (not proven)" }
    }
}

fn release_button(mail: &QuarantineRow) -> Markup {
    html! {
        @if mail.released_at.is_none() {
            form.row method="post" action={ "/quarantine/" (mail.arrival) "/release" } {
                button { "Release" }
                span.small.muted { "It becomes a case. Its clock runs from its arrival." }
            }
        }
    }
}

async fn one(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Markup, WebError> {
    let mail = state.house.store.quarantined(&ArrivalId::from_row(id)).await?.ok_or(WebError::NotFound)?;
    let body = mail_page(&mail, &member);
    Ok(desk_page(&state, &member, Place::Quarantine, "Quarantined mail", body).await?)
}

fn mail_page(mail: &QuarantineRow, member: &Member) -> Markup {
    html! {
        h1 { (subject(mail)) }
        p { a href={ "/quarantine?day=" (mail.batch) } { "Back to " (mail.batch) } }
        dl.facts {
            dt { "From" } dd { (sender(mail)) }
            dt { "Arrived" } dd { (when::time(mail.arrived_at)) }
            dt { "Sender" } dd { (mail.proof) }
            dt { "Why here" } dd { @for reason in &mail.reasons { (reason) " " } }
            @if let (Some(at), Some(by)) = (mail.seen_at, &mail.seen_by) { dt { "Seen" } dd { (when::time(at)) " by " (by) } }
            @if let Some(at) = mail.released_at { dt { "Released" } dd { (when::time(at)) ", so its text is with its case" } }
        }
        p.muted { "Text from outside. Nothing in it was believed." }
        (said(&mail.body))
        p { a href={ "/arrivals/" (mail.arrival) "/original" } { "Download the original" } }
        (release_button(mail))
        @if let Some(from) = mail.from.as_ref().filter(|_| mail.proven) { (senders::buttons(from, member)) }
    }
}

async fn release(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    match abuse::release(&state.house, &ArrivalId::from_row(id), Some(&member)).await? {
        Some(number) => Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        None => {
            let body = html! {
                h1 { "Not done" }
                div.notice.late { p { "This mail is not in quarantine any more: somebody has released it, or it was erased." } }
                p { a href="/quarantine" { "Back to quarantine" } }
            };
            Ok(desk_page(&state, &member, Place::Quarantine, "Not done", body).await?.into_response())
        }
    }
}

/// The batch that was looked at, and until when mail had come into it.
#[derive(serde::Deserialize)]
struct Seen {
    day: String,
    until: i64,
}

async fn see(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Form(form): Form<Seen>,
) -> Result<Redirect, WebError> {
    let until = Timestamp::from_microsecond(form.until).map_err(|_| WebError::NotFound)?;
    abuse::see_batch(&state.house, &form.day, until, &member).await?;
    Ok(Redirect::to("/quarantine"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{directory, quarantined, safe, shows_hostile_texts};

    fn batch(mails: i64, unseen: i64) -> Batch {
        Batch { day: "2026-11-20".to_owned(), mails, unseen }
    }

    #[test]
    fn a_batch_shows_each_mail_as_text_with_its_reasons_and_a_way_out() {
        let (batch, mail) = (batch(3, 3), quarantined());
        let view = View {
            days: std::slice::from_ref(&batch),
            shown: Some(&batch),
            mails: std::slice::from_ref(&mail),
            ticks: &Ticks::default(),
        };
        let shown = shows_hostile_texts(page(&view), 3);
        assert!(shown.contains("action=\"/quarantine/arrival/release\""), "{shown}");
        assert!(shown.contains("2 more are surer still"), "{shown}");
        assert!(
            shown.contains(&format!("name=\"until\" value=\"{}\"", mail.quarantined_at.as_microsecond())),
            "{shown}"
        );
    }

    #[test]
    fn a_batch_that_was_seen_has_no_button_and_an_empty_quarantine_says_so() {
        let (batch, mail) = (batch(1, 0), quarantined());
        let view = View {
            days: std::slice::from_ref(&batch),
            shown: Some(&batch),
            mails: std::slice::from_ref(&mail),
            ticks: &Ticks::default(),
        };
        let shown = shows_hostile_texts(page(&view), 3);
        assert!(shown.contains("1, all seen") && !shown.contains(">Seen<"), "{shown}");
        let shown = safe(page(&View { days: &[], shown: None, mails: &[], ticks: &Ticks::default() }));
        assert!(shown.contains("Nothing is in quarantine."), "{shown}");
    }

    #[test]
    fn one_mail_is_shown_as_text_and_only_a_proven_sender_can_be_warned() {
        let member = directory().committee.remove(0);
        let shown = shows_hostile_texts(mail_page(&quarantined(), &member), 4);
        assert!(shown.contains("action=\"/senders/warn\""), "{shown}");
        let mut forged = quarantined();
        forged.proven = false;
        let shown = shows_hostile_texts(mail_page(&forged, &member), 4);
        assert!(shown.contains("(not proven)") && !shown.contains("/senders/warn"), "{shown}");
    }
}
