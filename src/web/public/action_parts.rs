//! The parts of a contact's page: the buttons, the report, what came later, the box for the reporter.

use maud::{Markup, html};

use crate::domain::handling::HandlingState;
use crate::domain::id::ArrivalId;
use crate::domain::report::Attachment;
use crate::flows::forward::{ContentText, file_link};
use crate::flows::links::{ActionView, Later, Once};
use crate::mail::write::letters::contact_reply::signature;
use crate::web::frame::{Icon, icon, said};
use crate::web::public::status::Draft;
use crate::web::public::status_parts::error_summary;
use crate::web::when;

/// What the contact has just done, where the page itself does not show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    OthersNamed,
    ReporterAsked,
    AnswerWritten,
    AwayNoted,
    NoSuchDay,
}

impl Done {
    const ALL: [Self; 5] =
        [Self::OthersNamed, Self::ReporterAsked, Self::AnswerWritten, Self::AwayNoted, Self::NoSuchDay];

    /// The word in the address of the page.
    pub fn word(self) -> &'static str {
        match self {
            Self::OthersNamed => "others",
            Self::ReporterAsked => "asked",
            Self::AnswerWritten => "answer",
            Self::AwayNoted => "away",
            Self::NoSuchDay => "no-day",
        }
    }

    /// What that word means, if it is one of ours.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }

    fn words(self) -> &'static str {
        match self {
            Self::OthersNamed => "Thank you. The committee sees which other projects you named, and decides.",
            Self::ReporterAsked => "Thank you. We ask the reporter whether they were answered.",
            Self::AwayNoted => {
                "Thank you. Your deputies, if you named any, get this now, and what else comes until then."
            }
            Self::NoSuchDay => "Nothing was noted. Choose a day to come, at most 60 days ahead.",
            Self::AnswerWritten => "Thank you. Your words are on their way to the reporter.",
        }
    }
}

/// The whole page.
pub fn page(view: &ActionView, letters: &str, done: Option<Done>, draft: &Draft<'_>) -> Markup {
    let action = format!("/a/{letters}");
    html! {
        (error_summary(&[("text", draft.fault)]))
        h1 { "Security report for " (view.project.name) }
        p { "Case " span.mono.nowrap { (view.number) } ", sent to you " (when::time(view.handling.decided_at)) "." }
        @if let Some(done) = done { p.notice { (done.words()) } }
        (standing(view, &action))
        h2 { "The report" }
        p.muted { "Text from outside. " (view.reporter) " Please do not open a public issue or pull request yet." }
        @match &view.content.text {
            ContentText::Text(text) => { (said(text)) }
            ContentText::Unreadable(why) => { p { "The text cannot be shown: " (why) ". Ask the committee for it." } }
        }
        @if !view.content.files.is_empty() {
            h2 { "Attached files, opened at your own risk" }
            (files(&view.content.files, &action))
        }
        @for arrival in &view.originals {
            p { a href={ (action) "/originals/" (arrival) } { "Download the mail as it came" } ", with the reporter's consent" }
        }
        @if !view.later.is_empty() {
            h2 { "Added since" }
            @for later in &view.later { (added(later, &view.org, &action)) }
        }
        @if view.handling.state.is_open() {
            (answer_box(&action, draft))
            (away_form(&action))
            (others(view, &action))
        }
    }
}

/// Where the project's part stands, and the buttons that move it.
fn standing(view: &ActionView, action: &str) -> Markup {
    let project = &view.project.name;
    html! {
        @match (view.handling.state, view.handling.acknowledged_at, view.handling.closed_at) {
            (HandlingState::Acknowledged, Some(at), _) => {
                p.notice { "Thank you. " (project) " confirmed on " (when::time(at)) ". The committee and the reporter see it." }
            }
            (HandlingState::HandedBack, _, Some(at)) => {
                p.notice { "You handed this back on " (when::time(at)) ". The committee looks for the right project." }
            }
            (HandlingState::TakenOver, _, Some(at)) => {
                p.notice { "The committee has answered in the place of " (project) " since " (when::time(at)) ". If you can take it up, reply to our mail." }
            }
            (HandlingState::Closed, _, Some(at)) => { p.notice { "Closed on " (when::time(at)) "." } }
            _ => {
                @if let Some(due) = view.due_at { p { "Please confirm by " strong { (when::time(due)) } "." } }
                p { "Confirming means \u{201c}we are looking\u{201d}, nothing more." }
                form.row method="post" action=(action) { button.primary { "We have it" } }
            }
        }
    }
}

fn files(files: &[(ArrivalId, Attachment)], action: &str) -> Markup {
    html! {
        ul.tight { @for (arrival, file) in files {
            li {
                a href=(file_link(action, arrival, file.part)) { (file.name) }
                span.muted.small { " " (file.size) " bytes, SHA-256 " span.mono { (data_encoding::HEXLOWER.encode(&file.sha256)) } }
            }
        } }
    }
}

