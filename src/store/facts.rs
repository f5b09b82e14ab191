//! What the record proves: of which tables the rows, of those which columns, and what a transaction changed in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::columns::Columns;
use super::{Conn, StoreError, Tx};
use crate::domain::case::CaseEvent;
use crate::domain::id::CaseId;
use crate::domain::record::{Facts, Rows, Salt, TEXTS};

/// A table whose rows the record proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Proven {
    Cases,
    Parties,
    Reports,
    Handlings,
    Clocks,
    Messages,
    Letters,
    Duplicates,
    SaidAnswered,
    Withdrawals,
    Conflicts,
}

impl Proven {
    pub(super) const ALL: [Self; 11] = [
        Self::Cases,
        Self::Parties,
        Self::Reports,
        Self::Handlings,
        Self::Clocks,
        Self::Messages,
        Self::Letters,
        Self::Duplicates,
        Self::SaidAnswered,
        Self::Withdrawals,
        Self::Conflicts,
    ];

    fn table(self) -> &'static Table {
        match self {
            Self::Cases => &CASES,
            Self::Parties => &PARTIES,
            Self::Reports => &REPORTS,
            Self::Handlings => &HANDLINGS,
            Self::Clocks => &CLOCKS,
            Self::Messages => &MESSAGES,
            Self::Letters => &LETTERS,
            Self::Duplicates => &DUPLICATES,
            Self::SaidAnswered => &SAID_ANSWERED,
            Self::Withdrawals => &WITHDRAWALS,
            Self::Conflicts => &CONFLICTS,
        }
    }
}

/// How the rows of a table are found, and what of them is proven. A column that stands nowhere here only says when
/// something is looked at again, or follows from others.
struct Table {
    name: &'static str,
    from: &'static str,
    key: &'static str,
    case: &'static str,
    /// Ids, and words of fixed lists.
    words: &'static [&'static str],
    /// Times, lengths and counts.
    numbers: &'static [&'static str],
    /// What people wrote, and addresses: hashed.
    texts: &'static [&'static str],
}

static CASES: Table = Table {
    name: "cases",
    from: "cases t",
    key: "t.id",
    case: "t.id",
    words: &["number", "state", "closed_as", "closed_by", "noise"],
    numbers: &[
        "arrived_at",
        "opened_at",
        "closed_at",
        "noise_said_at",
        "exploited_at",
        "originals_erased_at",
        "erased_at",
    ],
    texts: &["title", "owner", "waits_because", "judgement", "noise_said_by"],
};

static PARTIES: Table = Table {
    name: "parties",
    from: "parties t",
    key: "t.id",
    case: "t.case_id",
    words: &["handling_id", "shares"],
    numbers: &["list_at", "generation", "created_at"],
    texts: &["address", "name"],
};

static REPORTS: Table = Table {
    name: "reports",
    from: "reports t",
    key: "t.id",
    case: "t.case_id",
    words: &["arrival_id", "party_id", "text_source", "encryption"],
    numbers: &["arrived_at", "proven_at", "remote_images", "remote_others"],
    texts: &["from_name", "from_address", "subject", "body", "shared", "automatic", "unreadable", "proof", "chosen"],
};

static HANDLINGS: Table = Table {
    name: "handlings",
    from: "handlings t",
    key: "t.id",
    case: "t.case_id",
    words: &["project_id", "state", "channel", "decided_by", "acknowledged_by", "handed_over_by", "closed_by"],
    numbers: &["decided_at", "acknowledged_at", "withdrawn_at", "handed_over_at", "closed_at"],
    texts: &["acknowledged_how", "handed_over_how"],
};

static CLOCKS: Table = Table {
    name: "clocks",
    from: "clocks t",
    key: "t.id",
    case: "t.case_id",
    words: &["handling_id", "kind", "ended_as", "stopped_by"],
    numbers: &[
        "started_at",
        "target",
        "due_at",
        "stopped_at",
        "told",
        "paused_at",
        "paused_until",
        "paused",
        "snoozed_at",
        "snoozed_until",
    ],
    texts: &["paused_because", "snoozed_because"],
};

static MESSAGES: Table = Table {
    name: "messages",
    from: "messages t",
    key: "t.id",
    case: "t.case_id",
    words: &["lane", "handling_id", "party_id", "arrival_id", "author", "passed_on_from", "decided_by", "decision"],
    numbers: &["at", "held_at", "decided_at", "remote_images", "remote_others"],
    texts: &["from_name", "from_address", "subject", "body", "words", "proof", "held_because"],
};

