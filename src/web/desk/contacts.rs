//! `/contacts`: who is written to, how they do, and the changes that wait for somebody.

mod row;

pub use row::health;

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::domain::access::{Act, Viewer, may};
use crate::domain::contact_change::{Effect, Outcome, Speaker, WaitsFor};
use crate::domain::directory::{Channel, Contact, DeliveryMode, Directory, Member, Project};
use crate::domain::id::{ChangeId, ContactId};
use crate::flows::contacts::{self, Outlook};
use crate::store::{ChangeRow, ContactRow, Silence};
use crate::web::WebState;
use crate::web::desk::{ROWS, desk_page};
use crate::web::frame::{Icon, Place, WebError, icon, said};
use crate::web::public::change_words;
use crate::web::session::{AtDesk, JustSignedIn};
use crate::web::when;

/// Settled changes on the page.
const SETTLED: i64 = 20;

/// Reports that were not confirmed in time count against a project's contacts for a quarter.
const SILENCE_COUNTS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The routes of the contacts.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/contacts", get(list))
        .route("/contacts/changes/{id}", post(decide))
        .route("/contacts/{id}/ask", post(ask))
        .route("/contacts/trust", post(trust))
        .merge(row::routes())
}

/// What the page shows.
struct View<'a> {
    directory: &'a Directory,
    /// As the file has it, to compare.
    file: &'a Directory,
    contacts: &'a [ContactRow],
    waiting: &'a [Outlook],
    settled: &'a [ChangeRow],
    /// Projects that somebody proposed, and nobody has decided about.
    proposals: usize,
    /// Reports that were not confirmed in time.
    silences: &'a [Silence],
    now: Timestamp,
}

async fn list(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let policy = state.house.policy();
    let contacts = state.house.store.contacts().await?;
    let waiting = contacts::outlooks(&state.house).await?;
    let settled = state.house.store.settled_changes(SETTLED).await?;
    let now = state.house.now();
    let silences = state.house.store.silences(now - SILENCE_COUNTS, now).await?;
    let view = View {
        directory: &policy.directory,
        file: &policy.file,
        contacts: &contacts,
        waiting: &waiting,
        settled: &settled,
        proposals: state.house.store.proposals_waiting(ROWS).await?.len(),
        silences: &silences,
        now,
    };
    Ok(desk_page(&state, &member, Place::Contacts, "Contacts", page(&view)).await?)
}

/// The button that was pressed.
#[derive(serde::Deserialize)]
struct Decision {
    decision: String,
}

/// The domain that is back.
#[derive(serde::Deserialize)]
struct Domain {
    domain: String,
}

fn may_decide(member: &Member) -> bool {
    let viewer = Viewer::Member { email: member.email.clone(), name: member.name.clone(), role: member.role };
    may(&viewer, Act::DecideContacts)
}

async fn decide(
    State(state): State<WebState>,
    JustSignedIn(member): JustSignedIn,
    Path(id): Path<String>,
    Form(form): Form<Decision>,
) -> Result<Response, WebError> {
    let is_for = match form.decision.as_str() {
        "approve" => true,
        "refuse" => false,
        _ => return Err(WebError::NotFound),
    };
    if !may_decide(&member) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    match contacts::decide(&state.house, &ChangeId::from_row(id), is_for, &member).await? {
        Ok(_) => Ok(Redirect::to("/contacts").into_response()),
        Err(reason) => not_done(&state, &member, &reason.to_string()).await,
    }
}

async fn ask(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    if contacts::ask_now(&state.house, &ContactId::from_row(id)).await? {
        return Ok(Redirect::to("/contacts").into_response());
    }
    let reason = "It left, its domain is gone, or it had as many letters today as it may have.";
    not_done(&state, &member, reason).await
}

async fn trust(
    State(state): State<WebState>,
    JustSignedIn(member): JustSignedIn,
    Form(form): Form<Domain>,
) -> Result<Response, WebError> {
    if !may_decide(&member) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    match contacts::trust_domain(&state.house, &form.domain).await? {
        true => Ok(Redirect::to("/contacts").into_response()),
        false => not_done(&state, &member, "This domain is not one that was gone and came back.").await,
    }
}

async fn not_done(state: &WebState, member: &Member, reason: &str) -> Result<Response, WebError> {
    let body = html! {
        h1 { "Not done" }
        div.notice.late { p { (reason) } }
        p { a href="/contacts" { "Back to the contacts" } }
    };
    Ok(desk_page(state, member, Place::Contacts, "Not done", body).await?.into_response())
}

