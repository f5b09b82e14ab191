//! What the stories have in common: a database, and rows that are there before a story begins.

use std::sync::atomic::{AtomicU64, Ordering};

use fingerpost::domain::address::{Addressee, Mailbox};
use fingerpost::domain::case::{CaseRef, CaseState};
use fingerpost::domain::directory::ProjectId;
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::id::{ArrivalId, CaseId, HandlingId, LetterId, PartyId, ReportId};
use fingerpost::domain::judgement::{Candidate, Evidence, Field, Judgement, Span, Speaks, Strength};
use fingerpost::domain::letter::{Letter, LetterKind};
use fingerpost::domain::party::{Party, PartyRole, Shares};
use fingerpost::domain::report::{Door, Raw, Remote, TextSource};
use fingerpost::store::{Claimer, DatabaseUrl, HandlingRow, JournalEntry, NewCase, ReportRow, Role, Store};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::postgres;

/// A database of one story's own.
pub struct House {
    pub url: DatabaseUrl,
    /// Where SQLite's file is.
    pub folder: Option<TempDir>,
}

impl House {
    pub fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fingerpost.db");
        Self { url: DatabaseUrl::parse(&format!("sqlite://{}", file.display())).unwrap(), folder: Some(folder) }
    }

    pub async fn on_postgres() -> Option<Self> {
        let url = postgres::fresh_database().await?;
        Some(Self { url: DatabaseUrl::parse(&url).unwrap(), folder: None })
    }

    pub fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }

    /// The store, as a worker opens it.
    pub async fn store(&self) -> Store {
        self.node("boot-1").await
    }

    /// The store as another start, or on PostgreSQL another node, opens it.
    pub async fn node(&self, boot: &str) -> Store {
        Store::open(&self.url, Role::Worker, Claimer::new("node", boot)).await.unwrap()
    }
}

/// The moment at which the stories begin.
pub fn noon() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

pub fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

pub fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

pub fn project(id: &str) -> ProjectId {
    ProjectId::parse(id).unwrap()
}

/// Ten bytes that no other row has; they grow, so that ids made in one millisecond sort as they were made.
pub fn dice() -> [u8; 10] {
    static ROLLS: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 10];
    // Ids keep 62 of the last 64 bits whole; this stays far below them.
    bytes[2..].copy_from_slice(&ROLLS.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

/// A small mail to the security address.
pub fn entry(raw: &[u8]) -> JournalEntry {
    JournalEntry {
        id: ArrivalId::new(noon(), dice()),
        arrived_at: noon(),
        door: Door::File,
        peer: None,
        sender: Some(mailbox("jane@finder.example")),
        addressees: vec![Addressee::Security],
        raw: Raw::Memory(raw.to_vec()),
    }
}

pub fn judgement() -> Judgement {
    Judgement {
        candidates: vec![Candidate {
            project: project("parsely"),
            strength: Strength::Strong,
            evidence: vec![Evidence {
                clause: "subject says \"Parsely\"".to_owned(),
                speaks: Speaks::For,
                at: Some(Span { field: Field::Subject, start: 0, end: 7 }),
            }],
        }],
        noise: None,
    }
}

/// A case with its reporter, report and one handling.
pub struct Told {
    pub case: CaseId,
    pub number: CaseRef,
    pub arrival: ArrivalId,
    pub reporter: Party,
    pub report: ReportRow,
    pub handling: HandlingRow,
}

/// Puts a case into the store whose report by `from` came at `at`, and which went to project `parsely`.
pub async fn tell(store: &Store, from: &str, at: Timestamp) -> Told {
    tell_through(store, Door::Smtp, from, at).await
}

/// The same with a report that came through `door`.
pub async fn tell_through(store: &Store, door: Door, from: &str, at: Timestamp) -> Told {
    let mut message = entry(b"Subject: flaw in Parsely\r\n\r\nIt crashes.\r\n");
    message.door = door;
    message.id = ArrivalId::new(at, dice());
    message.arrived_at = at;
    store.keep(message.clone()).await.unwrap();

    let mut tx = store.begin().await.unwrap();
    let case = CaseId::new(at, dice());
    let number = CaseRef::new("SEC", 2026, tx.next_case_number(2026).await.unwrap());
    tx.insert_case(&NewCase {
        id: &case,
        number: &number,
        title: "flaw in Parsely",
        state: CaseState::Routed,
        arrived_at: at,
        opened_at: at,
        waits_because: None,
        judgement: &judgement(),
    })
    .await
    .unwrap();
    let reporter = Party {
        id: PartyId::new(at, dice()),
        case: case.clone(),
        role: PartyRole::Reporter,
        mailbox: Some(mailbox(from)),
        name: Some("Jane".to_owned()),
        is_list: false,
        shares: Shares::Nothing,
        generation: 0,
    };
    tx.insert_party(&reporter, at).await.unwrap();
    let report = ReportRow {
        id: ReportId::new(at, dice()),
        case: case.clone(),
        arrival: message.id.clone(),
        party: reporter.id.clone(),
        arrived_at: at,
        from_name: Some("Jane".to_owned()),
        from: Some(mailbox(from)),
        subject: "flaw in Parsely".to_owned(),
        body: "It crashes.\n".to_owned(),
        shared: "Subject: flaw in Parsely\n\nIt crashes.\n".to_owned(),
        text_source: TextSource::Plain,
        remote: Remote::default(),
        encryption: None,
        automatic: None,
        unreadable: None,
        proof: "SPF pass for finder.example".to_owned(),
        proven: true,
        chosen: vec![project("parsely")],
    };
    tx.insert_report(&report).await.unwrap();
    let handling = HandlingRow {
        id: HandlingId::new(at, dice()),
        case: case.clone(),
        project: project("parsely"),
        state: HandlingState::Sent,
        channel: "mail".to_owned(),
        decided_at: at,
        decided_by: "program".to_owned(),
        acknowledged_at: None,
        acknowledged_by: None,
        acknowledged_how: None,
        withdrawn_at: None,
        handed_over_at: None,
        handed_over_by: None,
        handed_over_how: None,
        closed_at: None,
        closed_by: None,
    };
    tx.insert_handling(&handling).await.unwrap();
    tx.commit().await.unwrap();
    Told { case, number, arrival: message.id, reporter, report, handling }
}

/// A letter that belongs to no case.
pub fn letter(kind: LetterKind, to: &str, due_at: Timestamp) -> Letter {
    let id = LetterId::new(noon(), dice());
    Letter {
        kind,
        case: None,
        handling: None,
        party: None,
        said_in: None,
        recipient: mailbox(to),
        message_id: format!("{id}@foundation.example"),
        subject: "About your report".to_owned(),
        bytes: b"Subject: About your report\r\n\r\nThank you.\r\n".to_vec(),
        created_at: noon(),
        due_at,
        id,
    }
}
