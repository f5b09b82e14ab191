//! The journeys, one file each, on a whole program.

mod abuse;
mod architecture;
mod away;
mod bounces;
mod choices;
mod clock_jumps;
mod contact_pages;
mod contact_proofs;
mod contacts;

mod by_hand;
mod closing;
mod composing;
mod conversation;
mod desk;
mod dialogues;
mod escalation;
mod form_page;
mod found;
mod helpful_form;
mod learning;
mod limits;
mod loops;
mod mail_report;
mod near;
mod noise;
mod on_postgres;
#[path = "../common/peers.rs"]
mod peers;
#[path = "../common/postgres.rs"]
mod postgres;
mod programs;
mod progress;
mod public_pages;
mod quarters;
mod quiet;
mod reachable;
mod real;
mod record;
mod replies;
mod restart;
mod sending;
mod side_by_side;
mod simulation;
mod site;
mod spammers;
mod stage;
mod suggestions;
mod valid_html;
mod vouching;
mod web;
mod web_report;
mod words;
