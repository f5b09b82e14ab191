//! The parts of the reporter's page: facts, the conversation, the box below it, what to keep.

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::domain::handling::HandlingState;
use crate::domain::party::Shares;
use crate::domain::report::Attachment;
use crate::flows::links::TEXT_MAX;
use crate::flows::status::{Said, SaidBy, Sent, StatusView};
use crate::web::calendar::{Calendar, Entry, stamp};
use crate::web::folds::folded;
use crate::web::frame::{Icon, icon, said};
use crate::web::public::status::{Draft, Showing};
use crate::web::public::status_choices::choices;
use crate::web::public::status_waiting::{did_they_answer, waiting_for};
use crate::web::when;

/// When nothing is due, a look is worth while after so long.
const A_FEW_DAYS: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The whole page.
pub fn page(view: &StatusView, letters: &str, showing: &Showing<'_>) -> Markup {
    html! {
        (error_summary(&[("text", showing.words.fault), ("email", showing.address.fault)]))
        h1 { "Your report " span.mono.nowrap { (view.number) } }
        @if showing.is_first && !view.has_address { (save_this_link(view, letters)) }
        (waiting_for(view))
        @for project in view.sent_to.iter().filter(|project| project.says_it_answered) {
            (did_they_answer(project, letters))
        }
        h2 { "What has happened" }
        (facts(view))
        h2 { "Messages" }
        (conversation(view))
        (reply_box(view, letters, &showing.words))
        h2 { "Your choices" }
        (choices(view, letters, showing))
        (what_i_sent(&view.sent))
        (to_keep(letters))
        p.muted { "Anyone with this link can read your messages. Keep it to yourself." }
    }
}

/// Above the page when a form was not taken: focused, and linked to the fields.
pub fn error_summary(fields: &[(&str, Option<&str>)]) -> Markup {
    let faults: Vec<(&str, &str)> = fields.iter().filter_map(|(id, fault)| Some((*id, (*fault)?))).collect();
    html! {
        @if !faults.is_empty() {
            div.error-summary #problem tabindex="-1" autofocus role="group" aria-labelledby="problem-title" {
                h2 #problem-title { "There is a problem" }
                ul { @for (id, fault) in faults { li { a href={ "#" (id) } { (fault) } } } }
            }
        }
    }
}

/// For whoever we cannot write to, when they come here for the first time.
fn save_this_link(view: &StatusView, letters: &str) -> Markup {
    html! {
        div.notice.soon {
            p { strong { "Save this link now. We cannot send it to you again." } }
            p { a.private-link href={ "/s/" (letters) } data-copy=(view.status_link) { (view.status_link) } }
        }
    }
}

fn facts(view: &StatusView) -> Markup {
    html! {
        dl.facts {
            dt { "Received" } dd { (when::time(view.received_at)) }
            dt { "Read by a person" } dd { @match view.read_at { Some(at) => (when::time(at)), None => "not yet" } }
            @for project in &view.sent_to {
                dt { @if project.by_hand.is_some() { "Taken up for " } @else { "Sent to " } (project.project) }
                dd { (when::time(project.at)) }
                dt { "Confirmed by " (project.project) }
                dd { @match project.confirmed_at { Some(at) => (when::time(at)), None => "not yet" } }
                @if let (HandlingState::HandedBack, Some(at)) = (project.state, project.ended_at) {
                    dt { "Handed back by " (project.project) } dd { (when::time(at)) ": it is not theirs" }
                }
                @if let (HandlingState::TakenOver, Some(at)) = (project.state, project.ended_at) {
                    dt { "Taken over from " (project.project) } dd { (when::time(at)) ": the committee answers you" }
                }
            }
            @if let Some(at) = view.withdrawn_at { dt { "Withdrawn by you" } dd { (when::time(at)) } }
            @if let Some((at, reason)) = &view.closed {
                dt { "Closed" } dd { (when::time(*at)) @if let Some(reason) = reason { ": " (reason.words()) } }
            }
        }
    }
}

fn conversation(view: &StatusView) -> Markup {
    html! {
        @if view.said.is_empty() { p.muted { "None yet." } }
        @for message in &view.said { (message_of(message, &view.org)) }
    }
}

fn message_of(message: &Said, org: &str) -> Markup {
    html! {
        section.lane.reporter {
            h3.which {
                (icon(Icon::Envelope))
                @match &message.by {
                    SaidBy::Reporter => "You",
                    SaidBy::Committee => { "The " (org) " security committee" }
                    SaidBy::Project(project) => { (project) " security contact" }
                }
                span.small { (when::time(message.at)) }
            }
            @if !message.mail.is_empty() { (folded(&message.mail)) }
            @else if message.words.trim().is_empty() { p.muted { "No words, only a quotation or files." } } @else { (said(&message.words)) }
            (files(&message.files))
        }
    }
}

