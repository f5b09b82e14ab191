//! The page of one quarter, for the screen and for paper: figures, tables beside charts, texts, and the way to the board.

use jiff::SignedDuration;
use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::domain::quarter::figures::{Figures, Kept, ProjectFigure};
use crate::domain::quarter::table::length;
use crate::domain::quarter::{Quarter, Standing, Texts};
use crate::flows::quarter::{NotChanged, Report};
use crate::mail::write::clean::lines;
use crate::store::LetterFacts;
use crate::web::desk::charts;
use crate::web::desk::lists::member_name;
use crate::web::desk::quarter::tag;
use crate::web::when;

/// What the page shows.
pub struct View<'a> {
    pub quarter: Quarter,
    pub report: &'a Report,
    /// Whether the viewer may change the texts.
    pub writes: bool,
    /// Whether the viewer may send it to the board.
    pub approves: bool,
    pub directory: &'a Directory,
    /// What was typed and not kept, with the reason.
    pub typed: Option<(&'a Texts, &'a NotChanged)>,
}

/// The whole report.
pub fn page(view: &View<'_>) -> Markup {
    let (report, figures) = (view.report, &view.report.figures);
    html! {
        article.quarter {
            h1 { "Security report, " (view.quarter.title()) }
            p { (tag(report.standing, view.quarter)) " " span.small.muted { (when_made(report)) } }
            p.lead { (figures.headline()) }
            (promises(figures))
            (comparison(figures))
            (arrived(figures))
            (projects(figures))
            (escalations(figures))
            (contacts(figures))
            (unwanted(figures))
            (texts(view))
            (way_to_the_board(view))
            p.small.muted {
                "A promise belongs to the quarter in which it started. Times are running time; pauses are told apart. "
                "Titles and texts of reports are not in this report. The quarter begins and ends in UTC, and on paper and in the CSV all days and times are UTC."
                @if let Some(record) = &figures.record { " The record stands at " span.mono { (record) } "." }
            }
            p.small { a href={ "/quarters/" (view.quarter) "/figures.csv" } { "These figures as CSV" } }
        }
    }
}

fn when_made(report: &Report) -> Markup {
    html! {
        @match report.standing {
            Standing::Frozen { .. } => { "As things stood on " (when::time(report.figures.as_of)) ", unchanged since." }
            _ => { "As things stand now. The figures change until the report is approved." }
        }
    }
}

fn promises(figures: &Figures) -> Markup {
    let carried = [
        ("From earlier quarters: first human reply", &figures.carried_first_reply),
        ("From earlier quarters: project acknowledgement", &figures.carried_acknowledge),
    ];
    let carried = carried.into_iter().filter(|(_, kept)| kept.decided() + kept.open + kept.void > 0);
    let paused = [("first human reply", &figures.first_reply), ("project acknowledgement", &figures.acknowledge)];
    html! {
        section {
            h2 { "How the promises were kept" }
            div.scrolls tabindex="0" role="region" aria-label="How the promises were kept" { table.numbers {
                thead { tr { th scope="col" { "Promise" } (kept_heads()) } }
                tbody {
                    (kept_row("First human reply", &figures.first_reply))
                    (kept_row("Project acknowledgement", &figures.acknowledge))
                    @for (name, kept) in carried { (kept_row(name, kept)) }
                }
            } }
            @for (name, kept) in paused { @if kept.paused > 0 {
                p { "Paused: " (kept.paused) " of " (name) ", for " (when::promised(SignedDuration::from_secs(kept.paused_seconds))) " in all." }
            } }
        }
    }
}

fn kept_heads() -> Markup {
    html! { @for head in ["In time", "Late", "Not kept", "Overdue", "Still open", "Does not count", "In time, of 100", "Median", "Slowest"] {
        th scope="col" { (head) }
    } }
}

fn kept_row(name: &str, kept: &Kept) -> Markup {
    html! { tr { th scope="row" { (name) } (kept_cells(kept)) } }
}

