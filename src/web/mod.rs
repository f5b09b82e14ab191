//! Floor 6: pages and what health checks ask.

pub mod ops;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::flows::House;

/// What every page needs.
#[derive(Clone)]
pub struct WebState {
    pub house: Arc<House>,
    /// Letters leave; without a relay they wait, and pages say so.
    pub relay_configured: bool,
}

/// All pages.
pub fn router(_state: WebState) -> Router {
    Router::new()
}

/// Serves `router` until told to stop; open requests are answered first.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let served = axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await;
    if let Err(error) = served {
        tracing::error!(%error, "a web listener ended");
    }
}
