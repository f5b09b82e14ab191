//! What each answer, silence or break of a relay means for the letter.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn a_letter_with_lone_dots_leaves_as_one_message() {
    let (delivery, relay) = sent_to(|_| None).await;
    assert_eq!(delivery, Delivery::Sent { answer: "250 2.0.0 queued".into() });
    assert_eq!(
        relay.contents(),
        ["Subject: a report\r\n\r\nbefore\r\n..\r\n...two\r\nMAIL FROM:<spy@evil.example>\r\n..\r\nafter\r\n"]
    );
    let commands = relay.commands();
    assert_eq!(commands[2], "MAIL FROM:<security+b.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example>");
    assert_eq!(commands[3], "RCPT TO:<keeper@larkspur.example>");
    assert_eq!(commands[4..], ["DATA"]);
}

#[tokio::test]
async fn bytes_that_servers_read_differently_never_leave() {
    let relay = ScriptedRelay::new(|_| None).await;
    let transport = transport(settings(&relay));
    for bytes in [&b"a\n.\nb\r\n"[..], b"a\r.\r\n", b"a\0\r\n", b"unfinished"] {
        let delivery = relay.during(transport.send(&Given::to("keeper@larkspur.example").letter(bytes))).await;
        assert!(matches!(&delivery, Delivery::Refused { status, .. } if status == "5.6.0"), "{delivery:?}");
    }
    assert_eq!(relay.heard(), []);
}

#[tokio::test]
async fn a_no_for_this_recipient_is_told_apart_from_no_relay() {
    let (delivery, _) = sent_to(|h| says(h, "RCPT", "450 4.2.0 greylisted")).await;
    assert_eq!(delivery, Delivery::Deferred { answer: "450 4.2.0 greylisted".into() });

    let (delivery, _) = sent_to(|h| says(h, "RCPT", "550-5.1.1 no such\r\n550 5.1.1 user")).await;
    assert_eq!(delivery, Delivery::Refused { status: "5.1.1".into(), answer: "550 5.1.1 no such user".into() });

    let (delivery, _) = sent_to(|h| says(h, "MAIL", "452 4.3.1 no room")).await;
    assert_eq!(delivery, Delivery::Deferred { answer: "452 4.3.1 no room".into() });

    let (delivery, _) = sent_to(|h| matches!(h, Heard::Content(_)).then_some(Play::Say("554 5.7.1 a virus"))).await;
    assert_eq!(delivery, Delivery::Refused { status: "5.7.1".into(), answer: "554 5.7.1 a virus".into() });
}

#[tokio::test]
async fn a_relay_that_cannot_be_talked_to_ages_no_letter() {
    let scripts: [(Script, &str); 8] = [
        (|h| matches!(h, Heard::Connected(_)).then_some(Play::Say("421 4.3.2 too busy")), "421 4.3.2 too busy"),
        (|h| matches!(h, Heard::Connected(_)).then_some(Play::Say("554 5.3.2 not here")), "554 5.3.2 not here"),
        (|h| matches!(h, Heard::Connected(_)).then_some(Play::Drop), "incomplete response"),
        (|h| matches!(h, Heard::Connected(_)).then_some(Play::Say("HTTP/1.1 400 Bad Request")), ""),
        (|h| drops(h, "EHLO"), "incomplete response"),
        (|h| drops(h, "MAIL"), "incomplete response"),
        (|h| says(h, "MAIL", "530 5.7.0 sign in first"), "530 5.7.0 sign in first"),
        (|h| says(h, "RCPT", "421 4.3.2 going down"), "421 4.3.2 going down"),
    ];
    for (script, wanted) in scripts {
        let (delivery, _) = sent_to(script).await;
        assert!(
            matches!(&delivery, Delivery::Unreachable { reason } if reason.contains(wanted)),
            "{wanted}: {delivery:?}"
        );
    }
}

#[tokio::test]
async fn a_refused_connection_names_where_it_went() {
    let relay = ScriptedRelay::new(|_| None).await;
    let settings = settings(&relay);
    let wanted = format!("127.0.0.1:{}: ", settings.port);
    drop(relay);
    let transport = transport(settings);
    let delivery = transport.send(&Given::to("keeper@larkspur.example").letter(CONTENT)).await;
    assert!(matches!(&delivery, Delivery::Unreachable { reason } if reason.starts_with(&wanted)), "{delivery:?}");
    assert!(transport.probe().await.is_err());
}

