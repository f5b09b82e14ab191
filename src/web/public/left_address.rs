//! `/address/{token}`: whoever has a mailbox says whether it is the reporter's, who left it on the status page.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::domain::address::{Purpose, Token};
use crate::flows::left_address::{self, ProofView};
use crate::mail::write::clean::lines;
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};

/// The route behind the link of a proof.
pub fn routes() -> Router<WebState> {
    Router::new().route("/address/{token}", get(show).post(act))
}

fn read(letters: &str) -> Result<Token, WebError> {
    Token::read(Purpose::AddressProof, letters).ok_or(WebError::DeadLink)
}

async fn show(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Markup, WebError> {
    let view = left_address::open(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok(document(&state, Page::public("Is this your address?", page(&view, &letters))))
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    act: String,
}

async fn act(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<Answer>,
) -> Result<Markup, WebError> {
    let token = read(&letters)?;
    let is_theirs = form.act != "not-me";
    let done = if is_theirs {
        left_address::confirm(&state.house, &token).await?
    } else {
        left_address::not_me(&state.house, &token).await?
    };
    done.ok_or(WebError::DeadLink)?;
    Ok(document(&state, Page::public("Thank you", thanks(is_theirs))))
}

fn page(view: &ProofView, letters: &str) -> Markup {
    html! {
        h1 { "Is this your address?" }
        p { "Somebody who reported a security problem to " (view.org) " asked us to write to " strong { (lines(view.address.as_str())) }
            " about it." }
        form.row method="post" action={ "/address/" (letters) } {
            button.primary name="act" value="confirm" { "Confirm" }
            button name="act" value="not-me" { "Not me" }
        }
        p.hint { "Confirm only if you sent that report: our letters about it, and the link to it, come here then." }
    }
}

fn thanks(is_theirs: bool) -> Markup {
    html! {
        h1 { "Thank you" }
        @if is_theirs { p.notice.ok { "Our letters about your report come to this address from now on. The first is on its way." } }
        @else { p.notice { "We do not write to you about it." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{mailbox, safe};

    #[test]
    fn the_page_asks_one_question_and_tells_nothing_of_the_report() {
        let view = ProofView { org: "Story Foundation".to_owned(), address: mailbox("jane@finder.example") };
        let shown = safe(page(&view, "abc"));
        for words in ["Is this your address?", "jane@finder.example", "value=\"confirm\"", "value=\"not-me\""] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(!shown.contains("SEC-"), "{shown}");
        assert!(safe(thanks(true)).contains("on its way") && safe(thanks(false)).contains("do not write"));
    }
}
