//! What `audit verify` may find: each a sentence, with a word for programs.

/// Something that was changed past the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("entry {sequence} of its record was edited")]
    EntryEdited { sequence: i64 },
    #[error("before entry {sequence} of its record, entries were removed, moved or replaced")]
    RecordTorn { sequence: i64 },
    #[error("its record ends at entry {ends}; at seal {seal} it had {sealed}")]
    RecordShortened { ends: i64, seal: i64, sealed: i64 },
    #[error("entry {sequence} of its record is another one than at seal {seal}")]
    RecordReplaced { sequence: i64, seal: i64 },
    #[error("the entries of its record after {sealed} are in no seal and wait for none")]
    NotSealed { sealed: i64 },
    #[error("it has no record")]
    NoRecord,
    #[error("row {key} of table {table} was removed")]
    RowRemoved { table: String, key: String },
    #[error("row {key} of table {table} was added")]
    RowAdded { table: String, key: String },
    #[error("row {key} of table {table} was edited: {}", columns.join(", "))]
    RowEdited { table: String, key: String, columns: Vec<String> },
    #[error("it was removed; its record or a seal still names it")]
    CaseRemoved,
    #[error("no case has the number {number:04} of {year}, which was given to one")]
    NumberMissing { year: i64, number: i64 },
    #[error("seal {seal} was removed")]
    SealRemoved { seal: i64 },
    #[error("seal {seal}, or what it names, was edited")]
    SealEdited { seal: i64 },
    #[error("no seal begins with {given}")]
    SealUnknown { given: String },
}

impl Fault {
    /// The word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::EntryEdited { .. } => "entry-edited",
            Self::RecordTorn { .. } => "record-torn",
            Self::RecordShortened { .. } => "record-shortened",
            Self::RecordReplaced { .. } => "record-replaced",
            Self::NotSealed { .. } => "not-sealed",
            Self::NoRecord => "no-record",
            Self::RowRemoved { .. } => "row-removed",
            Self::RowAdded { .. } => "row-added",
            Self::RowEdited { .. } => "row-edited",
            Self::CaseRemoved => "case-removed",
            Self::NumberMissing { .. } => "number-missing",
            Self::SealRemoved { .. } => "seal-removed",
            Self::SealEdited { .. } => "seal-edited",
            Self::SealUnknown { .. } => "seal-unknown",
        }
    }
}

/// The year and number that a printed case number ends with: 2026 and 42 of `SEC-2026-0042`.
pub fn year_and_number(case: &str) -> Option<(i64, i64)> {
    let (rest, number) = case.rsplit_once('-')?;
    let (_, year) = rest.rsplit_once('-')?;
    Some((year.parse().ok()?, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_and_the_number_are_read_whatever_stands_before_them() {
        assert_eq!(year_and_number("SEC-2026-0042"), Some((2026, 42)));
        assert_eq!(year_and_number("NUM-SEC-2027-12345"), Some((2027, 12_345)));
        assert_eq!(year_and_number("SEC"), None);
        assert_eq!(year_and_number("SEC-x-1"), None);
    }
}
