//! `/outbox`: what waits, what will be tried again, what was refused, what left.

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::store::LetterFacts;
use crate::web::WebState;
use crate::web::desk::delivery::{can_stop, delivery, stop_button};
use crate::web::desk::desk_page;
use crate::web::desk::pages::{Page, Pages};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The route of the outbox.
pub fn routes() -> Router<WebState> {
    Router::new().route("/outbox", get(outbox))
}

/// Which page of the list is asked for.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    page: String,
}

async fn outbox(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Query(asked): Query<Asked>,
) -> Result<Markup, WebError> {
    let asked = Page::asked(&asked.page);
    let mut letters = state.house.store.outbox(asked.of(&member)).await?;
    let pages = asked.cut(&mut letters);
    let body = page(&letters, pages, state.relay_configured, state.house.now());
    Ok(desk_page(&state, &member, Place::Outbox, "Outbox", body).await?)
}

fn page(letters: &[LetterFacts], pages: Pages, relay_configured: bool, now: Timestamp) -> Markup {
    let is_settled = |letter: &&LetterFacts| {
        letter.sent_at.is_some() || letter.refused_at.is_some() || letter.withdrawn_at.is_some()
    };
    let (settled, waiting): (Vec<&LetterFacts>, Vec<&LetterFacts>) = letters.iter().partition(is_settled);
    html! {
        h1 { "Outbox" }
        @if !relay_configured {
            div.notice.soon { p { "No relay is configured, so letters wait here. The operator names one with --relay." } }
        }
        (table("Not sent yet", &waiting, pages, now))
        (table("Sent, refused or stopped", &settled, pages, now))
        (pages.links("/outbox", "", letters.len()))
    }
}

fn table(title: &str, letters: &[&LetterFacts], pages: Pages, now: Timestamp) -> Markup {
    html! {
        h2 { (title) " (" (letters.len()) (pages.here()) ")" }
        @if letters.is_empty() { p.muted { "None." } }
        @else {
            table.stacks {
                thead { tr { th scope="col" { "Case" } th scope="col" { "Letter" } th scope="col" { "To" } th scope="col" { "Delivery" } td {} } }
                tbody { @for letter in letters { (row(letter, now)) } }
            }
        }
    }
}

fn row(letter: &LetterFacts, now: Timestamp) -> Markup {
    html! {
        tr {
            td { @if let Some(number) = &letter.case_number { a.mono.nowrap href={ "/cases/" (number) } { (number) } } }
            td { (letter.kind.title()) br; span.small.muted { "written " (when::time(letter.created_at)) } }
            td { (letter.recipient) }
            td { (delivery(letter, now)) }
            td { @if can_stop(letter) { (stop_button(letter)) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::letter::LetterKind;
    use crate::web::samples::{hours, letter, now, safe, shows_hostile_texts};

    #[test]
    fn each_letter_says_where_it_stands_and_only_a_held_one_that_waits_can_be_stopped() {
        let waiting = letter();
        let due = LetterFacts { due_at: now(), ..letter() };
        let deferred = LetterFacts { first_deferred_at: Some(now()), due_at: now() + hours(1), ..letter() };
        let sent = LetterFacts { sent_at: Some(now()), ..letter() };
        let stopped = LetterFacts { withdrawn_at: Some(now()), ..letter() };
        let of_the_program = LetterFacts { kind: LetterKind::Receipt, ..letter() };
        for (letter, words, can_stop) in [
            (of_the_program, "Held back", false),
            (waiting, "Held back", true),
            (due, "Waiting", true),
            (deferred, "Will be tried again", true),
            (sent, "Sent<", false),
            (stopped, "Stopped<", false),
        ] {
            let shown = safe(page(&[letter], Pages::ONE, true, now()));
            assert!(shown.contains(words), "{words} in {shown}");
            assert_eq!(shown.contains("Stop sending"), can_stop, "{words}");
        }
    }

    #[test]
    fn a_strangers_mail_server_cannot_write_markup_into_the_outbox() {
        let refused = LetterFacts { refused_at: Some(now()), status: Some("5.1.1".to_owned()), ..letter() };
        let shown = shows_hostile_texts(page(&[refused], Pages::ONE, true, now()), 1);
        assert!(shown.contains("Refused") && shown.contains("5.1.1"), "{shown}");
    }

    #[test]
    fn without_a_relay_the_outbox_says_that_letters_wait() {
        assert!(safe(page(&[], Pages::ONE, false, now())).contains("No relay is configured"));
        assert!(!safe(page(&[], Pages::ONE, true, now())).contains("No relay is configured"));
    }
}
