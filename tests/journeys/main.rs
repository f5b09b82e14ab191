//! The journeys, one file each, on a whole program.

mod abuse;
mod access;
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
mod conflicts;
mod conversation;
mod desk;
mod dialogues;
mod escalation;
mod form_page;
mod found;
mod learning;
mod limits;
mod loops;
mod mail_report;
mod near;
mod noise;
mod on_postgres;
mod openapi;
#[path = "../common/peers.rs"]
mod peers;
#[path = "../common/postgres.rs"]
mod postgres;
mod programs;
mod progress;
mod proposals;
mod public_pages;
mod quarters;
mod quiet;
mod real;
mod record;
mod replies;
mod restart;
mod sending;
mod side_by_side;
mod signing_in;
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
