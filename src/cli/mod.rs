//! The command line.

pub mod check;
pub mod classify;
pub mod init;
