//! M5, each morning to the committee: what is overdue, due soon, to triage, and what lies in quarantine.

use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;

/// A line of subject and sender is cut here, so that the letter can be read on a telephone.
const SHORT: usize = 60;

/// What the letter says it of.
#[derive(Debug, Clone, Default)]
pub struct Digest<'a> {
    /// Each a line of its own: number, project, clock, time, owner. Never a title.
    pub overdue: Vec<String>,
    pub due_soon: Vec<String>,
    pub to_triage: Vec<String>,
    /// How many more there are than lines.
    pub more_overdue: usize,
    pub more_due_soon: usize,
    pub more_to_triage: usize,
    /// Mails in quarantine that no member has seen.
    pub quarantined: i64,
    /// The least certain of them.
    pub least_certain: Vec<Quarantined<'a>>,
    /// What banned senders have said since the last digest.
    pub appeals: i64,
    /// Members who opened very many cases within a minute since the last digest, each by name and time.
    pub read_in_bulk: Vec<String>,
    /// The hash of the last seal: kept with this letter, it shows later whether the record is the one of today.
    pub record: Option<&'a str>,
    pub desk_link: &'a str,
    pub quarantine_link: &'a str,
    pub senders_link: &'a str,
    pub viewings_link: &'a str,
}

/// A quarantined mail in a line.
#[derive(Debug, Clone)]
pub struct Quarantined<'a> {
    pub from: Option<&'a str>,
    pub subject: &'a str,
    pub reason: &'a str,
}

impl Digest<'_> {
    /// Whether there is nothing to tell, so that no letter goes out.
    pub fn is_empty(&self) -> bool {
        self.overdue.is_empty()
            && self.due_soon.is_empty()
            && self.to_triage.is_empty()
            && self.read_in_bulk.is_empty()
            && self.quarantined + self.appeals == 0
    }
}

/// The words of the letter.
pub fn digest(view: &Digest<'_>) -> Words {
    let counts = [
        (view.overdue.len() + view.more_overdue, "overdue"),
        (view.due_soon.len() + view.more_due_soon, "due soon"),
        (view.to_triage.len() + view.more_to_triage, "to triage"),
        (usize::try_from(view.quarantined).unwrap_or(0), "in quarantine"),
        (usize::try_from(view.appeals).unwrap_or(0), "to hear about a ban"),
        (view.read_in_bulk.len(), "read in bulk"),
    ];
    let told: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let mut body = Body::new();
    for (title, lines, more) in [
        ("Overdue:", &view.overdue, view.more_overdue),
        ("Due within 48 hours:", &view.due_soon, view.more_due_soon),
        ("To triage:", &view.to_triage, view.more_to_triage),
    ] {
        body = section(body, title, lines, more);
    }
    body = body.paragraph("All of it:").line(view.desk_link);
    if view.quarantined > 0 {
        body = quarantine(body, view);
    }
    if view.appeals > 0 {
        body = body.paragraph("Paused senders say that it is a mistake:").line(view.senders_link);
    }
    if !view.read_in_bulk.is_empty() {
        body =
            section(body, "Opened 50 cases or more within a minute:", &view.read_in_bulk, 0).line(view.viewings_link);
    }
    if let Some(record) = view.record {
        body = body.paragraph("Record:").line(record);
    }
    Words { subject: told.join(", "), body }
}

fn section(mut body: Body, title: &str, lines: &[String], more: usize) -> Body {
    if lines.is_empty() {
        return body;
    }
    body = body.paragraph(title);
    for line in lines {
        body = body.line(one_line(line, LINE_MAX));
    }
    if more > 0 { body.line(format!("and {more} more")) } else { body }
}

fn quarantine(mut body: Body, view: &Digest<'_>) -> Body {
    let new = view.quarantined;
    body = match view.least_certain.len() {
        shown if i64::try_from(shown) == Ok(new) => body.paragraph(format!("Quarantine: {new} new.")),
        shown => body.paragraph(format!("Quarantine: {new} new, the {shown} least certain below.")),
    };
    for mail in &view.least_certain {
        let from = one_line(mail.from.unwrap_or("nobody we could name"), SHORT);
        let subject = match mail.subject.trim() {
            "" => "(no subject)".to_owned(),
            subject => one_line(subject, SHORT),
        };
        body = body.paragraph(format!("{subject}, from {from}. {}", one_line(mail.reason, LINE_MAX)));
    }
    body.paragraph("Look at them, release what is a report, mark the rest as seen:").line(view.quarantine_link)
}

