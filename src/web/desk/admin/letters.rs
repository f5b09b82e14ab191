//! `/admin/letters`: every kind of letter with invented values, and each of them whole, headers and all.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use maud::{Markup, html};

use crate::flows::letter_samples::{self, LetterSample};
use crate::web::WebState;
use crate::web::desk::desk_page;
use crate::web::frame::{Place, WebError, said};
use crate::web::session::AtDesk;

/// The routes of the samples.
pub(super) fn routes() -> Router<WebState> {
    Router::new().route("/admin/letters", get(list)).route("/admin/letters/{sample}", get(one))
}

async fn list(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let body = list_page(&letter_samples::all(&state.house));
    Ok(desk_page(&state, &member, Place::LetterSamples, "Letters", body).await?)
}

async fn one(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<usize>,
) -> Result<Markup, WebError> {
    let samples = letter_samples::all(&state.house);
    let sample = number.checked_sub(1).and_then(|place| samples.get(place)).ok_or(WebError::NotFound)?;
    Ok(desk_page(&state, &member, Place::LetterSamples, "A letter", page(sample)).await?)
}

fn list_page(samples: &[LetterSample]) -> Markup {
    html! {
        h1 { "Letters" }
        p.muted { "What the program writes, with invented people and our own names. None of these was ever sent, and their links open nothing." }
        table.stacks {
            thead { tr { th scope="col" { "When" } th scope="col" { "Subject" } th scope="col" { "Letter" } } }
            tbody { @for (place, sample) in samples.iter().enumerate() {
                tr {
                    td { a href={ "/admin/letters/" (place + 1) } { (sample.when) } }
                    td { span.label { "Subject: " } (sample.subject) }
                    td { span.label { "Letter: " } (sample.kind.title()) }
                }
            } }
        }
    }
}

fn page(sample: &LetterSample) -> Markup {
    html! {
        h1 { (sample.subject) }
        p { a href="/admin/letters" { "All letters" } }
        p.muted { (sample.when) " In lists it is called \u{201c}" (sample.kind.title()) "\u{201d}." }
        h2 { "As its reader sees it" }
        (said(&sample.text))
        h2 { "As it leaves" }
        p.muted { "The return path, an address of this one letter, is said to the relay and stands in no header." }
        (said(&String::from_utf8_lossy(&sample.bytes).replace("\r\n", "\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::letter::LetterKind;
    use crate::web::samples::{HOSTILE, shows_hostile_texts};

    #[test]
    fn a_letter_is_shown_as_text_with_its_headers() {
        let sample = LetterSample {
            kind: LetterKind::Receipt,
            when: "A report has arrived.",
            subject: HOSTILE.to_owned(),
            bytes: format!("Subject: x\r\n\r\n{HOSTILE}\r\n").into_bytes(),
            text: HOSTILE.to_owned(),
        };
        let shown = shows_hostile_texts(page(&sample), 3);
        assert!(shown.contains("Subject: x") && shown.contains("\u{201c}Receipt\u{201d}"), "{shown}");
        let shown = shows_hostile_texts(list_page(&[sample]), 1);
        assert!(shown.contains("href=\"/admin/letters/1\""), "{shown}");
    }
}
