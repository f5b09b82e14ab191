//! Bytes to facts: the guard, the parts, the addresses, the text, and who vouches for the sender.

mod addresses;
mod attachments;
mod auth;
mod auth_results;
mod automatic;
mod bounce;
mod content;
mod dmarc;
mod fields;
mod form;
pub mod guard;
mod html;
mod parse;
#[cfg(test)]
mod samples;
mod text;
pub mod visible;

pub use auth::{Handover, prove};
pub use bounce::delivery_report;
pub use form::{form_facts, without_form_private};
pub use html::text_of_html;
pub use parse::{attachment, read};
