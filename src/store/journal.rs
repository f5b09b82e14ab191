//! Every message as it came: kept, claimed, filed once, and found again as the twin of a later one.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::columns::{Columns, all, hex, impossible, one, plain, plain_or_null};
use super::{Conn, Dialects, Store, StoreError, Tx};
use crate::domain::address::{Addressee, Mailbox};
use crate::domain::case::CaseRef;
use crate::domain::echo::subject_key;
use crate::domain::id::{ArrivalId, CaseId};
use crate::domain::report::{CHUNK, Door, Peer, Raw};

/// A message on its way into the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    pub id: ArrivalId,
    pub arrived_at: Timestamp,
    pub door: Door,
    pub peer: Option<Peer>,
    /// `None` is the null return path.
    pub sender: Option<Mailbox>,
    pub addressees: Vec<Addressee>,
    pub raw: Raw,
}

/// An arrival to work on, without its bytes: those are read by [`Store::raw`] once there is room for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedArrival {
    pub id: ArrivalId,
    pub arrived_at: Timestamp,
    pub door: Door,
    pub peer: Option<Peer>,
    pub sender: Option<Mailbox>,
    pub addressees: Vec<Addressee>,
    /// Bytes of the message.
    pub size: u64,
    /// How often the program died while it worked on this one.
    pub deaths: i64,
}

/// What became of an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FiledAs {
    /// It opened a case.
    Report,
    /// It went into a lane of a case.
    Message,
    /// A member has to say where it belongs.
    Held,
    /// A bounce, auto-reply or the like.
    Automatic,
    /// The same mail was here before.
    Twin,
    /// No case was made of it, and a member can see why.
    SetAside,
    /// Suspected spam or a banned sender: kept for a member, never answered.
    Quarantine,
}

impl FiledAs {
    const ALL: [Self; 7] =
        [Self::Report, Self::Message, Self::Held, Self::Automatic, Self::Twin, Self::SetAside, Self::Quarantine];

    /// The word that stands in the row.
    pub fn word(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Message => "message",
            Self::Held => "held",
            Self::Automatic => "automatic",
            Self::Twin => "twin",
            Self::SetAside => "set-aside",
            Self::Quarantine => "quarantine",
        }
    }

    /// What a row's word says.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filed| filed.word() == word)
    }
}

/// The last word on an arrival, and what of it a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    pub filed_as: FiledAs,
    pub at: Timestamp,
    pub case: Option<CaseId>,
    pub because: Option<String>,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// The From mailbox.
    pub from: Option<String>,
    pub subject: Option<String>,
    /// SHA-256 of all bytes after the header block.
    pub body_sha256: Option<[u8; 32]>,
}

/// The four by which a twin is known (DESIGN.md 3.1).
#[derive(Debug, Clone, Copy)]
pub struct TwinKey<'a> {
    pub message_id: &'a str,
    pub from: &'a Mailbox,
    pub addressees: &'a [Addressee],
    pub body_sha256: &'a [u8; 32],
}

/// The earlier one of two twins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    pub arrival: ArrivalId,
    pub case: Option<CaseId>,
}

/// One line of the lists of filed mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledLine {
    pub arrival: ArrivalId,
    pub arrived_at: Timestamp,
    pub filed_at: Timestamp,
    /// The envelope's.
    pub sender: Option<Mailbox>,
    /// The From mailbox.
    pub from: Option<String>,
    pub subject: Option<String>,
    pub because: Option<String>,
    pub case_number: Option<CaseRef>,
    /// Bytes of the message.
    pub size: u64,
}

/// Fresh arrivals, oldest first: ids sort by time.
const CLAIM_FRESH: Dialects = skip_locked!(
    "WITH due AS MATERIALIZED (
         SELECT id FROM journal WHERE filed_at IS NULL AND claimed_by IS NULL AND deaths = 0 ORDER BY id LIMIT $2",
    ") UPDATE journal SET claimed_by = $1 WHERE id IN (SELECT id FROM due)
     RETURNING id, arrived_at, door, peer_ip, peer_helo, peer_trusted_at, sender, addressees, size, deaths"
);

/// One arrival over which the program has died.
const CLAIM_SUSPECT: Dialects = skip_locked!(
    "WITH due AS MATERIALIZED (
         SELECT id FROM journal WHERE filed_at IS NULL AND claimed_by IS NULL AND deaths > 0 ORDER BY id LIMIT 1",
    ") UPDATE journal SET claimed_by = $1 WHERE id IN (SELECT id FROM due)
     RETURNING id, arrived_at, door, peer_ip, peer_helo, peer_trusted_at, sender, addressees, size, deaths"
);

