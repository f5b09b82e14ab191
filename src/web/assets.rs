//! The stylesheet and the mark, under names that change with their bytes so that browsers may keep them.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

const CSS: &str = include_str!("app.css");
const MARK: &str = include_str!("mark.svg");

/// One file as it is served.
struct Asset {
    path: String,
    media_type: &'static str,
    bytes: &'static str,
}

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    let asset = |stem, ending, media_type, bytes: &'static str| Asset {
        path: format!("{stem}.{}.{ending}", &data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))[..12]),
        media_type,
        bytes,
    };
    [asset("app", "css", "text/css; charset=utf-8", CSS), asset("mark", "svg", "image/svg+xml", MARK)]
});

/// Where the stylesheet is.
pub fn css() -> String {
    format!("/assets/{}", ASSETS[0].path)
}

/// Where the favicon is.
pub fn mark() -> String {
    format!("/assets/{}", ASSETS[1].path)
}

/// The route of all assets.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(asset))
}

async fn asset(Path(file): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.path == file) {
        Some(asset) => (
            [(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")],
            asset.bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
