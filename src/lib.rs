//! Fingerpost: a security contact router for foundations that are home to many open-source projects.

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
