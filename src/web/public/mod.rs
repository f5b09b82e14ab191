//! Pages that need no sign-in: what this is, whom to tell, signing in, and the pages behind links from mails.

mod action_parts;
mod actions;
mod appeal;
mod board;
mod contact_form;
mod contact_links;
mod contacts;
mod data;
mod directory;
mod fill_from;
mod find;
mod home;
mod how;
mod left_address;
mod login;
mod lost_link;
mod open;
mod openapi;
mod propose;
mod report;
mod security_txt;
mod statements;
mod status;
mod status_choices;
mod status_parts;
mod status_waiting;

use axum::Router;

pub use contact_links::change_words;
pub use login::write_to as write_sign_in_letter;

use crate::web::WebState;

/// All routes of this room.
pub fn routes() -> Router<WebState> {
    Router::new()
        .merge(home::routes())
        .merge(login::routes())
        .merge(status::routes())
        .merge(left_address::routes())
        .merge(lost_link::routes())
        .merge(actions::routes())
        .merge(contacts::routes())
        .merge(contact_links::routes())
        .merge(board::routes())
        .merge(appeal::routes())
        .merge(directory::routes())
        .merge(data::routes())
        .merge(openapi::routes())
        .merge(propose::routes())
        .merge(find::routes())
        .merge(how::routes())
        .merge(statements::routes())
        .merge(security_txt::routes())
}

/// The report form, which has guards of its own: files, and texts that no refusal may lose.
pub fn report(state: &WebState) -> Router<WebState> {
    report::routes(state)
}
