//! `/.well-known/security.txt`: the file of the host that is asked, as long as it is true.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Redirect, Response};
use axum::routing::get;

use crate::domain::security_txt::{NoSecurityTxt, security_txt};
use crate::flows::proofs;
use crate::web::WebState;
use crate::web::frame::{WebError, wrong};
use crate::web::guard::host_asked;
use crate::web::public::open;

/// Where RFC 9116 section 3 wants the file.
const PATH: &str = "/.well-known/security.txt";

/// The routes of the file; the legacy place leads to the right one.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/.well-known/security.txt", get(file))
        .route("/security.txt", get(async || Redirect::permanent(PATH)))
}

async fn file(State(state): State<WebState>, asked: HeaderMap) -> Result<Response, WebError> {
    let (house, policy) = (&state.house, state.house.policy());
    let proof = proofs::proof(&house.store).await?;
    let host = host_asked(&asked);
    Ok(match security_txt(&policy.directory.foundation, &house.public_url, &host, &proof, house.now()) {
        Ok(file) => open::answer(&asked, "text/plain; charset=utf-8", file),
        Err(none) => missing(&none),
    })
}

/// Says why there is no file; the log and the desk tell the operator.
fn missing(none: &NoSecurityTxt) -> Response {
    let (title, words) = match none {
        NoSecurityTxt::UnknownHost { hosts, .. } if hosts.is_empty() => {
            ("No security.txt here", "No host is named in the settings, so no security.txt is written.".to_owned())
        }
        NoSecurityTxt::UnknownHost { hosts, .. } => {
            ("No security.txt for this host", format!("It is written for {}.", hosts.join(", ")))
        }
        NoSecurityTxt::NeverRan | NoSecurityTxt::RanOut(_) => (
            "security.txt is not served now",
            "We have not seen for too long that mail to our security address comes in, so we do not promise it. The \
             report form on the first page works."
                .to_owned(),
        ),
    };
    wrong(StatusCode::NOT_FOUND, title, &words, None)
}
