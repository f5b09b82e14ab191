//! The journeys, one file each, on a whole program.

mod abuse;
mod architecture;
mod desk;
mod mail_report;
mod replies;
mod restart;
mod sending;
mod stage;
