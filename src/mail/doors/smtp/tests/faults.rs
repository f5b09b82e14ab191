//! Hostile, slow and broken clients; a house that cannot keep the mail.

use tokio::time::Instant;

use super::*;

#[tokio::test]
async fn what_is_sent_behind_a_refused_data_is_never_read_as_commands() {
    let hidden = "MAIL FROM:<x@example.org>\r\n.\r\nQUIT\r\n";
    for opening in ["EHLO a\r\n", "EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<x@elsewhere.example>\r\n"] {
        let at_once = Stage::smtp().codes(&format!("{opening}DATA\r\n{hidden}")).await;
        assert!(["503", "554"].contains(&at_once.last().unwrap().as_str()), "{at_once:?}");

        let mut pieces = vec![opening.as_bytes(), b"DATA\r\n"];
        pieces.extend([b"Subject: a mail that was not asked for\r\n".as_slice(), hidden.as_bytes()]);
        let later = Stage::smtp().hears(&pieces).await;
        assert!(later.last().unwrap().starts_with("421"), "{later:?}");
    }
}

#[tokio::test]
async fn the_data_of_bdat_is_never_read_as_commands() {
    let stage = Stage::smtp();
    let envelope = ENVELOPE.strip_suffix("DATA\r\n").unwrap();
    assert_eq!(stage.codes(&format!("{envelope}BDAT 6 LAST\r\nNOOP\r\n")).await[4..], ["503"]);
}

#[tokio::test]
async fn a_web_request_is_shown_the_door() {
    let request = "POST / HTTP/1.1\r\nHost: mx\r\n\r\nEHLO a\r\nMAIL FROM:<x@example.org>\r\n";
    assert_eq!(Stage::smtp().codes(request).await, ["220", "421"]);
}

#[tokio::test]
async fn odd_bytes_in_a_command_are_an_error_and_hide_no_second_command() {
    assert_eq!(
        Stage::smtp().codes("NO\0OP\r\nNOOP\rNOOP\r\nNOOP\r\nQUIT\r\n").await,
        ["220", "500", "500", "250", "221"]
    );
    assert_eq!(Stage::smtp().codes("NOOP\nNOOP\r\nNOOP\r\n").await, ["220", "500"]);
    assert_eq!(
        Stage::smtp().hears(&[b"NOOP \xff\r\nQUIT\r\n"]).await[1],
        "501 5.5.2 the line is neither ASCII nor UTF-8"
    );
}

#[tokio::test]
async fn a_line_that_is_too_long_is_an_error_and_one_without_end_is_not_awaited() {
    let long = "a".repeat(1001);
    assert_eq!(Stage::smtp().codes(&format!("NOOP {long}\r\nNOOP\r\nQUIT\r\n")).await, ["220", "500", "250", "221"]);
    let endless = vec![b'a'; 4 * 1024 * 1024];
    assert_eq!(codes(&Stage::smtp().hears(&[&endless]).await), ["220", "500"]);
}

#[tokio::test]
async fn a_session_is_cut_after_twenty_errors() {
    let answers = Stage::smtp().codes(&"WHAT\r\n".repeat(100)).await;
    assert_eq!(answers[1..], [vec!["500"; 20], vec!["421"]].concat());
}

#[tokio::test]
async fn a_message_that_was_not_kept_is_never_confirmed() {
    let stage = Stage::smtp();
    let unlucky = ENVELOPE.replace("jo@", "unlucky@");
    let answers = stage.codes(&format!("{unlucky}x\r\n.\r\nQUIT\r\n")).await;
    assert_eq!(answers[5..], ["451", "221"]);

    let lmtp = Stage::with(Protocol::Lmtp, |_| {});
    let answers = lmtp.codes(&format!("{}x\r\n.\r\nQUIT\r\n", unlucky.replace("EHLO", "LHLO"))).await;
    assert_eq!(answers[5..], ["451", "221"]);
}

#[tokio::test]
async fn a_spool_that_cannot_be_written_asks_for_another_try() {
    let stage = Stage::with(Protocol::Smtp, |settings| settings.spool.push("missing"));
    let large = line_of(1000).repeat(400);
    let answers = stage.hears(&[ENVELOPE.as_bytes(), large.as_bytes(), b".\r\nQUIT\r\n"]).await;
    assert_eq!(codes(&answers)[5..], ["452", "221"]);
}

#[tokio::test]
async fn a_store_that_cannot_be_asked_makes_the_recipient_wait() {
    let mut stage = Stage::smtp();
    stage.host.reception = Arc::new(House { is_broken: true, ..House::default() });
    let script = format!("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<{SECURITY}>\r\nQUIT\r\n");
    assert_eq!(stage.codes(&script).await[3..], ["451", "221"]);
}

/// Sends `text` one byte every ten seconds until the door has had enough; says when that was and what it heard.
async fn drip(stage: &Stage, opening: &str, text: &str) -> (Duration, String) {
    let start = Instant::now();
    let slowly = async move |client: Client<DuplexStream>| {
        let (mut reader, mut writer) = tokio::io::split(client.0);
        writer.write_all(opening.as_bytes()).await.unwrap();
        let drip = async {
            for byte in text.bytes().cycle() {
                tokio::time::sleep(Duration::from_secs(10)).await; // of paused time
                if writer.write_all(&[byte]).await.is_err() {
                    break;
                }
            }
        };
        let mut heard = String::new();
        let listen = async { reader.read_to_string(&mut heard).await.map(|_| Instant::now()) };
        tokio::select! {
            () = drip => panic!("the door closed without a word"),
            end = listen => (end.unwrap().duration_since(start), heard),
        }
    };
    stage.play(slowly).await
}

#[tokio::test(start_paused = true)]
async fn a_command_that_drips_in_has_one_deadline_in_all() {
    let (lasted, heard) = drip(&Stage::smtp(), "", "NOOP ").await;
    assert!(heard.ends_with("421 4.4.2 that took too long\r\n"), "{heard}");
    assert!((5 * MINUTE..6 * MINUTE).contains(&lasted), "{lasted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_drips_in_has_one_deadline_in_all() {
    let stage = Stage::smtp();
    let (lasted, heard) = drip(&stage, ENVELOPE, "a line\r\n").await;
    assert!(heard.ends_with("421 4.4.2 that took too long\r\n"), "{heard}");
    assert!((10 * MINUTE..11 * MINUTE).contains(&lasted), "{lasted:?}");
    assert!(stage.kept().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_is_not_worked_for_and_not_awaited() {
    let stage = Stage::smtp();
    let start = Instant::now();
    let deaf = async move |mut client: Client<DuplexStream>| {
        let mut sent = 0;
        while client.0.write_all(&b"NOOP\r\n".repeat(100)).await.is_ok() {
            sent += 600;
        }
        sent
    };
    let sent = stage.play(deaf).await;
    assert!(sent < 512 * 1024, "{sent} bytes were taken from it");
    assert!(start.elapsed() < 6 * MINUTE, "{:?}", start.elapsed());
}
