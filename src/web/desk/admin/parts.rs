//! The parts of `/admin`, one function each.

use jiff::Timestamp;
use maud::{Markup, html};

use super::View;
use crate::domain::address::Mailbox;
use crate::store::{AuditRow, BanLine, RetentionCounts, Seal};
use crate::web::mailbox::bounces_of_the_week;
use crate::web::{mailbox, when};

/// The committee and the board, as `projects.toml` has them.
pub(super) fn people(view: &View<'_>) -> Markup {
    html! {
        h2 { "People" }
        p { "As " code { "projects.toml" } " has them. Whoever leaves that file is signed out at once." }
        table.stacks {
            thead { tr { th scope="col" { "Name" } th scope="col" { "Address" } th scope="col" { "Role" } th scope="col" { "Since" } th scope="col" { "Last sign-in" } } }
            tbody {
                @for member in &view.directory.committee { tr {
                    td { (member.name) }
                    td { (member.email) }
                    td { (member.role) }
                    td { @if let Some(day) = member.term_start { span.label { "Since " } (day) } }
                    td { span.label { "Last sign-in: " } (last_sign_in(view, &member.email)) }
                } }
                @for seat in &view.directory.board { tr {
                    td { "Board of " (view.directory.foundation.name) }
                    td { (seat) }
                    td { "board" }
                    td {}
                    td { span.label { "Last sign-in: " } (last_sign_in(view, seat)) }
                } }
            }
        }
    }
}

fn last_sign_in(view: &View<'_>, email: &Mailbox) -> Markup {
    let found = view.last_sign_ins.iter().find(|(who, _)| who.folded() == email.folded());
    html! { @match found { Some((_, at)) => (when::time(*at)), None => "never" } }
}

/// What comes in, what goes out, and what came back.
pub(super) fn mail(view: &View<'_>) -> Markup {
    html! {
        h2 { "Mail" }
        dl.facts {
            dt { "Last message in" }
            dd { @match view.counts.last_arrival_at { Some(at) => (when::time(at)), None => "none yet" }
                @if view.counts.unfiled > 0 { ". " (view.counts.unfiled) " messages wait to be worked on" } }
            dt { "Loop test" }
            dd { (mailbox::footer(&view.mailbox, view.now).unwrap_or_else(|| html! { "none: it needs a relay" })) }
            dt { "security.txt" }
            dd { @match view.mailbox.proof.expires_at(view.now) {
                Some(end) if end > view.now => { "may be believed until " (when::time(end)) }
                Some(end) => { "ran out " (when::time(end)) " and is not served" }
                None => "not served yet",
            } }
            dt { "Relay" }
            dd { (relay(view)) }
            dt { "Outbox" }
            dd { (view.outbox.waiting) " waiting, " (view.outbox.deferred) " to be tried again, "
                (bounces_of_the_week(view.bounces)) ". " a href="/outbox" { "Open the outbox" } }
        }
    }
}

fn relay(view: &View<'_>) -> Markup {
    html! {
        @if !view.relay_configured { "None is configured, so letters wait" }
        @else if let Some(since) = view.relay.lost_since() { "No letter has reached it since " (when::time(since)) ". Letters wait, and none is lost" }
        @else if let Some(at) = view.relay.back_at { "It takes letters. Steady since " (when::time(at)) }
        @else { "No letter was sent yet" }
    }
}

/// Who is banned now, until when, and the way out.
pub(super) fn bans(view: &View<'_>) -> Markup {
    html! {
        h2 { "Bans" }
        @if view.bans.is_empty() { p { "Nobody is banned." } }
        @else { ul.tight { @for line in &view.bans { (ban(line)) } } }
        p { a href="/senders" { "Warnings, bans and appeals" } }
    }
}

fn ban(line: &BanLine) -> Markup {
    html! {
        li {
            form.row method="post" action="/senders/lift" {
                span { strong { (line.ban.target) } @if let Some(until) = line.ban.until { " until " (when::time(until)) } }
                input type="hidden" name="ban" value=(line.ban.id);
                button { "Lift" span.unseen { " the ban of " (line.ban.target) } }
            }
        }
    }
}

/// What is erased when, and how much of it soon.
pub(super) fn retention(counts: &RetentionCounts) -> Markup {
    html! {
        h2 { "Retention" }
        table.stacks {
            thead { tr { th scope="col" { "What" } th scope="col" { "Is kept" } th scope="col" { "Goes within 30 days" } } }
            tbody {
                (kept("Original mail and attachments", "6 months after their case is closed", &cases(counts.originals)))
                (kept("All that people wrote in a case", "24 months after it is closed", &cases(counts.texts)))
                (kept("Quarantined mail", "30 days, and until one of you has seen it", &mails(counts)))
                (kept("Automatic mail of no case", "6 months; its line 24 months", "each day some"))
                (kept("To whom letters of no case went", "24 months", "each day some"))
                (kept("Who looked at what", "24 months", "each day some"))
                (kept("Numbers, states, times and the record", "for good", "nothing"))
            }
        }
        p.muted { "Held mail that nobody has decided about, and letters that wait for a relay, keep their case. After a jump of the \
                   machine's clock or a long time down nothing is erased for a week. " (cases(counts.erased)) " were erased so far. \
                   What the judge was taught stays until it is undone at " a href="/knowledge" { "Learned" } "." }
    }
}

fn kept(what: &str, how_long: &str, soon: &str) -> Markup {
    html! { tr { td { (what) } td { (how_long) } td { span.label { "Goes within 30 days: " } (soon) } } }
}

fn cases(count: i64) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

fn mails(counts: &RetentionCounts) -> String {
    format!("{} mails; {} wait to be seen", counts.quarantine, counts.unseen)
}

/// The head of the record, and whether somebody has looked that it holds.
pub(super) fn record(seal: Option<&Seal>, audit: Option<&AuditRow>, now: Timestamp) -> Markup {
    html! {
        h2 { "The record" }
        dl.facts {
            dt { "Last seal" }
            dd { @match seal {
                Some(seal) => { (seal.number) ", " (when::time(seal.at)) ": " span.mono { (seal.hash.as_str()) } }
                None => "Nothing is sealed yet.",
            } }
            dt { "Last audit" }
            dd { @match audit {
                Some(audit) => (audited(audit, now)),
                None => { "No audit was run yet. The operator runs " code { "fingerpost audit verify" } "." }
            } }
        }
        p { a href="/viewings" { "Who looked at what" } }
    }
}

fn audited(audit: &AuditRow, now: Timestamp) -> Markup {
    html! {
        @if audit.findings == 0 { span.tag.ok { "All as it was written" } } @else { span.tag.late { (audit.findings) " found" } }
        " " (when::lately(audit.at, now)) ", in " (audit.cases) " cases and " (audit.entries) " entries"
        @if let Some(seal) = audit.seal { ", up to seal " (seal) }
        @if audit.findings > 0 { ". What it was, " code { "fingerpost audit verify" } " says" }
    }
}

/// What the program does not do.
pub(super) fn backups() -> Markup {
    html! {
        h2 { "Backups" }
        p { "There is no backup command yet. The operator copies the database by its own means, and the key file, without which no \
             address or link works any more, apart from it." }
    }
}