#[tokio::test]
async fn a_relay_that_breaks_off_over_a_letter_holds_up_that_letter_alone() {
    let scripts: [Script; 4] = [
        |h| drops(h, "RCPT"),
        |h| drops(h, "DATA"),
        |h| matches!(h, Heard::Content(_)).then_some(Play::Drop),
        |h| says(h, "DATA", "250 2.0.0 what?"),
    ];
    for script in scripts {
        let (delivery, _) = sent_to(script).await;
        assert!(
            matches!(&delivery, Delivery::Deferred { answer } if answer.starts_with("the relay broke off: ")),
            "{delivery:?}"
        );
    }
    let (delivery, _) = sent_to(|h| matches!(h, Heard::Content(_)).then_some(Play::Say("421 4.3.0 filter"))).await;
    assert_eq!(delivery, Delivery::Deferred { answer: "421 4.3.0 filter".into() });
}

#[tokio::test]
async fn a_relay_that_never_answers_is_given_up_on() {
    let impatient = Limits { command: Duration::from_millis(20), all: Duration::from_millis(60), ..Limits::default() };
    let cases: [(Script, bool); 3] = [
        (|h| matches!(h, Heard::Connected(_)).then_some(Play::Hang), false),
        (|h| matches!(h, Heard::Command(line) if line.starts_with("RCPT")).then_some(Play::Hang), true),
        (|h| matches!(h, Heard::Content(_)).then_some(Play::Hang), true),
    ];
    for (script, is_deferred) in cases {
        let relay = ScriptedRelay::new(script).await;
        let transport = limited(settings(&relay), impatient);
        let delivery = relay.during(transport.send(&Given::to("keeper@larkspur.example").letter(CONTENT))).await;
        let (Delivery::Deferred { answer: words } | Delivery::Unreachable { reason: words }) = &delivery else {
            panic!("{delivery:?}");
        };
        assert!(words.contains("no answer within"), "{words}");
        assert_eq!(matches!(delivery, Delivery::Deferred { .. }), is_deferred, "{delivery:?}");
    }
}

#[tokio::test]
async fn delivery_reports_are_asked_for_without_the_report_where_the_relay_can() {
    let (_, relay) = sent_to(|h| says(h, "EHLO", "250-relay.example\r\n250-dsn\r\n250 HELP")).await;
    let commands = relay.commands();
    assert!(commands[2].ends_with("> RET=HDRS ENVID=b.mzxw6ytboi4dqmrzgq2donzvgu"), "{commands:?}");
    let recipient = commands[3].trim_start_matches("RCPT TO:<").split('>').next().unwrap();
    let asked = format!("> NOTIFY=FAILURE,DELAY ORCPT=rfc822;{recipient}");
    assert!(recipient.contains('@') && commands[3].ends_with(&asked), "{commands:?}");

    let (_, relay) = sent_to(|h| says(h, "EHLO", "250-DSN speaks\r\n250 HELP")).await;
    assert!(relay.commands()[2].ends_with('>'), "a greeting is no offer");
}

#[tokio::test]
async fn an_address_outside_ascii_needs_a_relay_that_takes_it() {
    let given = Given::to("jürgen@larkspur.example");
    let able = ScriptedRelay::new(|h| says(h, "EHLO", "250-relay.example\r\n250 SMTPUTF8")).await;
    let delivery = able.during(transport(settings(&able)).send(&given.letter(CONTENT))).await;
    assert!(matches!(delivery, Delivery::Sent { .. }), "{delivery:?}");
    let commands = able.commands();
    assert!(commands[2].ends_with("> SMTPUTF8"), "{commands:?}");
    assert_eq!(commands[3], "RCPT TO:<jürgen@larkspur.example>");

    let unable = ScriptedRelay::new(|_| None).await;
    let delivery = unable.during(transport(settings(&unable)).send(&given.letter(CONTENT))).await;
    assert!(matches!(&delivery, Delivery::Refused { status, .. } if status == "5.6.7"), "{delivery:?}");
}
