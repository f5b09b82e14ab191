//! `/projects/{id}/contacts`: a project asks for its entry, or for a change of it, without an account.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::domain::contact_change::AskedThrough;
use crate::domain::directory::{Project, ProjectId};
use crate::domain::policy_file::{self, Found};
use crate::flows::contacts::{self, ContactStanding, NotAsked, contact_standing};
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};
use crate::web::public::contact_form::{Fault, Typed, choice, contact_fields, note_field, summary, text_field};
use crate::web::public::fill_from::{fill_from, first_button};
use crate::web::when;

/// The route of the request.
pub fn routes() -> Router<WebState> {
    Router::new().route("/projects/{id}/contacts", get(show).post(ask))
}

fn project(state: &WebState, id: &str) -> Result<Project, WebError> {
    let id = ProjectId::parse(id).ok_or(WebError::NotFound)?;
    state.house.policy().directory.project(&id).cloned().ok_or(WebError::NotFound)
}

async fn show(State(state): State<WebState>, Path(id): Path<String>) -> Result<Markup, WebError> {
    let project = project(&state, &id)?;
    let view = view(&state, &project).await?;
    let title = format!("Security contacts of {}", project.name);
    Ok(document(&state, Page::public(&title, page(&view, &Typed::default(), &[], None))))
}

async fn ask(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, WebError> {
    let project = project(&state, &id)?;
    if typed.act == "fill" {
        let found = policy_file::read(&typed.file_text, state.house.now().to_zoned(TimeZone::UTC).date());
        typed.fill(&found);
        let view = view(&state, &project).await?;
        let title = format!("Security contacts of {}", project.name);
        let filled = page(&view, &typed, &[], Some(&found));
        return Ok(document(&state, Page::public(&title, filled)).into_response());
    }
    let faults = match typed.asked(&project.id) {
        Err(faults) => faults,
        Ok(asked) => match contacts::ask(&state.house, asked, AskedThrough::Form).await? {
            Ok(()) => {
                let page = Page::public("Thank you", on_its_way(&project));
                return Ok(document(&state, page).into_response());
            }
            Err(NotAsked::NoProject) => return Err(WebError::NotFound),
            Err(NotAsked::OurAddress) => vec![("email", "Enter an address that the project reads: this one is ours")],
            Err(NotAsked::TooMany) => vec![(
                "name",
                "Several changes for this project wait already. Try again in a day, or write to the address below",
            )],
        },
    };
    let view = view(&state, &project).await?;
    let title = format!("Error: Security contacts of {}", project.name);
    let again = document(&state, Page::public(&title, page(&view, &typed, &faults, None)));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

/// What the page says beside the form.
struct View<'a> {
    project: &'a Project,
    standing: ContactStanding,
    security_address: String,
    org: String,
}

async fn view<'a>(state: &WebState, project: &'a Project) -> Result<View<'a>, WebError> {
    let rows = state.house.store.contacts_of(&project.id).await?;
    let foundation = &state.house.policy().directory.foundation;
    Ok(View {
        project,
        standing: contact_standing(&rows, state.house.now()),
        security_address: foundation.security_address.to_string(),
        org: foundation.name.clone(),
    })
}

