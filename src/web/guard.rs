//! What holds for every answer: its headers, the hosts we answer to, and that a GET changes nothing from elsewhere.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::WebState;

/// DESIGN.md 3.8: own styles and forms, nothing else; there is no script yet.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                                       form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

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

/// Refuses requests to a host that is not ours: links in pages and mails come from the settings alone, and a
/// page under a stranger's name is nobody's (THREATS.md row 62).
pub async fn host(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if is_ours(&state, asked) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "There is no such site here.\n").into_response()
    }
}

fn is_ours(state: &WebState, asked: &str) -> bool {
    let name = asked
        .rsplit_once(':')
        .map_or(asked, |(name, port)| if port.bytes().all(|b| b.is_ascii_digit()) { name } else { asked });
    let name = name.to_ascii_lowercase();
    let of_pages = url::Url::parse(&state.house.public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let hosts = &state.house.policy().directory.foundation.hosts;
    of_pages.as_deref() == Some(&name)
        || hosts.contains(&name)
        || matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}
