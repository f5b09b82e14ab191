//! Pages that need no sign-in: the first page, signing in, and the pages behind links from mails.

mod action_parts;
mod actions;
mod appeal;
mod home;
mod login;
mod status;
mod status_parts;

use axum::Router;

use crate::web::WebState;

/// All routes of this room.
pub fn routes() -> Router<WebState> {
    Router::new()
        .merge(home::routes())
        .merge(login::routes())
        .merge(status::routes())
        .merge(actions::routes())
        .merge(appeal::routes())
}
