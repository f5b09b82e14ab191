//! Reports as the common servers write them, in words of our own.

use proptest::prelude::*;

use super::delivery_report;
use crate::domain::address::{Mailbox, OwnAddresses};
use crate::domain::bounce::DeliveryReport;

fn own() -> OwnAddresses {
    OwnAddresses::of(Mailbox::parse("security@northlight.example").unwrap())
}

fn report(raw: &str) -> DeliveryReport {
    delivery_report(raw.as_bytes(), &own()).unwrap()
}

/// Each notice as `fate status recipients: words`.
fn outline(raw: &str) -> Vec<String> {
    let shown = |notice: &crate::domain::bounce::Notice| {
        let recipients: Vec<_> = notice.recipients.iter().map(Mailbox::as_str).collect();
        let status = notice.status.as_deref().unwrap_or("-");
        format!("{} {status} {}: {}", notice.fate.word(), recipients.join(" "), notice.words)
    };
    report(raw).notices.iter().map(shown).collect()
}

/// A multipart/report around these fields, with a returned message.
fn standard(fields: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.larkspur.example\nSubject: Undelivered Mail Returned to Sender\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=dsn\n\n\
         --dsn\n\nI could not deliver your message.\n\
         --dsn\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.larkspur.example\n\
         Original-Envelope-Id: 0193-letter\n\n{fields}\n\
         --dsn\nContent-Type: message/rfc822\n\nMessage-ID: <0193-letter@northlight.example>\n\
         Subject: a report\n\nFinal-Recipient: rfc822; nobody@evil.example\n--dsn--\n"
    )
}

const FAILED: &str = "Final-Recipient: rfc822; old@larkspur.example\nAction: failed\nStatus: 5.1.1\n\
                      Diagnostic-Code: smtp; 550 5.1.1 <old@larkspur.example>:\n no such user\n";

#[test]
fn a_standard_report_names_recipient_fate_status_reason_and_the_message() {
    let raw = standard(FAILED);
    assert_eq!(
        outline(&raw),
        ["hard 5.1.1 old@larkspur.example: 550 5.1.1 <old@larkspur.example>: no such user"],
        "and nothing of what stands in the returned message"
    );
    assert_eq!(report(&raw).message_id.as_deref(), Some("0193-letter@northlight.example"));
    assert_eq!(report(&raw).envelope_id.as_deref(), Some("0193-letter"));
}

#[test]
fn all_three_line_ends_read_alike() {
    let raw = standard(FAILED);
    for line_end in ["\r\n", "\r"] {
        let other = raw.replace('\n', line_end);
        assert_eq!(delivery_report(other.as_bytes(), &own()).unwrap(), report(&raw), "{line_end:?}");
    }
}

#[test]
fn each_action_and_class_has_its_fate() {
    let block = |action: &str, status: &str, code: &str| {
        let line =
            |name: &str, value: &str| if value.is_empty() { String::new() } else { format!("{name}: {value}\n") };
        let lines = [line("Action", action), line("Status", status), line("Diagnostic-Code", code)];
        standard(&format!("Final-Recipient: rfc822;kim@larkspur.example\n{}", lines.concat()))
    };
    let table = [
        (block("failed", "5.1.1", ""), "hard 5.1.1"),
        (block("Failed (really)", "5.2.2", "smtp; 552 mailbox full"), "soft 5.2.2"),
        (block("failed", "4.4.7", "x-postfix; delivery time expired"), "soft 4.4.7"),
        (block("failed", "5.0.0", "smtp; 550-5.1.1 unknown user"), "hard 5.1.1"),
        (block("delayed", "4.4.1", "smtp; connection timed out"), "delayed 4.4.1"),
        (block("delivered", "2.0.0", ""), "delivered 2.0.0"),
        (block("relayed", "2.1.9", ""), "delivered 2.1.9"),
        (block("expanded", "2.1.5", ""), "delivered 2.1.5"),
        (block("", "5.7.1", "smtp; 550 refused by policy"), "soft 5.7.1"),
        (block("", "4.7.1", ""), "delayed 4.7.1"),
        (block("failed", "5.1.1 (no such mailbox)", ""), "hard 5.1.1"),
    ];
    for (raw, expected) in table {
        let read = outline(&raw);
        assert_eq!(read.len(), 1, "{raw}");
        assert!(read[0].starts_with(expected), "{read:?}, not {expected}");
    }
}

#[test]
fn several_recipients_stay_apart_with_or_without_an_empty_line_between_them() {
    let one = "Final-Recipient: rfc822; a@larkspur.example\nAction: failed\nStatus: 5.1.1\n";
    let two = "Final-Recipient: LOCAL; <b@larkspur.example>\nAction: delayed\nStatus: 4.2.0\n";
    for between in ["\n", ""] {
        let read = outline(&standard(&format!("{one}{between}{two}")));
        assert_eq!(read.len(), 2, "{read:?}");
        assert!(read[0].starts_with("hard 5.1.1 a@larkspur.example"), "{read:?}");
        assert!(read[1].starts_with("delayed 4.2.0 b@larkspur.example"), "{read:?}");
    }
}

