//! What stands in the rows: read straight from the database, beside the program and without its help.

use std::collections::{BTreeMap, BTreeSet};

use fingerpost::store::DatabaseUrl;
use sqlx::{Connection, PgConnection, Row, SqliteConnection};

/// Reads the rows of either database.
pub enum Eye {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

macro_rules! rows {
    ($eye:expr, $sql:literal, $row:ident => $made:expr) => {
        match $eye {
            Eye::Sqlite(conn) => {
                let found = sqlx::query($sql).fetch_all(&mut *conn).await.expect("the rows can be read");
                found.iter().map(|$row| $made).collect()
            }
            Eye::Postgres(conn) => {
                let found = sqlx::query($sql).fetch_all(&mut *conn).await.expect("the rows can be read");
                found.iter().map(|$row| $made).collect()
            }
        }
    };
}

/// Microseconds since 1970, as times stand in rows.
pub type Micros = i64;

/// All that the invariants speak of, at one moment. By id where rows are compared with earlier ones.
#[derive(Default)]
pub struct Seen {
    pub arrivals: BTreeMap<String, ArrivalSeen>,
    pub cases: BTreeMap<String, CaseSeen>,
    pub handlings: BTreeMap<String, HandlingSeen>,
    pub clocks: BTreeMap<String, ClockSeen>,
    pub letters: BTreeMap<String, LetterSeen>,
    pub parties: BTreeMap<String, PartySeen>,
    pub messages: BTreeMap<String, MessageSeen>,
    pub quarantine: BTreeMap<String, QuarantineSeen>,
    /// Arrival by report.
    pub reports: BTreeMap<String, String>,
    /// Domains of contacts that are known to take no mail.
    pub gone: BTreeSet<String>,
    /// The board's quarters, by their due month.
    pub quarters: BTreeMap<String, QuarterSeen>,
    pub bans: BTreeMap<String, BanSeen>,
    /// Cases that members linked, each with the one that told of the flaw first.
    pub duplicates: BTreeMap<String, String>,
    /// Of each case, in order.
    pub events: BTreeMap<String, Vec<EventSeen>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalSeen {
    pub filed_as: Option<String>,
    pub case: Option<String>,
    pub message_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSeen {
    pub number: String,
    pub state: String,
    pub closed_by: Option<String>,
    pub looks_like_noise: bool,
    pub arrived_at: Micros,
    /// Since when it is known that the flaw is used against people.
    pub exploited_at: Option<Micros>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlingSeen {
    pub case: String,
    pub project: String,
    pub state: String,
    pub acknowledged_by: Option<String>,
    pub closed_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockSeen {
    pub case: String,
    pub handling: Option<String>,
    pub kind: String,
    pub started_at: Micros,
    pub target: Micros,
    pub due_at: Micros,
    pub stopped_at: Option<Micros>,
    pub ended_as: Option<String>,
    pub stopped_by: Option<String>,
    pub told: Micros,
    pub is_paused: bool,
    pub paused: Micros,
    /// Until when its reminders rest.
    pub silent_until: Option<Micros>,
}

impl ClockSeen {
    /// Whether it is one of the two promises that reach the board.
    pub fn is_promise(&self) -> bool {
        matches!(self.kind.as_str(), "first-reply" | "acknowledge")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterSeen {
    pub kind: String,
    pub case: Option<String>,
    pub handling: Option<String>,
    pub party: Option<String>,
    pub recipient: String,
    pub created_at: Micros,
    pub due_at: Micros,
    pub settled_at: Option<Micros>,
    pub sent_at: Option<Micros>,
    pub refused_at: Option<Micros>,
    pub withdrawn_at: Option<Micros>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartySeen {
    pub case: String,
    pub handling: Option<String>,
    pub address: Option<String>,
    pub shares: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageSeen {
    pub case: Option<String>,
    pub lane: Option<String>,
    pub handling: Option<String>,
    pub author: String,
    pub is_passed_on: bool,
    pub party: Option<String>,
    pub arrival: Option<String>,
    pub held_at: Option<Micros>,
    pub decided_at: Option<Micros>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineSeen {
    pub from: Option<String>,
    pub seen_at: Option<Micros>,
    pub released_at: Option<Micros>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanSeen {
    pub target: String,
    pub banned_at: Option<Micros>,
    pub until_at: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub ended_by: Option<String>,
    pub appeals: i64,
}

impl BanSeen {
    pub fn is_in_force(&self, now: Micros) -> bool {
        self.banned_at.is_some() && self.ended_at.is_none() && self.until_at.is_some_and(|until| now < until)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarterSeen {
    /// What the board reads.
    pub texts: String,
    pub told_late_at: Option<Micros>,
    pub approved_by: Option<String>,
    /// As JSON, once they are frozen.
    pub figures: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSeen {
    pub kind: String,
    pub actor: String,
    pub detail: String,
    pub hash: String,
}

impl Eye {
    /// An eye on that database.
    pub async fn on(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(file) => {
                let file = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
                Self::Sqlite(SqliteConnection::connect_with(&file).await.expect("the file is there"))
            }
            DatabaseUrl::Postgres(url) => {
                Self::Postgres(PgConnection::connect(url).await.expect("the server is there"))
            }
        }
    }

    /// Everything as it stands now.
    pub async fn look(&mut self) -> Seen {
        let mut seen = Seen { events: self.events().await, ..Seen::default() };
        seen.arrivals = rows!(self, "SELECT id, filed_as, case_id, message_id FROM journal", row => (
            row.get("id"),
            ArrivalSeen { filed_as: row.get("filed_as"), case: row.get("case_id"), message_id: row.get("message_id") },
        ));
        seen.cases = rows!(self, "SELECT id, number, state, closed_by, noise, seen_at, arrived_at, exploited_at FROM cases", row => (
            row.get("id"),
            CaseSeen {
                number: row.get("number"),
                state: row.get("state"),
                closed_by: row.get("closed_by"),
                looks_like_noise: row.get::<Option<String>, _>("noise").is_some()
                    && row.get::<Option<Micros>, _>("seen_at").is_none(),
                arrived_at: row.get("arrived_at"),
                exploited_at: row.get("exploited_at"),
            },
        ));
        self.look_at_the_work(&mut seen).await;
        self.look_at_the_mail(&mut seen).await;
        self.look_at_the_senders(&mut seen).await;
        seen.gone =
            rows!(self, "SELECT domain FROM contact_domains WHERE gone_at IS NOT NULL", row => row.get("domain"));
        seen.quarters = rows!(
            self,
            "SELECT month, activities, told_late_at, approved_by, figures FROM quarters",
            row => (
                row.get("month"),
                QuarterSeen {
                    texts: row.get("activities"),
                    told_late_at: row.get("told_late_at"),
                    approved_by: row.get("approved_by"),
                    figures: row.get("figures"),
                },
            )
        );
        seen
    }

    async fn look_at_the_work(&mut self, seen: &mut Seen) {
        seen.handlings = rows!(
            self,
            "SELECT id, case_id, project_id, state, acknowledged_by, closed_by FROM handlings",
            row => (
                row.get("id"),
                HandlingSeen {
                    case: row.get("case_id"),
                    project: row.get("project_id"),
                    state: row.get("state"),
                    acknowledged_by: row.get("acknowledged_by"),
                    closed_by: row.get("closed_by"),
                },
            )
        );
        seen.clocks = rows!(
            self,
            "SELECT id, case_id, handling_id, kind, started_at, target, due_at, stopped_at, ended_as, stopped_by, told,
                 paused_at, paused, snoozed_until FROM clocks",
            row => (
                row.get("id"),
                ClockSeen {
                    case: row.get("case_id"),
                    handling: row.get("handling_id"),
                    kind: row.get("kind"),
                    started_at: row.get("started_at"),
                    target: row.get("target"),
                    due_at: row.get("due_at"),
                    stopped_at: row.get("stopped_at"),
                    ended_as: row.get("ended_as"),
                    stopped_by: row.get("stopped_by"),
                    told: row.get("told"),
                    is_paused: row.get::<Option<Micros>, _>("paused_at").is_some(),
                    paused: row.get("paused"),
                    silent_until: row.get("snoozed_until"),
                },
            )
        );
        seen.parties = rows!(self, "SELECT id, case_id, handling_id, address, shares FROM parties", row => (
            row.get("id"),
            PartySeen {
                case: row.get("case_id"),
                handling: row.get("handling_id"),
                address: row.get("address"),
                shares: row.get("shares"),
            },
        ));
    }

    async fn look_at_the_mail(&mut self, seen: &mut Seen) {
        seen.letters = rows!(
            self,
            "SELECT id, kind, case_id, handling_id, party_id, recipient, created_at, due_at, settled_at, sent_at,
                 refused_at, withdrawn_at FROM letters",
            row => (
                row.get("id"),
                LetterSeen {
                    kind: row.get("kind"),
                    case: row.get("case_id"),
                    handling: row.get("handling_id"),
                    party: row.get("party_id"),
                    recipient: row.get("recipient"),
                    created_at: row.get("created_at"),
                    due_at: row.get("due_at"),
                    settled_at: row.get("settled_at"),
                    sent_at: row.get("sent_at"),
                    refused_at: row.get("refused_at"),
                    withdrawn_at: row.get("withdrawn_at"),
                },
            )
        );
        seen.messages = rows!(
            self,
            "SELECT id, case_id, lane, handling_id, author, passed_on_from, party_id, arrival_id, held_at, decided_at
             FROM messages",
            row => (
                row.get("id"),
                MessageSeen {
                    case: row.get("case_id"),
                    lane: row.get("lane"),
                    handling: row.get("handling_id"),
                    author: row.get("author"),
                    is_passed_on: row.get::<Option<String>, _>("passed_on_from").is_some(),
                    party: row.get("party_id"),
                    arrival: row.get("arrival_id"),
                    held_at: row.get("held_at"),
                    decided_at: row.get("decided_at"),
                },
            )
        );
        seen.quarantine = rows!(self, "SELECT arrival_id, from_folded, seen_at, released_at FROM quarantine", row => (
            row.get("arrival_id"),
            QuarantineSeen {
                from: row.get("from_folded"),
                seen_at: row.get("seen_at"),
                released_at: row.get("released_at"),
            },
        ));
        seen.reports = rows!(self, "SELECT id, arrival_id FROM reports", row => (row.get("id"), row.get("arrival_id")));
    }

    async fn look_at_the_senders(&mut self, seen: &mut Seen) {
        seen.bans = rows!(
            self,
            "SELECT b.id, b.target, b.banned_at, b.until_at, b.ended_at, b.ended_by,
                 (SELECT COUNT(*) FROM appeals a WHERE a.ban_id = b.id) AS appeals FROM bans b",
            row => (
                row.get("id"),
                BanSeen {
                    target: row.get("target"),
                    banned_at: row.get("banned_at"),
                    until_at: row.get("until_at"),
                    ended_at: row.get("ended_at"),
                    ended_by: row.get("ended_by"),
                    appeals: row.get("appeals"),
                },
            )
        );
        seen.duplicates = rows!(self, "SELECT case_id, of_case_id FROM duplicates", row => (row.get("case_id"), row.get("of_case_id")));
    }

    /// When the relay was found to be gone, if letters are claimed now all the same.
    pub async fn lost_with_claims(&mut self) -> Option<Micros> {
        let moments: Vec<Micros> = rows!(
            self,
            "SELECT at FROM marks WHERE name = 'relay-lost' AND EXISTS (
                 SELECT 1 FROM letters WHERE claimed_by IS NOT NULL AND settled_at IS NULL)",
            row => row.get("at")
        );
        moments.into_iter().next()
    }

    async fn events(&mut self) -> BTreeMap<String, Vec<EventSeen>> {
        let all: Vec<(String, EventSeen)> = rows!(
            self,
            "SELECT case_id, kind, actor, detail, hash FROM events ORDER BY case_id, sequence",
            row => (
                row.get("case_id"),
                EventSeen {
                    kind: row.get("kind"),
                    actor: row.get("actor"),
                    detail: row.get("detail"),
                    hash: row.get("hash"),
                },
            )
        );
        let mut by_case: BTreeMap<String, Vec<EventSeen>> = BTreeMap::new();
        for (case, event) in all {
            by_case.entry(case).or_default().push(event);
        }
        by_case
    }

    /// The next moment in `(now, end]` at which something falls due, else `end`.
    pub async fn next_due(&mut self, now: Micros, end: Micros) -> Micros {
        let moments: Vec<Option<Micros>> = rows!(
            self,
            "SELECT due_at AS at FROM letters WHERE settled_at IS NULL
             UNION SELECT next_at FROM clocks WHERE stopped_at IS NULL AND next_at IS NOT NULL
             UNION SELECT next_at FROM contacts WHERE removed_at IS NULL
             UNION SELECT next_at FROM contact_changes WHERE settled_at IS NULL AND next_at IS NOT NULL",
            row => row.get("at")
        );
        moments.into_iter().flatten().filter(|at| (now + 1..=end).contains(at)).min().unwrap_or(end)
    }
}
