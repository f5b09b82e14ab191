//! Letters: put, claimed, settled. A letter leaves only between a committed claim and its settling.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::columns::{Columns, all, bigint, impossible, plain};
use super::facts::Proven;
use super::{Dialects, Store, StoreError, Tx};
use crate::domain::abuse::SentToday;
use crate::domain::address::Mailbox;
use crate::domain::id::{CaseId, HandlingId, LetterId, MessageId, PartyId};
use crate::domain::letter::{Letter, LetterKind};

/// A letter that is ours to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedLetter {
    pub id: LetterId,
    pub kind: LetterKind,
    pub case: Option<CaseId>,
    pub handling: Option<HandlingId>,
    pub party: Option<PartyId>,
    pub recipient: Mailbox,
    pub message_id: String,
    pub subject: String,
    /// The whole message as it was frozen.
    pub bytes: Vec<u8>,
    pub created_at: Timestamp,
    /// How often it was answered for so far.
    pub tries: i64,
    pub first_deferred_at: Option<Timestamp>,
}

const CLAIM: Dialects = skip_locked!(
    "WITH due AS MATERIALIZED (
         SELECT id FROM letters WHERE settled_at IS NULL AND claimed_by IS NULL AND due_at <= $2
         ORDER BY due_at, id LIMIT $3",
    ") UPDATE letters SET claimed_by = $1 WHERE id IN (SELECT id FROM due)
     RETURNING id, kind, case_id, handling_id, party_id, recipient, message_id, subject, bytes, created_at, due_at,
         tries, first_deferred_at"
);

impl Store {
    /// Claims up to `limit` letters that are due at `now`, the longest due first.
    pub async fn claim_letters(&self, now: Timestamp, limit: i64) -> Result<Vec<ClaimedLetter>, StoreError> {
        let mut tx = self.begin().await?;
        let claimer = tx.claimer;
        let conn = tx.conn();
        let sql = conn.choose(CLAIM);
        let mut claimed = either!(conn, conn => all(
            &sqlx::query(sql).bind(claimer).bind(now.as_microsecond()).bind(limit).fetch_all(conn).await?,
            |row| Ok((row.time("due_at")?, claimed_letter(row)?)),
        )?);
        tx.commit().await?;
        claimed.sort_by(|(due, letter), (other_due, other)| (due, &letter.id).cmp(&(other_due, &other.id)));
        Ok(claimed.into_iter().map(|(_, letter)| letter).collect())
    }

    /// Gives letters back that were claimed and not tried, because the relay cannot be reached: they do not age.
    pub async fn release_letters(&self, letters: &[LetterId]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let claimer = tx.claimer;
        for letter in letters {
            either!(tx.conn(), conn => sqlx::query(
                "UPDATE letters SET claimed_by = NULL WHERE id = $1 AND claimed_by = $2",
            )
            .bind(letter.as_str())
            .bind(claimer)
            .execute(conn)
            .await
            .map(|_| ())?);
        }
        tx.commit().await
    }

    /// When the next letter is due that nobody has claimed.
    pub async fn next_letter_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => super::columns::one(
            sqlx::query(
                "SELECT due_at FROM letters WHERE settled_at IS NULL AND claimed_by IS NULL ORDER BY due_at LIMIT 1",
            )
            .fetch_optional(conn)
            .await?,
            |row| row.time("due_at"),
        ))
    }
}

