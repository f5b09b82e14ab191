//! Everybody's mailbox: each letter that left, to read and to answer as its recipient.

use std::collections::BTreeMap;

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use crate::domain::address::Mailbox;
use crate::domain::directory::Directory;
use crate::web::WebState;
use crate::web::demo::{DemoLetter, is_own_path};
use crate::web::frame::{Page, WebError, document, tab_stop};

/// Letters that the page lists; the eight days before a visitor comes bring about as many.
const LISTED: usize = 200;

/// Whose letters are shown.
#[derive(serde::Deserialize)]
pub struct Filter {
    #[serde(default)]
    of: String,
}

pub async fn mailbox(State(state): State<WebState>, Query(filter): Query<Filter>) -> Result<Markup, WebError> {
    mail_page(&state, filter.of.trim(), None)
}

fn mail_page(state: &WebState, of: &str, wrong: Option<&str>) -> Result<Markup, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    demo.look();
    let letters = demo.letters();
    let policy = state.house.policy();
    let view = MailView { letters: &letters, of, directory: &policy.directory, wrong };
    Ok(document(state, Page { is_text: false, ..Page::public("Mail", mailbox_page(&view)) }))
}

/// The mailboxes of the demo, or one of them.
struct MailView<'a> {
    letters: &'a [DemoLetter],
    /// The address whose letters are shown; all if it is empty.
    of: &'a str,
    directory: &'a Directory,
    wrong: Option<&'a str>,
}

impl MailView<'_> {
    /// Who has mail, and how much of it.
    fn people(&self) -> BTreeMap<(&'static str, &str), usize> {
        let mut people = BTreeMap::new();
        for letter in self.letters {
            *people.entry((who(self.directory, &letter.to), letter.to.as_str())).or_default() += 1;
        }
        people
    }
}

/// What somebody is to the foundation.
fn who(directory: &Directory, address: &str) -> &'static str {
    let Ok(mailbox) = Mailbox::parse(address) else { return "Reporters" };
    let mut contacts = directory.projects.iter().flat_map(|project| &project.contacts);
    if directory.board.contains(&mailbox) {
        "Board"
    } else if directory.member(&mailbox).is_some() {
        "Committee"
    } else if contacts.any(|contact| contact.email == mailbox) {
        "Projects"
    } else {
        "Reporters"
    }
}

fn mailbox_page(view: &MailView<'_>) -> Markup {
    let shown = view.letters.iter().enumerate().rev();
    let shown: Vec<_> = shown.filter(|(_, letter)| view.of.is_empty() || letter.to == view.of).take(LISTED).collect();
    let from = if view.of.is_empty() { "sam@finder.example" } else { view.of };
    html! {
        h1 { "Mail" @if !view.of.is_empty() { " of " (view.of) } }
        p { "No mail leaves this machine. Here is every letter; open one to read and answer it as its recipient." }
        @if let Some(wrong) = view.wrong { div.notice.late { p { (wrong) } } }
        div.columns {
            div {
                @if shown.is_empty() { p { "No letter has left yet." } }
                @else { table.stacks {
                    thead { tr { th scope="col" { "To" } th scope="col" { "Subject" } th scope="col" { "Written" } } }
                    tbody { @for (index, letter) in shown {
                        tr { td { (letter.to) } td { a href={ "/demo/mail/" (index) } { (letter.subject) } } td.small { (letter.at) } }
                    } }
                } }
            }
            aside {
                h2 { "Mailboxes" }
                @if !view.of.is_empty() { p { a href="/demo/mail" { "All mail" } } }
                (mailboxes(&view.people()))
            }
        }
        h2 { "Send a mail to " (view.directory.foundation.security_address) }
        form method="post" action="/demo/mail" {
            div.field { label for="from" { "From" } input #from type="email" name="from" value=(from) required; }
            div.field { label for="subject" { "Subject" } input #subject type="text" name="subject" value="Buffer overflow in Lantern 4.1" required; }
            div.field { label for="text" { "Text" }
                textarea #text name="text" required { "Lantern 4.1 reads past its buffer when a figure has no axes.\n\nTo reproduce: lantern.figure(axes=[]).save(\"x.png\")\n" } }
            button.primary { "Send" }
        }
    }
}

fn mailboxes(people: &BTreeMap<(&'static str, &str), usize>) -> Markup {
    html! {
        @for kind in ["Reporters", "Projects", "Committee", "Board"] {
            @let theirs = people.iter().filter(|((other, _), _)| *other == kind);
            @if theirs.clone().next().is_some() {
                h3 { (kind) }
                ul.tight { @for ((_, address), count) in theirs {
                    li { a href=(href_of(address)) { (address) } " (" (count) ")" }
                } }
            }
        }
    }
}

/// The mailbox of one person.
pub fn href_of(address: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("of", address).finish();
    format!("/demo/mail?{query}")
}

pub async fn read(State(state): State<WebState>, Path(index): Path<usize>) -> Result<Markup, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    let letters = demo.letters();
    let letter = letters.get(index).ok_or(WebError::NotFound)?;
    Ok(document(&state, Page::public(&letter.subject, letter_page(letter, index, &state.house.public_url))))
}

fn letter_page(letter: &DemoLetter, index: usize, own: &str) -> Markup {
    html! {
        p { a href=(href_of(&letter.to)) { "Mail of " (letter.to) } " · " a href="/demo/mail" { "All mail" } }
        h1 { (letter.subject) }
        dl.facts { dt { "To" } dd { (letter.to) } dt { "Written" } dd { (letter.at) } dt { "Answers go to" } dd.mono.small { (letter.reply_to) } }
        pre.said tabindex=[tab_stop(&letter.text)] { (linked(&letter.text, own)) }
        h2 { "Answer as " (letter.to) }
        form method="post" action={ "/demo/mail/" (index) } {
            @match &letter.to_reporter {
                None => { input type="hidden" name="to" value=(letter.reply_to); }
                Some(second) => { div.field {
                    label for="to" { "To" }
                    select #to name="to" {
                        option value=(letter.reply_to) { "Reply: you and the committee" }
                        option value=(second) { "To the reporter, through us" }
                    }
                } }
            }
            div.field { label for="text" { "Your answer" } textarea #text name="text" required { "Yes, we have it. Thank you." } }
            button.primary { "Send" }
        }
    }
}

/// The text with our own addresses as links; a link in a stranger's words stays text.
fn linked(text: &str, own: &str) -> Markup {
    html! {
        @for line in text.lines() {
            @match own_page(line, own) { Some(page) => { a href=(page) { (line) } } None => (line) }
            "\n"
        }
    }
}

/// The path of a line that is one of our links and nothing else. What follows our address must be a path: after
/// `http://localhost` there may stand `:1@evil.example`, after the whole of it `//evil.example` or `javascript:`.
fn own_page<'l>(line: &'l str, own: &str) -> Option<&'l str> {
    let page = line.strip_prefix(own)?;
    (is_own_path(page) && !page.contains(char::is_whitespace)).then_some(page)
}

/// An answer to a letter.
#[derive(serde::Deserialize)]
pub struct Answer {
    #[serde(default)]
    to: String,
    text: String,
}

pub async fn answer(
    State(state): State<WebState>,
    Path(index): Path<usize>,
    Form(form): Form<Answer>,
) -> Result<Response, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    match demo.answer(index, form.to.trim(), &form.text).await {
        Ok(()) => Ok(Redirect::to("/demo/mail").into_response()),
        Err(wrong) => Ok(mail_page(&state, "", Some(&wrong))?.into_response()),
    }
}

