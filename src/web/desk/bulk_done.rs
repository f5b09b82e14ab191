//! `/bulk` and `/bulk/{id}`: what was done with many rows at once, and undoing it.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::bulk::{BulkAct, UNDO_LIFE, undo_until};
use crate::domain::directory::Directory;
use crate::domain::id::BulkId;
use crate::flows::bulk::{self, Standing};
use crate::store::{BulkItem, BulkLine, BulkSender};
use crate::web::WebState;
use crate::web::desk::bulk::rows;
use crate::web::desk::lists::member_name;
use crate::web::desk::ticks::path;
use crate::web::desk::{ROWS, desk_page, not_done};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of acts that were done.
pub fn routes() -> Router<WebState> {
    Router::new().route("/bulk", get(list)).route("/bulk/{id}", get(show)).route("/bulk/{id}/undo", post(undo))
}

async fn list(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let now = state.house.now();
    let lines = state.house.store.bulks(now - UNDO_LIFE, &member.email, ROWS).await?;
    let body = list_page(&lines, &state.house.policy().directory);
    Ok(desk_page(&state, &member, Place::Elsewhere, "Done in bulk", body).await?)
}

fn list_page(lines: &[BulkLine], directory: &Directory) -> Markup {
    html! {
        h1 { "Done in bulk" }
        p.muted { "What members did with many rows at once in the last 30 days. Each act can be undone as long." }
        @if lines.is_empty() { p { "Nothing was done in bulk." } } @else {
            ul.tight { @for line in lines {
                li { a href={ "/bulk/" (line.bulk.id) } { (title(line.bulk.act, line.done)) }
                    span.small.muted { " by " (member_name(directory, &line.bulk.by)) ", " (when::time(line.bulk.at))
                        @if line.bulk.undone_at.is_some() { ", undone" } } }
            } }
        }
    }
}

fn title(act: BulkAct, done: i64) -> String {
    format!("{}: {}", act.title(), rows(act, usize::try_from(done).unwrap_or_default()))
}

async fn show(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Markup, WebError> {
    let standing = bulk::standing(&state.house, &BulkId::from_row(id), &member).await?.ok_or(WebError::NotFound)?;
    let policy = state.house.policy();
    let view = View { standing: &standing, directory: &policy.directory, now: state.house.now() };
    let title = title(standing.bulk.act, view.done());
    Ok(desk_page(&state, &member, Place::Elsewhere, &title, page(&view)).await?)
}

async fn undo(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = BulkId::from_row(id);
    match bulk::undo(&state.house, &id, &member).await? {
        Ok(()) => Ok(Redirect::to(&format!("/bulk/{id}")).into_response()),
        Err(refusal) => Ok(not_done(&state, &member, "/bulk", &refusal.to_string()).await?),
    }
}

/// An act and what became of it.
struct View<'a> {
    standing: &'a Standing,
    directory: &'a Directory,
    now: Timestamp,
}

impl View<'_> {
    fn done(&self) -> i64 {
        let done = self.standing.items.iter().filter(|item| item.done_at.is_some());
        i64::try_from(done.count()).unwrap_or(i64::MAX)
    }
}

fn page(view: &View<'_>) -> Markup {
    let bulk = &view.standing.bulk;
    html! {
        p { a href=(path(bulk.act.pile())) { @match path(bulk.act.pile()) { "/triage" => "Triage", _ => "Quarantine" } } " · " a href="/bulk" { "Done in bulk" } }
        h1 { (title(bulk.act, view.done())) }
        p { "Done by " (member_name(view.directory, &bulk.by)) ", " (when::time(bulk.at)) "." }
        @match (bulk.undone_at, &bulk.undone_by) {
            (Some(at), Some(by)) => (undone(view, at, &member_name(view.directory, by))),
            _ => (offer(view)),
        }
        (senders(view))
        (left(&view.standing.items))
        h2 { "Which" }
        ol.tight { @for item in view.standing.items.iter().filter(|item| item.done_at.is_some()) { li { (which(item)) } } }
    }
}