static LETTERS: Table = Table {
    name: "letters",
    from: "letters t",
    key: "t.id",
    case: "t.case_id",
    words: &["kind", "handling_id", "party_id", "said_in", "sha256"],
    numbers: &["size", "created_at", "settled_at", "sent_at", "refused_at", "withdrawn_at"],
    texts: &["recipient", "message_id", "subject", "status"],
};

static DUPLICATES: Table = Table {
    name: "duplicates",
    from: "duplicates t",
    key: "t.case_id",
    case: "t.case_id",
    words: &["of_case_id"],
    numbers: &["at"],
    texts: &[],
};

static SAID_ANSWERED: Table = Table {
    name: "said_answered",
    from: "said_answered t JOIN handlings h ON h.id = t.handling_id",
    key: "t.handling_id",
    case: "h.case_id",
    words: &["reply"],
    numbers: &["said_at", "replied_at"],
    texts: &[],
};

static WITHDRAWALS: Table = Table {
    name: "withdrawals",
    from: "withdrawals t JOIN parties p ON p.id = t.party_id",
    key: "t.party_id",
    case: "p.case_id",
    words: &[],
    numbers: &["at"],
    texts: &[],
};

static CONFLICTS: Table = Table {
    name: "conflicts",
    from: "conflicts t",
    key: "t.id",
    case: "t.case_id",
    words: &["declared_by", "ended_by"],
    numbers: &["declared_at", "ended_at"],
    texts: &["member", "because"],
};

/// What a transaction has to tell the record when it commits.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) events: Vec<(CaseId, CaseEvent)>,
    /// The keys of the rows that were changed. This transaction holds each of them, so that what it says of them now
    /// is what others find after it.
    rows: BTreeMap<Proven, BTreeSet<String>>,
}

impl Ledger {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.rows.is_empty()
    }
}

/// A row's case and key, and its facts.
type FoundRow = (Option<String>, String, Facts);

impl Tx<'_> {
    /// The record is to be told of this row.
    pub(super) fn changed(&mut self, table: Proven, key: &str) {
        self.ledger.rows.entry(table).or_default().insert(key.to_owned());
    }

    /// The rows that were changed, as they are now, by case. Mail and letters of no case have no record.
    pub(super) async fn changed_rows(&mut self, ledger: &Ledger) -> Result<BTreeMap<CaseId, Rows>, StoreError> {
        let salt = self.salt;
        let mut changes: BTreeMap<CaseId, Rows> = BTreeMap::new();
        for (proven, keys) in &ledger.rows {
            let table = proven.table();
            let found = rows(self.conn(), salt, table, table.key, keys).await?;
            let mut gone = if *proven == Proven::Duplicates { keys.clone() } else { BTreeSet::new() };
            for (case, key, facts) in found {
                gone.remove(&key);
                if let Some(case) = case {
                    put(&mut changes, table, CaseId::from_row(case), key, Some(facts));
                }
            }
            // A link to an earlier case is the one row that the program ever takes away; its key is the case.
            for case in gone {
                put(&mut changes, table, CaseId::from_row(&case), case, None);
            }
        }
        Ok(changes)
    }
}

fn put(changes: &mut BTreeMap<CaseId, Rows>, table: &Table, case: CaseId, key: String, facts: Option<Facts>) {
    changes.entry(case).or_default().entry(table.name.to_owned()).or_default().insert(key, facts);
}

/// All rows that the record proves of the cases whose ids come after `after`, up to `last`, as they are in the tables.
pub(super) async fn facts_between(
    mut conn: Conn<'_>,
    salt: &Salt,
    after: &str,
    last: &str,
) -> Result<BTreeMap<CaseId, Rows>, StoreError> {
    let mut found = BTreeMap::new();
    for table in Proven::ALL.map(Proven::table) {
        let rows: Vec<FoundRow> = either!(conn.again(), conn => {
            let mut statement = sqlx::QueryBuilder::new(format!("{} WHERE {} > ", select(table), table.case));
            statement.push_bind(after).push(format!(" AND {} <= ", table.case)).push_bind(last);
            let rows = statement.build().fetch_all(conn).await?;
            rows.iter().map(|row| facts(row, salt, table)).collect::<Result<_, StoreError>>()?
        });
        for (case, key, facts) in rows {
            if let Some(case) = case {
                put(&mut found, table, CaseId::from_row(case), key, Some(facts));
            }
        }
    }
    Ok(found)
}

