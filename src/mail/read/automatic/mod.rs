//! Mail that no person wrote, recognised by its headers and shape (RFC 3834 section 2, STANDARDS 1.2).
//!
//! The order matters: what answers or complains about another mail is found first, for such a mail cannot
//! be a report, whereas a list's or a scanner's mail can (see `IncomingMail::kind`).

mod notices;

use crate::domain::address::{Mailbox, OwnAddresses};
use crate::domain::report::{AutomaticSign, From, LOOP_HEADER};
use crate::mail::read::bounce::{self, About};
use crate::mail::read::fields::Fields;
use crate::mail::read::guard::Map;

/// What the decision rests on besides the message itself.
pub struct Facts<'a> {
    pub map: &'a Map<'a>,
    pub from: &'a From,
    /// Decoded, on one line.
    pub subject: &'a str,
    pub text: &'a str,
    pub own: &'a OwnAddresses,
    /// The envelope sender; `None` is the null return path.
    pub sender: Option<&'a Mailbox>,
}

/// The strongest sign, if there is any.
pub fn sign(facts: &Facts<'_>) -> Option<AutomaticSign> {
    let top = facts.map.top();
    feedback_or_report(facts)
        .or_else(|| ours(facts))
        .or_else(|| service_notice(facts))
        .or_else(|| notices::is_from_moderation(facts).then_some(AutomaticSign::ListNotice))
        .or_else(|| notices::is_bounce(facts).then_some(AutomaticSign::DeliveryReport))
        .or_else(|| is_auto_reply(top, facts.subject).then_some(AutomaticSign::AutoReply))
        .or_else(|| is_auto_submitted(top).then_some(AutomaticSign::AutoSubmitted))
        .or_else(|| precedence(top).is_some().then_some(AutomaticSign::Precedence))
        .or_else(|| is_from_list(top).then_some(AutomaticSign::MailingList))
        .or_else(|| wants_no_answer(top).then_some(AutomaticSign::AutoReplyHeader))
        .or_else(|| is_from_robot(facts).then_some(AutomaticSign::RobotSender))
        .or_else(|| facts.sender.is_none().then_some(AutomaticSign::NullReturnPath))
}

/// A standard report by its media type (RFC 6522), or a part of one that lost its frame.
fn feedback_or_report(facts: &Facts<'_>) -> Option<AutomaticSign> {
    let root = &facts.map.parts()[0].content;
    let by_part = facts
        .map
        .parts()
        .iter()
        .filter(|part| part.within.is_none())
        .find_map(|part| report_part(&part.content.media_type));
    if root.media_type != "multipart/report" {
        return by_part;
    }
    by_part.or(match root.report_type.as_deref() {
        Some("delivery-status") => Some(AutomaticSign::DeliveryReport),
        Some("disposition-notification") => Some(AutomaticSign::ReadReceipt),
        Some("feedback-report") => Some(AutomaticSign::FeedbackReport),
        _ => Some(AutomaticSign::OtherReport),
    })
}

/// Amazon SES tells of what became of a mail in JSON, by a mail that looks like any other.
fn service_notice(facts: &Facts<'_>) -> Option<AutomaticSign> {
    Some(match bounce::about_service(facts.text)? {
        About::Bounce | About::Delivery => AutomaticSign::DeliveryReport,
        About::Complaint => AutomaticSign::FeedbackReport,
    })
}

fn report_part(media_type: &str) -> Option<AutomaticSign> {
    match media_type {
        "message/feedback-report" => Some(AutomaticSign::FeedbackReport),
        "message/delivery-status" | "message/global-delivery-status" => Some(AutomaticSign::DeliveryReport),
        "message/disposition-notification" | "message/global-disposition-notification" => {
            Some(AutomaticSign::ReadReceipt)
        }
        _ => None,
    }
}

fn ours(facts: &Facts<'_>) -> Option<AutomaticSign> {
    if facts.map.top().has(LOOP_HEADER) {
        return Some(AutomaticSign::OurLoopHeader);
    }
    let is_ours = facts.from.mailbox().is_some_and(|from| facts.own.read(from).is_some());
    is_ours.then_some(AutomaticSign::FromOurselves)
}

/// Beginnings of the subjects that vacation programs write, in lower case. Only beside another sign: people
/// write "out of office" too.
const ABSENCE_SUBJECTS: [&str; 9] = [
    "out of office",
    "out of the office",
    "automatic reply",
    "automatic response",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "vacation",
];

/// A machine's answer to a mail: Auto-Submitted says so (RFC 3834 section 5), or the fields from before it.
fn is_auto_reply(top: Fields<'_>, subject: &str) -> bool {
    let submitted = auto_submitted(top);
    let subject = subject.to_lowercase();
    let is_absence = ABSENCE_SUBJECTS.iter().any(|start| subject.starts_with(start));
    let answers = ["X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Auto-Response"];
    submitted.starts_with("auto-replied")
        || submitted.starts_with("auto-notified")
        || precedence(top) == Some("auto_reply")
        || answers.iter().any(|name| top.has(name))
        || (is_absence && (is_auto_submitted(top) || wants_no_answer(top) || precedence(top).is_some()))
        || (is_absence && subject.contains(": ") && top.has("In-Reply-To"))
}

