//! Changes of contacts that somebody asked for: what is wanted, who said what, and what became of it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::columns::{Columns, all, micros, one, plain, plain_or_null};
use super::projects::{away_text, contact_of_row};
use super::{Conn, Dialects, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::contact_change::{AskedThrough, ChangeKind, Outcome, Speaker, Voice};
use crate::domain::directory::{Contact, DeliveryMode, ProjectId};
use crate::domain::id::{ChangeId, ContactId, LetterId};

/// A change that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    pub id: ChangeId,
    pub project: ProjectId,
    pub kind: ChangeKind,
    /// The contact that is replaced, changed or removed.
    pub contact: Option<ContactId>,
    /// The address that was named as the old one, where it is no contact's.
    pub old_address: Option<Mailbox>,
    pub asked_through: AskedThrough,
    /// A stranger's words.
    pub asked_by: String,
    pub note: Option<String>,
    pub asked_at: Timestamp,
    /// The contact as it is to be; `None` for a removal.
    pub wanted: Option<Contact>,
    /// When a contact's own link asked for it.
    pub itself_at: Option<Timestamp>,
    /// When the wanted mailbox proved itself.
    pub proven_at: Option<Timestamp>,
    /// When the committee was told that it is for members to decide.
    pub told_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
    pub outcome: Option<Outcome>,
    pub ground: Option<String>,
}

/// How the letters stand that told the old contacts of a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notices {
    pub written: i64,
    /// Neither sent nor given up.
    pub waiting: i64,
    pub last_sent_at: Option<Timestamp>,
}

macro_rules! select_change {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, kind, contact_id, old_address, asked_through, asked_by, note, asked_at, address, name,
                 delivery, list_at, deputy_at, away, hours, zone, pgp_key, itself_at, proven_at, told_at, settled_at,
                 outcome, ground
             FROM contact_changes ",
            $rest
        )
    };
}

const CHANGE: &str = select_change!("WHERE id = $1");
const CHANGE_FOR_UPDATE: Dialects = for_update!(select_change!("WHERE id = $1"));

impl Store {
    /// The change of that id, settled or not.
    pub async fn change(&self, id: &ChangeId) -> Result<Option<ChangeRow>, StoreError> {
        find(self.reader().await?.conn(), CHANGE, id).await
    }

    /// The changes that wait, the oldest first.
    pub async fn waiting_changes(&self) -> Result<Vec<ChangeRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_change!("WHERE settled_at IS NULL ORDER BY asked_at, id")).fetch_all(conn).await?,
            change_row,
        ))
    }

    /// Up to `limit` settled changes, the latest first.
    pub async fn settled_changes(&self, limit: i64) -> Result<Vec<ChangeRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_change!("WHERE settled_at IS NOT NULL ORDER BY settled_at DESC, id DESC LIMIT $1"))
                .bind(limit)
                .fetch_all(conn)
                .await?,
            change_row,
        ))
    }

    /// Up to `limit` changes that the sweep has to look at.
    pub async fn changes_due(&self, now: Timestamp, limit: i64) -> Result<Vec<ChangeId>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT id FROM contact_changes WHERE settled_at IS NULL AND next_at IS NOT NULL AND next_at <= $1
                 ORDER BY next_at, id LIMIT $2",
            )
            .bind(now.as_microsecond())
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok(ChangeId::from_row(row.text("id")?)),
        ))
    }

    /// What was said about a change, in the order it was said.
    pub async fn voices_of(&self, change: &ChangeId) -> Result<Vec<Voice>, StoreError> {
        voices_of(self.reader().await?.conn(), change).await
    }

    /// How the letters stand that told the old contacts of a change.
    pub async fn notices_of(&self, change: &ChangeId) -> Result<Notices, StoreError> {
        notices_of(self.reader().await?.conn(), change).await
    }
}

