//! Fingerpost: a security contact router for foundations that are home to many open-source projects.
//!
//! The map of the house; `docs/ARCHITECTURE.md` walks through it. A floor may use those below it, never one above.
//!
//! ```text
//! app, cli, config   wires, starts and stops
//! web                pages and forms
//! flows              what is done when something arrives, is asked for or must go out
//! store | mail       rows <-> domain | bytes <-> domain
//! world              clock, dice, DNS
//! judge              which project, and why (pure)
//! domain             what things are and what is decided (pure)
//! ```
//!
//! - **A mail report**: `mail::doors` takes the bytes, [`flows::intake`] keeps them in the journal before the `250`, then reads
//!   them back ([`flows::reading`]), opens a case ([`flows::opening`]) and forwards it or leaves it to a member ([`flows::forward`]).
//! - **Out again**: finished letters wait in the outbox; [`flows::post`] claims, sends and settles; [`flows::bounces`] draws the
//!   consequences of a refusal.
//! - **A contact answers**: by mail to its own address ([`flows::replies`]) or by the button behind its link ([`flows::links`]);
//!   what nothing proves is held ([`flows::held`]).
//! - **A member** signs in ([`flows::sign_in`]), forwards, stops and decides ([`flows::members`]).

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod flows;
pub mod judge;
pub mod mail;
pub mod store;
pub mod web;
pub mod world;
