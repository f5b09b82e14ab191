//! How the first report of each of many cases begins, for lists that show what was written.

use std::collections::HashMap;

use super::columns::{Columns, all};
use super::{CaseLine, Store, StoreError};
use crate::domain::address::Mailbox;
use crate::domain::id::CaseId;

/// The first report of a case, as far as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    pub subject: String,
    pub body: String,
    /// The body goes on.
    pub is_cut: bool,
    pub from: Option<Mailbox>,
    /// SPF or DKIM vouched for that address.
    pub proven: bool,
}

impl Store {
    /// Of each case's first report the subject and up to `letters` characters of the body. A list of cases with a
    /// text of a megabyte each is no more to read than any other.
    pub async fn beginnings(&self, cases: &[CaseLine], letters: i32) -> Result<HashMap<CaseId, Beginning>, StoreError> {
        if cases.is_empty() {
            return Ok(HashMap::new());
        }
        let mut reader = self.reader().await?;
        let found = either!(reader.conn(), conn => {
            let mut statement = sqlx::QueryBuilder::new("SELECT case_id, subject, from_address, proven_at, substr(body, 1, ");
            statement.push_bind(letters);
            statement.push(") AS body, CAST(length(body) AS BIGINT) AS letters FROM reports WHERE case_id IN (");
            let mut ids = statement.separated(", ");
            for line in cases {
                ids.push_bind(line.case.id.as_str());
            }
            // The first report comes last, and so stays in the map.
            ids.push_unseparated(") ORDER BY arrived_at DESC, id DESC");
            // Each number of ids is a statement of its own: not one to remember.
            all(&statement.build().persistent(false).fetch_all(conn).await?, |row| {
                let beginning = Beginning {
                    subject: row.text("subject")?,
                    body: row.text("body")?,
                    is_cut: row.number("letters")? > i64::from(letters),
                    from: row.mailbox_or_null("from_address")?,
                    proven: row.is_set("proven_at")?,
                };
                Ok((CaseId::from_row(row.text("case_id")?), beginning))
            })?
        });
        Ok(found.into_iter().collect())
    }
}