fn kept_cells(kept: &Kept) -> Markup {
    html! {
        @for count in [kept.in_time, kept.late, kept.not_kept, kept.overdue, kept.open, kept.void] { td { (count) } }
        td { (share(kept)) }
        td { (length(kept.median_seconds)) }
        td { (length(kept.slowest_seconds)) @if kept.slowest_waits { ", still waits" } }
    }
}

fn share(kept: &Kept) -> String {
    kept.share().map_or_else(|| "–".to_owned(), |share| share.to_string())
}

fn comparison(figures: &Figures) -> Markup {
    html! {
        section {
            h2 { @match figures.compared.len() { 1 => "For comparison", count => { "The last " (count) " quarters" } } }
            (charts::shares(&figures.compared))
            div.scrolls tabindex="0" role="region" aria-label="Quarter by quarter" { table.numbers {
                thead { tr { @for head in ["Quarter", "Reports", "First reply in time, of 100", "Median", "Slowest",
                    "Acknowledged in time, of 100", "Median", "Slowest", "Escalated"] { th scope="col" { (head) } } } }
                tbody { @for line in figures.compared.iter().rev() { tr {
                    th scope="row" { a.mono href={ "/quarters/" (line.quarter) } { (line.quarter) } }
                    td { (line.received) }
                    @for kept in [&line.first_reply, &line.acknowledge] {
                        td { (share(kept)) } td { (length(kept.median_seconds)) } td { (length(kept.slowest_seconds)) }
                    }
                    td { (line.escalated) }
                } } }
            } }
        }
    }
}

fn arrived(figures: &Figures) -> Markup {
    html! {
        section {
            h2 { "What arrived (" (figures.received) ")" }
            @if figures.kinds.is_empty() { p { "Nothing." } } @else {
                (charts::kinds(&figures.kinds))
                table.numbers {
                    thead { tr { th scope="col" { "Kind" } th scope="col" { "Arrived" } } }
                    tbody { @for kind in &figures.kinds { tr { th scope="row" { (kind.kind) } td { (kind.count) } } } }
                }
                p { (figures.without_project) " of them went to no project." }
            }
        }
    }
}

fn projects(figures: &Figures) -> Markup {
    html! {
        section {
            h2 { "Projects" }
            @if figures.projects.is_empty() { p { "No report was forwarded." } } @else {
                div.scrolls tabindex="0" role="region" aria-label="Project by project" { table.numbers {
                    thead { tr { th scope="col" { "Project" } th scope="col" { "Forwarded" } (kept_heads()) th scope="col" { "Escalated" } } }
                    tbody { @for project in &figures.projects { (project_row(project)) } }
                } }
            }
        }
    }
}

fn project_row(project: &ProjectFigure) -> Markup {
    html! { tr {
        th scope="row" { (project.name) } td { (project.forwarded) } (kept_cells(&project.acknowledged)) td { (project.escalated) }
    } }
}

fn escalations(figures: &Figures) -> Markup {
    html! {
        section {
            h2 { "Escalations (" (figures.escalations.len()) ")" }
            @if figures.escalations.is_empty() { p { "The board was told of no silence." } } @else {
                table.stacks {
                    thead { tr { th scope="col" { "Case" } th scope="col" { "Who was silent" } th scope="col" { "Told the board" } th scope="col" { "Since then" } } }
                    tbody { @for escalation in &figures.escalations { tr {
                        td.mono.nowrap { (escalation.case) }
                        td { (escalation.project.as_deref().unwrap_or("The committee")) }
                        td { (when::time(escalation.at)) }
                        td { @match (escalation.kept_at, escalation.waits) {
                            (Some(at), _) => { "answered " (when::time(at)) }
                            (None, true) => "still waits",
                            (None, false) => "ended without an answer",
                        } }
                    } } }
                }
            }
        }
    }
}