impl Tx<'_> {
    /// Keeps a change that somebody asks for.
    pub async fn insert_change(&mut self, change: &ChangeRow, next_at: Option<Timestamp>) -> Result<(), StoreError> {
        let wanted = change.wanted.as_ref();
        let at = change.asked_at.as_microsecond();
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO contact_changes (id, project_id, kind, contact_id, old_address, asked_through, asked_by, note,
                 asked_at, address, address_folded, name, delivery, list_at, deputy_at, away, hours, zone, pgp_key,
                 itself_at, proven_at, next_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                 $22)",
        )
        .bind(change.id.as_str())
        .bind(change.project.as_str())
        .bind(change.kind.word())
        .bind(change.contact.as_ref().map(ContactId::as_str))
        .bind(change.old_address.as_ref().map(Mailbox::as_str))
        .bind(change.asked_through.word())
        .bind(plain(&change.asked_by))
        .bind(plain_or_null(change.note.as_deref()))
        .bind(at)
        .bind(wanted.map(|contact| contact.email.as_str()))
        .bind(wanted.map(|contact| contact.email.folded()))
        .bind(plain_or_null(wanted.and_then(|contact| contact.name.as_deref())))
        .bind(wanted.map(|contact| contact.delivery.word()))
        .bind(wanted.filter(|contact| contact.is_list).map(|_| at))
        .bind(wanted.filter(|contact| contact.is_deputy).map(|_| at))
        .bind(wanted.map_or_else(String::new, |contact| away_text(&contact.away)))
        .bind(wanted.and_then(|contact| contact.hours.as_deref()))
        .bind(wanted.and_then(|contact| contact.zone.as_ref()).and_then(TimeZone::iana_name))
        .bind(plain_or_null(wanted.and_then(|contact| contact.key.as_deref())))
        .bind(micros(change.itself_at))
        .bind(micros(change.proven_at))
        .bind(micros(next_at))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The change of that id; nobody else settles it until this transaction ends.
    pub async fn change_for_update(&mut self, id: &ChangeId) -> Result<Option<ChangeRow>, StoreError> {
        let conn = self.conn();
        let sql = conn.choose(CHANGE_FOR_UPDATE);
        find(conn, sql, id).await
    }

    /// The changes of a project that wait, the oldest first.
    pub async fn waiting_changes_of(&mut self, project: &ProjectId) -> Result<Vec<ChangeRow>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(select_change!("WHERE settled_at IS NULL AND project_id = $1 ORDER BY asked_at, id"))
                .bind(project.as_str())
                .fetch_all(conn)
                .await?,
            change_row,
        ))
    }

    /// How many changes of a project strangers asked for after `since`, by the form.
    pub async fn changes_asked(&mut self, project: &ProjectId, since: Timestamp) -> Result<i64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM contact_changes WHERE project_id = $1 AND asked_at > $2 AND asked_through = 'form'",
        )
        .bind(project.as_str())
        .bind(since.as_microsecond())
        .fetch_one(conn)
        .await?))
    }

    /// How many letters about contacts were written to `recipient` after `since`.
    pub async fn contact_letters(&mut self, since: Timestamp, recipient: &Mailbox) -> Result<i64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM letters
             WHERE recipient_folded = $1 AND created_at > $2 AND kind IN ('verify', 'quarterly', 'contact-notice')",
        )
        .bind(recipient.folded())
        .bind(since.as_microsecond())
        .fetch_one(conn)
        .await?))
    }

    /// Notes that the wanted mailbox has proven itself; the first time counts.
    pub async fn prove_change(&mut self, id: &ChangeId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE contact_changes SET proven_at = $2 WHERE id = $1 AND proven_at IS NULL AND settled_at IS NULL",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// When the sweep looks at a change again; `None` where only somebody's act moves it.
    pub async fn look_at_change(&mut self, id: &ChangeId, next_at: Option<Timestamp>) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("UPDATE contact_changes SET next_at = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(micros(next_at))
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Notes that the committee was told; `true` the first time.
    pub async fn change_told(&mut self, id: &ChangeId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE contact_changes SET told_at = $2 WHERE id = $1 AND told_at IS NULL",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Ends a change; `false` if it had ended before.
    pub async fn settle_change(
        &mut self,
        id: &ChangeId,
        outcome: Outcome,
        ground: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE contact_changes SET settled_at = $2, outcome = $3, ground = $4, next_at = NULL
             WHERE id = $1 AND settled_at IS NULL",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .bind(outcome.word())
        .bind(ground)
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Keeps what somebody says about a change; of each speaker the last word counts.
    pub async fn speak(&mut self, change: &ChangeId, voice: &Voice) -> Result<(), StoreError> {
        let (kind, id) = match &voice.speaker {
            Speaker::Member(email) => ("member", email.folded()),
            Speaker::Contact(id) => ("contact", id.to_string()),
        };
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO contact_voices (change_id, speaker, speaker_id, word, at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (change_id, speaker, speaker_id) DO UPDATE SET word = excluded.word, at = excluded.at",
        )
        .bind(change.as_str())
        .bind(kind)
        .bind(id)
        .bind(if voice.is_for { "for" } else { "against" })
        .bind(voice.at.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// What was said about a change, in the order it was said.
    pub async fn voices_of(&mut self, change: &ChangeId) -> Result<Vec<Voice>, StoreError> {
        voices_of(self.conn(), change).await
    }

    /// Notes that a letter told an old contact of a change.
    pub async fn note_notice(&mut self, change: &ChangeId, letter: &LetterId) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("INSERT INTO contact_notices (change_id, letter_id) VALUES ($1, $2)")
            .bind(change.as_str())
            .bind(letter.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// How the letters stand that told the old contacts of a change.
    pub async fn notices_of(&mut self, change: &ChangeId) -> Result<Notices, StoreError> {
        notices_of(self.conn(), change).await
    }
}

async fn notices_of(conn: Conn<'_>, change: &ChangeId) -> Result<Notices, StoreError> {
    either!(conn, conn => {
        let row = sqlx::query(
            "SELECT COUNT(*) AS written, COUNT(*) - COUNT(l.settled_at) AS waiting, MAX(l.sent_at) AS last_sent_at
             FROM contact_notices n JOIN letters l ON l.id = n.letter_id WHERE n.change_id = $1",
        )
        .bind(change.as_str())
        .fetch_one(conn)
        .await?;
        Ok(Notices {
            written: row.number("written")?,
            waiting: row.number("waiting")?,
            last_sent_at: row.time_or_null("last_sent_at")?,
        })
    })
}

async fn find(conn: Conn<'_>, sql: &'static str, id: &ChangeId) -> Result<Option<ChangeRow>, StoreError> {
    either!(conn, conn => one(sqlx::query(sql).bind(id.as_str()).fetch_optional(conn).await?, change_row))
}

async fn voices_of(conn: Conn<'_>, change: &ChangeId) -> Result<Vec<Voice>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(
            "SELECT speaker, speaker_id, word, at FROM contact_voices WHERE change_id = $1 ORDER BY at, speaker_id",
        )
        .bind(change.as_str())
        .fetch_all(conn)
        .await?,
        voice,
    ))
}

fn voice(row: &impl Columns) -> Result<Voice, StoreError> {
    let speaker_id = row.text("speaker_id")?;
    Ok(Voice {
        speaker: row.word("speaker", |kind| match kind {
            "member" => Mailbox::parse(&speaker_id).ok().map(Speaker::Member),
            "contact" => Some(Speaker::Contact(ContactId::from_row(speaker_id.clone()))),
            _ => None,
        })?,
        is_for: row.word("word", |word| match word {
            "for" => Some(true),
            "against" => Some(false),
            _ => None,
        })?,
        at: row.time("at")?,
    })
}

fn change_row(row: &impl Columns) -> Result<ChangeRow, StoreError> {
    let wanted = match (row.mailbox_or_null("address")?, row.word_or_null("delivery", DeliveryMode::from_word)?) {
        (Some(email), Some(_)) => Some(contact_of_row(row, email)?),
        _ => None,
    };
    Ok(ChangeRow {
        id: ChangeId::from_row(row.text("id")?),
        project: row.word("project_id", ProjectId::parse)?,
        kind: row.word("kind", ChangeKind::from_word)?,
        contact: row.text_or_null("contact_id")?.map(ContactId::from_row),
        old_address: row.mailbox_or_null("old_address")?,
        asked_through: row.word("asked_through", AskedThrough::from_word)?,
        asked_by: row.text("asked_by")?,
        note: row.text_or_null("note")?,
        asked_at: row.time("asked_at")?,
        wanted,
        itself_at: row.time_or_null("itself_at")?,
        proven_at: row.time_or_null("proven_at")?,
        told_at: row.time_or_null("told_at")?,
        settled_at: row.time_or_null("settled_at")?,
        outcome: row.word_or_null("outcome", Outcome::from_word)?,
        ground: row.text_or_null("ground")?,
    })
}
