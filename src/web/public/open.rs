//! Answers that are the same for everybody: indexed, kept for a minute, and not sent again to whom still has them.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::web::WebState;
use crate::web::frame::{Page, document};

/// A change of `projects.toml` or of a proof is seen this late at most.
const KEPT_FOR: &str = "public, max-age=60";

/// Data for programs of others.
pub const JSON: &str = "application/json";
/// RFC 4180.
pub const CSV: &str = "text/csv; charset=utf-8; header=present";

/// A page for everybody. In the demo it carries the demo's clock and is never kept.
pub fn page(state: &WebState, asked: &HeaderMap, page: Page<'_>) -> Response {
    let document = document(state, page);
    if state.demo.is_some() {
        return document.into_response();
    }
    answer(asked, "text/html; charset=utf-8", document.into_string())
}

/// Data for everybody, which pages of other sites may read too.
pub fn data(asked: &HeaderMap, media_type: &'static str, body: String) -> Response {
    let mut response = answer(asked, media_type, body);
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag"));
    response
}

/// The answer with its ETag, or 304 to whom has this one already (RFC 9110 section 13.1.2).
pub fn answer(asked: &HeaderMap, media_type: &'static str, body: String) -> Response {
    let tag = format!("\"{}\"", &data_encoding::HEXLOWER.encode(&Sha256::digest(&body))[..32]);
    let is_there = has(asked, &tag);
    let mut response = if is_there {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], body).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).expect("hex in quotes is a header's value"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(KEPT_FOR));
    headers.insert("x-robots-tag", HeaderValue::from_static("all"));
    response
}

/// Whether one of the tags in `If-None-Match` is this one; weak tags count, for a proxy that compresses makes them weak.
fn has(asked: &HeaderMap, tag: &str) -> bool {
    let tags = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = tags.flat_map(|list| list.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
    tags.any(|known| known == tag || known == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_the_answer_is_told_so_and_others_get_it() {
        let tag = answer(&HeaderMap::new(), JSON, "{}".to_owned()).headers()[header::ETAG].clone();
        let tag = tag.to_str().unwrap();
        for (known, status) in [
            (tag.to_owned(), StatusCode::NOT_MODIFIED),
            (format!("W/{tag}"), StatusCode::NOT_MODIFIED),
            (format!("\"other\", {tag}"), StatusCode::NOT_MODIFIED),
            ("*".to_owned(), StatusCode::NOT_MODIFIED),
            ("\"other\"".to_owned(), StatusCode::OK),
            (tag.trim_matches('"').to_owned(), StatusCode::OK),
        ] {
            let asked = HeaderMap::from_iter([(header::IF_NONE_MATCH, known.parse().unwrap())]);
            let answer = answer(&asked, JSON, "{}".to_owned());
            assert_eq!(answer.status(), status, "{known}");
            assert_eq!(answer.headers()[header::ETAG], tag, "{known}");
        }
        let other = answer(&HeaderMap::new(), JSON, "[]".to_owned());
        assert_ne!(other.headers()[header::ETAG], tag);
    }
}
