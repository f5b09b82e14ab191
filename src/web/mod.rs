//! Floor 6: pages and forms. Handlers ask and act through the flows; page functions turn a view into markup.

pub mod assets;
mod back;
pub mod calendar;
pub mod csv;
pub mod demo;
pub mod desk;
pub mod fields;
pub mod folds;
pub mod frame;
pub mod guard;
pub mod limits;
pub mod mailbox;
pub mod menu;
pub mod ops;
pub mod public;
#[cfg(test)]
mod samples;
mod serve;
pub mod session;
pub mod when;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use ipnet::IpNet;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::flows::House;
use crate::web::demo::DemoHandle;
use crate::web::frame::WebError;
use crate::web::limits::Limits;
pub use crate::web::serve::serve;

/// All forms but the report's are short texts.
const BODY_MAX: usize = 1_000_000;
/// A page that takes longer is given up.
const PAGE_TIME: Duration = Duration::from_secs(30);

/// What every page needs.
#[derive(Clone)]
pub struct WebState {
    pub house: Arc<House>,
    /// Letters leave; without a relay they wait, and pages say so.
    pub relay_configured: bool,
    /// The demo's clock and mailboxes, in the demo alone.
    pub demo: Option<Arc<dyn DemoHandle>>,
}

impl WebState {
    /// Whether pages are reached by https, so that cookies may be bound to it.
    pub fn is_https(&self) -> bool {
        self.house.public_url.starts_with("https:")
    }
}

/// All pages, with `X-Forwarded-For` believed of nobody.
pub fn router(state: WebState) -> Router {
    router_behind(state, Vec::new())
}

/// All pages, behind these proxies.
pub fn router_behind(state: WebState, proxies: Vec<IpNet>) -> Router {
    let limits = Arc::new(Limits::new(Arc::clone(&state.house.clock), proxies));
    let mut pages = Router::new().merge(public::routes()).merge(desk::routes());
    if state.demo.is_some() {
        pages = pages.merge(demo::routes());
    }
    pages
        .fallback(async || WebError::NotFound.into_response())
        .method_not_allowed_fallback(async || WebError::OnlyForms.into_response())
        .layer(CsrfLayer::new())
        .layer(RequestBodyLimitLayer::new(BODY_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PAGE_TIME))
        .merge(public::report(&state))
        .layer(from_fn_with_state(limits, limits::count))
        .layer(from_fn(guard::refusals))
        .merge(assets::routes())
        .layer(from_fn_with_state(state.clone(), guard::host))
        .layer(CatchPanicLayer::custom(|_| WebError::Broken.into_response()))
        .layer(from_fn(guard::headers))
        .with_state(state)
}
