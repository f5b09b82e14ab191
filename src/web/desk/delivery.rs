//! What became of letters, in words: of one, and of all that carry the same.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::store::LetterFacts;
use crate::web::frame::{Icon, icon};
use crate::web::when;

/// Whether a letter has neither left, come back nor been stopped.
pub fn waits(letter: &LetterFacts) -> bool {
    letter.sent_at.is_none() && letter.refused_at.is_none() && letter.withdrawn_at.is_none()
}

/// Whether "Stop sending" can still reach it.
pub fn can_stop(letter: &LetterFacts) -> bool {
    letter.kind.is_held_back() && letter.case.is_some() && waits(letter) && !letter.claimed
}

/// "Stop sending", for this letter and the others with the same words.
pub fn stop_button(letter: &LetterFacts) -> Markup {
    html! { form method="post" action={ "/letters/" (letter.id) "/stop" } { button { "Stop sending" } } }
}

/// What became of a letter.
pub fn delivery(letter: &LetterFacts, now: Timestamp) -> Markup {
    html! {
        @if let Some(at) = letter.refused_at {
            span.tag.late { (icon(Icon::Triangle)) "Refused" } " "
            span.small { (when::time(at)) " " (letter.status.as_deref().unwrap_or_default()) " " (letter.answer.as_deref().unwrap_or_default()) }
        }
        @else if let Some(at) = letter.sent_at { span.tag.ok { (icon(Icon::Check)) "Sent" } " " span.small { (when::time(at)) } }
        @else if letter.withdrawn_at.is_some() { span.tag { "Stopped" } }
        @else if letter.first_deferred_at.is_some() {
            span.tag.soon { (icon(Icon::Hourglass)) "Will be tried again" } " "
            span.small { (when::time(letter.due_at)) " after " (letter.answer.as_deref().unwrap_or_default()) }
        }
        @else if letter.due_at > now { span.tag.info { (icon(Icon::Hourglass)) "Held back" } " " span.small { "leaves " (when::time(letter.due_at)) } }
        @else { span.tag.info { (icon(Icon::Hourglass)) "Waiting" } }
    }
}

/// What became of all letters with the same words: "Delivered to 2 of 3. Bounced: …", and the way to stop them.
pub fn of_all(letters: &[&LetterFacts], now: Timestamp) -> Markup {
    let count = |is: fn(&LetterFacts) -> bool| letters.iter().filter(|letter| is(letter)).count();
    let delivered = count(|letter| letter.sent_at.is_some() && letter.refused_at.is_none());
    let stopped = count(|letter| letter.withdrawn_at.is_some());
    let stoppable = letters.iter().find(|letter| can_stop(letter));
    html! {
        @if !letters.is_empty() {
            div.small.delivered {
                p {
                    @if stopped == letters.len() { span.tag { "Stopped before it left" } }
                    @else {
                        "Delivered to " (delivered) " of " (letters.len()) "."
                        @if stopped > 0 { " Stopped: " (stopped) "." }
                        @for letter in letters.iter().filter(|letter| letter.refused_at.is_some()) { " " (bounced(letter)) }
                        @for letter in letters.iter().filter(|letter| waits(letter)) { " " (waiting(letter, now)) }
                    }
                }
                @if let Some(letter) = stoppable { (stop_button(letter)) }
            }
        }
    }
}

/// `Bounced: old@example.org — no such user (550 5.1.1).`
fn bounced(letter: &LetterFacts) -> Markup {
    let answer = letter.answer.as_deref().unwrap_or("no reason given");
    let status = letter.status.as_deref().filter(|status| !answer.contains(status));
    html! { strong { "Bounced: " } (letter.recipient) " \u{2014} " (answer) @if let Some(status) = status { " (" (status) ")" } "." }
}

fn waiting(letter: &LetterFacts, now: Timestamp) -> Markup {
    html! {
        @if letter.first_deferred_at.is_some() {
            (letter.recipient) " will be tried again " (when::time(letter.due_at)) ", after " (letter.answer.as_deref().unwrap_or("no answer")) "."
        } @else if letter.due_at > now { "Sending at " (when::second(letter.due_at)) "." }
        @else { (letter.recipient) " waits for the relay." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{letter, mailbox, now, safe, shows_hostile_texts};

    #[test]
    fn deliveries_are_counted_and_each_bounce_is_named_with_its_reason() {
        let sent = |to: &str| LetterFacts { recipient: mailbox(to), sent_at: Some(now()), ..letter() };
        let refused = LetterFacts {
            recipient: mailbox("old@lantern.example"),
            refused_at: Some(now()),
            status: Some("5.1.1".to_owned()),
            answer: Some("550 no such user".to_owned()),
            ..letter()
        };
        let (a, b) = (sent("a@lantern.example"), sent("b@lantern.example"));
        let shown = safe(of_all(&[&a, &b, &refused], now()));
        assert!(shown.contains("Delivered to 2 of 3."), "{shown}");
        assert!(shown.contains("old@lantern.example \u{2014} 550 no such user (5.1.1)."), "{shown}");
        assert!(!shown.contains("Stop sending"), "{shown}");
        // A delivery report that comes after the relay's 250 makes it a bounce all the same.
        let came_back = LetterFacts { sent_at: Some(now()), ..refused };
        assert!(safe(of_all(&[&came_back], now())).contains("Delivered to 0 of 1."));
    }

    #[test]
    fn what_waits_says_when_it_leaves_and_can_be_stopped() {
        let shown = safe(of_all(&[&letter()], now()));
        assert!(shown.contains("Sending at ") && shown.contains("14:01:00 UTC"), "{shown}");
        assert!(shown.contains("action=\"/letters/letter/stop\""), "{shown}");
        let stopped = LetterFacts { withdrawn_at: Some(now()), ..letter() };
        assert!(safe(of_all(&[&stopped], now())).contains("Stopped before it left"));
        let leaving = LetterFacts { claimed: true, ..letter() };
        assert!(!safe(of_all(&[&leaving], now())).contains("Stop sending"));
    }

    #[test]
    fn a_mail_server_cannot_write_markup_under_a_message() {
        let refused = LetterFacts { refused_at: Some(now()), ..letter() };
        shows_hostile_texts(of_all(&[&refused], now()), 1);
        let deferred = LetterFacts { first_deferred_at: Some(now()), ..letter() };
        shows_hostile_texts(of_all(&[&deferred], now()), 1);
    }
}
