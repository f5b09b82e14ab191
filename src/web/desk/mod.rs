//! The committee's pages. Each handler takes `AtDesk`, without which nothing of a case is read.

mod admin;
mod answers;
mod attempts;
mod board;
mod bulk;
mod bulk_done;
mod by_hand;
mod calendar;
mod case;
mod case_letters;
mod case_parts;
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
use jiff::SignedDuration;
use maud::{Markup, html};

use crate::domain::directory::Member;
use crate::domain::id::MessageId;
use crate::flows::proofs;
use crate::flows::relay_state::relay_state;
use crate::store::StoreError;
use crate::web::frame::{Page, Place, document};
use crate::web::{WebState, mailbox, when};

/// Rows on a list page; older ones are found by their number.
const ROWS: i64 = 200;

/// The footer counts letters that came back within so long.
const BOUNCES_OF: SignedDuration = SignedDuration::from_hours(7 * 24);

/// All routes of the desk.
pub fn routes() -> Router<WebState> {
    Router::new()
        .merge(lists::routes())
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
    let counts = store.desk_counts(now).await?;
    let letters = store.outbox_counts().await?;
    let last = match counts.last_arrival_at {
        Some(at) => format!("last message in {} ago", when::span(now.duration_since(at))),
        None => "no message yet".to_owned(),
    };
    let health = proofs::health(store).await?;
    let mut footer = format!("Mail: {last}");
    if let Some(words) = mailbox::footer(&health, now) {
        footer += &format!(" · {words}");
    }
    footer += &format!(" · {} in outbox", letters.waiting + letters.deferred);
    footer += &match store.refused_since(now - BOUNCES_OF).await? {
        1 => " · 1 bounce this week".to_owned(),
        bounces => format!(" · {bounces} bounces this week"),
    };
    if counts.unfiled > 0 {
        footer += &format!(" · {} still to be worked on", counts.unfiled);
    }
    if !state.relay_configured {
        footer += " · no relay is configured, so letters wait";
    }
    let body = html! { (clocks::jump_notice(&state.house).await?) (body) };
    let mut alarms = mailbox::alarms(&health, now);
    alarms.extend(mailbox::unread_alarm(store.waits_since().await?, now));
    alarms.extend(mailbox::relay_alarm(relay_state(store).await?.lost_since(), now));
    let choices = store.choices(&member.email).await?;
    let has_keys = choices.keys_off_at.is_none();
    let page =
        Page { title, place, member: Some(member), is_text: false, footer: Some(footer), alarms, has_keys, body };
    Ok(when::in_zone(document(state, page), choices.zone.as_deref()))
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