#[test]
fn an_original_recipient_is_known_by_all_its_spellings() {
    let table = [
        ("rfc822; kim+2Bsec@larkspur.example", "kim+sec@larkspur.example"),
        ("rfc822;kim+sec@larkspur.example", "kim+sec@larkspur.example"),
        (r"utf-8; j\x{FC}rgen@larkspur.example", "jürgen@larkspur.example"),
        ("utf-8; jürgen@larkspur.example", "jürgen@larkspur.example"),
    ];
    for (field, mailbox) in table {
        let raw = standard(&format!(
            "Original-Recipient: {field}\nFinal-Recipient: rfc822; x@inner.example\nAction: failed\nStatus: 5.1.1\n"
        ));
        let recipients = &report(&raw).notices[0].recipients;
        assert_eq!(recipients[0].as_str(), "x@inner.example", "the final one comes first");
        assert!(recipients.contains(&Mailbox::parse(mailbox).unwrap()), "{field}: {recipients:?}");
    }
}

#[test]
fn a_global_report_is_read_like_any_other() {
    let raw = standard(FAILED)
        .replace("message/delivery-status", "message/global-delivery-status")
        .replace("message/rfc822", "message/global-headers");
    assert_eq!(outline(&raw).len(), 1);
    assert_eq!(report(&raw).message_id.as_deref(), Some("0193-letter@northlight.example"));
}

#[test]
fn a_report_that_lost_its_frame_is_read_from_its_text() {
    let raw = standard(FAILED).replace("boundary=dsn", "boundary=other");
    assert!(outline(&raw)[0].starts_with("hard 5.1.1 old@larkspur.example"), "{:?}", outline(&raw));
}

#[test]
fn a_report_inside_a_forwarded_mail_is_not_this_mails_report() {
    let raw = format!("From: x@y.example\nContent-Type: message/rfc822\n\n{}", standard(FAILED));
    assert_eq!(outline(&raw), Vec::<String>::new());
}

const COPY: &str = "\nReturn-Path: <security+b.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example>\n\
                    Message-ID: <0193-letter@northlight.example>\nTo: other@larkspur.example\n\n550 5.1.1 in the report\n";

#[test]
fn postfix_in_words() {
    let raw = format!(
        "From: MAILER-DAEMON@mail.northlight.example (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\n\n\
         This is the mail system at host mail.northlight.example.\n\nYour message could not be delivered.\n\n\
         <old@larkspur.example>: host mx.larkspur.example[192.0.2.5] said: 550 5.1.1\n    \
         <old@larkspur.example>: Recipient address rejected: User unknown (in reply\n    to RCPT TO command)\n{COPY}"
    );
    let read = outline(&raw);
    assert_eq!(read.len(), 1, "{read:?}");
    assert!(
        read[0].starts_with("hard 5.1.1 old@larkspur.example: host mx.larkspur.example[192.0.2.5] said"),
        "{read:?}"
    );
    assert_eq!(report(&raw).message_id.as_deref(), Some("0193-letter@northlight.example"));
}

#[test]
fn exim_in_words() {
    let raw = format!(
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\nX-Failed-Recipients: old@larkspur.example\n\
         Subject: Mail delivery failed: returning message to sender\n\n\
         This message was created automatically by mail delivery software.\n\nA message that you sent could not be \
         delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  \
         old@larkspur.example\n    host mx.larkspur.example [192.0.2.5]\n    SMTP error from remote mail server after \
         RCPT TO:<old@larkspur.example>:\n    550 Unrouteable address\n\n\
         ------ This is a copy of the message, including all the headers. ------\n{COPY}"
    );
    let read = outline(&raw);
    assert_eq!(read.len(), 1, "{read:?}");
    assert!(read[0].starts_with("hard - old@larkspur.example:") && read[0].contains("Unrouteable"), "{read:?}");
    assert_eq!(report(&raw).message_id.as_deref(), Some("0193-letter@northlight.example"));
}