/// All that is proven of the rows of a table.
fn select(table: &Table) -> String {
    let columns: Vec<String> =
        [table.words, table.numbers, table.texts].concat().iter().map(|column| format!(", t.{column}")).collect();
    let (key, case, from, columns) = (table.key, table.case, table.from, columns.concat());
    format!("SELECT {key} AS row_key, {case} AS row_case{columns} FROM {from}")
}

/// The rows of a table in which `column` is one of `values`.
async fn rows(
    conn: Conn<'_>,
    salt: &Salt,
    table: &Table,
    column: &str,
    values: &BTreeSet<String>,
) -> Result<Vec<FoundRow>, StoreError> {
    let select = format!("{} WHERE {column} IN (", select(table));
    either!(conn, conn => {
        let mut statement = sqlx::QueryBuilder::new(select);
        let mut keys = statement.separated(", ");
        for value in values {
            keys.push_bind(value);
        }
        keys.push_unseparated(")");
        // Most changes are of one row; each other number of rows is a statement of its own, and not one to remember.
        let query = statement.build().persistent(values.len() == 1);
        query.fetch_all(conn).await?.iter().map(|row| facts(row, salt, table)).collect()
    })
}

fn facts(row: &impl Columns, salt: &Salt, table: &Table) -> Result<FoundRow, StoreError> {
    let key = row.text("row_key")?;
    let mut facts = Facts::new();
    for column in table.words {
        if let Some(word) = row.text_or_null(column)? {
            facts.insert((*column).to_owned(), Value::String(word));
        }
    }
    for column in table.numbers {
        if let Some(number) = row.number_or_null(column)? {
            facts.insert((*column).to_owned(), number.into());
        }
    }
    let mut texts = Vec::new();
    for column in table.texts {
        texts.extend(row.text_or_null(column)?.map(|text| (*column, text)));
    }
    if let Some(hash) = salt.hash(&key, &texts) {
        facts.insert(TEXTS.to_owned(), Value::String(hash));
    }
    Ok((row.text_or_null("row_case")?, key, facts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Claimer, DatabaseUrl, Role, Store};

    /// What the record does not prove: when something is looked at again, who works on it, what follows from other
    /// columns, and bytes that are erased once a letter has left, whose hash is proven.
    fn apart(table: Proven) -> &'static [&'static str] {
        match table {
            Proven::Cases => &["id", "seen_at"],
            Proven::Reports => &["id", "case_id", "from_folded"],
            Proven::Clocks => &["id", "case_id", "next_at"],
            Proven::Letters => &[
                "id",
                "case_id",
                "recipient_folded",
                "recipient_domain",
                "bytes",
                "due_at",
                "claimed_by",
                "tries",
                "first_deferred_at",
                "answer",
            ],
            Proven::Duplicates => &["case_id"],
            Proven::SaidAnswered => &["handling_id"],
            Proven::Withdrawals => &["party_id"],
            Proven::Messages => &["id", "case_id", "held_told_at"],
            Proven::Parties | Proven::Handlings | Proven::Conflicts => &["id", "case_id"],
        }
    }

    #[tokio::test]
    async fn each_column_is_proven_or_named_here_as_one_that_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("fingerpost.db"));
        let store = Store::open(&url, Role::Worker, Claimer::new("node", "boot")).await.unwrap();
        let mut reader = store.reader().await.unwrap();
        let Conn::Sqlite(conn) = reader.conn() else { panic!("it was opened on SQLite") };
        for proven in Proven::ALL {
            let table = proven.table();
            let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
                .bind(table.name)
                .fetch_all(&mut *conn)
                .await
                .unwrap();
            let known = [table.words, table.numbers, table.texts, apart(proven)].concat();
            let unknown: Vec<&String> = columns.iter().filter(|column| !known.contains(&column.as_str())).collect();
            assert!(unknown.is_empty(), "does the record prove {unknown:?} of {}? Say so here", table.name);
            assert_eq!(columns.len(), known.len(), "{}", table.name);
        }
    }
}
