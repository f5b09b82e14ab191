//! Mails that look alike: what tells a loop of machines from people.

use jiff::Timestamp;

use super::columns::Columns;
use super::{StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::echo::Alike;

impl Tx<'_> {
    /// How many mails like this one opened a case after `since`. `number_key` is how one of our case numbers stands in
    /// the key of a subject.
    pub async fn alike(
        &mut self,
        from: &Mailbox,
        subject_key: Option<&str>,
        number_key: &str,
        since: Timestamp,
    ) -> Result<Alike, StoreError> {
        either!(self.conn(), conn => {
            let row = sqlx::query(
                "SELECT
                     COUNT(CASE WHEN subject_key = $1 THEN 1 END) AS same_subject,
                     COUNT(CASE WHEN subject_key = $1 AND from_address LIKE $4 THEN 1 END) AS same_subject_of_domain,
                     COUNT(CASE WHEN subject_key LIKE $2 AND from_address = $3 THEN 1 END) AS answers_of_address,
                     COUNT(CASE WHEN subject_key LIKE $2 AND from_address LIKE $4 THEN 1 END) AS answers_of_domain
                 FROM journal WHERE filed_as = 'report' AND filed_at > $5",
            )
            .bind(subject_key)
            .bind(format!("%{}%", literally(number_key)))
            .bind(from.folded())
            .bind(format!("%@{}", from.domain()))
            .bind(since.as_microsecond())
            .fetch_one(conn)
            .await?;
            Ok(Alike {
                same_subject: row.number("same_subject")?,
                same_subject_of_domain: row.number("same_subject_of_domain")?,
                answers_of_address: row.number("answers_of_address")?,
                answers_of_domain: row.number("answers_of_domain")?,
            })
        })
    }
}

/// Without what LIKE takes for a wildcard; neither a case prefix nor a domain has any.
fn literally(key: &str) -> String {
    key.replace(['%', '_'], "")
}
