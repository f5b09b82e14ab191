//! Notices in forms of their own: delivery reports older than RFC 3464, and lists that hold a mail for a moderator.

use crate::mail::read::automatic::{Facts, is_auto_submitted, is_from_robot};
use crate::mail::read::bounce::codes::{failure_status_in, reply_in};
use crate::mail::read::bounce::copy;

/// Local parts by which mail systems send their own mail.
pub const DAEMONS: [&str; 7] =
    ["mailer-daemon", "mailerdaemon", "mailer_daemon", "mailer.daemon", "mail-daemon", "mdaemon", "maildelivery"];

/// Parts of a From field that name a mail system, in lower case; also where the field holds no valid address.
const DAEMON_NAMES: [&str; 15] = [
    "mailer-daemon",
    "mail delivery s",
    "mail deliver s",
    "maildelivery",
    "mail delivery agent",
    "mail delivery notification",
    "delivery subsystem",
    "mail administrator",
    "internet mail delivery",
    "mail system",
    "interscan",
    "postmaster",
    "post_master",
    "post-master",
    "bounce notif",
];

/// Beginnings or parts of the subjects of delivery reports, in lower case.
const SUBJECTS: [&str; 45] = [
    "undeliver",
    "not deliver",
    "nondeliver",
    "non-deliver",
    "non remis",
    "non recapitat",
    "unzustellbar",
    "no entregad",
    "não entregue",
    "delivery status",
    "delivery notification",
    "delivery report",
    "delivery error",
    "delivery problem",
    "delivery failure",
    "delivery fail",
    "delivery has failed",
    "delivery has been delayed",
    "delivery delayed",
    "delivery incomplete",
    "delivery unsuccessful",
    "delivery warning",
    "delivery temporarily",
    "failure notice",
    "failure delivery",
    "failed delivery",
    "failed mail",
    "mail failed",
    "mail failure",
    "mail delivery",
    "could not be delivered",
    "cannot be delivered",
    "couldn't be delivered",
    "can't be delivered",
    "mail system error",
    "mail error",
    "returned mail",
    "returned to sender",
    "returning mail",
    "message status",
    "user unknown",
    "warning: message",
    "message you sent blocked",
    "[bounce]",
    "送信できませんでした",
];

/// Words of a server that tells its sender of a failure, in lower case.
const TELLS: [&str; 44] = [
    "could not be delivered",
    "couldn't be delivered",
    "cannot be delivered",
    "can't be delivered",
    "can not be delivered",
    "could not deliver",
    "couldn't deliver",
    "cannot deliver",
    "not be able to deliver",
    "not been delivered",
    "not able to deliver",
    "wasn't able to deliver",
    "was unable to deliver",
    "unable to deliver",
    "was not delivered",
    "wasn't delivered",
    "were not delivered",
    "is undeliverable",
    "undeliverable to",
    "undeliverable mail",
    "undelivered",
    "not deliverable",
    "did not reach",
    "could not be reached",
    "could not be sent",
    "could not send",
    "delivery has failed",
    "delivery failed",
    "delivery to the following",
    "delivery of your message",
    "error delivering",
    "trouble delivering",
    "problem delivering",
    "permanent fatal errors",
    "permanent failure",
    "permanent error",
    "addresses had",
    "failed recipient",
    "failed address",
    "has been returned",
    "returned to you",
    "was rejected by",
    "was blocked by",
    "transcript of session",
];

/// Bytes of a text in which a notice has come to its point.
const OPENING: usize = 3_000;

/// A bounce in a form of its own. A mail system's name alone is no proof, for postmasters are people too, nor is the
/// subject of a bounce: somebody may write about one. Two signs of four are: who sends it, what its subject says, what
/// its text says, and that it brings a mail or its codes back.
pub fn is_bounce(facts: &Facts<'_>) -> bool {
    let top = facts.map.top();
    let from = top.last("From").map(|field| field.decoded().to_lowercase()).unwrap_or_default();
    let local = facts.from.mailbox().map(|from| from.local().to_ascii_lowercase()).unwrap_or_default();
    if DAEMONS.contains(&local.as_str()) || top.has("X-Failed-Recipients") {
        return true;
    }
    if is_list_refusal(facts) {
        return true;
    }
    let opening = opening(facts);
    let is_from_system = DAEMON_NAMES.iter().any(|name| from.contains(name));
    let is_titled = is_no_answer(facts.subject) && says(facts.subject, &SUBJECTS);
    let tells = || is_no_answer(facts.subject) && says(opening, &TELLS);
    let brings = || brings_a_mail_back(facts) || reply_in(opening).is_some() || failure_status_in(opening).is_some();
    match (is_from_system, facts.sender.is_none()) {
        (true, _) => is_titled || (tells() && brings()),
        // Forms of other sites come without a return path too, and may be about mail.
        (false, true) if is_titled => begins(facts.subject) || tells() || brings(),
        (false, true) => has_a_mail_inside(facts) || (tells() && brings_a_mail_back(facts)),
        (false, false) => is_titled && tells() && brings(),
    }
}