/// To the chair, at once: more than one may send in an hour came from one sender. At most once a day.
pub fn flood(sender: &str, heard: i64, quarantine_link: &str) -> Words {
    Words {
        subject: "Many mails from one sender wait in quarantine".to_owned(),
        body: Body::new()
            .paragraph(format!(
                "{} sent more than {heard} mails within an hour. Those above that number are in quarantine: they \
                 open no case and are not answered. Nothing else is slowed down.",
                one_line(sender, SHORT)
            ))
            .paragraph("You are told of this once a day; the digest counts the rest. To look at them:")
            .line(quarantine_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    fn digest_of_a_morning() -> Digest<'static> {
        Digest {
            overdue: vec![
                "SEC-2026-0038 NumPy, project acknowledgement, 1 d 3 h, owner Tania".to_owned(),
                "SEC-2026-0040, first human reply, 20 min, nobody has it".to_owned(),
            ],
            to_triage: vec!["SEC-2026-0042, 1 d 2 h left, nobody has it".to_owned()],
            more_to_triage: 3,
            quarantined: 14,
            least_certain: vec![Quarantined {
                from: Some("sales@deals.example"),
                subject: "Better tables\r\nBcc: all@foundation.example",
                reason: "No project is named.",
            }],
            appeals: 1,
            read_in_bulk: vec!["Ben Example, Fri 2026-11-20 03:12 UTC".to_owned()],
            record: Some("9f2c1b04d7e6aa530c4a4bb1e6d1e9a1f1b9d7c3a1c24f6a5c0be0f5d4c3b2a1"),
            viewings_link: "https://security.northlight.example/viewings",
            desk_link: "https://security.northlight.example/at-risk",
            senders_link: "https://security.northlight.example/senders",
            quarantine_link: "https://security.northlight.example/quarantine",
            ..Digest::default()
        }
    }

    #[test]
    fn the_digest_in_full() {
        insta::assert_snapshot!(shown(&digest(&digest_of_a_morning())), @r#"
        2 overdue, 4 to triage, 14 in quarantine, 1 to hear about a ban, 1 read in bulk

        Overdue:
        SEC-2026-0038 NumPy, project acknowledgement, 1 d 3 h, owner Tania
        SEC-2026-0040, first human reply, 20 min, nobody has it

        To triage:
        SEC-2026-0042, 1 d 2 h left, nobody has it
        and 3 more

        All of it:
        https://security.northlight.example/at-risk

        Quarantine: 14 new, the 1 least certain below.

        Better tables Bcc: all@foundation.example, from sales@deals.example. No
        project is named.

        Look at them, release what is a report, mark the rest as seen:
        https://security.northlight.example/quarantine

        Paused senders say that it is a mistake:
        https://security.northlight.example/senders

        Opened 50 cases or more within a minute:
        Ben Example, Fri 2026-11-20 03:12 UTC
        https://security.northlight.example/viewings

        Record:
        9f2c1b04d7e6aa530c4a4bb1e6d1e9a1f1b9d7c3a1c24f6a5c0be0f5d4c3b2a1
        "#);
    }

    #[test]
    fn a_morning_without_anything_has_no_digest() {
        assert!(Digest::default().is_empty());
        assert!(!digest_of_a_morning().is_empty());
        assert!(!Digest { quarantined: 1, ..Digest::default() }.is_empty());
        assert!(!Digest { appeals: 1, ..Digest::default() }.is_empty());
        assert!(!Digest { read_in_bulk: vec!["Ben".to_owned()], ..Digest::default() }.is_empty());
        assert!(Digest { record: Some("9f2c"), ..Digest::default() }.is_empty(), "a seal alone is no news");
    }

    #[test]
    fn the_letter_about_a_flood_in_full() {
        let words = flood("s…@flood.example", 20, "https://security.northlight.example/quarantine");
        insta::assert_snapshot!(shown(&words), @r#"
        Many mails from one sender wait in quarantine

        s…@flood.example sent more than 20 mails within an hour. Those above
        that number are in quarantine: they open no case and are not answered.
        Nothing else is slowed down.

        You are told of this once a day; the digest counts the rest. To look at
        them:
        https://security.northlight.example/quarantine
        "#);
    }
}
