//! Reads a kept message back and makes facts of it: its parts, who vouches for its sender, what it names.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::address::Mailbox;
use crate::domain::bounce::DeliveryReport;
use crate::domain::judgement::Judgement;
use crate::domain::report::{AutomaticSign, IncomingMail, Reading, SenderProof, Unreadable};
use crate::flows::{House, Policy, Step};
use crate::mail::read::{self, Handover};
use crate::mail::write::withhold::{Identity, uncuttable, withhold};
use crate::store::{ClaimedArrival, StoreError};

/// A message as the flows see it.
pub struct Read {
    pub reading: Reading,
    /// What a delivery report says; `None` for any other mail.
    pub delivery: Option<DeliveryReport>,
    pub proof: SenderProof,
    pub judgement: Judgement,
    /// What a project may be shown: subject and text without the reporter's identity. Empty if it could not be read.
    pub shared: String,
    /// Where the reporter's identity stands and no rule can cut it, in words.
    pub uncuttable: Option<&'static str>,
}

impl Read {
    /// The mail, if it could be read.
    pub fn mail(&self) -> Option<&IncomingMail> {
        match &self.reading {
            Reading::Mail(mail) => Some(mail),
            Reading::Unreadable(_) => None,
        }
    }

    /// What a message comes to in which nothing is looked at (again).
    pub fn set_aside(why: Unreadable) -> Self {
        Self::opaque(why)
    }

    fn opaque(why: Unreadable) -> Self {
        Self {
            proof: SenderProof::none("not checked: the mail was not read"),
            reading: Reading::Unreadable(why),
            delivery: None,
            judgement: Judgement::default(),
            shared: String::new(),
            uncuttable: None,
        }
    }
}

/// Reads the message back, within the byte budget, and parses, proves and judges it.
pub async fn read(house: &House, step: &Step, arrival: &ClaimedArrival) -> Result<Read, StoreError> {
    let _room = house.budget.take(arrival.size).await;
    let raw = Arc::new(house.store.raw(&arrival.id).await?);
    let parsed = {
        let (raw, policy, sender) = (Arc::clone(&raw), Arc::clone(&step.policy), arrival.sender.clone());
        // Parsing and judging are plain computing and may take milliseconds for a large mail.
        tokio::task::spawn_blocking(move || parse_and_judge(&raw, &policy, sender.as_ref())).await
    };
    // A panic of the parser harms this mail alone: it is kept for a person.
    let Ok(mut read) = parsed else { return Ok(Read::opaque(Unreadable::ReaderFailed)) };
    if let Reading::Mail(mail) = &read.reading {
        let handover = Handover {
            door: arrival.door,
            peer: arrival.peer.as_ref(),
            sender: arrival.sender.as_ref(),
            authserv_id: &house.authserv_id,
        };
        read.proof = read::prove(&raw, &mail.from, &handover, &house.resolver).await;
    }
    Ok(read)
}

fn parse_and_judge(raw: &[u8], policy: &Policy, sender: Option<&Mailbox>) -> Read {
    let mail = match read::read(raw, &policy.directory.own_addresses(), sender) {
        Reading::Mail(mail) => mail,
        Reading::Unreadable(why) => return Read::opaque(why),
    };
    let judgement = match mail.encryption {
        Some(_) => Judgement::default(),
        None => policy.judge.judge(&mail.subject, &mail.text),
    };
    let identity = Identity::of(&mail, sender);
    let files: HashMap<usize, Vec<u8>> =
        mail.attachments.iter().filter_map(|file| Some((file.part, read::attachment(raw, file.part)?))).collect();
    let stays = uncuttable(&mail, &identity, |file| files.get(&file.part).map(Vec::as_slice));
    let delivery = match mail.automatic {
        Some(AutomaticSign::DeliveryReport) => read::delivery_report(raw, &policy.directory.own_addresses()).ok(),
        _ => None,
    };
    Read {
        delivery,
        shared: withhold(&format!("Subject: {}\n\n{}", mail.subject, mail.text), &identity).text,
        uncuttable: stays.first().map(|what| what.words()),
        proof: SenderProof::none("not checked"),
        judgement,
        reading: Reading::Mail(mail),
    }
}
