//! A seeded simulation of the whole program: a random year, a story of acts and accidents, and after each act the
//! promises of DESIGN.md (2 to 6) and the invariants of STANDARDS.md 2.9.
//!
//! `FINGERPOST_SEEDS=10000 cargo test --release --test journeys simulation` tells so many stories,
//! `FINGERPOST_SEEDS=5001-10000` those, to take up a long run where it was stopped, and `FINGERPOST_SEED=17` that one
//! alone. A story that breaks a promise is told again with fewer and fewer acts, and what is left is printed.

mod acts;
mod again;
mod bans;
mod bulk;
mod contacts;
mod cores;
mod desk;
mod digest;
mod directory;
mod form;
mod fuse;
mod letters;
mod likeness;
mod machines;
mod members;
mod names;
mod pages;
mod places;
mod promises;
mod quiet;
mod reach;
mod record;
mod relays;
mod reporters;
mod robots;
mod run;
mod scenes;
mod seen;
mod story;
mod teaching;
mod weather;
mod world;