fn added(later: &Later, org: &str, action: &str) -> Markup {
    html! {
        section.lane.project {
            h2.which {
                (icon(Icon::Arrows))
                @if later.is_from_the_committee { "The " (org) " security committee" } @else { "The reporter adds" }
                span.small { (when::time(later.at)) }
            }
            @if !later.words.trim().is_empty() { (said(&later.words)) }
            @if !later.files.is_empty() { (files(&later.files, action)) }
        }
    }
}

/// "I am away": deputies stand in, and no promise changes.
fn away_form(action: &str) -> Markup {
    html! {
        details {
            summary { "I am away" }
            form method="post" action={ (action) "/away" } {
                p { label { "Until the end of" br; input type="date" name="until" required; } }
                p { button { "Let my deputies stand in" } }
                p.small.muted { "By when an answer is promised does not change." }
            }
        }
    }
}

/// "Answer the reporter": a box, then a preview.
fn answer_box(action: &str, draft: &Draft<'_>) -> Markup {
    html! {
        h2 { "Answer the reporter" }
        form method="post" action={ (action) "/preview" } {
            div.field.error[draft.fault.is_some()] {
                label for="text" { "Your words to the reporter" }
                p.hint #text-hint { "You see a preview first. Your name and address stay with us." }
                @if let Some(fault) = draft.fault { p.message #text-wrong { "Error: " (fault) } }
                textarea #text name="text" rows="8" aria-invalid=[draft.fault.map(|_| "true")]
                    aria-describedby=(if draft.fault.is_some() { "text-hint text-wrong" } else { "text-hint" }) { "\n" (draft.text) }
            }
            (needs_an_answer(false))
            button { "Preview" }
        }
    }
}

fn others(view: &ActionView, action: &str) -> Markup {
    html! {
        h2 #others { "Something else" }
        details {
            summary { "Not ours…" }
            form method="post" action={ (action) "/not-ours" } {
                (words_field("not-ours-words", "Whose could it be? (optional, to the committee)"))
                button { "Hand it back" }
            }
        }
        details {
            summary { "Also another project's…" }
            form method="post" action={ (action) "/others" } {
                fieldset {
                    legend { "Which ones?" }
                    @for (id, name) in &view.others {
                        p.choice {
                            input type="checkbox" id={ "other-" (id) } name="projects" value=(id);
                            label for={ "other-" (id) } { (name) }
                        }
                    }
                }
                (words_field("others-words", "Why? (optional, to the committee)"))
                p.hint { "The committee decides who is told." }
                button { "Tell the committee" }
            }
        }
        details {
            summary { "Answered elsewhere" }
            p { "You have answered the reporter directly, for example in your tracker. We ask them whether that is so." }
            form method="post" action={ (action) "/answered" } { button { "We have answered them" } }
        }
    }
}

fn words_field(id: &str, label: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            textarea id=(id) name="words" rows="3" {}
        }
    }
}

/// A question more than an answer: the follow-up of the project's work waits for the reporter.
fn needs_an_answer(is_ticked: bool) -> Markup {
    html! {
        p.choice {
            input #waits type="checkbox" name="waits" value="yes" checked[is_ticked];
            label for="waits" { "We cannot go on without their answer" }
        }
        p.hint { "Then we do not ask you where it stands until they answer, for 14 days at most." }
    }
}

/// What a contact wrote for the reporter, before it is sent.
pub struct Answer<'a> {
    pub text: &'a str,
    /// As the reporter will see it.
    pub shown: &'a str,
    /// The project cannot go on without an answer to it.
    pub waits: bool,
}

