//! The bytes of a message: its end, its size, its hops.

use super::*;
use crate::domain::report::CHUNK;

#[tokio::test]
async fn a_message_is_kept_with_its_dots_unstuffed_and_our_trace_in_front() {
    let stage = Stage::smtp();
    let answers = stage.hears(&[format!("{ENVELOPE}Subject: a\r\n\r\n..b\r\n.\r\nQUIT\r\n").as_bytes()]).await;
    assert_eq!(codes(&answers), ["220", "250", "250", "250", "354", "250", "221"]);
    assert_eq!(answers[5], "250 2.0.0 kept as 0198c0de-0000-7000-8000-000000000000");
    assert_eq!(stage.kept(), ["Subject: a\r\n\r\n.b\r\n"]);
    let arrival = &stage.arrivals()[0];
    assert_eq!(arrival.sender.as_ref().unwrap().as_str(), "jo@example.org");
    assert_eq!(arrival.peer.as_ref().unwrap().helo, "client.example");
    assert_eq!(arrival.arrived_at, "2026-03-05T06:07:08Z".parse().unwrap());
}

#[tokio::test]
async fn no_odd_end_of_data_smuggles_a_second_mail_in_wherever_the_stream_is_cut() {
    let odd: [&[u8]; 10] = [
        b"\n.\n",
        b"\n.\r\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r\n.\r\r\n",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
        b"\r\r\n.\r\r\n",
    ];
    for sequence in odd {
        let stage = Stage::smtp();
        let inner = b"MAIL FROM:<admin@foundation.example>\r\nRCPT TO:<security@foundation.example>\r\nDATA\r\n";
        let body =
            [b"Subject: outer\r\n\r\nhi", sequence, inner, b"Subject: inner\r\n\r\nhi\r\n.\r\nNOOP\r\n"].concat();
        for cut in 0..=body.len() {
            let answers = stage.hears(&[ENVELOPE.as_bytes(), &body[..cut], &body[cut..]]).await;
            let shown = format!("{} cut at {cut}: {answers:?}", sequence.escape_ascii());
            assert_eq!(codes(&answers)[..5], BEFORE_DATA, "{shown}");
            assert_eq!(codes(&answers)[5..], ["550"], "{shown}");
        }
        assert!(stage.kept().is_empty());
    }
}

#[tokio::test]
async fn a_dot_as_the_first_line_is_an_empty_message() {
    let stage = Stage::smtp();
    let pieces: [&[u8]; 3] = [ENVELOPE.as_bytes(), b".\r", b"\nQUIT\r\n"];
    assert_eq!(codes(&stage.hears(&pieces).await)[5..], ["250", "221"]);
    assert_eq!(stage.kept(), [""]);
}

#[tokio::test]
async fn a_message_at_the_size_limit_is_kept_and_one_byte_more_is_refused_at_its_end() {
    let stage = Stage::with(Protocol::Smtp, |settings| settings.limits.max_size = 600_000);
    let full = line_of(1000).repeat(600);
    for (body, code) in [(full.clone(), "250"), (format!("x{full}"), "552"), (full.clone(), "250")] {
        let answers = stage.hears(&[ENVELOPE.as_bytes(), body.as_bytes(), b".\r\nQUIT\r\n"]).await;
        assert_eq!(codes(&answers)[5..], [code, "221"]);
    }
    assert_eq!(stage.kept(), [full.clone(), full]);
    assert!(stage.arrivals().iter().all(|arrival| matches!(arrival.raw, Raw::Spooled { .. })));
    assert_eq!(stage.spooled_files(), 0);
}

#[tokio::test]
async fn stuffed_dots_do_not_count_towards_the_size() {
    let stage = Stage::with(Protocol::Smtp, |settings| settings.limits.max_size = 3);
    assert_eq!(stage.codes(&format!("{ENVELOPE}..\r\n.\r\nQUIT\r\n")).await[5..], ["250", "221"]);
}

#[tokio::test]
async fn a_size_that_is_announced_as_too_large_is_refused_at_once() {
    let stage = Stage::smtp();
    let answers = stage.codes("EHLO a\r\nMAIL FROM:<> SIZE=25000001\r\nMAIL FROM:<> SIZE=25000000\r\nQUIT\r\n").await;
    assert_eq!(answers[2..], ["552", "250", "221"]);
}

#[tokio::test]
async fn a_message_without_end_is_not_awaited() {
    let stage = Stage::with(Protocol::Smtp, |settings| settings.limits.max_size = 100_000);
    let endless = line_of(1000).repeat(3_000);
    assert_eq!(codes(&stage.hears(&[ENVELOPE.as_bytes(), endless.as_bytes()]).await)[5..], ["421"]);
    assert_eq!(stage.spooled_files(), 0);
}

#[tokio::test]
async fn a_faulty_message_is_not_spooled_however_large() {
    let stage = Stage::smtp();
    let large = line_of(1000).repeat(2 * CHUNK / 1000);
    let watch = async |mut client: Client<DuplexStream>| {
        client.says(&format!("{ENVELOPE}a\nb{large}")).await;
        let spooled = stage.spooled_files();
        client.says(".\r\n").await;
        (spooled, client.hears_the_end().await)
    };
    let (spooled, answers) = stage.play(watch).await;
    assert_eq!(spooled, 0);
    assert!(answers.ends_with("550 5.6.0 the message holds a bare CR, a bare LF or a zero byte\r\n"), "{answers}");
}

#[tokio::test]
async fn a_mail_in_a_loop_is_refused_and_the_session_goes_on() {
    let stage = Stage::smtp();
    let hops = |count: usize| format!("{}\r\n.\r\n", "Received: from a by b; date\r\n".repeat(count));
    let again = ENVELOPE.split_once("\r\n").unwrap().1;
    let script = format!("{ENVELOPE}{}{again}{}QUIT\r\n", hops(200), hops(50));
    assert_eq!(stage.codes(&script).await[5..], ["554", "250", "250", "354", "250", "221"]);
    assert_eq!(stage.kept().len(), 1);
}

#[tokio::test]
async fn two_messages_in_one_session_are_two_arrivals() {
    let stage = Stage::smtp();
    let again = ENVELOPE.split_once("\r\n").unwrap().1;
    let answers = stage.codes(&format!("{ENVELOPE}one\r\n.\r\n{again}two\r\n.\r\nQUIT\r\n")).await;
    assert_eq!(answers[5..], ["250", "250", "250", "354", "250", "221"]);
    assert_eq!(stage.kept(), ["one\r\n", "two\r\n"]);
}

#[tokio::test]
async fn a_connection_that_breaks_off_within_a_message_leaves_nothing() {
    let stage = Stage::smtp();
    let part = line_of(1000).repeat(500);
    assert_eq!(codes(&stage.hears(&[ENVELOPE.as_bytes(), part.as_bytes()]).await), BEFORE_DATA);
    assert!(stage.kept().is_empty());
    assert_eq!(stage.spooled_files(), 0);
}
