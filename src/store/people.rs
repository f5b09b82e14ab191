//! Parties: who takes part in a case, and by which address.

use jiff::Timestamp;

use super::columns::{Columns, all, one, plain_or_null};
use super::facts::Proven;
use super::{Conn, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::id::{CaseId, HandlingId, PartyId};
use crate::domain::party::{Party, PartyRole, Shares};

/// A report by its reporter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    pub number: CaseRef,
    pub received_at: Timestamp,
    pub party: Party,
}

impl Store {
    /// The last `limit` reports of whoever has this address, the newest first.
    pub async fn reported_by(&self, address: &Mailbox, limit: i64) -> Result<Vec<Reported>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT p.id, p.case_id, p.handling_id, p.address, p.name, p.list_at, p.shares, p.generation, c.number,
                     c.arrived_at
                 FROM parties p JOIN cases c ON c.id = p.case_id
                 WHERE p.handling_id IS NULL AND lower(p.address) = $1 ORDER BY c.arrived_at DESC, p.id DESC LIMIT $2",
            )
            .bind(address.folded())
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok(Reported {
                number: CaseRef::from_row(row.text("number")?),
                received_at: row.time("arrived_at")?,
                party: party_of_row(row)?,
            }),
        ))
    }

    /// The parties of a case, in the order they came in.
    pub async fn parties_of(&self, case: &CaseId) -> Result<Vec<Party>, StoreError> {
        parties_of(self.reader().await?.conn(), case).await
    }

    /// The party of that id.
    pub async fn party(&self, id: &PartyId) -> Result<Option<Party>, StoreError> {
        party(self.reader().await?.conn(), id).await
    }
}

impl Tx<'_> {
    /// Adds a party to its case.
    pub async fn insert_party(&mut self, party: &Party, created_at: Timestamp) -> Result<(), StoreError> {
        self.changed(Proven::Parties, party.id.as_str());
        let handling = match &party.role {
            PartyRole::Reporter => None,
            PartyRole::Contact(handling) => Some(handling),
        };
        let created_at = created_at.as_microsecond();
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO parties (id, case_id, handling_id, address, name, list_at, shares, generation, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(party.id.as_str())
        .bind(party.case.as_str())
        .bind(handling.map(HandlingId::as_str))
        .bind(party.mailbox.as_ref().map(Mailbox::as_str))
        .bind(plain_or_null(party.name.as_deref()))
        .bind(party.is_list.then_some(created_at))
        .bind(party.shares.word())
        .bind(party.generation)
        .bind(created_at)
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The parties of a case, in the order they came in.
    pub async fn parties_of(&mut self, case: &CaseId) -> Result<Vec<Party>, StoreError> {
        parties_of(self.conn(), case).await
    }

    /// The party of that id.
    pub async fn party(&mut self, id: &PartyId) -> Result<Option<Party>, StoreError> {
        party(self.conn(), id).await
    }
}

macro_rules! select_party {
    ($rest:literal) => {
        concat!("SELECT id, case_id, handling_id, address, name, list_at, shares, generation FROM parties ", $rest)
    };
}

async fn parties_of(conn: Conn<'_>, case: &CaseId) -> Result<Vec<Party>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(select_party!("WHERE case_id = $1 ORDER BY created_at, id"))
            .bind(case.as_str())
            .fetch_all(conn)
            .await?,
        party_of_row,
    ))
}

async fn party(conn: Conn<'_>, id: &PartyId) -> Result<Option<Party>, StoreError> {
    either!(conn, conn => one(
        sqlx::query(select_party!("WHERE id = $1")).bind(id.as_str()).fetch_optional(conn).await?,
        party_of_row,
    ))
}

fn party_of_row(row: &impl Columns) -> Result<Party, StoreError> {
    Ok(Party {
        id: PartyId::from_row(row.text("id")?),
        case: CaseId::from_row(row.text("case_id")?),
        role: match row.text_or_null("handling_id")? {
            Some(handling) => PartyRole::Contact(HandlingId::from_row(handling)),
            None => PartyRole::Reporter,
        },
        mailbox: row.mailbox_or_null("address")?,
        name: row.text_or_null("name")?,
        is_list: row.is_set("list_at")?,
        shares: row.word("shares", Shares::from_word)?,
        generation: row.number("generation")?,
    })
}