/// Attached files by name, size and hash; not to be downloaded, for the link may be in other hands by now.
fn files(files: &[Attachment]) -> Markup {
    html! {
        @if !files.is_empty() {
            ul.tight { @for file in files {
                li { (file.name) span.muted.small { " " (file.size) " bytes, SHA-256 " span.mono { (data_encoding::HEXLOWER.encode(&file.sha256)) } } }
            } }
        }
    }
}

fn reply_box(view: &StatusView, letters: &str, draft: &Draft<'_>) -> Markup {
    let open: Vec<&str> = view.sent_to.iter().filter(|p| p.state.is_open()).map(|p| p.project.as_str()).collect();
    html! {
        form method="post" action={ "/s/" (letters) "/add" } {
            input type="hidden" name="once" value=(view.once.id);
            input type="hidden" name="seal" value=(view.once.seal);
            div.field.error[draft.fault.is_some()] {
                label for="text" { "Add information or answer a question" }
                p.hint #text-hint {
                    "Goes to the " (view.org) " security committee"
                    @if !open.is_empty() {
                        " and to " (open.join(" and "))
                        @match view.shares {
                            Shares::Nothing => ", without your name",
                            Shares::Name => ", with your name",
                            Shares::NameAndAddress => ", with your name and address",
                        }
                    }
                    "."
                }
                @if let Some(fault) = draft.fault { p.message #text-wrong { "Error: " (fault) } }
                textarea #text name="text" rows="8" maxlength=(TEXT_MAX) aria-invalid=[draft.fault.map(|_| "true")]
                    aria-describedby=(if draft.fault.is_some() { "text-hint text-wrong" } else { "text-hint" }) { "\n" (draft.text) }
            }
            button.primary { "Send" }
        }
    }
}

fn what_i_sent(sent: &[Sent]) -> Markup {
    html! {
        @if !sent.is_empty() {
            details {
                summary { "What I sent" }
                @for report in sent {
                    h3 { (report.subject) }
                    (said(&report.text))
                    (files(&report.files))
                }
            }
        }
    }
}

/// What a reporter may take along.
fn to_keep(letters: &str) -> Markup {
    html! {
        h2 { "To keep" }
        div.row data-print {
            a.button href={ "/report/received/" (letters) "/receipt.txt" } download { "Download receipt (.txt)" }
            a.button href={ "/s/" (letters) "/next.ics" } download { "Add the next date to my calendar" }
        }
    }
}

/// The next date of a report as a file for calendars: its number, what is due and the link, nothing of the report.
pub fn next_date(view: &StatusView) -> Calendar {
    let projects = view.sent_to.iter().filter(|project| project.state.is_open());
    let confirmations = projects.filter_map(|project| Some((project.due_at?, format!("{} confirms", project.project))));
    let reply = view.first_reply_due.map(|at| (at, "a person answers you".to_owned()));
    let ahead = confirmations.chain(reply).filter(|(at, _)| *at > view.now).min();
    let (at, what) = ahead.unwrap_or_else(|| (view.now + A_FEW_DAYS, "look at its status".to_owned()));
    let entry = Entry {
        uid: format!("{}-{}", stamp(at), stamp(view.received_at)),
        made_at: view.now,
        at,
        summary: format!("{}: {what}", view.number),
        link: view.status_link.clone(),
        alarm: Some("Look at the status of your report".to_owned()),
    };
    Calendar { made_by: "Next date", name: None, entries: vec![entry] }
}

