//! `/c/{token}`: a contact proves its mailbox, consents, objects, or says that it is still there.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::address::{Purpose, Token};
use crate::domain::contact_change::ChangeKind;
use crate::domain::directory::{Contact, DeliveryMode};
use crate::flows::contacts::{self, LinkView, Next, OwnChange, QuestionView, VerifyView, VoiceView};
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document, said};
use crate::web::public::contact_form::{Fault, Typed, contact_fields, note_field, summary};
use crate::web::when;

/// The route behind a contact's links.
pub fn routes() -> Router<WebState> {
    Router::new().route("/c/{token}", get(show).post(act))
}

fn read(token: &str) -> Result<Token, WebError> {
    Token::read(Purpose::ContactLink, token).ok_or(WebError::DeadLink)
}

async fn show(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Markup, WebError> {
    let view = contacts::open(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok(document(&state, Page::public(&title(&view), page(&view, &letters, None, &[]))))
}

async fn act(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, WebError> {
    let (house, token) = (&state.house, read(&letters)?);
    let next = match typed.act.as_str() {
        "confirm" => contacts::confirm(house, &token).await?,
        "not-me" => contacts::not_me(house, &token).await?,
        "consent" => contacts::vote(house, &token, true).await?,
        "object" => contacts::vote(house, &token, false).await?,
        "still-me" => contacts::still_me(house, &token).await?,
        "remove-me" => contacts::remove_me(house, &token).await?,
        "change-me" => return change(&state, &letters, &token, &typed).await,
        _ => return Err(WebError::DeadLink),
    };
    let next = next.ok_or(WebError::DeadLink)?;
    Ok(document(&state, Page::public("Thank you", thanks(next, &typed.act))).into_response())
}

async fn change(state: &WebState, letters: &str, token: &Token, typed: &Typed) -> Result<Response, WebError> {
    let view = contacts::open(&state.house, token).await?.ok_or(WebError::DeadLink)?;
    let LinkView::Question(question) = &view else { return Err(WebError::DeadLink) };
    let own = match (typed.contact(), typed.note()) {
        (Ok(wanted), Ok(note)) => {
            // The form does not ask for these, so they stay.
            let (away, key) = (question.contact.away.clone(), question.contact.key.clone());
            Ok(OwnChange { wanted: Contact { away, key, ..wanted }, note })
        }
        (wanted, note) => Err(wanted.err().into_iter().flatten().chain(note.err()).collect::<Vec<Fault>>()),
    };
    match own {
        Ok(own) => {
            let next = contacts::change_me(&state.house, token, own).await?.ok_or(WebError::DeadLink)?;
            Ok(document(state, Page::public("Thank you", thanks(next, "change-me"))).into_response())
        }
        Err(faults) => {
            let again = page(&view, letters, Some(typed), &faults);
            let page = document(state, Page::public(&format!("Error: {}", title(&view)), again));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn title(view: &LinkView) -> String {
    match view {
        LinkView::Verify(view) => format!("Confirm that you are a security contact for {}", view.project.name),
        LinkView::Voice(view) => format!("A change of the security contacts of {}", view.project.name),
        LinkView::Question(view) => format!("Still a security contact for {}?", view.project.name),
    }
}

fn page(view: &LinkView, letters: &str, typed: Option<&Typed>, faults: &[Fault]) -> Markup {
    let action = format!("/c/{letters}");
    html! {
        (summary(faults))
        h1 { (title(view)) }
        @match view {
            LinkView::Verify(view) => { (verify_page(view, &action)) }
            LinkView::Voice(view) => { (voice_page(view, &action)) }
            LinkView::Question(view) => { (question_page(view, &action, typed, faults)) }
        }
    }
}

fn button(action: &str, act: &str, words: &str, is_primary: bool) -> Markup {
    html! {
        form method="post" action=(action) {
            input type="hidden" name="act" value=(act);
            button.primary[is_primary] { (words) }
        }
    }
}

fn verify_page(view: &VerifyView, action: &str) -> Markup {
    html! {
        p { (view.asked_by) " named " strong { (view.wanted.email) } " as a security contact for " (view.project.name) "." }
        p { "You will get reports of security problems, and reminders if nobody at the project answers. Your address is not
             published. We ask every quarter whether you are still there." }
        (particulars(&view.wanted))
        div.row { (button(action, "confirm", "Confirm", true)) (button(action, "not-me", "Not me", false)) }
    }
}

fn particulars(contact: &Contact) -> Markup {
    let delivery = match contact.delivery {
        DeliveryMode::Full => "the report's text, attachments as links",
        DeliveryMode::Link => "a link alone",
        DeliveryMode::Encrypted => "a link alone, until we can encrypt",
    };
    html! {
        dl.facts {
            dt { "Address" } dd { (contact.email) }
            @if let Some(name) = &contact.name { dt { "Name" } dd { (name) } }
            dt { "Our mails carry" } dd { (delivery) }
            dt { "Any reader may answer" } dd { (if contact.is_list { "yes, it is a list" } else { "no" }) }
            @if contact.is_deputy { dt { "Deputy" } dd { "written to only if the others do not answer" } }
            @if let Some(hours) = &contact.hours { dt { "Working hours" } dd { (hours) } }
            @if let Some(zone) = contact.zone.as_ref().and_then(|zone| zone.iana_name()) { dt { "Time zone" } dd { (zone) } }
        }
    }
}

fn voice_page(view: &VoiceView, action: &str) -> Markup {
    let change = &view.change;
    html! {
        p { "You are " strong { (view.reader) } ", a security contact for " (view.project.name) "."
            @if change.itself_at.is_some() { " A contact of the project asks for this:" }
            @else { " Somebody who gave the name " strong { (change.asked_by) } " asks for this:" } }
        p { strong { (change_words(change.kind)) } @if let Some(named) = &view.named { ": " (named) } }
        @if let Some(wanted) = &change.wanted { (particulars(wanted)) }
        @if let Some(note) = &change.note { h2 { "Their note" } (said(note)) }
        p { "With your consent it is done once the mailbox has confirmed. If you object, members of the committee decide.
             Reports that you have already stay with you." }
        div.row { (button(action, "consent", "Consent", true)) (button(action, "object", "Object", false)) }
    }
}

/// A change as a heading.
pub fn change_words(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Add => "Add a contact",
        ChangeKind::Replace => "Replace a contact",
        ChangeKind::Change => "Change a contact's particulars",
        ChangeKind::Remove => "Remove a contact",
    }
}

fn question_page(view: &QuestionView, action: &str, typed: Option<&Typed>, faults: &[Fault]) -> Markup {
    let current = Typed::of(&view.contact);
    let typed = typed.unwrap_or(&current);
    html! {
        p { strong { (view.contact.email) } " gets the security reports for " (view.project.name) ". Is that still right?" }
        (particulars(&view.contact))
        div.row { (button(action, "still-me", "Yes, still me", true)) (button(action, "remove-me", "Remove me", false)) }
        details open[!faults.is_empty()] {
            summary { "Change something" }
            form method="post" action=(action) novalidate {
                input type="hidden" name="act" value="change-me";
                p.hint { "Another address is used once it has confirmed by a mail of its own." }
                (contact_fields(typed, faults))
                (note_field(typed, faults))
                button.primary { "Save" }
            }
        }
    }
}

fn thanks(next: Next, act: &str) -> Markup {
    html! {
        h1 { "Thank you" }
        @match (next, act) {
            (Next::Ended, "not-me") => p { "You will hear no more about this. The committee sees that it was a mistake." }
            (Next::Ended, _) => p { "This change was settled before. Nothing is left to do." }
            (Next::Done, "remove-me") => p { "You get no more reports. Thank you for your work." }
            (Next::Done, "still-me") => p { "We ask again in three months." }
            (Next::Done, _) => p { "It is done." }
            (Next::At(at), _) => p { "The other contacts were told. It takes effect on " (when::time(at)) " unless one of them objects." }
            (Next::Waits, "change-me") => p { "A mail with a link is on its way to the new address. Until it confirms, nothing changes." }
            (Next::Waits, "object") => p { "Nothing happens until members of the committee have decided." }
            (Next::Waits, "consent") => p { "The rest is up to others: the mailbox that has to confirm, or the committee." }
            (Next::Waits, _) => p { "Your mailbox is confirmed. It takes effect once the contacts that are listed now, or the
                                     committee, have had their say." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact_change::AskedThrough;
    use crate::domain::id::{ChangeId, ContactId};
    use crate::store::ChangeRow;
    use crate::web::samples::{HOSTILE, directory, hours, mailbox, now, safe, shows_hostile_texts};

    fn contact() -> Contact {
        let mut contact = Typed { email: "kim@lantern.example".to_owned(), ..Typed::default() }.contact().unwrap();
        contact.name = Some(HOSTILE.to_owned());
        contact
    }

    fn change() -> ChangeRow {
        ChangeRow {
            id: ChangeId::from_row("change"),
            project: directory().projects[0].id.clone(),
            kind: ChangeKind::Replace,
            contact: Some(ContactId::from_row("contact")),
            old_address: None,
            asked_through: AskedThrough::Form,
            asked_by: HOSTILE.to_owned(),
            note: Some(HOSTILE.to_owned()),
            asked_at: now(),
            wanted: Some(contact()),
            itself_at: None,
            proven_at: None,
            told_at: None,
            settled_at: None,
            outcome: None,
            ground: None,
        }
    }

    #[test]
    fn a_new_contact_sees_what_it_would_be_and_two_buttons() {
        let project = directory().projects.remove(0);
        let view = LinkView::Verify(VerifyView { project, wanted: contact(), asked_by: HOSTILE.to_owned() });
        let shown = shows_hostile_texts(page(&view, "abc", None, &[]), 2);
        for word in ["value=\"confirm\"", "value=\"not-me\"", "action=\"/c/abc\"", "kim@lantern.example"] {
            assert!(shown.contains(word), "{word} in {shown}");
        }
    }

    #[test]
    fn an_old_contact_sees_who_asks_for_what_and_may_consent_or_object() {
        let project = directory().projects.remove(0);
        let named = Some(mailbox("old@lantern.example"));
        let view = VoiceView { project, change: change(), named, reader: mailbox("old@lantern.example") };
        let shown = shows_hostile_texts(page(&LinkView::Voice(Box::new(view)), "abc", None, &[]), 3);
        for word in ["value=\"consent\"", "value=\"object\"", "Replace a contact", "old@lantern.example"] {
            assert!(shown.contains(word), "{word} in {shown}");
        }
    }

    #[test]
    fn a_contact_that_is_asked_may_stay_change_or_leave() {
        let view = || {
            let project = directory().projects.remove(0);
            LinkView::Question(QuestionView { project, contact: contact() })
        };
        let shown = shows_hostile_texts(page(&view(), "abc", None, &[]), 2);
        for word in ["value=\"still-me\"", "value=\"remove-me\"", "value=\"change-me\"", "Change something"] {
            assert!(shown.contains(word), "{word} in {shown}");
        }
        assert!(!shown.contains("<details open"), "{shown}");
        let typed = Typed { email: HOSTILE.to_owned(), ..Typed::default() };
        let again = shows_hostile_texts(page(&view(), "abc", Some(&typed), &typed.contact().unwrap_err()), 2);
        assert!(again.contains("<details open") && again.contains("There is a problem"), "{again}");
    }

    #[test]
    fn every_press_is_answered_with_what_happens_next() {
        let all = [Next::Done, Next::At(now() + hours(168)), Next::Waits, Next::Ended];
        for next in all {
            for act in ["confirm", "not-me", "consent", "object", "still-me", "remove-me", "change-me"] {
                assert!(safe(thanks(next, act)).contains("<p>"), "{next:?} {act}");
            }
        }
        assert!(safe(thanks(all[1], "confirm")).contains("Fri 2026-11-27 14:00 UTC"));
    }
}