#[test]
fn qmail_in_words() {
    let raw = format!(
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n\
         Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n\n\
         <old@larkspur.example>:\n192.0.2.5 does not like recipient.\nRemote host said: 550 no such user\nGiving up on \
         192.0.2.5.\n\n<full@larkspur.example>:\nThe users mailfolder is over the allowed quota (size). (#5.2.2)\n\n\
         --- Below this line is a copy of the message.\n{COPY}"
    );
    let read = outline(&raw);
    assert_eq!(read.len(), 2, "{read:?}");
    assert!(read[0].starts_with("hard - old@larkspur.example: 192.0.2.5 does not like"), "{read:?}");
    assert!(read[1].starts_with("soft 5.2.2 full@larkspur.example"), "{read:?}");
}

#[test]
fn exchange_in_words() {
    let raw = format!(
        "From: Microsoft Outlook <postmaster@outlook.example>\nSubject: Undeliverable: a report\n\
         Content-Type: text/html\n\n<p>Delivery has failed to these recipients or groups:</p>\
         <p><a href=\"mailto:old@larkspur.example\">old@larkspur.example</a></p>\
         <p>The email address you entered couldn't be found.</p>\
         <p>Diagnostic information for administrators: #550 5.1.10 RESOLVER.ADR.RecipientNotFound ##</p>\
         <p>Original message headers:</p><pre>{COPY}</pre>"
    );
    let read = outline(&raw);
    assert_eq!(read.len(), 1, "{read:?}");
    assert!(read[0].starts_with("hard 5.1.10 old@larkspur.example:"), "{read:?}");
}

#[test]
fn a_warning_that_it_is_late_is_no_failure() {
    let raw = "From: Mail Delivery System <mailer-daemon@mx.example>\nSubject: Warning: message 1abc delayed 24 hours\n\n\
               A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 \
               hours. No action is required on your part.\n\n  slow@larkspur.example\n    host mx: 451 4.7.1 later\n";
    assert!(outline(raw)[0].starts_with("delayed 4.7.1 slow@larkspur.example"), "{:?}", outline(raw));
}

#[test]
fn a_report_that_names_nobody_still_tells_of_the_failure_and_small_talk_tells_of_none() {
    let raw = "From: MAILER-DAEMON@mx.example\nSubject: Returned mail\n\nSorry, no such user here.\n";
    assert_eq!(outline(raw), ["soft - : Sorry, no such user here."], "it may be a filter that speaks");
    let own_address_alone =
        "From: MAILER-DAEMON@mx.example\n\nYour mail from security@northlight.example: no such user.\n";
    assert_eq!(report(own_address_alone).notices[0].recipients, []);
    assert_eq!(outline("From: MAILER-DAEMON@mx.example\n\nHello, how are you?\n"), Vec::<String>::new());
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = delivery_report(&raw, &own());
    }

    #[test]
    fn no_text_in_a_reports_places_makes_the_reader_panic(
        fields in "((Final-Recipient|Action|Status|Diagnostic-Code|[a-z]{1,5}): ?\\PC{0,40}\n| ?\n){0,12}",
        text in "(\\PC{0,60}\n|<[a-z+x{}.@0-9]{0,20}>: ?[45245]\\.1\\.1\n){0,12}",
    ) {
        let read = report(&standard(&fields));
        prop_assert!(read.notices.len() <= super::NOTICES_MAX);
        report(&format!("From: mailer-daemon@x.example\nSubject: failure notice\n\n{text}"));
    }
}

#[test]
fn a_report_of_a_hundred_thousand_recipients_is_read_in_one_pass_and_cut() {
    let block = "Final-Recipient: rfc822; a@larkspur.example\nAction: failed\nStatus: 5.1.1\n\n";
    assert_eq!(outline(&standard(&block.repeat(100_000))).len(), super::NOTICES_MAX);
    let names: String = (0..100_000).map(|n| format!("<a{n}@larkspur.example>:\n")).collect();
    let raw = format!("From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n{names}");
    assert_eq!(outline(&raw).len(), super::NOTICES_MAX);
}

#[test]
fn a_line_of_megabytes_and_a_field_of_megabytes_are_read_in_one_pass() {
    let line = "<a@larkspur.example>: 550 ".repeat(200_000);
    let raw = format!("From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n{line}\n");
    assert_eq!(outline(&raw).len(), 1);
    let fields = format!("{FAILED}Diagnostic-Code: smtp; {line}\n");
    assert_eq!(outline(&standard(&fields)).len(), 1);
}

#[test]
fn the_message_that_came_back_is_found_below_a_mark_of_quoting_and_by_its_name_in_the_words() {
    let quoted = "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n<old@larkspur.example>: gone (#5.1.1)\n\n\
                  ----- Original message -----\n> From: x@northlight.example\n> Message-ID: <0193-letter@northlight.example>\n";
    let named = "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\nYour message\n  \
                 Message-id: <0193-letter@northlight.example>\ndid not reach <old@larkspur.example>.\n";
    for raw in [quoted, named] {
        assert_eq!(report(raw).message_id.as_deref(), Some("0193-letter@northlight.example"), "{raw}");
    }
}

#[test]
fn who_is_to_be_asked_and_who_wrote_are_no_recipients() {
    let raw = "From: Mail System <postmaster@mx.example>\nTo: writer@elsewhere.example\nSubject: Undelivered mail\n\n\
               The mail of writer@elsewhere.example could not be delivered.\nFor help, please contact <help@mx.example>.\n\
               Your mail to kim@larkspur.example was refused: no such user.\n";
    let recipients: Vec<_> = report(raw).notices.into_iter().flat_map(|notice| notice.recipients).collect();
    assert_eq!(recipients, [Mailbox::parse("kim@larkspur.example").unwrap()]);
}

#[test]
fn a_report_that_names_nobody_is_about_the_one_reader_of_the_message_that_came_back() {
    let raw = "From: MAILER-DAEMON@mx.example\nSubject: Undelivered mail\n\
               Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\
               It could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\
               --b\nContent-Type: message/rfc822\n\nTo: kim@larkspur.example\n\nx\n--b--\n";
    assert!(outline(raw)[0].starts_with("soft - kim@larkspur.example:"), "{:?}", outline(raw));
}
