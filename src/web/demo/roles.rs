//! Who a visitor of the demo wants to be: a line for each, on the first page.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use maud::{Markup, html};

use crate::domain::directory::{Contact, Directory, Member, MemberRole};
use crate::flows::sessions;
use crate::web::WebState;
use crate::web::demo::DemoLetter;
use crate::web::demo::mail::href_of;
use crate::web::frame::WebError;
use crate::web::session::cookie;

/// The lines of the demo's first page; nothing outside of the demo.
pub fn welcome(state: &WebState) -> Markup {
    let policy = state.house.policy();
    html! { @if let Some(demo) = &state.demo { (lines(&policy.directory, &demo.letters())) } }
}

fn lines(directory: &Directory, letters: &[DemoLetter]) -> Markup {
    html! {
        div.notice {
            p { strong { "Try it: who are you?" } }
            p { strong { "A reporter. " } a href="/report" { "Report something" } ", or "
                a href="/demo/mail" { "send a mail" } " as anybody you like. Your answers come to that mailbox." }
            @for role in [MemberRole::Chair, MemberRole::Member] {
                @if let Some(member) = of_role(directory, role) {
                    form.row method="post" action={ "/demo/be/" (role.to_string()) } {
                        strong { "The committee." }
                        button { "Sign in as " (member.name) ", " (role) }
                    }
                }
            }
            p { strong { "A project. " } "Its reports are in the mailbox of its contact: "
                @for (index, (project, contact)) in with_reports(directory, letters).enumerate() {
                    @if index > 0 { ", " } a href=(href_of(contact)) { (project) }
                } "." }
            @for address in &directory.board {
                p { strong { "The board. " } "It hears when a promise is broken: "
                    a href=(href_of(address.as_str())) { (address) } }
            }
            p { "The bar on top moves the clock: what falls due on the way happens in its hour." }
        }
    }
}

/// Projects to which a report has gone, each with the first contact who got it.
fn with_reports<'d>(directory: &'d Directory, letters: &[DemoLetter]) -> impl Iterator<Item = (&'d str, &'d str)> {
    let has_one = |contact: &&Contact| {
        letters.iter().any(|letter| letter.to == contact.email.as_str() && letter.subject.contains("Security report"))
    };
    directory.projects.iter().filter_map(move |project| {
        let contact = project.contacts.iter().find(has_one)?;
        Some((project.name.as_str(), contact.email.as_str()))
    })
}

fn of_role(directory: &Directory, role: MemberRole) -> Option<&Member> {
    directory.committee.iter().find(|member| member.role == role)
}

/// Signs the visitor in as the first member of that role.
pub async fn be(State(state): State<WebState>, jar: CookieJar, Path(role): Path<String>) -> Result<Response, WebError> {
    if state.demo.is_none() {
        return Err(WebError::NotFound);
    }
    let policy = state.house.policy();
    let is_meant = |member: &&Member| member.role.to_string() == role;
    let member = policy.directory.committee.iter().find(is_meant).ok_or(WebError::NotFound)?;
    let session = sessions::begin_as(&state.house, &member.email).await?.ok_or(WebError::NotFound)?;
    Ok((jar.add(cookie(&state, session)), Redirect::to("/at-risk")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::DeliveryMode;
    use crate::web::samples::{directory, mailbox, safe};

    #[test]
    fn the_first_page_of_the_demo_has_a_line_for_each_who_takes_part() {
        let mut directory = directory();
        directory.board.push(mailbox("board@story.example"));
        directory.projects[0].contacts.push(Contact {
            name: None,
            email: mailbox("security@lantern.example"),
            delivery: DeliveryMode::Full,
            is_list: true,
            is_deputy: false,
            away: Vec::new(),
            hours: None,
            zone: None,
            key: None,
        });
        let letter = DemoLetter {
            at: String::new(),
            to: "security@lantern.example".to_owned(),
            subject: "[SEC-2026-0001] Security report for Lantern".to_owned(),
            text: String::new(),
            reply_to: String::new(),
            to_reporter: None,
        };
        let shown = safe(lines(&directory, &[letter]));
        for line in ["A reporter.", "action=\"/demo/be/chair\"", "The board.", "lantern.example\">Lantern</a>."] {
            assert!(shown.contains(line), "{line} is missing: {shown}");
        }
    }
}
