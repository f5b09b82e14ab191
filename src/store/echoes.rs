//! Mails that look alike: what tells a loop of machines from people.

use jiff::Timestamp;

use super::columns::{Columns, plain};
use super::{StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::echo::{Answers, SameSubject};

/// Of one subject, so many of the newest are looked at: a flood of one subject does not make each mail of it dearer.
const NEWEST: i64 = 500;

impl Tx<'_> {
    /// How many mails with this subject opened a case after `since`: in all, and from the domain of `from`. Of more than
    /// the newest 500 it says no more than of 500.
    pub async fn same_subject(
        &mut self,
        from: &Mailbox,
        subject_key: &str,
        since: Timestamp,
    ) -> Result<SameSubject, StoreError> {
        either!(self.conn(), conn => {
            let row = sqlx::query(
                "SELECT COUNT(*) AS in_all, COUNT(CASE WHEN from_address LIKE $2 THEN 1 END) AS of_domain
                 FROM (SELECT filed_as, from_address FROM journal WHERE subject_key = $1 AND filed_at > $3
                       ORDER BY filed_at DESC LIMIT $4) AS newest
                 WHERE filed_as = 'report'",
            )
            .bind(plain(subject_key))
            .bind(of_domain(from))
            .bind(since.as_microsecond())
            .bind(NEWEST)
            .fetch_one(conn)
            .await?;
            Ok(SameSubject { in_all: row.number("in_all")?, of_domain: row.number("of_domain")? })
        })
    }

    /// How many mails that name a case of ours opened another one after `since`: from this address, and from its domain.
    /// `number_key` is how one of our case numbers stands in the key of a subject.
    pub async fn answers_from(
        &mut self,
        from: &Mailbox,
        number_key: &str,
        since: Timestamp,
    ) -> Result<Answers, StoreError> {
        either!(self.conn(), conn => {
            let row = sqlx::query(
                "SELECT COUNT(CASE WHEN from_address = $2 THEN 1 END) AS of_address, COUNT(*) AS of_domain
                 FROM journal
                 WHERE filed_as = 'report' AND filed_at > $4 AND subject_key LIKE $1 AND from_address LIKE $3",
            )
            .bind(format!("%{}%", literally(number_key)))
            .bind(from.folded())
            .bind(of_domain(from))
            .bind(since.as_microsecond())
            .fetch_one(conn)
            .await?;
            Ok(Answers { of_address: row.number("of_address")?, of_domain: row.number("of_domain")? })
        })
    }
}

/// What is LIKE any address of the same domain.
fn of_domain(mailbox: &Mailbox) -> String {
    format!("%@{}", mailbox.domain())
}

/// Without what LIKE takes for a wildcard; neither a case prefix nor a domain has any.
fn literally(key: &str) -> String {
    key.replace(['%', '_'], "")
}
