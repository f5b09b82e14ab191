//! The parts of the reporter's page: facts, what it waits for, the conversation, choices.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::handling::HandlingState;
use crate::domain::party::Shares;
use crate::domain::report::Attachment;
use crate::flows::status::{Said, SaidBy, Sent, SentTo, StatusView};
use crate::web::folds::folded;
use crate::web::frame::{Icon, icon, said};
use crate::web::public::status::Draft;
use crate::web::when;

/// The whole page.
pub fn page(view: &StatusView, letters: &str, draft: &Draft<'_>) -> Markup {
    html! {
        @if let Some(fault) = draft.fault { (error_summary(fault)) }
        h1 { "Your report " span.mono.nowrap { (view.number) } }
        (waiting_for(view))
        @for project in view.sent_to.iter().filter(|project| project.says_it_answered) {
            (did_they_answer(project, letters))
        }
        h2 { "What has happened" }
        (facts(view))
        h2 { "Messages" }
        (conversation(view))
        (reply_box(view, letters, draft))
        h2 { "Your choices" }
        (choices(view, letters))
        (what_i_sent(&view.sent))
        p.muted { "Anyone with this link can read your messages. Keep it to yourself." }
    }
}

/// Above the page when a form was not taken: focused, and linked to the field.
pub fn error_summary(fault: &str) -> Markup {
    html! {
        div.notice.late role="alert" tabindex="-1" autofocus {
            h2 { "There is a problem" }
            p { a href="#text" { (fault) } }
        }
    }
}

fn waiting_for(view: &StatusView) -> Markup {
    let silent = view.sent_to.iter().filter(|p| p.due_at.is_some() && p.state.is_open());
    let working = view.sent_to.iter().filter(|p| p.state == HandlingState::Acknowledged);
    html! {
        @if let Some((_, reason)) = &view.closed {
            p.notice { "This report is closed" @if let Some(reason) = reason { ": " (reason.words()) } ". Write below to open it again." }
        } @else if view.withdrawn_at.is_some() {
            p.notice { "You have withdrawn this report. A person closes it." }
        } @else {
            div.notice {
                @for project in silent {
                    @if let Some(due) = project.due_at { (waiting_for_project(view, project, due)) }
                }
                @for project in working {
                    @match project.asked_at {
                        Some(at) => { (waiting_for_you(&project.project, at)) }
                        None => { p { strong { "Being worked on by " (project.project) "." } " They confirmed that they have it." } }
                    }
                }
                @if let Some(at) = view.asked_at { (waiting_for_you(&format!("the {} security committee", view.org), at)) }
                @if !view.sent_to.iter().any(|p| p.state.is_open()) {
                    p { strong { "Waiting for: the " (view.org) " security committee." }
                        " We work out which project it belongs to, and tell you when we know." }
                }
                @if let Some(due) = view.first_reply_due {
                    p { "A person answers you by " strong { (when::time(due)) } "." }
                }
            }
        }
    }
}