/// Undo, with what it does and what it cannot do.
fn offer(view: &View<'_>) -> Markup {
    let (bulk, until) = (&view.standing.bulk, undo_until(view.standing.bulk.at));
    let has_letters = view.standing.senders.iter().any(|sender| sender.letter.is_some() || sender.ban.is_some());
    html! {
        @if view.now >= until { p.muted { "It can no longer be undone. Open single cases again on their pages." } }
        @else {
            form.row method="post" action={ "/bulk/" (bulk.id) "/undo" } {
                button { "Undo" }
                span.small.muted { "Until " (when::time(until)) ". " (what_undoing_does(bulk.act))
                    @if has_letters { " A letter that has left is not called back; its warning counts no more, and a ban is lifted." } }
            }
        }
    }
}

fn what_undoing_does(act: BulkAct) -> &'static str {
    match act {
        BulkAct::NotSecurity | BulkAct::Spam | BulkAct::SpamAndWarn | BulkAct::ProposeBan => {
            "The cases come back as they stood, with their clocks and deadlines."
        }
        BulkAct::Seen | BulkAct::SeenAndWarn | BulkAct::SeenAndBan => {
            "The mails are new to members again, as far as they are not erased."
        }
        BulkAct::Release => {
            "The cases that nobody has taken up are closed as spam. What they caused by themselves has left."
        }
    }
}

fn undone(view: &View<'_>, at: Timestamp, by: &str) -> Markup {
    let items = &view.standing.items;
    let back = items.iter().filter(|item| item.undone_at.is_some()).count();
    let waiting = items.iter().filter(|item| item.is_to_be_undone()).count();
    let met = view.standing.senders.iter().filter(|sender| sender.letter.is_some() || sender.ban.is_some());
    let senders = met.filter(|sender| sender.undone_at.is_none()).count();
    html! {
        div.notice.ok { p { "Undone by " (by) ", " (when::time(at)) ": " (rows(view.standing.bulk.act, back)) "." } }
        @if waiting + senders > 0 {
            form.row method="post" action={ "/bulk/" (view.standing.bulk.id) "/undo" } {
                button { "Go on" } span.small.muted { "Still to be undone: " (rows(view.standing.bulk.act, waiting))
                    @if senders > 0 { ", and what was done to " (senders) @if senders == 1 { " sender" } @else { " senders" } } "." }
            }
        }
        @if items.iter().any(|item| item.stays_because.is_some()) {
            h2 { "Stays as it is" }
            ul.tight { @for item in items {
                @if let Some(why) = &item.stays_because { li { (which(item)) ": " (why) } }
            } }
        }
    }
}

fn senders(view: &View<'_>) -> Markup {
    html! {
        @if !view.standing.senders.is_empty() {
            h2 { "Senders" }
            ul.tight { @for sender in &view.standing.senders { li { (sender.address) ": " (what_became_of(sender)) } } }
            p.small { a href="/senders" { "Warnings and bans" } }
        }
    }
}

fn what_became_of(sender: &BulkSender) -> String {
    let said = match (&sender.letter, &sender.ban, &sender.refused) {
        (_, _, Some(refused)) => refused.clone(),
        (Some(_), _, _) => "warned by a letter.".to_owned(),
        (None, Some(_), _) => "a vote for a ban.".to_owned(),
        (None, None, None) => "not written to.".to_owned(),
    };
    match (&sender.letter, &sender.ban, sender.undone_at) {
        (Some(_), _, Some(_)) if sender.had_left => {
            format!("{said} Taken back: the letter had left, and counts no more.")
        }
        (Some(_), _, Some(_)) => format!("{said} Taken back before it left."),
        (None, Some(_), Some(_)) => format!("{said} The ban is lifted, or the proposal taken back."),
        _ => said,
    }
}

fn left(items: &[BulkItem]) -> Markup {
    html! {
        @if items.iter().any(|item| item.left_because.is_some()) {
            h2 { "Left as it was" }
            ul.tight { @for item in items {
                @if let Some(why) = &item.left_because { li { (which(item)) ": " (why) } }
            } }
        }
    }
}

