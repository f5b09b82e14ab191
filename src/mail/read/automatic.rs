//! Mail that no person wrote, recognised by its headers and shape (RFC 3834 section 2, STANDARDS 1.2).
//!
//! The order matters: what answers or complains about another mail is found first, for such a mail cannot
//! be a report, whereas a list's or a scanner's mail can (see `IncomingMail::kind`).

use crate::domain::address::{Mailbox, OwnAddresses};
use crate::domain::report::{AutomaticSign, From, LOOP_HEADER};
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
        .or_else(|| is_odd_bounce(facts).then_some(AutomaticSign::DeliveryReport))
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

/// Local parts by which mail systems send their own mail.
const DAEMONS: [&str; 6] = ["mailer-daemon", "mailerdaemon", "mailer_daemon", "mail-daemon", "mdaemon", "maildelivery"];
/// Names of mail systems in a From field, also where the field holds no valid address.
const DAEMON_NAMES: [&str; 7] = [
    "mailer-daemon",
    "mail delivery s",
    "maildelivery",
    "mail delivery agent",
    "mail administrator",
    "internet mail delivery",
    "postmaster",
];
/// Beginnings or parts of the subjects of delivery reports older than RFC 3464, in lower case.
const BOUNCE_SUBJECTS: [&str; 27] = [
    "undeliver",
    "not deliver",
    "nondeliver",
    "non-deliver",
    "delivery status notification",
    "delivery status report",
    "delivery notification",
    "delivery report",
    "delivery error",
    "delivery problem",
    "delivery failure",
    "delivery has failed",
    "delivery failed",
    "delivery delayed",
    "delivery incomplete",
    "failure notice",
    "failure delivery",
    "delivery unsuccessful",
    "mail delivery",
    "mail could not be delivered",
    "mail system error",
    "mail failure",
    "returned mail",
    "returned to sender",
    "message status",
    "user unknown",
    "warning: message",
];

/// A bounce in a form of its own: a mail system as its sender, or the subject of a bounce without a return path.
fn is_odd_bounce(facts: &Facts<'_>) -> bool {
    let top = facts.map.top();
    let local = facts.from.mailbox().map(|from| from.local().to_ascii_lowercase());
    let is_daemon = local.is_some_and(|local| DAEMONS.contains(&local.as_str()));
    let from = top.last("From").map(|field| field.decoded().to_lowercase()).unwrap_or_default();
    let is_named_daemon = DAEMON_NAMES.iter().any(|name| from.contains(name));
    let subject = facts.subject.to_lowercase();
    let says_so = BOUNCE_SUBJECTS.iter().any(|start| subject.contains(start)) && !subject.starts_with("re:");
    is_daemon
        || top.has("X-Failed-Recipients")
        || (says_so && (is_named_daemon || facts.sender.is_none()))
        || (facts.sender.is_none() && returns_a_mail(facts.map))
        || is_service_notice(facts.text)
}

/// Whether another mail or its headers come along: without a return path, that mail is coming back.
fn returns_a_mail(map: &Map<'_>) -> bool {
    map.parts().iter().any(|part| part.content.is_message() || part.content.media_type == "text/rfc822-headers")
}

/// Amazon SES tells of deliveries and bounces in JSON, or in JSON in a text of JSON, by a mail that has a return
/// path and no bounce's subject.
fn is_service_notice(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("\"notificationType") else { return false };
    let kind = rest.trim_start_matches(['\\', '"', ':', ' ']);
    text.trim_start().starts_with('{') && ["Bounce", "Complaint", "Delivery"].iter().any(|one| kind.starts_with(one))
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
        DAEMONS.contains(&local.as_str())
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
}