fn contacts(figures: &Figures) -> Markup {
    let contacts = &figures.contacts;
    html! {
        section {
            h2 { "Contacts of projects" }
            p { (contacts.projects) " projects. Contacts: " (contacts.confirmed) " confirmed, " (contacts.listed) " listed and never proven, "
                (contacts.unconfirmed) " unconfirmed, " (contacts.unreachable) " cannot be reached." }
            @if !contacts.without_contact.is_empty() {
                p { "Nobody to expect an answer from: " strong { (contacts.without_contact.join(", ")) } "." }
            }
        }
    }
}

fn unwanted(figures: &Figures) -> Markup {
    let unwanted = &figures.unwanted;
    html! {
        section {
            h2 { "Spam and bans" }
            p { "Mails in quarantine: " (unwanted.quarantined) ", released as reports: " (unwanted.released) ". Warnings: "
                (unwanted.warnings) ", bans: " (unwanted.bans) ", lifted: " (unwanted.lifted) ", appeals: " (unwanted.appeals)
                ". Bans in force: " (unwanted.in_force) "." }
        }
    }
}

fn texts(view: &View<'_>) -> Markup {
    let (report, typed) = (view.report, view.typed);
    let is_frozen = matches!(report.standing, Standing::Frozen { .. });
    let texts = typed.map_or(&report.texts, |(texts, _)| texts);
    html! {
        div #texts {
            @for (name, text) in report.texts.named() { @if !text.trim().is_empty() {
                h2 { (name) }
                div.written { (lines(text.trim_end())) }
            } }
            @if let Some((_, reason)) = typed { p.error { (reason) } }
            @if view.writes && !is_frozen {
                form method="post" action={ "/quarters/" (view.quarter) "/texts" } {
                    h2 { "Texts for the board" }
                    input type="hidden" name="version" value=(report.version);
                    @for (name, text) in texts.named() {
                        @let field = name.to_lowercase();
                        div.field {
                            label for=(field) { (name) }
                            textarea.wide id=(field) name=(field) rows="5" { "\n" (text) }
                        }
                    }
                    div.row { button { "Save the texts" }
                        @if let Some((at, by)) = &report.edited {
                            span.small.muted { "Last changed " (when::time(*at)) " by " (member_name(view.directory, by)) }
                        } }
                }
            }
        }
    }
}

fn way_to_the_board(view: &View<'_>) -> Markup {
    let board = view.directory.board.len();
    html! {
        div {
            @match view.report.standing {
                Standing::Running => {}
                Standing::Frozen { at } => { (sent(view, at)) }
                Standing::Draft | Standing::Late if view.approves => {
                    form.card method="post" action={ "/quarters/" (view.quarter) "/approve" } {
                        h2 { "Approve it" }
                        p { "Approving freezes the figures and the texts as they stand on this page, and "
                            @match board {
                                0 => "sends them to nobody: projects.toml names no [[board]].",
                                1 => "sends the board a letter with the link to it.",
                                count => { "sends " (count) " people on the board a letter with the link to it." }
                            } }
                        @let open = view.report.figures.first_reply.open + view.report.figures.acknowledge.open;
                        @if open > 0 { p { (open) @if open == 1 { " promise" } @else { " promises" }
                            " of the quarter may still be kept in time. The next report tells how they ended." } }
                        input type="hidden" name="version" value=(view.report.version);
                        button.primary { "Approve and send" }
                    }
                }
                Standing::Draft | Standing::Late => {
                    p { "The chair approves the report, which sends it to the board." }
                }
            }
        }
    }
}

fn sent(view: &View<'_>, at: jiff::Timestamp) -> Markup {
    let by = view.report.approved_by.as_ref().map(|by| member_name(view.directory, by));
    html! {
        p { "Approved " (when::time(at)) @if let Some(by) = by { " by " (by) } "." }
        @if view.writes { ul.tight { @for letter in &view.report.letters {
            li { (letter.recipient) ": " (delivery(letter)) }
        } } }
    }
}

