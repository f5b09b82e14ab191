//! The committee's pages. Each handler takes `AtDesk`, without which nothing of a case is read.

mod admin;
mod answers;
mod as_text;
mod at_risk;
mod attempts;
mod board;
mod bulk;
mod bulk_done;
mod by_hand;
mod calendar;
mod case;
mod case_letters;
mod case_parts;
mod cases;
mod charts;
mod clocks;
mod closing;
mod compose;
mod composer;
mod conflicts;
mod contacts;
mod delivery;
mod doubts;
mod erased;
mod filed;
mod filter;
mod forward;
mod forward_again;
mod handling;
mod held;
mod knowledge;
mod leak_guard;
mod leaving;
mod lists;
mod me;
mod message;
mod near;
mod next;
mod noise;
mod outbox;
mod pages;
mod proposals;
mod quarantine;
pub mod quarter;
mod quarter_page;
pub mod senders;
mod several;
mod sight;
mod suggested;
mod ticks;
mod timeline;
mod trends;
mod triage;
mod urge;
mod urgency;
mod viewings;

pub use admin::SettingsInForce;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::domain::directory::Member;
use crate::domain::id::MessageId;
use crate::flows::proofs::MailboxHealth;
use crate::flows::relay_state::RelayState;
use crate::store::{MailState, StoreError};
use crate::web::frame::{Page, Place, document};
use crate::web::{WebState, mailbox, when};

/// Rows of a list that has no further pages.
const ROWS: i64 = 200;

/// The footer counts letters that came back within so long.
const BOUNCES_OF: SignedDuration = SignedDuration::from_hours(7 * 24);

/// All routes of the desk.
pub fn routes() -> Router<WebState> {
    Router::new()
        .merge(at_risk::routes())
        .merge(as_text::routes())
        .merge(cases::routes())
        .merge(filter::routes())
        .merge(triage::routes())
        .merge(bulk::routes())
        .merge(bulk_done::routes())
        .merge(case::routes())
        .merge(case_letters::routes())
        .merge(clocks::routes())
        .merge(urgency::routes())
        .merge(urge::routes())
        .merge(calendar::routes())
        .merge(compose::routes())
        .merge(closing::routes())
        .merge(near::routes())
        .merge(by_hand::routes())
        .merge(attempts::routes())
        .merge(board::routes())
        .merge(viewings::routes())
        .merge(noise::routes())
        .merge(answers::routes())
        .merge(forward::routes())
        .merge(forward_again::routes())
        .merge(doubts::routes())
        .merge(several::routes())
        .merge(held::routes())
        .merge(knowledge::routes())
        .merge(outbox::routes())
        .merge(quarantine::routes())
        .merge(senders::routes())
        .merge(filed::routes())
        .merge(contacts::routes())
        .merge(proposals::routes())
        .merge(quarter::routes())
        .merge(me::routes())
        .merge(conflicts::routes())
        .merge(admin::routes())
}

/// A page of the desk with its menu and the footer that says how the mail is.
async fn desk_page(
    state: &WebState,
    member: &Member,
    place: Place,
    title: &str,
    body: Markup,
) -> Result<Markup, StoreError> {
    let (store, now) = (&state.house.store, state.house.now());
    let mail = store.mail_state(&member.email, now - BOUNCES_OF).await?;
    let marks = store.marks().await?;
    let health = MailboxHealth::of(&marks);
    let body = html! { (clocks::jump_notice(&marks, now)) (body) };
    let mut alarms = mailbox::alarms(&health, now);
    alarms.extend(mailbox::unread_alarm(mail.unfiled_since, now));
    alarms.extend(mailbox::relay_alarm(RelayState::of(&marks).lost_since(), now));
    let footer = Some(footer(&mail, &health, state.relay_configured, now));
    let choices = store.choices(&member.email).await?;
    let has_keys = choices.keys_off_at.is_none();
    let page = Page { title, place, member: Some(member), is_text: false, footer, alarms, has_keys, body };
    Ok(when::in_zone(document(state, page), choices.zone.as_deref(), now))
}

/// How the mail is, in a line.
fn footer(mail: &MailState, health: &MailboxHealth, relay_configured: bool, now: Timestamp) -> Markup {
    html! {
        "Mail: "
        @match mail.last_arrival_at {
            Some(at) => { "last message in " (when::span(now.duration_since(at))) " ago" }
            None => "no message yet",
        }
        @if let Some(words) = mailbox::footer(health, now) { " · " (words) }
        " · " (mail.waiting) " in outbox · " (mailbox::bounces_of_the_week(mail.bounces))
        @if mail.unfiled > 0 { " · " (mail.unfiled) " still to be worked on" }
        @if !relay_configured { " · no relay is configured, so letters wait" }
    }
}

/// The zone that a member chose for their pages; UTC for the board, which has no choices.
async fn zone_of(state: &WebState, member: Option<&Member>) -> Result<Option<String>, StoreError> {
    match member {
        Some(member) => Ok(state.house.store.choices(&member.email).await?.zone),
        None => Ok(None),
    }
}

/// A page for members and the board, who have no desk around it, with its times as its reader chose.
async fn as_chosen(state: &WebState, member: Option<&Member>, page: Page<'_>) -> Result<Markup, StoreError> {
    let zone = zone_of(state, member).await?;
    Ok(when::in_zone(document(state, Page { member, ..page }), zone.as_deref(), state.house.now()))
}

/// Says why a member's act was not done, and leads back.
async fn not_done(state: &WebState, member: &Member, back: &str, reason: &str) -> Result<Response, StoreError> {
    let kept = sight::kept_from(&state.house, member).await?;
    let reason = if kept.are_named_in(reason) { "It has to do with a case that is kept from you." } else { reason };
    let body = html! {
        h1 { "Not done" }
        div.notice.late { p { (reason) } }
        p { a href=(back) { "Back" } }
    };
    Ok(desk_page(state, member, Place::Elsewhere, "Not done", body).await?.into_response())
}

/// The hidden id of a form, by which one that is sent twice is known; `None` if it is none of ours.
fn form_id(text: &str) -> Option<MessageId> {
    let is_id = text.len() == 36 && text.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_id.then(|| MessageId::from_row(text))
}

/// A stranger's bytes: always a download, never shown or believed by a browser (THREATS.md row 23).
pub fn download(name: &str, bytes: Vec<u8>) -> Response {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    (
        [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{plain}\"")),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        ],
        bytes,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_an_attachment_with_a_plain_name_in_a_sandbox() {
        let answer = download("../a\"b\r\nSet-Cookie: x.ht\u{e9}ml", Vec::new());
        let header = |name| answer.headers()[&name].to_str().unwrap().to_owned();
        assert_eq!(header(header::CONTENT_TYPE), "application/octet-stream");
        assert_eq!(header(header::CONTENT_DISPOSITION), "attachment; filename=\".._a_b__Set-Cookie__x.ht_ml\"");
        assert!(header(header::CONTENT_SECURITY_POLICY).ends_with("sandbox"));
    }
}
