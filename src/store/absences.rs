//! Days on which contacts are away, as they or a member said; beside those of their own entries.

use jiff::Timestamp;
use jiff::civil::Date;

use super::columns::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::directory::{Absence, ProjectId};
use crate::domain::id::{CaseId, ContactId, HandlingId};

/// One absence that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsenceRow {
    pub id: String,
    pub contact: ContactId,
    pub days: Absence,
    /// `contact`, or the member's address.
    pub said_by: String,
    pub said_at: Timestamp,
}

impl Store {
    /// The absences that end on `day` or later, in the order they were said.
    pub async fn absences(&self, day: Date) -> Result<Vec<AbsenceRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT id, contact_id, first_day, last_day, said_by, said_at FROM absences
                 WHERE taken_back_at IS NULL AND last_day >= $1 ORDER BY said_at, id",
            )
            .bind(day.to_string())
            .fetch_all(conn)
            .await?,
            |row| Ok(AbsenceRow {
                id: row.text("id")?,
                contact: ContactId::from_row(row.text("contact_id")?),
                days: Absence {
                    first: row.word("first_day", |day| day.parse().ok())?,
                    last: row.word("last_day", |day| day.parse().ok())?,
                },
                said_by: row.text("said_by")?,
                said_at: row.time("said_at")?,
            }),
        ))
    }

    /// The parts of cases that wait for this project's acknowledgement.
    pub async fn waits_for_project(&self, project: &ProjectId) -> Result<Vec<(CaseId, HandlingId)>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT k.case_id, h.id AS handling FROM clocks k JOIN handlings h ON h.id = k.handling_id
                 WHERE k.stopped_at IS NULL AND k.kind = 'acknowledge' AND h.project_id = $1 AND h.state = 'sent'
                 ORDER BY h.id",
            )
            .bind(project.as_str())
            .fetch_all(conn)
            .await?,
            |row| Ok((CaseId::from_row(row.text("case_id")?), HandlingId::from_row(row.text("handling")?))),
        ))
    }
}

impl Tx<'_> {
    /// Writes down that a contact is away.
    pub async fn say_away(&mut self, absence: &AbsenceRow) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO absences (id, contact_id, first_day, last_day, said_by, said_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&absence.id)
        .bind(absence.contact.as_str())
        .bind(absence.days.first.to_string())
        .bind(absence.days.last.to_string())
        .bind(&absence.said_by)
        .bind(absence.said_at.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The contact is there again: its absences that were said and end on `day` or later count no more. Says how many.
    pub async fn back_again(&mut self, contact: &ContactId, day: Date, now: Timestamp) -> Result<u64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query(
            "UPDATE absences SET taken_back_at = $3 WHERE contact_id = $1 AND last_day >= $2 AND taken_back_at IS NULL",
        )
        .bind(contact.as_str())
        .bind(day.to_string())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected()))
    }
}