fn page(view: &View<'_>, typed: &Typed, faults: &[Fault], found: Option<&Found>) -> Markup {
    let name = &view.project.name;
    html! {
        (summary(faults))
        h1 { "Security contacts of " (name) }
        p { (said_of(view.standing)) " Who they are is not published." }
        p { "Do you maintain " (name) "? Ask here for a new contact or a change. You need no account." }
        h2 { "What happens next" }
        ol.tight {
            li { "The mailbox that would get reports gets a mail with a link, and confirms." }
            li { "All contacts that are listed now are told at once. One of them may consent, or object." }
            li { "A first contact is approved by a member of the " (view.org) " security committee. A change is made after a
                  week, or at once with a contact's consent." }
        }
        form method="post" action={ "/projects/" (view.project.id) "/contacts" } novalidate {
            (first_button("ask"))
            h2 { "Your request" }
            (text_field("name", "Your name", "The mails about your request name you.", &typed.name, faults))
            (choice("kind", "What should change?", &[
                ("add", "Add a contact"),
                ("replace", "Put a new address in the place of an old one"),
                ("change", "Change how a contact gets its mails, at the same address"),
                ("remove", "Remove a contact"),
            ], &typed.kind, faults))
            (text_field("old", "Address that is there now", "To replace or remove it; else leave this empty.", &typed.old, faults))
            h2 { "The contact as it should be" }
            p.hint { "Not needed to remove one." }
            (fill_from(found, false))
            (contact_fields(typed, faults))
            (note_field(typed, faults))
            button.primary name="act" value="ask" { "Send request" }
        }
        p.muted { "Prefer email? Write to " a.mono href={ "mailto:" (view.security_address) } { (view.security_address) } "." }
    }
}

/// The standing of a project's contacts in words for everybody.
pub fn said_of(standing: ContactStanding) -> Markup {
    html! {
        @match standing {
            ContactStanding::ConfirmedOn(on) => { "Contact confirmed on " (when::time(on)) "." }
            ContactStanding::NotConfirmed => "Contact not confirmed.",
            ContactStanding::NoContact => "No contact is known to us yet.",
        }
    }
}

/// The same whether anybody named was a contact or not.
fn on_its_way(project: &Project) -> Markup {
    html! {
        h1 { "Thank you" }
        p { "We have your request for " (project.name) ". If a mailbox has to confirm something, a mail with a link is on its
             way to it; the link works for 14 days. The contacts that are listed now are told." }
        p { "Nothing changes before that, and reports that are under way stay where they are." }
        p { a href={ "/projects/" (project.id) "/contacts" } { "Ask for another change" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, directory, now, safe, shows_hostile_texts};

    fn shown(standing: ContactStanding, typed: &Typed, faults: &[Fault]) -> Markup {
        let project = directory().projects.remove(0);
        let security_address = "security@story.example".to_owned();
        page(
            &View { project: &project, standing, security_address, org: "Story Foundation".to_owned() },
            typed,
            faults,
            None,
        )
    }

    #[test]
    fn the_page_says_how_sure_we_are_and_asks_without_naming_anybody() {
        let confirmed = safe(shown(ContactStanding::ConfirmedOn(now()), &Typed::default(), &[]));
        assert!(confirmed.contains("Contact confirmed on ") && confirmed.contains("Fri 2026-11-20"), "{confirmed}");
        assert!(confirmed.contains("action=\"/projects/lantern/contacts\""), "{confirmed}");
        let none = safe(shown(ContactStanding::NoContact, &Typed::default(), &[]));
        assert!(none.contains("No contact is known to us yet."), "{none}");
    }

    #[test]
    fn what_was_typed_stays_with_the_fault_beside_it_and_in_the_summary() {
        let hostile = HOSTILE.to_owned();
        let typed = Typed {
            name: hostile.clone(),
            kind: "replace".to_owned(),
            old: hostile.clone(),
            email: hostile.clone(),
            contact_name: hostile.clone(),
            zone: hostile.clone(),
            hours: hostile.clone(),
            note: hostile,
            ..Typed::default()
        };
        let faults = typed.asked(&directory().projects[0].id).unwrap_err();
        assert_eq!(faults.len(), 6);
        let shown = shows_hostile_texts(shown(ContactStanding::NotConfirmed, &typed, &faults), 7);
        assert!(shown.contains("There is a problem") && shown.contains("href=\"#zone\""), "{shown}");
        assert!(shown.contains("aria-describedby=\"zone-hint zone-wrong\""), "{shown}");
        assert!(shown.contains("value=\"replace\" checked"), "{shown}");
    }

    #[test]
    fn the_answer_names_no_address() {
        assert!(!safe(on_its_way(&directory().projects[0])).contains('@'));
    }
}