macro_rules! filed_lines {
    ($rest:literal) => {
        concat!(
            "SELECT j.id, j.arrived_at, j.filed_at, j.sender, j.from_address, j.subject, j.filed_because, j.size, c.number
             FROM journal j LEFT JOIN cases c ON c.id = j.case_id ",
            $rest
        )
    };
}

impl Store {
    /// The bytes of an arrival as they came.
    ///
    /// # Errors
    /// `Corrupt` if there is no such arrival or some of its bytes are missing.
    pub async fn raw(&self, arrival: &ArrivalId) -> Result<Vec<u8>, StoreError> {
        let mut reader = self.reader().await?;
        let size = either!(reader.conn(), conn => one(
            sqlx::query("SELECT size FROM journal WHERE id = $1").bind(arrival.as_str()).fetch_optional(conn).await?,
            |row| row.size("size"),
        )?)
        .ok_or_else(|| StoreError::Corrupt(format!("there is no arrival {arrival}")))?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        // One at a time, so that a large message is in memory once and not twice.
        for (number, _) in (0_i64..).zip((0..size).step_by(CHUNK)) {
            let chunk: Vec<u8> = either!(reader.conn(), conn => sqlx::query_scalar(
                "SELECT bytes FROM blobs WHERE arrival_id = $1 AND chunk = $2",
            )
            .bind(arrival.as_str())
            .bind(number)
            .fetch_optional(conn)
            .await?)
            .unwrap_or_default();
            bytes.extend_from_slice(&chunk);
        }
        if bytes.len() as u64 == size {
            Ok(bytes)
        } else {
            Err(StoreError::Corrupt(format!("arrival {arrival} has {} of {size} bytes", bytes.len())))
        }
    }

    /// What was known of an arrival when it came, filed or not.
    pub async fn arrival(&self, arrival: &ArrivalId) -> Result<Option<ClaimedArrival>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(
                "SELECT id, arrived_at, door, peer_ip, peer_helo, peer_trusted_at, sender, addressees, size, deaths
                 FROM journal WHERE id = $1",
            )
            .bind(arrival.as_str())
            .fetch_optional(conn)
            .await?,
            claimed_arrival,
        ))
    }

    /// Claims up to `limit` arrivals to work on, oldest first. An arrival over which the program has died comes
    /// when no fresh one is left, and alone: if it kills again, no other is blamed.
    pub async fn claim_arrivals(&self, limit: i64) -> Result<Vec<ClaimedArrival>, StoreError> {
        let mut tx = self.begin().await?;
        let claimer = tx.claimer;
        let mut claimed = claim(tx.conn(), CLAIM_FRESH, claimer, limit).await?;
        if claimed.is_empty() {
            claimed = claim(tx.conn(), CLAIM_SUSPECT, claimer, 1).await?;
        }
        tx.commit().await?;
        claimed.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(claimed)
    }

    /// Gives an arrival back that was claimed and not filed; no death is counted.
    pub async fn release_arrival(&self, arrival: &ArrivalId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let claimer = tx.claimer;
        either!(tx.conn(), conn => sqlx::query("UPDATE journal SET claimed_by = NULL WHERE id = $1 AND claimed_by = $2")
            .bind(arrival.as_str())
            .bind(claimer)
            .execute(conn)
            .await
            .map(|_| ())?);
        tx.commit().await
    }

    /// How many arrivals are still to be worked on, claimed ones among them.
    pub async fn unfiled(&self) -> Result<i64, StoreError> {
        let mut reader = self.reader().await?;
        Ok(either!(reader.conn(), conn => sqlx::query_scalar("SELECT COUNT(*) FROM journal WHERE filed_at IS NULL")
            .fetch_one(conn)
            .await?))
    }

    /// The last `limit` arrivals that were filed so, newest first.
    pub async fn filed(&self, filed_as: FiledAs, limit: i64) -> Result<Vec<FiledLine>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(filed_lines!("WHERE j.filed_as = $1 ORDER BY j.filed_at DESC, j.id DESC LIMIT $2"))
                .bind(filed_as.word())
                .bind(limit)
                .fetch_all(conn)
                .await?,
            filed_line,
        ))
    }

    /// One arrival, if it is filed.
    pub async fn filed_one(&self, arrival: &ArrivalId) -> Result<Option<FiledLine>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(filed_lines!("WHERE j.id = $1 AND j.filed_at IS NOT NULL"))
                .bind(arrival.as_str())
                .fetch_optional(conn)
                .await?,
            filed_line,
        ))
    }
}

