//! One setting as the admin page shows it: its value without secrets, and where it came from.

use std::fmt;

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// As in the file, with its section: `mail.smtp`.
    pub key: &'static str,
    /// A secret's value is never in it.
    pub value: String,
    pub origin: Origin,
}

/// Where a value came from. A flag goes before a variable, both before the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `--http`, by its name.
    Flag(&'static str),
    /// `FINGERPOST_HTTP`.
    Variable(String),
    /// The settings file.
    File,
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Variable(name) => f.write_str(name),
            Self::File => f.write_str("settings file"),
            Self::Default => f.write_str("default"),
        }
    }
}
