//! How often one network may send: strangers are asked to come later, parties never.

use super::*;

const TO_US: &str = "MAIL FROM:<jo@example.org>\r\nRCPT TO:<security@foundation.example>\r\nRSET\r\n";
const TO_A_PARTY: &str = "MAIL FROM:<jo@example.org>\r\nRCPT TO:<security+c.known@foundation.example>\r\nRSET\r\n";

/// A door that takes two messages an hour from each network, and whose clients greeted.
fn door() -> Stage {
    Stage::with(Protocol::Smtp, |settings| settings.limits.messages_per_peer = NonZeroU32::new(2).unwrap())
}

impl Stage {
    /// What RCPT was answered, each in its own transaction.
    async fn rcpts(&self, transactions: &[&str]) -> Vec<String> {
        let text = format!("EHLO client.example\r\n{}QUIT\r\n", transactions.concat());
        let answers = self.hears(&[text.as_bytes()]).await;
        answers[2..].chunks(3).filter(|chunk| chunk.len() == 3).map(|chunk| chunk[1].clone()).collect()
    }
}

#[tokio::test]
async fn above_its_share_a_network_is_asked_to_come_later_with_the_time_to_wait() {
    let stage = door();
    let answers = stage.rcpts(&[TO_US, TO_US, TO_US]).await;
    assert_eq!(codes(&answers), ["250", "250", "450"]);
    assert_eq!(answers[2], "450 4.7.1 too many messages from your network; try again in 30 min");
    assert_eq!(codes(&stage.rcpts(&[TO_US]).await), ["450"], "a new connection is no way around");
    assert_eq!(codes(&stage.called_by("192.0.2.99").rcpts(&[TO_US]).await), ["250"], "others are not slowed down");
}

#[tokio::test]
async fn mail_to_an_address_that_was_issued_is_neither_counted_nor_refused() {
    let stage = door();
    let answers = stage.rcpts(&[TO_A_PARTY, TO_A_PARTY, TO_A_PARTY, TO_US, TO_US, TO_US, TO_A_PARTY]).await;
    assert_eq!(codes(&answers), ["250", "250", "250", "250", "250", "450", "250"]);
}

#[tokio::test]
async fn a_message_counts_once_however_many_of_us_it_names() {
    let stage = door();
    let both = "MAIL FROM:<jo@example.org>\r\nRCPT TO:<security@foundation.example>\r\n\
                RCPT TO:<postmaster@foundation.example>\r\nRSET\r\n";
    let text = format!("EHLO client.example\r\n{both}{both}{both}QUIT\r\n");
    let answers = codes(&stage.hears(&[text.as_bytes()]).await);
    assert_eq!(answers.iter().filter(|code| *code == "450").count(), 2, "{answers:?}");
}

#[tokio::test]
async fn a_front_mail_server_is_not_slowed_down() {
    let stage = door().called_by(FRONT);
    assert_eq!(codes(&stage.rcpts(&[TO_US; 9]).await), ["250"; 9]);
}