impl Tx<'_> {
    /// Whether a report of this case came by mail, through whatever door.
    pub async fn came_by_mail(&mut self, case: &CaseId) -> Result<bool, StoreError> {
        either!(self.conn(), conn => Ok(sqlx::query(
            "SELECT journal.id FROM reports JOIN journal ON journal.id = reports.arrival_id
             WHERE reports.case_id = $1 AND journal.door <> $2 LIMIT 1",
        )
        .bind(case.as_str())
        .bind(Door::Form.word())
        .fetch_optional(conn)
        .await?
        .is_some()))
    }

    /// Files an arrival; its claim ends. Only the first filing counts: `false` says that there was one before.
    pub async fn file_arrival(&mut self, arrival: &ArrivalId, filing: &Filing) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE journal SET filed_at = $2, filed_as = $3, filed_because = $4, case_id = $5, message_id = $6,
                 from_address = $7, subject = $8, body_sha256 = $9, subject_key = $10,
                 claimed_by = NULL
             WHERE id = $1 AND filed_at IS NULL",
        )
        .bind(arrival.as_str())
        .bind(filing.at.as_microsecond())
        .bind(filing.filed_as.word())
        .bind(plain_or_null(filing.because.as_deref()))
        .bind(filing.case.as_ref().map(CaseId::as_str))
        .bind(plain_or_null(filing.message_id.as_deref()))
        .bind(plain_or_null(filing.from.as_deref()))
        .bind(plain_or_null(filing.subject.as_deref()))
        .bind(filing.body_sha256.as_ref().map(hex))
        .bind(plain_or_null(filing.subject.as_deref().and_then(subject_key).as_deref()))
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// The first filed arrival with the same Message-ID, From, set of addressees and body, not itself a twin.
    pub async fn find_twin(&mut self, key: &TwinKey<'_>) -> Result<Option<Twin>, StoreError> {
        let candidates = either!(self.conn(), conn => all(
            &sqlx::query(
                "SELECT id, case_id, from_address, addressees FROM journal
                 WHERE message_id = $1 AND body_sha256 = $2 AND filed_at IS NOT NULL AND filed_as <> 'twin'
                 ORDER BY id",
            )
            .bind(plain(key.message_id))
            .bind(hex(key.body_sha256))
            .fetch_all(conn)
            .await?,
            |row| Ok((twin(row)?, row.text_or_null("from_address")?, addressees(row)?)),
        )?);
        let same_set = |others: &[Addressee]| {
            others.iter().collect::<BTreeSet<_>>() == key.addressees.iter().collect::<BTreeSet<_>>()
        };
        Ok(candidates
            .into_iter()
            .find(|(_, from, addressees)| {
                from.as_ref().is_some_and(|from| from.eq_ignore_ascii_case(key.from.as_str())) && same_set(addressees)
            })
            .map(|(twin, _, _)| twin))
    }
}

async fn claim(
    conn: Conn<'_>,
    statement: Dialects,
    claimer: &str,
    limit: i64,
) -> Result<Vec<ClaimedArrival>, StoreError> {
    let sql = conn.choose(statement);
    either!(conn, conn => all(
        &sqlx::query(sql).bind(claimer).bind(limit).fetch_all(conn).await?,
        claimed_arrival,
    ))
}

fn claimed_arrival(row: &impl Columns) -> Result<ClaimedArrival, StoreError> {
    Ok(ClaimedArrival {
        id: ArrivalId::from_row(row.text("id")?),
        arrived_at: row.time("arrived_at")?,
        door: row.word("door", Door::from_word)?,
        peer: peer(row)?,
        sender: row.mailbox_or_null("sender")?,
        addressees: addressees(row)?,
        size: row.size("size")?,
        deaths: row.number("deaths")?,
    })
}

fn peer(row: &impl Columns) -> Result<Option<Peer>, StoreError> {
    let Some(ip) = row.word_or_null("peer_ip", |ip| ip.parse().ok())? else { return Ok(None) };
    Ok(Some(Peer {
        ip,
        helo: row.text_or_null("peer_helo")?.unwrap_or_default(),
        is_trusted: row.is_set("peer_trusted_at")?,
    }))
}

fn addressees(row: &impl Columns) -> Result<Vec<Addressee>, StoreError> {
    row.text("addressees")?
        .lines()
        .map(|line| Addressee::from_row(line).ok_or_else(|| impossible("addressees")))
        .collect()
}

fn twin(row: &impl Columns) -> Result<Twin, StoreError> {
    Ok(Twin { arrival: ArrivalId::from_row(row.text("id")?), case: row.text_or_null("case_id")?.map(CaseId::from_row) })
}

fn filed_line(row: &impl Columns) -> Result<FiledLine, StoreError> {
    Ok(FiledLine {
        arrival: ArrivalId::from_row(row.text("id")?),
        arrived_at: row.time("arrived_at")?,
        filed_at: row.time("filed_at")?,
        sender: row.mailbox_or_null("sender")?,
        from: row.text_or_null("from_address")?,
        subject: row.text_or_null("subject")?,
        because: row.text_or_null("filed_because")?,
        case_number: row.text_or_null("number")?.map(CaseRef::from_row),
        size: row.size("size")?,
    })
}
