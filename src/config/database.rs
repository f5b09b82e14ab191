//! Where cases are kept: a SQLite file or a PostgreSQL server.

use std::path::{Path, PathBuf};

use url::Url;

use crate::config::secret::Secret;
use crate::config::values::Wrong;

/// Which database, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// The file, made when it is missing.
    Sqlite(PathBuf),
    /// The URL, which may hold a password.
    Postgres(Secret),
}

impl Database {
    /// The folder of the SQLite file, where the key file and the spool stand too.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(file) => file.parent(),
            Self::Postgres(_) => None,
        }
    }

    /// Where it is, for people: a URL loses its password and its options, in which one may stand too.
    pub(super) fn without_password(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(url) => {
                let mut url = Url::parse(url.expose()).expect("the URL was parsed before");
                url.set_password(None).ok(); // one without a host has none
                url.set_query(None);
                url.into()
            }
        }
    }

    /// The same with `password`; a SQLite file takes none.
    pub(super) fn with_password(self, password: &Secret) -> Result<Self, Wrong> {
        let no_place = || {
            let fix = "Name one in database_url, like postgres://fingerpost@localhost/fingerpost, \
                       or leave the password out.";
            Wrong::new("there is no PostgreSQL user whom the password is for", fix)
        };
        let Self::Postgres(url) = self else { return Err(no_place()) };
        let mut url = Url::parse(url.expose()).expect("the URL was parsed before");
        if url.username().is_empty() || url.set_password(Some(password.expose())).is_err() {
            return Err(no_place());
        }
        Ok(Self::Postgres(Secret::from(String::from(url))))
    }
}

/// Whether the URL holds a password, which must not stand in a file that is shared for review.
pub(super) fn has_password(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password"))
}

/// Reads `sqlite://FILE` or `postgres://…`. The text is not shown in what is wrong with it: it may hold a password.
pub(super) fn database(text: &str) -> Result<Database, Wrong> {
    let text = text.trim();
    if let Some(file) = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")) {
        return sqlite(file);
    }
    let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
    if is_postgres && Url::parse(text).is_ok() {
        return Ok(Database::Postgres(Secret::from(text.to_owned())));
    }
    let fix = "Write it like sqlite://fingerpost.db or postgres://fingerpost@localhost/fingerpost.";
    Err(Wrong::new("is not the URL of a SQLite file or of a PostgreSQL database", fix))
}

fn sqlite(file: &str) -> Result<Database, Wrong> {
    match file {
        "" => Err(Wrong::new(
            "names no file",
            "Write it like sqlite://fingerpost.db or sqlite:///var/lib/fingerpost/fingerpost.db.",
        )),
        ":memory:" => Err(Wrong::new("would keep nothing over a restart", "Name a file, like sqlite://fingerpost.db.")),
        file if file.contains('?') => Err(Wrong::new(
            "has options after the `?`",
            "Leave them out: Fingerpost sets the options of SQLite itself.",
        )),
        file => Ok(Database::Sqlite(PathBuf::from(file))),
    }
}