fn delivery(letter: &LetterFacts) -> Markup {
    html! {
        @match (letter.refused_at, letter.sent_at) {
            (Some(at), _) => { span.tag.late { "refused" } " " (when::time(at)) }
            (None, Some(at)) => { "sent " (when::time(at)) }
            (None, None) => "waits in the outbox",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::quarter::figures::EscalationFigure;
    use crate::web::samples::{HOSTILE, directory, figures, letter, mailbox, now, safe, shows_hostile_texts};

    fn report(standing: Standing) -> Report {
        Report {
            standing,
            figures: figures(),
            texts: Texts { activities: HOSTILE.to_owned(), ..Texts::default() },
            version: 3,
            edited: Some((now(), mailbox("ada@story.example"))),
            approved_by: Some(mailbox("ada@story.example")),
            letters: vec![letter()],
        }
    }

    fn shown(report: &Report, writes: bool, approves: bool) -> Markup {
        let quarter = report.figures.quarter;
        page(&View { quarter, report, writes, approves, directory: &directory(), typed: None })
    }

    #[test]
    fn the_board_reads_all_of_it_on_one_page_and_changes_nothing() {
        let shown = shows_hostile_texts(shown(&report(Standing::Frozen { at: now() }), false, false), 2);
        for words in [
            "Security report, Sep-Nov 2026",
            "31 reports, 29 answered within 7 days, 2 late, 1 escalated.",
            "still waits",
            "Nobody to expect an answer from",
            "Mails in quarantine: 14, released as reports: 2.",
            "Paused: 1 of project acknowledgement, for 3 days in all.",
            "<svg",
            "href=\"/quarters/2026-09\"",
            "The record stands at <span class=\"mono\">9f2c</span>",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(!shown.contains("<form") && !shown.contains("lantern.example"), "{shown}");
    }

    #[test]
    fn members_write_and_the_chair_alone_approves_what_is_over() {
        let draft = report(Standing::Draft);
        let member = safe(shown(&draft, true, false));
        assert!(member.contains("name=\"challenges\"") && member.contains("value=\"3\""), "{member}");
        assert!(member.contains("Last changed") && member.contains("by Ada Chair"), "{member}");
        assert!(!member.contains("Approve and send") && member.contains("The chair approves"), "{member}");
        assert!(safe(shown(&draft, true, true)).contains("Approve and send"));
        assert!(safe(shown(&draft, true, true)).contains("1 promise of the quarter may still be kept in time"));
        assert!(!safe(shown(&report(Standing::Running), true, true)).contains("Approve and send"));
        let frozen = safe(shown(&report(Standing::Frozen { at: now() }), true, true));
        assert!(!frozen.contains("<form") && frozen.contains("security@lantern.example"), "{frozen}");
    }

    #[test]
    fn what_was_typed_and_not_kept_is_still_in_the_fields() {
        let report = report(Standing::Draft);
        let typed = Texts { budget: "12,000 of 20,000".to_owned(), ..Texts::default() };
        let directory = directory();
        let shown = safe(page(&View {
            quarter: report.figures.quarter,
            report: &report,
            writes: true,
            approves: false,
            directory: &directory,
            typed: Some((&typed, &NotChanged::Changed)),
        }));
        assert!(shown.contains("12,000 of 20,000") && shown.contains("Somebody has changed the report"), "{shown}");
    }

    #[test]
    fn an_escalation_says_how_it_ended() {
        let mut figures = figures();
        let one = |kept_at, waits| EscalationFigure {
            case: "SEC-2026-0042".to_owned(),
            at: now(),
            project: None,
            kept_at,
            waits,
        };
        figures.escalations = vec![one(Some(now()), false), one(None, true), one(None, false)];
        let shown = safe(escalations(&figures));
        for words in ["answered ", "still waits", "ended without an answer", "The committee"] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }
}