/// Settling is fenced: it changes nothing once the claim is another's.
impl Tx<'_> {
    /// Puts a finished letter into the outbox.
    pub async fn put_letter(&mut self, letter: &Letter) -> Result<(), StoreError> {
        self.changed(Proven::Letters, letter.id.as_str());
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO letters (id, kind, case_id, handling_id, party_id, said_in, recipient, recipient_folded,
                 recipient_domain, message_id, subject, bytes, size, sha256, created_at, due_at, tries)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0)",
        )
        .bind(letter.id.as_str())
        .bind(letter.kind.word())
        .bind(letter.case.as_ref().map(CaseId::as_str))
        .bind(letter.handling.as_ref().map(HandlingId::as_str))
        .bind(letter.party.as_ref().map(PartyId::as_str))
        .bind(letter.said_in.as_ref().map(MessageId::as_str))
        .bind(letter.recipient.as_str())
        .bind(letter.recipient.folded())
        .bind(letter.recipient.domain())
        .bind(&letter.message_id)
        .bind(plain(&letter.subject))
        .bind(&letter.bytes)
        .bind(bigint(letter.bytes.len() as u64))
        .bind(data_encoding::HEXLOWER.encode(&Sha256::digest(&letter.bytes)))
        .bind(letter.created_at.as_microsecond())
        .bind(letter.due_at.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The relay has it; the bytes go.
    pub async fn settle_sent(&mut self, letter: &LetterId, now: Timestamp, answer: &str) -> Result<bool, StoreError> {
        let claimer = self.claimer;
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE letters SET settled_at = $3, sent_at = $3, answer = $4, tries = tries + 1, claimed_by = NULL,
                 bytes = NULL
             WHERE id = $1 AND claimed_by = $2 AND settled_at IS NULL",
        )
        .bind(letter.as_str())
        .bind(claimer)
        .bind(now.as_microsecond())
        .bind(plain(answer))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Letters, letter.as_str());
        }
        Ok(rows == 1)
    }

    /// It will not be tried again; the bytes go. `status` as in RFC 3463, `5.1.1`.
    pub async fn settle_refused(
        &mut self,
        letter: &LetterId,
        now: Timestamp,
        status: &str,
        answer: &str,
    ) -> Result<bool, StoreError> {
        let claimer = self.claimer;
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE letters SET settled_at = $3, refused_at = $3, status = $4, answer = $5, tries = tries + 1,
                 claimed_by = NULL, bytes = NULL
             WHERE id = $1 AND claimed_by = $2 AND settled_at IS NULL",
        )
        .bind(letter.as_str())
        .bind(claimer)
        .bind(now.as_microsecond())
        .bind(plain(status))
        .bind(plain(answer))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Letters, letter.as_str());
        }
        Ok(rows == 1)
    }

    /// A letter that the relay took came back, or its recipient is known to be gone before it left: it is refused
    /// after all, whoever has claimed it. `false` if it was refused or withdrawn before.
    pub async fn refuse_after_all(
        &mut self,
        letter: &LetterId,
        now: Timestamp,
        status: &str,
        answer: &str,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE letters SET settled_at = $2, sent_at = NULL, refused_at = $2, status = $3, answer = $4,
                 claimed_by = NULL, bytes = NULL
             WHERE id = $1 AND refused_at IS NULL AND withdrawn_at IS NULL",
        )
        .bind(letter.as_str())
        .bind(now.as_microsecond())
        .bind(plain(status))
        .bind(plain(answer))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Letters, letter.as_str());
        }
        Ok(rows == 1)
    }

    /// The relay asked to come again for this recipient: not before `due_at`. The claim ends.
    pub async fn defer(
        &mut self,
        letter: &LetterId,
        now: Timestamp,
        due_at: Timestamp,
        answer: &str,
    ) -> Result<bool, StoreError> {
        let claimer = self.claimer;
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE letters SET first_deferred_at = COALESCE(first_deferred_at, $3), due_at = $4, answer = $5,
                 tries = tries + 1, claimed_by = NULL
             WHERE id = $1 AND claimed_by = $2 AND settled_at IS NULL",
        )
        .bind(letter.as_str())
        .bind(claimer)
        .bind(now.as_microsecond())
        .bind(due_at.as_microsecond())
        .bind(plain(answer))
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Stops a letter before it leaves; `false` if it is on its way already or settled.
    pub async fn withdraw_letter(&mut self, letter: &LetterId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE letters SET settled_at = $2, withdrawn_at = $2, bytes = NULL
             WHERE id = $1 AND claimed_by IS NULL AND settled_at IS NULL",
        )
        .bind(letter.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Letters, letter.as_str());
        }
        Ok(rows == 1)
    }

    /// Lets go at `now` what would leave after `latest`, later than any letter ever waits: the machine's clock was ahead
    /// when it was written.
    pub async fn hurry_letters_dated_ahead(&mut self, now: Timestamp, latest: Timestamp) -> Result<u64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query(
            "UPDATE letters SET due_at = $1 WHERE settled_at IS NULL AND due_at > $2",
        )
        .bind(now.as_microsecond())
        .bind(latest.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected()))
    }

    /// How many sign-in letters were written to `recipient` after `since`.
    pub async fn sign_in_letters(&mut self, recipient: &Mailbox, since: Timestamp) -> Result<i64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM letters WHERE recipient_folded = $1 AND created_at > $2 AND kind = 'sign-in'",
        )
        .bind(recipient.folded())
        .bind(since.as_microsecond())
        .fetch_one(conn)
        .await?))
    }

    /// How many automatic letters were written after `since`, a day ago: to `recipient`, to its domain, and receipts
    /// in all. Sign-in letters, which their recipient asked for, and forwards are none.
    pub async fn automatic_letters(&mut self, since: Timestamp, recipient: &Mailbox) -> Result<SentToday, StoreError> {
        let since = since.as_microsecond();
        let mut conn = self.conn();
        let to_address = either!(conn.again(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM letters
             WHERE recipient_folded = $1 AND created_at > $2 AND kind IN
                 ('receipt', 'confirm-reply', 'bounce', 'new-link', 'prove-address', 'address-taken', 'lost-link')",
        )
        .bind(recipient.folded())
        .bind(since)
        .fetch_one(conn)
        .await?);
        let to_domain = either!(conn.again(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM letters
             WHERE recipient_domain = $1 AND created_at > $2 AND kind IN
                 ('receipt', 'confirm-reply', 'bounce', 'new-link', 'prove-address', 'address-taken', 'lost-link')",
        )
        .bind(recipient.domain())
        .bind(since)
        .fetch_one(conn)
        .await?);
        let receipts_in_all = either!(conn, conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM letters WHERE kind IN ('receipt', 'prove-address') AND created_at > $1",
        )
        .bind(since)
        .fetch_one(conn)
        .await?);
        Ok(SentToday { to_address, to_domain, receipts_in_all })
    }
}

fn claimed_letter(row: &impl Columns) -> Result<ClaimedLetter, StoreError> {
    Ok(ClaimedLetter {
        id: LetterId::from_row(row.text("id")?),
        kind: row.word("kind", LetterKind::from_word)?,
        case: row.text_or_null("case_id")?.map(CaseId::from_row),
        handling: row.text_or_null("handling_id")?.map(HandlingId::from_row),
        party: row.text_or_null("party_id")?.map(PartyId::from_row),
        recipient: row.mailbox("recipient")?,
        message_id: row.text("message_id")?,
        subject: row.text("subject")?,
        bytes: row.bytes_or_null("bytes")?.ok_or_else(|| impossible("bytes"))?,
        created_at: row.time("created_at")?,
        tries: row.number("tries")?,
        first_deferred_at: row.time_or_null("first_deferred_at")?,
    })
}