/// A mail to the security address.
#[derive(serde::Deserialize)]
pub struct NewMail {
    from: String,
    subject: String,
    text: String,
}

pub async fn send(State(state): State<WebState>, Form(form): Form<NewMail>) -> Result<Response, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    match demo.send(&form.from, &form.subject, &form.text).await {
        Ok(()) => Ok(Redirect::to(&href_of(form.from.trim())).into_response()),
        Err(wrong) => Ok(mail_page(&state, "", Some(&wrong))?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{directory, mailbox, safe};

    const OWN: &str = "http://127.0.0.1:8080";

    fn letter(to: &str, to_reporter: Option<&str>) -> DemoLetter {
        DemoLetter {
            at: "Fri, 20 Nov 2026 14:03:07 +0000".to_owned(),
            to: to.to_owned(),
            subject: "A <b>letter</b>".to_owned(),
            text: format!("Press:\n{OWN}/a/abc\n"),
            reply_to: "security+c.abc@story.example".to_owned(),
            to_reporter: to_reporter.map(str::to_owned),
        }
    }

    #[test]
    fn only_a_line_that_is_one_of_our_links_becomes_a_link() {
        let text = format!("Press:\n{OWN}/a/abc\nor see {OWN}/b");
        assert_eq!(
            linked(&text, OWN).into_string(),
            format!("Press:\n<a href=\"/a/abc\">{OWN}/a/abc</a>\nor see {OWN}/b\n")
        );
    }

    #[test]
    fn a_stranger_cannot_lead_out_of_the_demo_by_writing_our_address_in_front() {
        for rest in
            ["//evil.example", "/\\evil.example", "javascript:alert(1)", "@evil.example/", ".evil.example/", "", "/x y"]
        {
            let shown = linked(&format!("{OWN}{rest}"), OWN).into_string();
            assert!(!shown.contains("<a"), "{shown}");
        }
        assert!(linked("<script>\"&", OWN).into_string().starts_with("&lt;script&gt;&quot;&amp;"));
    }

    #[test]
    fn the_mailboxes_are_sorted_by_what_their_owners_are_and_one_of_them_can_be_looked_at_alone() {
        let mut directory = directory();
        directory.board.push(mailbox("board@story.example"));
        let (member, board) = (directory.committee[0].email.to_string(), directory.board[0].to_string());
        let letters = [letter("jane+x@finder.example", None), letter(&member, None), letter(&board, None)];
        let view = |of| MailView { letters: &letters, of, directory: &directory, wrong: None };
        let all = safe(mailbox_page(&view("")));
        assert!(all.contains("href=\"/demo/mail?of=jane%2Bx%40finder.example\""), "{all}");
        assert!(all.find("Reporters") < all.find("Committee") && all.find("Committee") < all.find("Board"), "{all}");
        let one = safe(mailbox_page(&view("jane+x@finder.example")));
        assert!(one.contains("/demo/mail/0") && !one.contains("/demo/mail/1"), "{one}");
        assert!(one.contains("value=\"jane+x@finder.example\""), "it is who writes the next mail: {one}");
    }

    #[test]
    fn a_contact_chooses_whether_its_answer_goes_to_us_or_through_us_to_the_reporter() {
        let shown = safe(letter_page(&letter("x@y.example", Some("security+r.def@story.example")), 3, OWN));
        assert!(shown.contains("<option value=\"security+r.def@story.example\">To the reporter"), "{shown}");
        let shown = safe(letter_page(&letter("x@y.example", None), 3, OWN));
        assert!(shown.contains("type=\"hidden\" name=\"to\" value=\"security+c.abc@story.example\""), "{shown}");
    }
}
