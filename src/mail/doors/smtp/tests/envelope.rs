//! Greeting, sender and recipients; the order of commands; LMTP.

use super::*;

#[tokio::test]
async fn ehlo_offers_what_the_door_keeps() {
    let stage = Stage::smtp();
    let offer = async move |mut client: Client<DuplexStream>| {
        client.hears().await;
        client.asks("EHLO client.example").await
    };
    assert_eq!(
        stage.play(offer).await,
        "250-mx.foundation.example\r\n250-PIPELINING\r\n250-SIZE 25000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
         250 ENHANCEDSTATUSCODES\r\n"
    );
}

#[tokio::test]
async fn commands_out_of_order_are_refused() {
    let stage = Stage::smtp();
    let script = "MAIL FROM:<>\r\nRCPT TO:<security@foundation.example>\r\nHELO a\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n\
                  LHLO a\r\nSTARTTLS\r\nRSET\r\nRCPT TO:<security@foundation.example>\r\nNOOP\r\nVRFY root\r\n\
                  EXPN all\r\nXCLIENT ADDR=10.0.0.1\r\nHELP\r\nWHAT\r\nQUIT\r\n";
    let expected = [
        "220", "503", "503", "250", "250", "503", "500", "502", "250", "503", "250", "252", "502", "502", "214", "500",
        "221",
    ];
    assert_eq!(stage.codes(script).await, expected);
}

#[tokio::test]
async fn nothing_but_our_exact_mailboxes_is_taken() {
    let stage = Stage::smtp();
    let refused = [
        ("<someone@elsewhere.example>", "550 5.7.1"),
        ("<someone%elsewhere.example@foundation.example>", "550 5.7.1"),
        ("<elsewhere.example!someone@foundation.example>", "550 5.7.1"),
        ("<@foundation.example:someone@elsewhere.example>", "501 5.1.3"),
        ("<\"someone@elsewhere.example\"@foundation.example>", "501 5.1.3"),
        ("<security@[127.0.0.1]>", "501 5.1.3"),
        ("<root@foundation.example>", "550 5.1.1"),
        ("<security+c.guess@foundation.example>", "550 5.1.1"),
    ];
    let mut script = "EHLO a\r\nMAIL FROM:<jo@example.org>\r\n".to_owned();
    refused.iter().for_each(|(path, _)| script += &format!("RCPT TO:{path}\r\n"));
    let answers = stage.hears(&[script.as_bytes(), b"DATA\r\n", b"QUIT\r\n"]).await;
    for ((path, expected), answer) in refused.iter().zip(&answers[3..]) {
        assert!(answer.starts_with(expected), "{path}: {answer}");
    }
    assert_eq!(codes(&answers)[11..], ["554", "221"], "no 354 without a recipient");
}

#[tokio::test]
async fn postmaster_needs_no_domain_and_a_recipient_named_twice_is_one() {
    let stage = Stage::smtp();
    let script = format!(
        "EHLO client.example\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nRCPT TO:<{ISSUED}>\r\nRCPT TO:<{}>\r\n\
         DATA\r\nx\r\n.\r\nQUIT\r\n",
        ISSUED.to_uppercase()
    );
    assert_eq!(stage.codes(&script).await[3..], ["250", "250", "250", "354", "250", "221"]);
    let arrival = &stage.arrivals()[0];
    assert_eq!(arrival.sender, None);
    let recipients = arrival.recipients.iter().map(Mailbox::folded).collect::<Vec<_>>();
    assert_eq!(recipients, ["postmaster@foundation.example", ISSUED]);
}

#[tokio::test]
async fn of_two_thousand_recipients_a_hundred_are_taken() {
    let stage = Stage::smtp();
    let recipients = format!("RCPT TO:<{SECURITY}>\r\n").repeat(2000);
    let script = format!("EHLO client.example\r\nMAIL FROM:<>\r\n{recipients}DATA\r\n");
    let answers = codes(&stage.hears(&[script.as_bytes(), b"x\r\n.\r\nQUIT\r\n"]).await);
    assert_eq!(answers.iter().filter(|code| *code == "452").count(), 1900);
    assert_eq!(answers[2003..], ["354", "250", "221"]);
    assert_eq!(stage.arrivals()[0].recipients.len(), 1);
}

#[tokio::test]
async fn who_guesses_at_reply_addresses_is_cut_off() {
    let guesses = (0..300).map(|nth| format!("RCPT TO:<security+c.{nth}@foundation.example>\r\n")).collect::<String>();
    let script = format!("EHLO a\r\nMAIL FROM:<jo@example.org>\r\n{guesses}");
    let stranger = Stage::smtp().codes(&script).await;
    assert_eq!(stranger[3..], [vec!["550"; 10], vec!["421"]].concat());
    let front = Stage::smtp().called_by(FRONT).codes(&format!("{script}QUIT\r\n")).await;
    assert_eq!(front[3..], [vec!["250"; 100], vec!["452"; 200], vec!["221"]].concat(), "held, not refused");
}

#[tokio::test]
async fn the_wrong_recipients_that_a_front_mta_passes_on_do_not_cut_it_off() {
    let wrong = "RCPT TO:<someone@elsewhere.example>\r\n".repeat(300);
    let stage = Stage::smtp().called_by(FRONT);
    let answers = stage.codes(&format!("EHLO a\r\nMAIL FROM:<>\r\n{wrong}QUIT\r\n")).await;
    assert_eq!(answers[3..], [vec!["550"; 300], vec!["221"]].concat());
}

#[tokio::test]
async fn an_address_that_is_not_ascii_needs_smtputf8() {
    let stage = Stage::smtp();
    let script = "EHLO a\r\nMAIL FROM:<jürgen@example.org>\r\nMAIL FROM:<jürgen@example.org> SMTPUTF8\r\nQUIT\r\n";
    assert_eq!(stage.codes(script).await[2..], ["553", "250", "221"]);
}

#[tokio::test]
async fn lmtp_answers_for_each_recipient() {
    let stage = Stage::with(Protocol::Lmtp, |_| {});
    let envelope = format!(
        "MAIL FROM:<jo@example.org>\r\nRCPT TO:<{SECURITY}>\r\nRCPT TO:<x@elsewhere.example>\r\nRCPT TO:<{ISSUED}>\r\nDATA\r\n"
    );
    let script = format!("EHLO a\r\nLHLO client.example\r\n{envelope}x\r\n.\r\n{envelope}a\nb\r\n.\r\nQUIT\r\n");
    let answers = stage.codes(&script).await;
    assert_eq!(answers[..7], ["220", "500", "250", "250", "250", "550", "250"]);
    assert_eq!(answers[7..10], ["354", "250", "250"], "one for each recipient that was accepted");
    assert_eq!(answers[10..], ["250", "250", "550", "250", "354", "550", "550"]);
    assert_eq!(stage.kept(), ["x\r\n"]);
    assert_eq!(stage.arrivals()[0].recipients.len(), 2);
}

#[tokio::test]
async fn helo_is_served_too_and_a_second_greeting_starts_anew() {
    let stage = Stage::smtp();
    let script = format!("HELO a\r\nMAIL FROM:<>\r\nEHLO b\r\nRCPT TO:<{SECURITY}>\r\nQUIT\r\n");
    assert_eq!(stage.codes(&script).await, ["220", "250", "250", "250", "503", "221"]);
}