fn auto_submitted(top: Fields<'_>) -> String {
    top.last("Auto-Submitted").map(|field| field.unfolded().to_ascii_lowercase()).unwrap_or_default()
}

fn is_auto_submitted(top: Fields<'_>) -> bool {
    let value = auto_submitted(top);
    // A comment or parameter may follow the keyword (RFC 3834 section 5.1).
    let keyword = value.split([';', '(', ' ']).next().unwrap_or_default();
    !keyword.is_empty() && keyword != "no"
}

fn precedence(top: Fields<'_>) -> Option<&'static str> {
    let value = top.last("Precedence")?.unfolded().to_ascii_lowercase();
    ["bulk", "junk", "list", "auto_reply"].into_iter().find(|word| *word == value)
}

fn is_from_list(top: Fields<'_>) -> bool {
    let is_list = |name: &str| name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("list-"));
    top.iter().any(|field| is_list(field.name)) || top.has("Mailing-List")
}

fn wants_no_answer(top: Fields<'_>) -> bool {
    let suppresses = top.last("X-Auto-Response-Suppress").map(|field| field.unfolded().to_ascii_lowercase());
    suppresses.is_some_and(|value| !value.is_empty() && value != "none") || top.has("Feedback-ID")
}

/// Whether From or the envelope sender is a robot by its name.
fn is_from_robot(facts: &Facts<'_>) -> bool {
    [facts.from.mailbox(), facts.sender].into_iter().flatten().any(|mailbox| {
        let local = mailbox.local().to_ascii_lowercase();
        let letters: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
        notices::DAEMONS.contains(&local.as_str())
            || local == "postmaster"
            || local.starts_with("owner-")
            || ["-request", "-bounces", "-owner", "-bounce"].iter().any(|end| local.ends_with(end))
            || ["noreply", "donotreply", "dontreply"].iter().any(|name| letters.starts_with(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::read::addresses;

    /// The sign of a mail with these header lines that came from `sender`.
    fn sign_of(lines: &str, sender: Option<&str>) -> Option<AutomaticSign> {
        let raw = format!("{lines}\n\nSome text.\n");
        let map = Map::of(raw.as_bytes()).unwrap();
        let from = addresses::sender(map.top());
        let subject = map.top().last("Subject").map(|field| field.decoded()).unwrap_or_default();
        let own = OwnAddresses::of(Mailbox::parse("security@foundation.example").unwrap());
        let sender = sender.map(|sender| Mailbox::parse(sender).unwrap());
        let text = map.text(0);
        sign(&Facts { map: &map, from: &from, subject: &subject, text: &text, own: &own, sender: sender.as_ref() })
    }

    #[test]
    fn each_sign_is_found_by_its_field() {
        use AutomaticSign::*;
        let table = [
            ("Subject: x", None),
            ("Auto-Submitted: no", None),
            ("Auto-Submitted: No (really)", None),
            ("Auto-Submitted: auto-generated", Some(AutoSubmitted)),
            ("Auto-Submitted: auto-replied; owner-email=\"x@y.example\"", Some(AutoReply)),
            ("X-Autoreply: yes", Some(AutoReply)),
            ("Precedence: auto_reply", Some(AutoReply)),
            ("Precedence: BULK", Some(Precedence)),
            ("Precedence: first-class", None),
            ("List-Id: <x.example>", Some(MailingList)),
            ("X-Auto-Response-Suppress: All", Some(AutoReplyHeader)),
            ("X-Auto-Response-Suppress: None", None),
            ("Feedback-ID: 1:2:3", Some(AutoReplyHeader)),
            ("X-Fingerpost-Loop: here", Some(OurLoopHeader)),
            ("Subject: Out of office: hello\nX-Auto-Response-Suppress: All", Some(AutoReply)),
            ("Subject: Automatic reply: hello\nIn-Reply-To: <a@b>", Some(AutoReply)),
            ("Subject: Out of office hours your API leaks tokens", None),
            ("Subject: Undelivered Mail Returned to Sender", None),
            ("Subject: Re: failure notice\nX-A: b", None),
            ("X-Failed-Recipients: x@y.example", Some(DeliveryReport)),
            ("Content-Type: multipart/report; report-type=delivery-status", Some(DeliveryReport)),
            ("Content-Type: multipart/report; report-type=tlsrpt", Some(OtherReport)),
            ("Content-Type: message/delivery-status", Some(DeliveryReport)),
            ("Content-Type: message/disposition-notification", Some(ReadReceipt)),
            ("Content-Type: message/feedback-report\nAuto-Submitted: auto-generated", Some(FeedbackReport)),
        ];
        for (lines, expected) in table {
            let lines = format!("From: jane@example.net\n{lines}");
            assert_eq!(sign_of(&lines, Some("jane@example.net")), expected, "{lines}");
        }
    }

    #[test]
    fn senders_tell_robots_mail_systems_and_ourselves() {
        use AutomaticSign::*;
        let table = [
            ("jane@example.net", "Hello", Some("jane@example.net"), None),
            ("jane@example.net", "Hello", None, Some(NullReturnPath)),
            ("jane@example.net", "Undelivered mail", None, Some(DeliveryReport)),
            ("jane@example.net", "Hello", Some("list-bounces@example.net"), Some(RobotSender)),
            ("no-reply@example.net", "Hello", Some("x@example.net"), Some(RobotSender)),
            ("owner-list@example.net", "Hello", Some("x@example.net"), Some(RobotSender)),
            ("postmaster@example.net", "A question", Some("postmaster@example.net"), Some(RobotSender)),
            ("postmaster@example.net", "Delivery failure", Some("x@example.net"), Some(DeliveryReport)),
            ("MAILER-DAEMON@example.net", "Hello", None, Some(DeliveryReport)),
            ("MAILER-DAEMON (Mail Delivery Subsystem)", "Returned mail", None, Some(DeliveryReport)),
            ("security+c.x@foundation.example", "Hello", Some("x@example.net"), Some(FromOurselves)),
        ];
        for (from, subject, sender, expected) in table {
            let lines = format!("From: {from}\nSubject: {subject}");
            assert_eq!(sign_of(&lines, sender), expected, "{from} {subject} {sender:?}");
        }
    }

    #[test]
    fn a_mail_that_comes_back_without_a_return_path_is_a_bounce_in_whatever_form() {
        let lines = "From: no-reply@example.net\nSubject: Mail\nContent-Type: multipart/mixed; boundary=a\n\n\
                     --a\n\nCould not be delivered.\n--a\nContent-Type: message/rfc822\n\nSubject: report\n\n--a--";
        assert_eq!(sign_of(lines, None), Some(AutomaticSign::DeliveryReport));
        assert_eq!(sign_of(lines, Some("x@example.net")), Some(AutomaticSign::RobotSender));
        for json in
            [r#"{"notificationType": "Bounce", "bounce": {}}"#, r#"{"Message": "{\"notificationType\":\"Bounce\"}"}"#]
        {
            let notice = format!("From: no-reply@ses.example\n\n{json}");
            assert_eq!(sign_of(&notice, Some("x@example.net")), Some(AutomaticSign::DeliveryReport), "{json}");
        }
    }

    #[test]
    fn a_list_that_holds_a_letter_for_its_moderator_is_told_from_one_that_refuses_it_and_from_its_members() {
        use AutomaticSign::*;
        let held = "Your mail to 'team' with the subject\n\n    a report\n\nIs being held until the list moderator can\nreview it for approval.";
        let refused = "Your message was not sent on: you are not a member of this list.";
        let table = [
            ("team-bounces@lists.example", "Your message to team awaits moderator approval", held, Some(ListNotice)),
            (
                "sympa@lists.example",
                "Moderation",
                "Your message for the list team is waiting for moderation.",
                Some(ListNotice),
            ),
            ("team-owner@lists.example", "Moderation", "Your post to team is awaiting moderation.", Some(ListNotice)),
            ("majordomo@lists.example", "Your message to team", refused, Some(DeliveryReport)),
            ("kim@lists.example", "Re: Your message to team awaits moderator approval", held, None),
            ("kim@lists.example", "What your list does", held, None),
        ];
        for (from, subject, text, expected) in table {
            let lines = format!("From: {from}\nSubject: {subject}\n\n{text}");
            assert_eq!(sign_of(&lines, Some("x@example.net")), expected, "{from} {subject}");
        }
        let administrative = format!("From: lists@example.net\nX-List-Administrivia: yes\nSubject: Held\n\n{held}");
        assert_eq!(sign_of(&administrative, Some("x@example.net")), Some(ListNotice));
    }

    #[test]
    fn people_who_write_about_mail_that_did_not_arrive_are_no_machines() {
        let text = "My mail could not be delivered, the server says 550 5.1.1.\nThe header:\nReceived: from x\nFrom: y";
        for (from, subject, sender) in [
            ("jane@example.net", "Mail to your security address bounces", Some("jane@example.net")),
            ("jane@example.net", "Re: Undelivered Mail Returned to Sender", Some("jane@example.net")),
            ("jane@example.net", "Fwd: failure notice", Some("jane@example.net")),
        ] {
            let lines = format!("From: {from}\nSubject: {subject}\n\n{text}");
            assert_eq!(sign_of(&lines, sender), None, "{subject}");
        }
        // A form of another site, which sends without a return path.
        let form = "From: form@example.net\nSubject: XSS in the mail delivery page\n\nThe page shows what I type.";
        assert_eq!(sign_of(form, None), Some(AutomaticSign::NullReturnPath));
    }
}
