//! The journeys, one file each, on a whole program.

mod abuse;
mod architecture;
mod choices;
mod conversation;
mod desk;
mod mail_report;
mod on_postgres;
#[path = "../common/postgres.rs"]
mod postgres;
mod public_pages;
mod real;
mod replies;
mod restart;
mod sending;
mod side_by_side;
mod site;
mod stage;
mod web;
