//! `/healthz` and `/readyz`, on a listener of their own: for whatever restarts the program or sends it traffic.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::flows::House;

/// The routes of the operations listener.
pub fn router(house: Arc<House>) -> Router {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(house)
}

/// The process runs; restarting it would mend nothing.
async fn alive() -> &'static str {
    "ok\n"
}

/// Mail and pages can be served: the database answers.
async fn ready(State(house): State<Arc<House>>) -> (StatusCode, &'static str) {
    match house.store.ready().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer; see the log\n"),
    }
}