fn which(item: &BulkItem) -> Markup {
    let title = item.title.as_deref().unwrap_or("(erased)");
    let title = if title.trim().is_empty() { "(no subject)" } else { title };
    html! {
        @match &item.number {
            Some(number) => { a.mono.nowrap href={ "/cases/" (number) } { (number) } " " (title) }
            None if item.title.is_some() => { a href={ "/quarantine/" (item.item) } { (title) } }
            None => (title),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::{CaseRef, CaseState};
    use crate::domain::id::{BanId, LetterId};
    use crate::store::{BulkRow, StoodBefore};
    use crate::web::samples::{HOSTILE, directory, hours, mailbox, now, safe, shows_hostile_texts};

    fn standing() -> Standing {
        let item = BulkItem {
            item: "case".to_owned(),
            done_at: Some(now()),
            left_because: None,
            before: Some(StoodBefore { state: CaseState::New, waited_because: None }),
            released_as: None,
            undone_at: None,
            stays_because: None,
            number: Some(CaseRef::from_row("SEC-2026-0042")),
            title: Some(HOSTILE.to_owned()),
        };
        let left = BulkItem { done_at: None, left_because: Some("It was closed.".to_owned()), ..item.clone() };
        let sender = BulkSender {
            address: mailbox("sales@deals.example"),
            letter: Some(LetterId::from_row("letter")),
            ban: None,
            refused: None,
            undone_at: None,
            had_left: false,
        };
        let banned = BulkSender { letter: None, ban: Some(BanId::from_row("ban")), ..sender.clone() };
        let bulk = BulkRow {
            id: BulkId::from_row("id"),
            act: BulkAct::SpamAndWarn,
            by: mailbox("ada@story.example"),
            at: now(),
            undone_at: None,
            undone_by: None,
        };
        Standing { bulk, items: vec![item, left], senders: vec![sender, banned] }
    }

    fn shown(standing: &Standing, now: Timestamp) -> Markup {
        page(&View { standing, directory: &directory(), now })
    }

    #[test]
    fn what_was_done_says_what_was_left_who_was_warned_and_until_when_it_can_be_undone() {
        let page = shows_hostile_texts(shown(&standing(), now() + hours(1)), 2);
        for words in [
            "Spam and warn: 1 case",
            "Done by Ada Chair",
            "action=\"/bulk/id/undo\"",
            "Sun 2026-12-20 14:00 UTC",
            "A letter that has left is not called back",
            "warned by a letter.",
            "It was closed.",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        let late = shows_hostile_texts(shown(&standing(), now() + hours(30 * 24)), 2);
        assert!(late.contains("can no longer be undone") && !late.contains("/undo"), "{late}");
    }

    #[test]
    fn what_was_undone_says_what_stays_and_which_letter_had_left() {
        let mut standing = standing();
        (standing.bulk.undone_at, standing.bulk.undone_by) = (Some(now()), Some(mailbox("ada@story.example")));
        standing.items[0].stays_because = Some("It was opened again since.".to_owned());
        standing.senders[0].undone_at = Some(now());
        standing.senders[0].had_left = true;
        standing.senders[1].undone_at = Some(now());
        let page = shows_hostile_texts(shown(&standing, now()), 2);
        for words in [
            "Undone by Ada Chair",
            "Stays as it is",
            "It was opened again since.",
            "the letter had left, and counts no more",
            "The ban is lifted",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains(">Undo<"), "{page}");
    }

    #[test]
    fn the_list_names_each_act_and_says_when_there_is_none() {
        let line = BulkLine { bulk: standing().bulk, done: 14 };
        let page = safe(list_page(&[line], &directory()));
        assert!(page.contains("Spam and warn: 14 cases") && page.contains("href=\"/bulk/id\""), "{page}");
        assert!(safe(list_page(&[], &directory())).contains("Nothing was done in bulk."));
    }
}
