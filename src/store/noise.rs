//! What kind of mail a case counts as, and whether a member has looked at it.

use jiff::Timestamp;

use super::columns::micros;
use super::facts::Proven;
use super::{StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::id::CaseId;
use crate::domain::noise::Noise;

impl Tx<'_> {
    /// Lets a case count as `noise`, or as a report; with who said so and when, or `None` where the judge's word
    /// stands.
    pub async fn set_noise(
        &mut self,
        case: &CaseId,
        noise: Option<Noise>,
        said: Option<(&Mailbox, Timestamp)>,
    ) -> Result<(), StoreError> {
        self.changed(Proven::Cases, case.as_str());
        either!(self.conn(), conn => sqlx::query(
            "UPDATE cases SET noise = $2, noise_said_by = $3, noise_said_at = $4 WHERE id = $1",
        )
        .bind(case.as_str())
        .bind(noise.map(Noise::word))
        .bind(said.map(|(by, _)| by.as_str()))
        .bind(micros(said.map(|(_, at)| at)))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// A member looked at the case at `at`. `false` if one had before, or there is no such case.
    pub async fn note_seen(&mut self, case: &CaseId, at: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE cases SET seen_at = $2 WHERE id = $1 AND seen_at IS NULL",
        )
        .bind(case.as_str())
        .bind(at.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }
}
