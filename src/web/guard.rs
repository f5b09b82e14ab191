//! What holds for every answer: its headers, the hosts we answer to, and that a refusal is a page.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::WebState;
use crate::web::frame::wrong;

/// DESIGN.md 3.8: own styles, forms and one script, nothing else.
macro_rules! content_security_policy {
    ($more:literal) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; ",
            "frame-ancestors 'none'; base-uri 'none'",
            $more
        )
    };
}

const CONTENT_SECURITY_POLICY: &str = content_security_policy!("");
/// The same for a page whose script may ask this site for something while it is open.
pub const ASKS_ITS_OWN_SITE: &str = content_security_policy!("; connect-src 'self'");

/// Adds the headers that every answer carries.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry("x-robots-tag").or_insert(HeaderValue::from_static("noindex"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Makes a page of what extractors and layers refuse with an empty body or a line for programmers, which would name
/// types and fields of ours (THREATS.md row 74).
pub async fn refusals(request: Request, next: Next) -> Response {
    as_page(next.run(request).await)
}

fn as_page(response: Response) -> Response {
    let media_type = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if media_type.starts_with(b"text/html") {
        return response;
    }
    let Some((title, words)) = refusal(response.status()) else { return response };
    wrong(response.status(), title, words, None)
}

/// Title and words of a refusal: what happened, and what to do.
fn refusal(status: StatusCode) -> Option<(&'static str, &'static str)> {
    Some(match status {
        StatusCode::UNAUTHORIZED => {
            ("Your session has ended", "Nothing was changed. Sign in again, then press the button once more.")
        }
        StatusCode::FORBIDDEN => (
            "This form came from elsewhere",
            "Your browser says that another site sent it, so nothing was changed. Open the page here and press its \
             button.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("That is too much", "A form may hold up to 1 MB. Nothing was changed. Go back and shorten the text.")
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => (
            "Try again in a minute",
            "This took too long and was given up. Look whether it was done before you repeat it.",
        ),
        status if status.is_client_error() => (
            "Something is missing",
            "The address or the form is not complete. Nothing was changed. Go back, reload the page and try again.",
        ),
        _ => return None,
    })
}

/// Refuses requests to a host that is not ours: links in pages and mails come from the settings alone, and a
/// page under a stranger's name is nobody's (THREATS.md row 62).
pub async fn host(State(state): State<WebState>, request: Request, next: Next) -> Response {
    if is_ours(&state, &host_asked(request.headers())) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "There is no such site here.\n").into_response()
    }
}

/// The host that the request is for, in lower case and without a port.
pub fn host_asked(headers: &HeaderMap) -> String {
    let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let without_port = asked.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    without_port.map_or(asked, |(name, _)| name).to_ascii_lowercase()
}

fn is_ours(state: &WebState, name: &str) -> bool {
    let of_pages = url::Url::parse(&state.house.public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let hosts = &state.house.policy().directory.foundation.hosts;
    of_pages.as_deref() == Some(name)
        || hosts.iter().any(|host| host == name)
        || matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_a_client_has_words_and_no_success_or_redirect_has() {
        for code in 400..500 {
            assert!(refusal(StatusCode::from_u16(code).unwrap()).is_some(), "{code}");
        }
        for status in [StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::INTERNAL_SERVER_ERROR] {
            assert!(refusal(status).is_none(), "{status}");
        }
    }

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_line_for_programmers_becomes_a_page_that_says_what_to_do() {
        let raw = (StatusCode::UNPROCESSABLE_ENTITY, "Failed to deserialize form body: missing field `decision`");
        let page = as_page(raw.into_response());
        assert_eq!(page.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let shown = text(page).await;
        assert!(!shown.contains("decision") && shown.contains("try again"), "{shown}");
    }

    #[tokio::test]
    async fn whoever_is_not_signed_in_is_led_to_the_sign_in_page() {
        let shown = text(as_page(StatusCode::UNAUTHORIZED.into_response())).await;
        assert!(shown.contains("href=\"/login\""), "{shown}");
    }

    #[tokio::test]
    async fn pages_files_and_redirects_pass_untouched() {
        let own = wrong(StatusCode::NOT_FOUND, "This link no longer works", "Look for a newer mail.", Some(7));
        let shown = text(as_page(own)).await;
        assert!(shown.contains("This link no longer works") && shown.contains("fault 7"), "{shown}");
        assert_eq!(text(as_page("a file".into_response())).await, "a file");
    }
}
