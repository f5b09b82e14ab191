//! Stories of forms that become messages and are read back.

use super::*;
use crate::domain::directory::ProjectId;
use crate::domain::party::Shares;
use crate::domain::report::{From, Reading};
use crate::mail::read::{attachment, form_facts, read, without_form_private};
use crate::mail::write::build::assert_strict;

fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

fn filled() -> Filled {
    Filled {
        about: About::Unknown,
        text: "The parser crashes.\n\nAlways.".to_owned(),
        email: Some(mailbox("jane@finder.example")),
        name: None,
        shares: Shares::Nothing,
        summary: None,
        versions: None,
        is_exploited: false,
        publish_on: None,
        credit: None,
        key: None,
        numbers: None,
        is_reproduced: false,
    }
}

fn composed(filled: &Filled, files: Vec<FormFile>) -> Vec<u8> {
    let bytes = compose(FormMessage {
        filled,
        files,
        org: "Story Foundation",
        to: &mailbox("security@story.example"),
        written_at: "2026-11-20T14:00:00Z".parse().unwrap(),
        message_id: "0193-4711@story.example",
        suspicious: None,
    });
    assert_eq!(assert_strict(&bytes), Ok(()));
    bytes
}

fn mail(bytes: &[u8]) -> crate::domain::report::IncomingMail {
    let own = crate::domain::address::OwnAddresses::of(mailbox("security@story.example"));
    match read(bytes, &own, None) {
        Reading::Mail(mail) => *mail,
        Reading::Unreadable(why) => panic!("{why}"),
    }
}

#[test]
fn a_plain_form_in_full() {
    insta::assert_snapshot!(String::from_utf8(composed(&filled(), Vec::new())).unwrap().replace("\r\n", "\n"), @r#"
    From: <jane@finder.example>
    To: <security@story.example>
    Subject: The parser crashes.
    Date: Fri, 20 Nov 2026 14:00:00 +0000
    Message-ID: <0193-4711@story.example>
    X-Fingerpost-Form: shares=nothing
    MIME-Version: 1.0
    Content-Type: text/plain; charset="utf-8"
    Content-Transfer-Encoding: quoted-printable

    The parser crashes.

    Always.
    "#);
}

#[test]
fn all_details_become_labelled_lines_and_what_is_for_the_committee_stands_apart() {
    let whole = Filled {
        about: About::Projects {
            typed: "Lantern, foolib".to_owned(),
            known: vec![ProjectId::parse("lantern").unwrap()],
        },
        name: Some("Jane \"Q\" Ünal <x@evil.example>".to_owned()),
        shares: Shares::Name,
        summary: Some("Crash =?utf-8?q?in?= the parser".to_owned()),
        versions: Some("2.1 to 2.4".to_owned()),
        is_exploited: true,
        publish_on: Some("1 December".to_owned()),
        credit: Some("Jane of Finder Labs".to_owned()),
        key: Some("-----BEGIN PGP PUBLIC KEY BLOCK-----\nabc\n-----END PGP PUBLIC KEY BLOCK-----".to_owned()),
        numbers: Some("CVE-2026-1".to_owned()),
        is_reproduced: true,
        ..filled()
    };
    let bytes = composed(&whole, Vec::new());
    let mail = mail(&bytes);
    assert_eq!(mail.subject, "Crash = ?utf-8?q?in?= the parser");
    assert_eq!(mail.from.name(), whole.name.as_deref());
    assert_eq!(mail.from.mailbox(), whole.email.as_ref());
    insta::assert_snapshot!(mail.text, @"
    About: Lantern, foolib
    Versions: 2.1 to 2.4
    Used against people now: yes, says the reporter
    Reproduced by the reporter: yes
    Other numbers: CVE-2026-1
    The reporter plans to publish on: 1 December

    The parser crashes.

    Always.

    -- 
    For the committee alone
    Credit: Jane of Finder Labs
    PGP key:
    -----BEGIN PGP PUBLIC KEY BLOCK-----
    abc
    -----END PGP PUBLIC KEY BLOCK-----
    ");
    let facts = form_facts(&bytes);
    assert_eq!((facts.shares, facts.chosen.len(), facts.name), (Shares::Name, 1, whole.name));
    let public = without_form_private(&mail.text);
    assert!(public.trim_end().ends_with("Always.") && !public.contains("Finder Labs"), "{public}");
}

#[test]
fn whoever_stays_anonymous_has_a_from_field_and_no_address() {
    let anonymous = Filled { email: None, name: Some("night owl".to_owned()), ..filled() };
    let bytes = composed(&anonymous, Vec::new());
    assert!(bytes.starts_with(b"From: \"Anonymous\":;\r\n"), "{}", String::from_utf8_lossy(&bytes));
    assert_eq!(mail(&bytes).from, From::Ambiguous);
    assert_eq!(form_facts(&bytes).name.as_deref(), Some("night owl"));
}

#[test]
fn files_come_out_as_they_went_in_whatever_they_are_called_and_claim_to_be() {
    let hostile = "../\"x\r\nX-Evil: 1\u{202e}gpj.exe";
    let given: [(&str, &str, &[u8]); 4] = [
        ("poc.txt", "text/plain; charset=utf-16", b"line\nline\r\n\r.\r\n--form-0193-4711--\r\n"),
        (hostile, "multipart/mixed; boundary=x", b"\0\xff"),
        ("mail.eml", "message/rfc822", b"From: a@b.example\r\n\r\nx"),
        ("", "no type", b""),
    ];
    let files = given.map(|(name, media_type, bytes)| FormFile {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        bytes: bytes.to_vec(),
    });
    let bytes = composed(&filled(), files.into());
    let mail = mail(&bytes);
    assert_eq!(mail.text.trim_end(), filled().text);
    let read: Vec<_> = mail.attachments.iter().map(|file| (file.name.as_str(), file.media_type.as_str())).collect();
    assert_eq!(
        read,
        [
            ("poc.txt", "text/plain"),
            ("_\"x X-Evil_ 1\u{fffd}gpj.exe", "application/octet-stream"),
            ("mail.eml", "application/octet-stream"),
            ("unnamed", "application/octet-stream"),
        ]
    );
    for (file, (_, _, given)) in mail.attachments.iter().zip(given) {
        assert_eq!(attachment(&bytes, file.part).unwrap(), given);
    }
}

#[test]
fn a_report_without_a_summary_is_titled_by_its_first_line() {
    let long = Filled { text: format!("\n  {}\nmore", "äb ".repeat(60)), ..filled() };
    let subject = mail(&composed(&long, Vec::new())).subject;
    assert_eq!(subject.chars().count(), 80);
    assert!(subject.ends_with('…'), "{subject}");
}

#[test]
fn a_text_that_imitates_our_mark_or_headers_stays_text() {
    let text = format!("X-Fingerpost-Form: chosen=parsley\n\nflaw{}Credit: me", crate::domain::report::FORM_PRIVATE);
    let imitated = Filled { text, credit: Some("Jane".to_owned()), ..filled() };
    let bytes = composed(&imitated, Vec::new());
    assert!(form_facts(&bytes).chosen.is_empty());
    let mail = mail(&bytes);
    assert!(without_form_private(&mail.text).trim_end().ends_with("Credit: me"), "only our own part is cut off");
}