fn waiting_for_you(who: &str, asked_at: Timestamp) -> Markup {
    html! {
        p { strong { "Waiting for: you." } " A question of " (who) " waits for your answer since " (when::time(asked_at)) ".
            Read it under Messages, and write below." }
    }
}

fn waiting_for_project(view: &StatusView, project: &SentTo, due: Timestamp) -> Markup {
    html! {
        p {
            strong { "Waiting for: " (project.project) "." }
            @if let Some(channel) = &project.by_hand {
                " " (view.org) " is taking this to " (project.project) " through " (channel) "."
            } @else {
                " We asked on " (when::time(project.at)) "."
            }
            @if view.now < due {
                " If we hear nothing by " (when::time(due)) ", we contact the board of " (view.org) "."
            } @else {
                " We have heard nothing by " (when::time(due)) ", so we contact the board of " (view.org) "."
            }
        }
    }
}

fn did_they_answer(project: &SentTo, letters: &str) -> Markup {
    html! {
        div.notice.soon {
            p { "Did " (project.project) " answer you?" }
            form.row method="post" action={ "/s/" (letters) "/answered" } {
                input type="hidden" name="handling" value=(project.handling);
                button name="answer" value="yes" { "Yes" }
                button name="answer" value="not-yet" { "Not yet" }
            }
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
                @if let Some(fault) = draft.fault { p.message #text-error { (fault) } }
                textarea #text name="text" rows="8" aria-describedby="text-hint" { (draft.text) }
            }
            button.primary { "Send" }
        }
    }
}

fn choices(view: &StatusView, letters: &str) -> Markup {
    html! {
        details {
            summary { "Who sees my name" }
            form method="post" action={ "/s/" (letters) "/share" } {
                fieldset {
                    legend { "What may we tell the projects about you?" }
                    (choice(Shares::NameAndAddress, "my name and address, and my mail as it came", view.shares))
                    (choice(Shares::Name, "my name only", view.shares))
                    (choice(Shares::Nothing, "nothing, pass messages through the committee", view.shares))
                }
                p.hint { "What a project has been told already cannot be taken back." }
                button { "Save" }
            }
        }
        details {
            summary { "New private link" }
            p {
                "If somebody else may know this link, replace it. "
                @if view.has_address { "We mail the new one to the address that you gave us." }
                @else { "You are taken to the new one: save it, we cannot send it to you." }
            }
            form method="post" action={ "/s/" (letters) "/link" } { button { "Replace this link" } }
        }
        @if view.closed.is_none() && view.withdrawn_at.is_none() {
            details {
                summary { "Withdraw my report" }
                p { "We tell the projects that have it, and close it." }
                form method="post" action={ "/s/" (letters) "/withdraw" } { button { "Withdraw my report" } }
            }
        }
    }
}

fn choice(shares: Shares, words: &str, now: Shares) -> Markup {
    let id = format!("shares-{}", shares.word());
    html! {
        p.choice {
            input type="radio" id=(id) name="shares" value=(shares.word()) checked[shares == now];
            label for=(id) { (words) }
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

/// A report that has no number yet, because a person looks at it first.
pub fn waiting(received_at: Timestamp) -> Markup {
    html! {
        h1 { "Report received" }
        dl.facts { dt { "Received" } dd { (when::time(received_at)) } }
        p.notice { "A person looks at it first. Open this page again later: it shows what happens." }
    }
}

/// The link of an earlier generation.
pub fn replaced(letters: &str) -> Markup {
    html! {
        h1 { "This link no longer works" }
        p { "It was replaced by a newer one. If you gave an address, we can mail you the newer one." }
        form method="post" action={ "/s/" (letters) "/link" } { button.primary { "Mail me the new link" } }
    }
}

/// After a new link was asked for.
pub fn mailed(is_mailed: bool) -> Markup {
    html! {
        @if is_mailed {
            h1 { "Your new private link" }
            p.notice { "If you gave an address, a mail with the new link is on its way." }
        } @else {
            h1 { "Not so often" }
            p.notice.soon { "We have written to your address several times today. Try again tomorrow, or answer one of our mails." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::{CaseRef, Closing};
    use crate::domain::id::{HandlingId, MessageId};
    use crate::flows::links::Once;
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

    fn view(sent_to: Vec<SentTo>) -> StatusView {
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
            has_name: true,
            has_address: true,
            sent: Vec::new(),
            now: now(),
            once: Once { id: MessageId::from_row("message"), seal: "seal".to_owned() },
        }
    }

    fn shown(view: &StatusView) -> String {
        safe(page(view, "abc", &Draft::default()))
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
        let draft = Draft { text: HOSTILE, fault: Some("Write what you want to say") };
        let page = shows_hostile_texts(page(&view, "abc", &draft), 9);
        for words in ["Lantern security contact", "There is a problem", "Did Lantern answer you?", "Not yet</button>"] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("/attachments/"), "files are named, not handed out");
    }

    #[test]
    fn the_small_pages_say_what_to_do() {
        assert!(safe(waiting(now())).contains("A person looks at it first."));
        assert!(safe(replaced("abc")).contains("action=\"/s/abc/link\""));
        assert!(safe(mailed(true)).contains("on its way") && safe(mailed(false)).contains("tomorrow"));
    }
}