fn page(view: &View<'_>) -> Markup {
    html! {
        h1 { "Contacts" }
        p.muted { "Who is written to, and how sure we are that somebody reads it. The file names the first contacts; once a
                   project has confirmed one, they change by proof and consent alone." }
        p { a href="/proposals" { "Proposed projects (" (view.proposals) ")" } }
        h2 { "Changes that wait (" (view.waiting.len()) ")" }
        @if view.waiting.is_empty() { p { "Nothing waits." } }
        @for outlook in view.waiting { (waiting(outlook, view)) }
        h2 { "Projects" }
        @for project in &view.file.projects { (project_card(project, view)) }
        @if !view.settled.is_empty() {
            h2 { "Settled lately" }
            ul.tight { @for change in view.settled { (settled(change, view.directory)) } }
        }
    }
}

fn name_of(directory: &Directory, change: &ChangeRow) -> String {
    directory.project(&change.project).map_or_else(|| change.project.to_string(), |project| project.name.clone())
}

fn waiting(outlook: &Outlook, view: &View<'_>) -> Markup {
    let change = &outlook.change;
    html! {
        div.card {
            h3 { (name_of(view.directory, change)) ": " (change_words(change.kind)) }
            dl.facts {
                @if let Some(named) = &outlook.named { dt { "Now" } dd { (named) } }
                @if let Some(old) = &change.old_address { dt { "Named, but no contact" } dd { (old) } }
                @if let Some(wanted) = &change.wanted { dt { "Wanted" } dd { (in_short(wanted)) } }
                dt { "Asked by" } dd { (change.asked_by) ", " (when::time(change.asked_at)) ", by " (change.asked_through.word()) }
                dt { "Mailbox" } dd { @match (&change.wanted, change.proven_at) {
                    (None, _) => "none to prove",
                    (_, Some(at)) => { "proven " (when::time(at)) }
                    (_, None) => "not proven yet",
                } }
                dt { "Waits for" } dd { (waits_for(outlook)) }
                @for voice in &outlook.voices {
                    dt { @match &voice.speaker { Speaker::Member(email) => (email), Speaker::Contact(_) => "A contact" } }
                    dd { (if voice.is_for { "for it" } else { "against it" }) ", " (when::time(voice.at)) }
                }
            }
            @if let Some(note) = &change.note { (said(note)) }
            form.row method="post" action={ "/contacts/changes/" (change.id) } {
                button.primary name="decision" value="approve" { "Approve" }
                button name="decision" value="refuse" { "Refuse" }
            }
        }
    }
}

fn waits_for(outlook: &Outlook) -> Markup {
    html! {
        @match outlook.effect {
            Effect::Now(_) => "the next look, within a minute",
            Effect::Expired => "nobody: its time is over",
            Effect::At(at) => { "an objection until " (when::time(at)) ", then it is made" }
            Effect::WaitsFor(WaitsFor::Mailbox) => {
                "the mailbox, until " (when::time(outlook.change.asked_at + crate::domain::contact::LINK_LIFE))
            }
            Effect::WaitsFor(WaitsFor::OneMember) => "one member: it is the project's first contact",
            Effect::WaitsFor(WaitsFor::TwoMembers) => "two members: a contact objects, or the old one cannot answer",
            Effect::WaitsFor(WaitsFor::Consent) => {
                "a contact's consent, until " (when::time(outlook.change.asked_at + crate::domain::contact::LINK_LIFE))
            }
            Effect::WaitsFor(WaitsFor::Telling) => "our letters to the old contacts, which have not all left",
            Effect::WaitsFor(WaitsFor::AnotherContact) => "another contact: nobody who can be reached would be left",
        }
    }
}

fn in_short(contact: &Contact) -> String {
    let mut words = vec![contact.email.to_string()];
    words.extend(contact.name.clone());
    if contact.delivery != DeliveryMode::Full {
        words.push(contact.delivery.word().to_owned());
    }
    if contact.is_list {
        words.push("list".to_owned());
    }
    if contact.is_deputy {
        words.push("deputy".to_owned());
    }
    words.extend(contact.hours.clone());
    words.extend(contact.zone.as_ref().and_then(|zone| zone.iana_name()).map(str::to_owned));
    words.join(", ")
}

fn project_card(project: &Project, view: &View<'_>) -> Markup {
    let rows: Vec<&ContactRow> = view.contacts.iter().filter(|row| row.project == project.id).collect();
    let live = rows.iter().filter(|row| row.health.is_live(view.now)).count();
    let inert = project.contacts.iter().filter(|contact| !rows.iter().any(|row| row.contact.email == contact.email));
    let inert: Vec<&Contact> = inert.collect();
    html! {
        div.card id={ "project-" (project.id) } {
            h3 { (project.name) }
            div.row {
                @match live {
                    0 if project.channel != Channel::Mail && rows.is_empty() => span.small.muted { "takes reports through " (project.channel.word()) }
                    0 => span.tag.late { (icon(Icon::Triangle)) "nobody can be reached" }
                    1 => span.tag.soon { (icon(Icon::Triangle)) "single point of failure" }
                    _ => span.tag.ok { (icon(Icon::Check)) (live) " can be reached" }
                }
                @if let Some(silence) = view.silences.iter().find(|silence| silence.project == project.id) { (silent(silence)) }
                a href={ "/projects/" (project.id) "/contacts" } { "Ask for a change" }
            }
            @if !rows.is_empty() {
                table.stacks.contacts {
                    thead { tr { th scope="col" { "Contact" } th scope="col" { "Standing" } th scope="col" { "Trouble" } td {} } }
                    tbody { @for row in rows { (row::contact_row(row, view)) } }
                }
            }
            @if !inert.is_empty() {
                p.small.muted { "projects.toml also names " (inert.iter().map(|c| c.email.as_str()).collect::<Vec<_>>().join(", "))
                    ". It is not used: this project has confirmed its contacts here. To bring it in, run fingerpost projects import." }
            }
        }
    }
}

fn silent(silence: &Silence) -> Markup {
    let reports = if silence.reports == 1 { "1 report".to_owned() } else { format!("{} reports", silence.reports) };
    html! {
        span.tag.late { (icon(Icon::Triangle)) (reports) " not confirmed in time" }
        span.small.muted { "in 90 days, the last one was due " (when::time(silence.last_due_at)) }
    }
}

fn settled(change: &ChangeRow, directory: &Directory) -> Markup {
    let outcome = change.outcome.map_or("", Outcome::word);
    html! {
        li {
            (name_of(directory, change)) ": " (change_words(change.kind))
            @if let Some(wanted) = &change.wanted { " " (wanted.email) }
            ", " strong { (outcome) } @if let Some(ground) = &change.ground { " (" (ground) ")" }
            @if let Some(at) = change.settled_at { ", " (when::time(at)) }
        }
    }
}

#[cfg(test)]
mod tests;
