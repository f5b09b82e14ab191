//! What a reporter may choose on the page behind the private link: who knows what, where letters go, a new link, an end.

use maud::{Markup, html};

use crate::domain::party::Shares;
use crate::flows::left_address::Asked;
use crate::flows::status::StatusView;
use crate::mail::write::clean::lines;
use crate::web::public::status::Showing;
use crate::web::when;

/// All choices, folded; the one with a fault, or with an answer that is waited for, is open.
pub fn choices(view: &StatusView, letters: &str, showing: &Showing<'_>) -> Markup {
    html! {
        (who_sees_my_name(view, letters))
        @if !view.has_address { (mail_me(view, letters, showing)) }
        (new_link(view, letters))
        @if view.closed.is_none() && view.withdrawn_at.is_none() {
            details {
                summary { "Withdraw my report" }
                p { "We tell the projects that have it, and close it." }
                form method="post" action={ "/s/" (letters) "/withdraw" } { button { "Withdraw my report" } }
            }
        }
    }
}

fn who_sees_my_name(view: &StatusView, letters: &str) -> Markup {
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

/// For whoever stayed anonymous: an address may be left later, and has to prove itself.
fn mail_me(view: &StatusView, letters: &str, showing: &Showing<'_>) -> Markup {
    let action = format!("/s/{letters}/address");
    let fault = showing.address.fault;
    html! {
        details #mail-me open[fault.is_some() || showing.has_left_address || view.asked.is_some()] {
            summary { "Mail me" }
            @if showing.has_left_address && view.asked.is_none() {
                p.notice role="status" { "If that address has had no mail of ours today, one is on its way. Open the link in it." }
            }
            @if let Some(asked) = &view.asked { (waits_for_proof(asked, &action)) }
            form method="post" action=(action) novalidate {
                div.field.error[fault.is_some()] {
                    label for="email" { @if view.asked.is_some() { "Another email address" } @else { "Your email address" } }
                    p.hint #email-hint {
                        "We write there once, and you open a link in that mail. After that our letters about this report go there. "
                        @match view.shares {
                            Shares::NameAndAddress => "The projects see it too, as you chose under \u{201c}Who sees my name\u{201d}.",
                            Shares::Nothing | Shares::Name => "Only the committee sees it.",
                        }
                    }
                    @if let Some(fault) = fault { p.message #email-wrong { "Error: " (fault) } }
                    input #email type="email" name="email" value=(showing.address.text) autocomplete="email" maxlength="500"
                        aria-invalid=[fault.map(|_| "true")]
                        aria-describedby=(if fault.is_some() { "email-hint email-wrong" } else { "email-hint" });
                }
                button { "Send me the link" }
            }
        }
    }
}

fn waits_for_proof(asked: &Asked, action: &str) -> Markup {
    let address = lines(asked.address.as_str());
    html! {
        @if asked.came_back {
            p.notice.late { "The mail to " strong { (address) } " came back. Look whether it is spelled right." }
        } @else {
            p.notice { "We wrote to " strong { (address) } " on " (when::time(asked.at)) ". Open the link in that mail. If it is
                spelled wrong, take it back." }
        }
        form.row method="post" action=(action) {
            input type="hidden" name="act" value="take-back";
            button { "Take this address back" }
        }
    }
}

fn new_link(view: &StatusView, letters: &str) -> Markup {
    html! {
        details {
            summary { "New private link" }
            p {
                "If somebody else may know this link, replace it. "
                @if view.has_address { "We mail the new one to the address that you gave us." }
                @else { "You are taken to the new one: save it, we cannot send it to you." }
            }
            form method="post" action={ "/s/" (letters) "/link" } { button { "Replace this link" } }
        }
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
    use crate::web::public::status::Draft;
    use crate::web::public::status_parts::tests::view;
    use crate::web::samples::{HOSTILE, mailbox, now, safe, shows_hostile_texts};

    fn anonymous() -> StatusView {
        StatusView { has_address: false, ..view(Vec::new()) }
    }

    #[test]
    fn whoever_has_an_address_is_not_asked_for_one() {
        let shown = safe(choices(&view(Vec::new()), "abc", &Showing::default()));
        assert!(!shown.contains("Mail me") && shown.contains("We mail the new one to the address"), "{shown}");
    }

    #[test]
    fn an_anonymous_reporter_may_leave_an_address_and_is_told_who_will_see_it() {
        let shown = safe(choices(&anonymous(), "abc", &Showing::default()));
        assert!(
            shown.contains("action=\"/s/abc/address\"") && shown.contains("Only the committee sees it."),
            "{shown}"
        );
        let sharing = StatusView { shares: Shares::NameAndAddress, ..anonymous() };
        assert!(safe(choices(&sharing, "abc", &Showing::default())).contains("The projects see it too"));
        let address = Draft { text: HOSTILE, fault: Some("Enter an email address") };
        let shown = shows_hostile_texts(choices(&anonymous(), "abc", &Showing { address, ..Showing::default() }), 1);
        assert!(shown.contains("<details id=\"mail-me\" open>") && shown.contains("Error: Enter an email"), "{shown}");
    }

    #[test]
    fn an_address_that_waits_for_its_proof_can_be_taken_back() {
        let asked = Asked { address: mailbox("jane@finder.example"), at: now(), came_back: false };
        let waits = StatusView { asked: Some(asked.clone()), ..anonymous() };
        let shown = safe(choices(&waits, "abc", &Showing::default()));
        assert!(shown.contains("We wrote to <strong>jane@finder.example") && shown.contains("Take this address back"));
        let back = StatusView { asked: Some(Asked { came_back: true, ..asked }), ..anonymous() };
        assert!(safe(choices(&back, "abc", &Showing::default())).contains("came back"));
        let left = Showing { has_left_address: true, ..Showing::default() };
        assert!(safe(choices(&anonymous(), "abc", &left)).contains("If that address has had no mail of ours today"));
    }

    #[test]
    fn the_small_pages_say_what_to_do() {
        assert!(safe(replaced("abc")).contains("action=\"/s/abc/link\""));
        assert!(safe(mailed(true)).contains("on its way") && safe(mailed(false)).contains("tomorrow"));
    }
}