/// What the reporter will see, before it is sent.
pub fn preview_page(view: &ActionView, letters: &str, answer: &Answer<'_>, once: &Once) -> Markup {
    let Answer { text, shown, waits } = *answer;
    html! {
        h1 { "Answer the reporter" }
        @if shown.is_empty() {
            p.notice.soon { "Nothing is left to send: your text holds only names, addresses or a signature, which we do not pass on." }
        } @else {
            p { "The reporter of " span.mono.nowrap { (view.number) } " will see:" }
            section.lane.reporter {
                h2.which { (icon(Icon::Envelope)) "TO THE REPORTER" }
                (said(shown))
                p { (signature(&view.project.name)) }
            }
            @if shown != text.trim() {
                p.muted { "Lines that tell who you are, mail addresses and our private links were left out." }
            }
            form.row method="post" action={ "/a/" (letters) "/answer" } {
                input type="hidden" name="text" value=(text);
                input type="hidden" name="once" value=(once.id);
                input type="hidden" name="seal" value=(once.seal);
                @if waits { input type="hidden" name="waits" value="yes"; }
                button.primary { "Send to the reporter, signed \u{201c}" (view.project.name) " security contact\u{201d}" }
            }
        }
        form method="post" action={ "/a/" (letters) "/preview" } {
            div.field {
                label for="text" { "Change your words" }
                textarea #text name="text" rows="8" { "\n" (text) }
            }
            (needs_an_answer(waits))
            button { "Preview again" }
        }
        p { a href={ "/a/" (letters) } { "Back to the report" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use crate::domain::id::MessageId;
    use crate::flows::forward::Content;
    use crate::web::samples::{HOSTILE, attachment, directory, handling, hours, id, now, shows_hostile_texts};

    fn view(state: HandlingState) -> ActionView {
        ActionView {
            number: CaseRef::from_row("SEC-2026-0042"),
            org: "Story Foundation".to_owned(),
            project: directory().projects.remove(0),
            handling: handling(state),
            due_at: (state == HandlingState::Sent).then(|| now() + hours(72)),
            reporter: "The reporter: name withheld, replies go through us.".to_owned(),
            content: Content {
                text: ContentText::Text(HOSTILE.to_owned()),
                files: vec![(ArrivalId::from_row("arrival"), attachment())],
                is_proven: false,
            },
            originals: Vec::new(),
            later: Vec::new(),
            others: vec![(id("parsley"), "Parsley".to_owned())],
        }
    }

    fn shown(view: &ActionView, times: usize) -> String {
        shows_hostile_texts(page(view, "abc", None, &Draft::default()), times)
    }

    #[test]
    fn a_contact_sees_the_deadline_the_text_and_buttons_that_post() {
        let page = shown(&view(HandlingState::Sent), 2);
        for words in [
            "Mon 2026-11-23 14:00 UTC",
            "We have it",
            "Not ours…",
            "Also another project's…",
            "Answered elsewhere",
            "Answer the reporter",
            "href=\"/a/abc/attachments/arrival/2\"",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        for room in ["", "/not-ours", "/others", "/answered", "/preview"] {
            assert!(page.contains(&format!("method=\"post\" action=\"/a/abc{room}\"")), "{room} in {page}");
        }
        assert!(!page.contains("/originals/"), "without consent the mail as it came is not offered");
    }

    #[test]
    fn once_confirmed_the_button_gives_way_to_thanks() {
        let page = shown(&view(HandlingState::Acknowledged), 2);
        assert!(page.contains("Thank you.") && !page.contains("We have it</button>"), "{page}");
    }

    #[test]
    fn what_has_ended_takes_no_more_words() {
        for (state, words) in [
            (HandlingState::HandedBack, "You handed this back on"),
            (HandlingState::TakenOver, "The committee has answered in the place of"),
            (HandlingState::Closed, "Closed on"),
        ] {
            let mut view = view(state);
            view.handling.closed_at = Some(now());
            let page = shown(&view, 2);
            assert!(page.contains(words) && !page.contains("<form"), "{page}");
        }
    }

    #[test]
    fn what_came_later_and_the_consent_are_shown() {
        let mut view = view(HandlingState::Sent);
        let files = vec![(ArrivalId::from_row("second"), attachment())];
        view.later = vec![Later { at: now(), is_from_the_committee: false, words: HOSTILE.to_owned(), files }];
        view.originals = vec![ArrivalId::from_row("arrival")];
        view.reporter = HOSTILE.to_owned();
        let page = shown(&view, 5);
        for words in ["The reporter adds", "/a/abc/attachments/second/2", "/a/abc/originals/arrival"] {
            assert!(page.contains(words), "{words} in {page}");
        }
    }

    #[test]
    fn a_text_that_cannot_be_shown_says_why() {
        let mut view = view(HandlingState::Sent);
        view.content.text = ContentText::Unreadable(HOSTILE.to_owned());
        assert!(shown(&view, 2).contains("The text cannot be shown: "));
    }

    fn answer(shown: &str) -> Answer<'_> {
        Answer { text: HOSTILE, shown, waits: true }
    }

    #[test]
    fn the_preview_shows_what_the_reporter_will_see_and_what_was_left_out() {
        let once = Once { id: MessageId::from_row("message"), seal: "seal".to_owned() };
        let view = view(HandlingState::Sent);
        let page = shows_hostile_texts(preview_page(&view, "abc", &answer("We look."), &once), 2);
        for words in [
            "We look.",
            "\u{2014} Lantern security contact",
            "were left out",
            "value=\"seal\"",
            "type=\"hidden\" name=\"waits\"",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        let empty = shows_hostile_texts(preview_page(&view, "abc", &answer(""), &once), 1);
        assert!(empty.contains("Nothing is left to send") && !empty.contains("signed"), "{empty}");
    }
}