/// A report that has no number yet, because a person looks at it first.
pub fn waiting(received_at: Timestamp) -> Markup {
    html! {
        h1 { "Report received" }
        dl.facts { dt { "Received" } dd { (when::time(received_at)) } }
        p.notice { "A person looks at it first. Open this page again later: it shows what happens." }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::case::{CaseRef, Closing};
    use crate::domain::id::{HandlingId, MessageId};
    use crate::flows::links::Once;
    use crate::flows::status::SentTo;
    use crate::web::samples::{HOSTILE, attachment, hours, now, safe, shows_hostile_texts};

    fn sent(project: &str, state: HandlingState) -> SentTo {
        let confirmed = state == HandlingState::Acknowledged;
        SentTo {
            handling: HandlingId::from_row("handling"),
            project: project.to_owned(),
            state,
            by_hand: (state == HandlingState::ByHand).then(|| "GitHub".to_owned()),
            at: now(),
            confirmed_at: confirmed.then(|| now() + hours(1)),
            ended_at: (!state.is_open()).then(|| now() + hours(2)),
            due_at: (state.is_open() && !confirmed).then(|| now() + hours(168)),
            asked_at: None,
            says_it_answered: false,
        }
    }

    pub fn view(sent_to: Vec<SentTo>) -> StatusView {
        StatusView {
            number: CaseRef::from_row("SEC-2026-0042"),
            org: "Story Foundation".to_owned(),
            received_at: now(),
            read_at: None,
            first_reply_due: Some(now() + hours(72)),
            asked_at: None,
            sent_to,
            closed: None,
            withdrawn_at: None,
            said: Vec::new(),
            shares: Shares::Nothing,
            has_address: true,
            asked: None,
            has_board: true,
            status_link: "https://security.story.example/s/abc".to_owned(),
            sent: Vec::new(),
            now: now(),
            once: Once { id: MessageId::from_row("message"), seal: "seal".to_owned() },
        }
    }

    fn shown(view: &StatusView) -> String {
        safe(page(view, "abc", &Showing::default()))
    }

    #[test]
    fn the_reporter_sees_each_fact_with_its_date_and_whom_it_waits_for() {
        let projects = vec![sent("Lantern", HandlingState::Acknowledged), sent("Parsley", HandlingState::Sent)];
        let page = shown(&view(projects));
        for words in [
            "SEC-2026-0042",
            "Waiting for: Parsley.",
            "Fri 2026-11-27 14:00 UTC",
            "we contact the board of Story Foundation",
            "Being worked on by Lantern.",
            "Confirmed by Lantern",
            "Fri 2026-11-20 15:00 UTC",
            "not yet",
            "Goes to the Story Foundation security committee and to Lantern and Parsley, without your name.",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
    }

    #[test]
    fn before_a_project_has_it_the_committee_is_waited_for() {
        let page = shown(&view(Vec::new()));
        assert!(page.contains("Waiting for: the Story Foundation security committee."), "{page}");
        let back = shown(&view(vec![sent("Lantern", HandlingState::HandedBack)]));
        assert!(back.contains("Handed back by Lantern") && back.contains("Waiting for: the Story"), "{back}");
    }

    #[test]
    fn what_goes_by_hand_says_through_which_channel() {
        let page = shown(&view(vec![sent("Lovage", HandlingState::ByHand)]));
        assert!(page.contains("Story Foundation is taking this to Lovage through GitHub."), "{page}");
    }

    #[test]
    fn a_closed_report_says_why_and_how_to_open_it_again() {
        let mut view = view(vec![sent("Lantern", HandlingState::Closed)]);
        view.closed = Some((now(), Some(Closing::Resolved)));
        let page = shown(&view);
        assert!(page.contains("This report is closed: fixed. Write below to open it again."), "{page}");
        assert!(!page.contains("Withdraw my report"), "{page}");
    }

    #[test]
    fn messages_and_what_was_sent_are_shown_as_text() {
        let said = |by| Said { at: now(), by, words: HOSTILE.to_owned(), mail: Vec::new(), files: vec![attachment()] };
        let mut view = view(vec![sent("Lantern", HandlingState::Sent)]);
        view.said = vec![said(SaidBy::Reporter), said(SaidBy::Committee), said(SaidBy::Project("Lantern".to_owned()))];
        view.sent = vec![Sent { subject: HOSTILE.to_owned(), text: HOSTILE.to_owned(), files: vec![attachment()] }];
        view.sent_to[0].says_it_answered = true;
        let draft =
            Showing { words: Draft { text: HOSTILE, fault: Some("Write what you want to say") }, ..Showing::default() };
        let page = shows_hostile_texts(page(&view, "abc", &draft), 9);
        for words in ["Lantern security contact", "There is a problem", "Did Lantern answer you?", "Not yet</button>"] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("/attachments/"), "files are named, not handed out");
    }

    #[test]
    fn without_a_board_nobody_is_promised_one() {
        let view = StatusView { has_board: false, ..view(vec![sent("Parsley", HandlingState::Sent)]) };
        let page = shown(&view);
        assert!(page.contains("the committee takes it further") && !page.contains("board"), "{page}");
    }

    #[test]
    fn only_whoever_we_cannot_write_to_is_shown_the_link_again_and_only_at_first() {
        let anonymous = StatusView { has_address: false, ..view(Vec::new()) };
        let first = Showing { is_first: true, ..Showing::default() };
        let words = "Save this link now. We cannot send it to you again.";
        let page = |view, draft| safe(super::page(view, "abc", draft));
        assert!(page(&anonymous, &first).contains(words));
        assert!(page(&anonymous, &first).contains("data-copy=\"https://security.story.example/s/abc\""));
        assert!(!shown(&anonymous).contains(words) && !page(&view(Vec::new()), &first).contains(words));
    }

    #[test]
    fn the_next_date_is_the_first_that_is_due_and_tells_nothing_of_the_report() {
        let mut view = view(vec![sent("Lantern", HandlingState::Sent)]);
        let entry = |view: &StatusView| next_date(view).entries.remove(0);
        assert_eq!(entry(&view).summary, "SEC-2026-0042: a person answers you");
        assert_eq!(entry(&view).at, now() + hours(72));
        view.first_reply_due = None;
        assert_eq!(entry(&view).summary, "SEC-2026-0042: Lantern confirms");
        view.sent_to.clear();
        assert_eq!(
            (entry(&view).at, entry(&view).summary.as_str()),
            (now() + hours(72), "SEC-2026-0042: look at its status")
        );
    }

    #[test]
    fn a_report_without_a_number_says_that_a_person_looks_first() {
        assert!(safe(waiting(now())).contains("A person looks at it first."));
    }
}
