//! The transport against a relay that plays scripts.

mod connections;
mod outcomes;
mod secrecy;

use super::scripted::{Heard, Play, Script, ScriptedRelay};
use super::smtp::Limits;
use super::*;

const CONTENT: &[u8] =
    b"Subject: a report\r\n\r\nbefore\r\n.\r\n..two\r\nMAIL FROM:<spy@evil.example>\r\n.\r\nafter\r\n";

struct Given {
    id: LetterId,
    recipient: Mailbox,
    return_path: Mailbox,
}

impl Given {
    fn to(recipient: &str) -> Self {
        Self {
            id: LetterId::from_row("0193-letter"),
            recipient: Mailbox::parse(recipient).unwrap(),
            return_path: Mailbox::parse("security+b.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example").unwrap(),
        }
    }

    fn letter<'a>(&'a self, bytes: &'a [u8]) -> Outgoing<'a> {
        Outgoing { id: &self.id, recipient: &self.recipient, return_path: &self.return_path, bytes }
    }
}

fn settings(relay: &ScriptedRelay) -> RelaySettings {
    RelaySettings {
        host: "127.0.0.1".into(),
        port: relay.port(),
        tls: RelayTls::None,
        credentials: None,
        extra_roots: None,
    }
}

fn transport(settings: RelaySettings) -> Transport {
    Transport::Smtp(Box::new(SmtpTransport::new(settings).unwrap()))
}

fn limited(settings: RelaySettings, limits: Limits) -> Transport {
    let mut smtp = SmtpTransport::new(settings).unwrap();
    smtp.limits = limits;
    Transport::Smtp(Box::new(smtp))
}

/// Sends one letter to a relay that plays `script`.
async fn sent_to(script: Script) -> (Delivery, ScriptedRelay) {
    let relay = ScriptedRelay::new(script).await;
    let transport = transport(settings(&relay));
    let delivery = relay.during(transport.send(&Given::to("keeper@larkspur.example").letter(CONTENT))).await;
    (delivery, relay)
}

fn says(heard: &Heard, verb: &str, answer: &'static str) -> Option<Play> {
    matches!(heard, Heard::Command(line) if line.starts_with(verb)).then_some(Play::Say(answer))
}

fn drops(heard: &Heard, verb: &str) -> Option<Play> {
    matches!(heard, Heard::Command(line) if line.starts_with(verb)).then_some(Play::Drop)
}

#[tokio::test]
async fn memory_keeps_letters_and_answers_as_it_is_told() {
    let memory = MemoryTransport::new();
    let transport = Transport::Memory(memory.clone());
    let (one, other) = (Given::to("keeper@larkspur.example"), Given::to("old@larkspur.example"));
    let refused = Delivery::Refused { status: "5.1.1".into(), answer: "550 5.1.1 gone".into() };
    let down = Delivery::Unreachable { reason: "no relay".into() };
    let bytes = b"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nX-Folded: a\r\n b\r\n\r\none \r\nline\r\n";

    memory.answer_next(down.clone());
    memory.answer_all(Some(other.recipient.clone()), refused.clone());
    assert_eq!(transport.send(&one.letter(bytes)).await, down);
    assert!(matches!(transport.send(&one.letter(bytes)).await, Delivery::Sent { .. }));
    assert_eq!(transport.send(&other.letter(bytes)).await, refused);
    assert_eq!(transport.probe().await, Ok(()));

    memory.answer_all(None, down.clone());
    assert_eq!(transport.probe().await, Err(Unreachable("no relay".into())));
    memory.heal();
    assert!(matches!(transport.send(&other.letter(bytes)).await, Delivery::Sent { .. }));

    let sent = memory.sent();
    let recipients: Vec<&str> = sent.iter().map(|letter| letter.recipient.as_str()).collect();
    assert_eq!(recipients, ["keeper@larkspur.example", "old@larkspur.example"]);
    assert_eq!(sent[0].subject(), "Grüße");
    assert_eq!(sent[0].text(), "one line\n");
    assert_eq!(sent[0].header("X-Folded"), "a b");
    assert_eq!(sent[0].header("Cc"), "");
}
