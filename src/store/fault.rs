//! What can go wrong with the store, sorted by who can do something about it.

use std::path::PathBuf;

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Busy, disk full, no connection: nothing is broken, and the same may work later.
    #[error("the database cannot be used now: {0}")]
    Unavailable(String),
    /// Another `serve` or `demo` works on this file.
    #[error("another fingerpost works on this database; it holds {}", path.display())]
    Locked { path: PathBuf },
    /// There is no database yet, or one of another version.
    #[error("the database is not ready: {0}")]
    NotReady(String),
    /// A row, or what is asked of it, that should be impossible.
    #[error("the database holds what it should not: {0}")]
    Corrupt(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            // The message alone: PostgreSQL's detail repeats values of the row.
            sqlx::Error::Database(fault) if is_passing(fault.as_ref()) => Self::Unavailable(fault.message().to_owned()),
            sqlx::Error::Database(fault) => Self::Corrupt(fault.message().to_owned()),
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::Encode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::TypeNotFound { .. }
            | sqlx::Error::InvalidArgument(_)
            | sqlx::Error::RowNotFound => Self::Corrupt(error.to_string()),
            // Io, Tls, Protocol, PoolTimedOut, PoolClosed, WorkerCrashed, BeginFailed and what a later sqlx adds:
            // the connection, not the rows.
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// Whether the fault lies with the machine or the moment, not with the statement or the rows.
fn is_passing(fault: &dyn sqlx::error::DatabaseError) -> bool {
    let Some(code) = fault.code() else { return false };
    if fault.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        code.parse().is_ok_and(is_passing_on_sqlite)
    } else {
        is_passing_on_postgres(&code)
    }
}

/// By the primary result code, the low byte of the extended one (https://www.sqlite.org/rescode.html).
fn is_passing_on_sqlite(code: u32) -> bool {
    const PERM: u32 = 3;
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const NO_MEMORY: u32 = 7;
    const READ_ONLY: u32 = 8;
    const INTERRUPT: u32 = 9;
    const IO: u32 = 10;
    const FULL: u32 = 13;
    const CANNOT_OPEN: u32 = 14;
    const PROTOCOL: u32 = 15;
    matches!(code & 0xff, PERM | BUSY | LOCKED | NO_MEMORY | READ_ONLY | INTERRUPT | IO | FULL | CANNOT_OPEN | PROTOCOL)
}

/// By class of SQLSTATE (PostgreSQL manual, appendix A).
fn is_passing_on_postgres(code: &str) -> bool {
    const CONNECTION: &str = "08";
    const READ_ONLY_TRANSACTION: &str = "25006";
    const AUTHORIZATION: &str = "28";
    const NO_SUCH_DATABASE: &str = "3D";
    const SERIALIZATION_OR_DEADLOCK: &str = "40";
    const NO_RESOURCES: &str = "53";
    const LOCK_NOT_AVAILABLE: &str = "55P03";
    const OPERATOR_INTERVENTION: &str = "57";
    const SYSTEM: &str = "58";
    [
        CONNECTION,
        READ_ONLY_TRANSACTION,
        AUTHORIZATION,
        NO_SUCH_DATABASE,
        SERIALIZATION_OR_DEADLOCK,
        NO_RESOURCES,
        LOCK_NOT_AVAILABLE,
        OPERATOR_INTERVENTION,
        SYSTEM,
    ]
    .iter()
    .any(|class| code.starts_with(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_full_and_broken_disks_pass_and_broken_promises_do_not() {
        for passing in [5, 261, 517, 10, 778, 1034, 13, 14, 8] {
            assert!(is_passing_on_sqlite(passing), "{passing}");
        }
        for lasting in [1, 11, 19, 787, 1555, 2067, 26] {
            assert!(!is_passing_on_sqlite(lasting), "{lasting}");
        }
        for passing in ["08006", "25006", "40P01", "53100", "53300", "55P03", "57P01", "57P03", "58030"] {
            assert!(is_passing_on_postgres(passing), "{passing}");
        }
        for lasting in ["23505", "23503", "42P01", "22021", "25P02", "XX001"] {
            assert!(!is_passing_on_postgres(lasting), "{lasting}");
        }
    }

    #[test]
    fn a_pool_that_cannot_give_a_connection_is_a_matter_of_time_and_a_missing_row_is_not() {
        assert!(matches!(StoreError::from(sqlx::Error::PoolTimedOut), StoreError::Unavailable(_)));
        assert!(matches!(StoreError::from(sqlx::Error::PoolClosed), StoreError::Unavailable(_)));
        assert!(matches!(StoreError::from(sqlx::Error::RowNotFound), StoreError::Corrupt(_)));
    }
}
