//! What the record proves of a case's rows: facts of each row after each change, replayed and compared with the tables.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::domain::address::InstanceKey;

/// What a row says that the record proves: words, times and numbers by column, and one hash of all its texts. What is
/// empty stands nowhere, so that a column of a later version changes nothing for the rows of before.
pub type Facts = Map<String, Value>;

/// The facts of a case's rows, by table and by the row's key. `None` is a row that was taken away.
pub type Rows = BTreeMap<String, BTreeMap<String, Option<Facts>>>;

/// Under this name stands the hash of all texts of a row.
pub const TEXTS: &str = "texts";

/// What the texts of rows are hashed with. It comes from the key that lies outside of the database: once a text is
/// erased, nobody can try guesses at it without that key.
#[derive(Clone, Default)]
pub struct Salt(String);

impl Salt {
    /// The salt that this key makes. `Salt::default()` is none: then guesses at erased texts can be tried.
    pub fn of(key: &InstanceKey) -> Self {
        Self(key.salted_hash("the rows of cases"))
    }

    /// One hash over the texts of a row, by column; `None` where it has none. 32 letters of lower-case hex.
    pub fn hash(&self, row: &str, texts: &[(&str, String)]) -> Option<String> {
        if texts.is_empty() {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("HMAC takes keys of any length");
        let columns = texts.iter().flat_map(|(column, text)| [*column, text.as_str()]);
        for field in std::iter::once(row).chain(columns) {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field.as_bytes());
        }
        Some(data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()[..16]))
    }
}

/// The rows that a change left, as they stand in the entry of the record.
pub fn to_json(rows: &Rows) -> String {
    serde_json::to_string(rows).expect("maps with words as keys are JSON")
}

/// The rows as they must stand after all these changes, in their order. `None` if one of them cannot be read.
pub fn replay<'c>(changes: impl IntoIterator<Item = &'c str>) -> Option<Rows> {
    let mut rows = Rows::new();
    for change in changes {
        let changed: Rows = serde_json::from_str(change).ok()?;
        for (table, changed) in changed {
            rows.entry(table).or_default().extend(changed);
        }
    }
    Some(rows)
}

/// How a row of a table and the record differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFault {
    /// The record has a row that is not in its table.
    Removed,
    /// The table has a row of which the record knows nothing.
    Added,
    /// These columns say something else than the record; `texts` is any of the columns that hold text.
    Edited(Vec<String>),
}

/// Compares what the record says with what is in the tables; names table, key and difference of each row.
pub fn compare(recorded: &Rows, found: &Rows) -> Vec<(String, String, RowFault)> {
    let mut faults = Vec::new();
    let nothing = BTreeMap::new();
    let tables = recorded.keys().chain(found.keys().filter(|table| !recorded.contains_key(*table)));
    for table in tables {
        let recorded = recorded.get(table).unwrap_or(&nothing);
        let found = found.get(table).unwrap_or(&nothing);
        let keys = recorded.keys().chain(found.keys().filter(|key| !recorded.contains_key(*key)));
        for key in keys {
            let pair = (recorded.get(key).and_then(Option::as_ref), found.get(key).and_then(Option::as_ref));
            if let Some(fault) = row_fault(pair) {
                faults.push((table.clone(), key.clone(), fault));
            }
        }
    }
    faults
}

fn row_fault(pair: (Option<&Facts>, Option<&Facts>)) -> Option<RowFault> {
    match pair {
        (Some(_), None) => Some(RowFault::Removed),
        (None, Some(_)) => Some(RowFault::Added),
        (None, None) => None,
        (Some(recorded), Some(found)) => {
            let columns = recorded.keys().chain(found.keys().filter(|column| !recorded.contains_key(*column)));
            let edited: Vec<String> = columns.filter(|name| recorded.get(*name) != found.get(*name)).cloned().collect();
            (!edited.is_empty()).then_some(RowFault::Edited(edited))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(json: &str) -> Rows {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_last_word_about_a_row_is_what_must_stand_in_its_table() {
        let opened = r#"{"cases":{"c":{"state":"new"}},"duplicates":{"c":{"at":1}}}"#;
        let closed = r#"{"cases":{"c":{"state":"closed","closed_at":5}},"duplicates":{"c":null}}"#;
        let replayed = replay([opened, closed]).unwrap();
        assert_eq!(compare(&replayed, &rows(r#"{"cases":{"c":{"state":"closed","closed_at":5}}}"#)), []);
        assert_eq!(replay([opened, "nonsense"]), None);
        assert_eq!(to_json(&rows(opened)), opened);
    }

    #[test]
    fn a_row_that_was_edited_removed_or_added_is_named_with_its_columns() {
        let recorded = rows(r#"{"clocks":{"a":{"due_at":5,"texts":"x"},"b":{"due_at":6}}}"#);
        let found = rows(r#"{"clocks":{"a":{"due_at":7,"stopped_at":8,"texts":"x"},"c":{"due_at":6}}}"#);
        let edited = RowFault::Edited(vec!["due_at".to_owned(), "stopped_at".to_owned()]);
        let fault = |key: &str, fault| ("clocks".to_owned(), key.to_owned(), fault);
        let faults = [fault("a", edited), fault("b", RowFault::Removed), fault("c", RowFault::Added)];
        assert_eq!(compare(&recorded, &found), faults);
    }

    #[test]
    fn texts_are_hashed_with_salt_row_and_column_so_that_equal_ones_do_not_show() {
        let salt = Salt::of(&InstanceKey::new([1; 32]));
        let texts = [("subject", "flaw".to_owned())];
        let hash = salt.hash("row", &texts).unwrap();
        assert_eq!(hash.len(), 32);
        assert_ne!(salt.hash("other", &texts).unwrap(), hash);
        assert_ne!(salt.hash("row", &[("body", "flaw".to_owned())]).unwrap(), hash);
        let other = Salt::of(&InstanceKey::new([2; 32]));
        assert_ne!(other.hash("row", &texts).unwrap(), hash);
        assert_eq!(salt.hash("row", &[]), None);
    }
}
