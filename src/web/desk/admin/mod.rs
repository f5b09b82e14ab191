//! `/admin`: how the house itself is. People, mail, bans, what is kept how long, the record; letters and settings on pages
//! of their own.

mod letters;
mod parts;
mod settings;

pub use settings::SettingsInForce;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::domain::abuse::QUARANTINE_LIFE;
use crate::domain::address::Mailbox;
use crate::domain::directory::Directory;
use crate::domain::retention::{CASE_LIFE, ORIGINALS_LIFE};
use crate::flows::proofs::MailboxHealth;
use crate::flows::relay_state::RelayState;
use crate::store::{AuditRow, BanLine, DeskCounts, OutboxCounts, RetentionCounts, Seal};
use crate::web::WebState;
use crate::web::desk::{BOUNCES_OF, ROWS, desk_page, sight};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;

/// What goes within so long is counted.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The routes of the house.
pub fn routes() -> Router<WebState> {
    Router::new().route("/admin", get(show)).merge(letters::routes()).merge(settings::routes())
}

/// What the page shows.
struct View<'a> {
    directory: &'a Directory,
    last_sign_ins: Vec<(Mailbox, Timestamp)>,
    counts: DeskCounts,
    mailbox: MailboxHealth,
    outbox: OutboxCounts,
    /// Letters that were refused lately.
    bounces: i64,
    relay: RelayState,
    relay_configured: bool,
    bans: Vec<BanLine>,
    retention: RetentionCounts,
    seal: Option<Seal>,
    audit: Option<AuditRow>,
    now: Timestamp,
}

async fn show(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let (store, now, policy) = (&state.house.store, state.house.now(), state.house.policy());
    let (soon, marks) = (now + SOON, store.marks().await?);
    let kept = sight::kept_from(&state.house, &member).await?;
    let mut bans = store.bans(ROWS).await?;
    bans.retain(|line| line.ban.is_in_force(now));
    let view = View {
        directory: &policy.directory,
        last_sign_ins: store.last_sign_ins().await?,
        counts: sight::counts(&state.house, &member, &kept, now).await?,
        mailbox: MailboxHealth::of(&marks),
        outbox: store.outbox_counts(Some(&member.email)).await?,
        bounces: store.mail_state(&member.email, now - BOUNCES_OF).await?.bounces,
        relay: RelayState::of(&marks),
        relay_configured: state.relay_configured,
        bans,
        retention: store.retention_counts(soon - ORIGINALS_LIFE, soon - CASE_LIFE, soon - QUARANTINE_LIFE).await?,
        seal: store.last_seal().await?,
        audit: store.last_audit().await?,
        now,
    };
    Ok(desk_page(&state, &member, Place::Admin, "Admin", page(&view)).await?)
}

fn page(view: &View<'_>) -> Markup {
    html! {
        h1 { "Admin" }
        p.muted { "How the house itself is. Nothing here is of a single case." }
        (parts::people(view))
        (parts::mail(view))
        (parts::bans(view))
        (parts::retention(&view.retention))
        (parts::record(view.seal.as_ref(), view.audit.as_ref(), view.now))
        (parts::backups())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ban::BanTarget;
    use crate::domain::id::BanId;
    use crate::store::BanRow;
    use crate::web::samples::{HOSTILE, directory, hours, mailbox, now, safe};

    fn view(directory: &Directory) -> View<'_> {
        View {
            directory,
            last_sign_ins: vec![(mailbox("ada@story.example"), now() - hours(3))],
            counts: DeskCounts { last_arrival_at: Some(now() - hours(1)), unfiled: 2, ..DeskCounts::default() },
            mailbox: MailboxHealth::default(),
            outbox: OutboxCounts { waiting: 4, deferred: 1, refused: 9 },
            bounces: 2,
            relay: RelayState { lost_at: Some(now() - hours(2)), back_at: None },
            relay_configured: true,
            bans: vec![BanLine {
                ban: BanRow {
                    id: BanId::from_row("ban"),
                    target: BanTarget::Address(mailbox("kit@elsewhere.example")),
                    proposed_at: now() - hours(48),
                    banned_at: Some(now() - hours(24)),
                    until: Some(now() + hours(89 * 24)),
                    ended_at: None,
                    ended_by: None,
                },
                votes: vec!["ada@story.example".to_owned()],
                appeals: Vec::new(),
            }],
            retention: RetentionCounts { originals: 3, texts: 1, quarantine: 14, unseen: 2, erased: 7 },
            seal: None,
            audit: Some(AuditRow { at: now() - hours(5), cases: 42, entries: 900, findings: 1, seal: Some(6) }),
            now: now(),
        }
    }

    #[test]
    fn the_page_says_of_each_part_of_the_house_how_it_is() {
        let directory = directory();
        let shown = safe(page(&view(&directory)));
        for words in [
            "Ada Chair",
            "Fri 2026-11-20 11:00 UTC",
            "2 messages wait to be worked on",
            "No letter has reached it since",
            "4 waiting, 1 to be tried again, 2 bounces this week",
            "kit@elsewhere.example",
            "Wed 2027-02-17 14:00 UTC",
            "3 cases",
            "14 mails",
            "1 found",
            "Nothing is sealed yet.",
            "There is no backup command yet.",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(shown.contains("action=\"/senders/lift\""), "{shown}");
    }

    #[test]
    fn whoever_never_signed_in_and_what_never_happened_is_said_so() {
        let mut directory = directory();
        directory.board.push(mailbox("board@story.example"));
        directory.committee[0].name = HOSTILE.to_owned();
        let quiet = View {
            last_sign_ins: Vec::new(),
            bans: Vec::new(),
            audit: None,
            relay: RelayState::default(),
            relay_configured: false,
            ..view(&directory)
        };
        let shown = safe(page(&quiet));
        assert_eq!(shown.matches("never").count(), 2, "{shown}");
        for words in ["board@story.example", "Nobody is banned.", "No audit was run yet.", "None is configured"] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }
}
