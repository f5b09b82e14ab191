//! Reads columns of a row of either engine as the domain's types.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use super::StoreError;
use crate::domain::address::Mailbox;

/// A row, read by the names of its columns. An unreadable value is `StoreError::Corrupt` and names its column.
pub(super) trait Columns {
    fn text(&self, column: &str) -> Result<String, StoreError>;
    fn text_or_null(&self, column: &str) -> Result<Option<String>, StoreError>;
    fn number(&self, column: &str) -> Result<i64, StoreError>;
    fn number_or_null(&self, column: &str) -> Result<Option<i64>, StoreError>;
    fn bytes_or_null(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// A nullable time that is asked only whether it is there.
    fn is_set(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.number_or_null(column)?.is_some())
    }

    fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        time_of(self.number(column)?, column)
    }

    fn time_or_null(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        self.number_or_null(column)?.map(|micros| time_of(micros, column)).transpose()
    }

    /// A length of time, in microseconds.
    fn length(&self, column: &str) -> Result<SignedDuration, StoreError> {
        Ok(SignedDuration::from_micros(self.number(column)?))
    }

    /// Bytes of something; never negative.
    fn size(&self, column: &str) -> Result<u64, StoreError> {
        u64::try_from(self.number(column)?).map_err(|_| impossible(column))
    }

    /// How many, where no number stands for none.
    fn count_or_none(&self, column: &str) -> Result<u64, StoreError> {
        u64::try_from(self.number_or_null(column)?.unwrap_or(0)).map_err(|_| impossible(column))
    }

    /// One of a fixed list of words.
    fn word<T>(&self, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
        read(&self.text(column)?).ok_or_else(|| impossible(column))
    }

    fn word_or_null<T>(&self, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
        self.text_or_null(column)?.map(|text| read(&text).ok_or_else(|| impossible(column))).transpose()
    }

    fn mailbox(&self, column: &str) -> Result<Mailbox, StoreError> {
        self.word(column, |text| Mailbox::parse(text).ok())
    }

    fn mailbox_or_null(&self, column: &str) -> Result<Option<Mailbox>, StoreError> {
        self.word_or_null(column, |text| Mailbox::parse(text).ok())
    }

    /// A SHA-256, which stands in rows as 64 letters of lower-case hex.
    fn sha256(&self, column: &str) -> Result<[u8; 32], StoreError> {
        self.word(column, |text| data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok())
    }
}

macro_rules! columns_of {
    ($row:ty) => {
        impl Columns for $row {
            fn text(&self, column: &str) -> Result<String, StoreError> {
                Ok(self.try_get(column)?)
            }
            fn text_or_null(&self, column: &str) -> Result<Option<String>, StoreError> {
                Ok(self.try_get(column)?)
            }
            fn number(&self, column: &str) -> Result<i64, StoreError> {
                Ok(self.try_get(column)?)
            }
            fn number_or_null(&self, column: &str) -> Result<Option<i64>, StoreError> {
                Ok(self.try_get(column)?)
            }
            fn bytes_or_null(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
                Ok(self.try_get(column)?)
            }
        }
    };
}

columns_of!(SqliteRow);
columns_of!(PgRow);

/// The fault of a column whose value cannot be; the value itself may be a secret and is not named.
pub(super) fn impossible(column: &str) -> StoreError {
    StoreError::Corrupt(format!("an impossible value in column {column}"))
}

pub(super) fn time_of(micros: i64, column: &str) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|_| impossible(column))
}

/// Reads all rows.
pub(super) fn all<R, T>(rows: &[R], read: impl Fn(&R) -> Result<T, StoreError>) -> Result<Vec<T>, StoreError> {
    rows.iter().map(read).collect()
}

/// Reads the one row, if it is there.
pub(super) fn one<R, T>(
    row: Option<R>,
    read: impl FnOnce(&R) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    row.as_ref().map(read).transpose()
}

/// A nullable time as it stands in a row.
pub(super) fn micros(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_microsecond)
}

/// A length of time as it stands in a row: microseconds.
pub(super) fn length(length: SignedDuration) -> i64 {
    i64::try_from(length.as_micros()).expect("no promise lasts 292,000 years")
}

/// A size as it stands in a row.
pub(super) fn bigint(size: u64) -> i64 {
    i64::try_from(size).expect("nothing that we keep has 2^63 bytes")
}

/// A count as it stands in a row where none is NULL.
pub(super) fn count_or_null(count: u64) -> Option<i64> {
    (count > 0).then(|| bigint(count))
}

/// A stranger's text without NUL, which PostgreSQL takes in no text: shown in its place is U+FFFD. The journal
/// keeps the bytes as they came.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// `plain` of a text that may be missing.
pub(super) fn plain_or_null(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(plain)
}

/// SHA-256 as it stands in a row.
pub(super) fn hex(bytes: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