/// Whether the subject begins as that of a bounce.
fn begins(subject: &str) -> bool {
    let subject = subject.to_lowercase();
    let subject = subject.trim_start_matches(|c: char| !c.is_alphanumeric());
    SUBJECTS.iter().any(|phrase| subject.starts_with(phrase))
}

/// What a list says whose moderator must approve a mail first, in lower case.
const HELD: [&str; 24] = [
    "awaits moderator approval",
    "awaiting moderator approval",
    "waiting for moderator approval",
    "requires moderator approval",
    "awaits moderation",
    "awaiting moderation",
    "waiting for moderation",
    "held for moderation",
    "held for moderator",
    "held for approval",
    "held pending approval",
    "being held pending",
    "held until the list",
    "held until a moderator",
    "held for review by the list",
    "pending moderator approval",
    "pending moderation",
    "pending approval by",
    "until the list moderator",
    "list moderator for approval",
    "forwarded to the moderator",
    "sent to the moderator",
    "submitted to the moderator",
    "moderator will review",
];

/// What such a notice is about, in lower case: it speaks to the one who wrote.
const OF_YOURS: [&str; 10] = [
    "your message",
    "your mail",
    "your e-mail",
    "your email",
    "your post",
    "your article",
    "your request",
    "message to",
    "mail to",
    "posting to",
];

/// A robot's notice that a mail waits for a list's moderator: it may never arrive, and nobody has read it.
pub fn is_from_moderation(facts: &Facts<'_>) -> bool {
    let is_by_a_robot = is_from_robot(facts)
        || facts.sender.is_none()
        || is_auto_submitted(facts.map.top())
        || is_from_list_program(facts);
    is_by_a_robot && is_no_answer(facts.subject) && tells_of_yours(facts, &HELD)
}

/// What a list says that takes mail of its members alone, in lower case.
const REFUSED: [&str; 12] = [
    "not a member of",
    "not member",
    "non-member",
    "not subscribed",
    "members only",
    "only members",
    "only subscribers",
    "not allowed to post",
    "not permitted to post",
    "not authorized to post",
    "rejected by the list",
    "has been rejected by",
];

/// A list's own refusal, which is a bounce of its own form.
fn is_list_refusal(facts: &Facts<'_>) -> bool {
    is_from_list_program(facts) && is_no_answer(facts.subject) && tells_of_yours(facts, &REFUSED)
}

fn tells_of_yours(facts: &Facts<'_>, what: &[&str]) -> bool {
    let opening = opening(facts);
    (says(facts.subject, what) || says(opening, what)) && (says(facts.subject, &OF_YOURS) || says(opening, &OF_YOURS))
}

/// Whether a program that runs lists wrote it, and no member by way of the list: its own fields, or its own address.
fn is_from_list_program(facts: &Facts<'_>) -> bool {
    let local = facts.from.mailbox().map(|from| from.local().to_ascii_lowercase()).unwrap_or_default();
    let programs = ["majordomo", "listserv", "sympa", "mailman", "ezmlm", "fml", "listproc", "list-admin"];
    facts.map.top().has("X-List-Administrivia")
        || programs.contains(&local.as_str())
        || local.starts_with("owner-")
        || ["-owner", "-bounces", "-request", "-admin", "-help"].iter().any(|end| local.ends_with(end))
}

fn opening<'t>(facts: &Facts<'t>) -> &'t str {
    &facts.text[..facts.text.floor_char_boundary(OPENING)]
}

/// A person who writes about a notice answers it or passes it on.
fn is_no_answer(subject: &str) -> bool {
    let subject = subject.trim_start().to_lowercase();
    !["re:", "aw:", "sv:", "fw:", "fwd:", "wg:", "tr:"].iter().any(|start| subject.starts_with(start))
}

/// Whether one of the phrases is in the text, wherever its lines end.
fn says(text: &str, phrases: &[&str]) -> bool {
    let text = text.to_lowercase().replace('’', "'");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    phrases.iter().any(|phrase| text.contains(phrase))
}

fn brings_a_mail_back(facts: &Facts<'_>) -> bool {
    has_a_mail_inside(facts) || !copy::split(facts.text).1.is_empty()
}

/// Whether another mail or its headers come along: without a return path, that mail is coming back.
fn has_a_mail_inside(facts: &Facts<'_>) -> bool {
    let is_one = |media_type: &str| matches!(media_type, "text/rfc822-headers" | "text/rfc822-header" | "text/rfc822");
    facts.map.parts().iter().any(|part| part.content.is_message() || is_one(&part.content.media_type))
}
