//! Reads a kept message back and makes facts of it: its parts, who vouches for its sender, what it names.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::address::Mailbox;
use crate::domain::bounce::DeliveryReport;
use crate::domain::directory::ProjectId;
use crate::domain::form::FormFacts;
use crate::domain::judgement::Judgement;
use crate::domain::report::{AutomaticSign, Door, IncomingMail, Reading, SenderProof, Unreadable};
use crate::flows::{House, Policy, Step, knowledge, near};
use crate::judge::near::Traits;
use crate::mail::read::{self, Handover};
use crate::mail::write::withhold::{Identity, uncuttable, withhold};
use crate::store::{ClaimedArrival, StoreError};

/// The verdict on an address that was typed into a form.
const NOBODY_VOUCHES: &str = "typed into the form; nobody vouches for it";

/// A message as the flows see it.
pub struct Read {
    pub reading: Reading,
    /// What a delivery report says; `None` for any other mail.
    pub delivery: Option<DeliveryReport>,
    pub proof: SenderProof,
    pub judgement: Judgement,
    /// By what another report of the same flaw is recognized; `None` if there is no text to read.
    pub traits: Option<Traits>,
    /// What a project may be shown: subject and text without the reporter's identity. Empty if it could not be read.
    pub shared: String,
    /// Where the reporter's identity stands and no rule can cut it, in words.
    pub uncuttable: Option<&'static str>,
    /// What else is known of a report that came by the form.
    pub form: Option<FormFacts>,
}

impl Read {
    /// The mail, if it could be read.
    pub fn mail(&self) -> Option<&IncomingMail> {
        match &self.reading {
            Reading::Mail(mail) => Some(mail),
            Reading::Unreadable(_) => None,
        }
    }

    /// The projects that the reporter picked; a mail picks none.
    pub fn chosen(&self) -> &[ProjectId] {
        self.form.as_ref().map_or(&[], |form| &form.chosen)
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
            traits: None,
            shared: String::new(),
            uncuttable: None,
            form: None,
        }
    }
}

/// Reads the message back, within the byte budget, and parses, proves and judges it.
pub async fn read(house: &House, step: &Step, arrival: &ClaimedArrival) -> Result<Read, StoreError> {
    let _room = house.budget.take(arrival.size).await;
    let raw = Arc::new(house.store.raw(&arrival.id).await?);
    Ok(read_bytes(house, step, arrival, raw).await)
}

/// Parses, proves and judges the bytes of a message.
pub async fn read_bytes(house: &House, step: &Step, arrival: &ClaimedArrival, raw: Arc<Vec<u8>>) -> Read {
    let parsed = {
        let (raw, policy, sender) = (Arc::clone(&raw), Arc::clone(&step.policy), arrival.sender.clone());
        let is_form = arrival.door == Door::Form;
        // Parsing and judging are plain computing and may take milliseconds for a large mail.
        tokio::task::spawn_blocking(move || parse_and_judge(&raw, &policy, sender.as_ref(), is_form)).await
    };
    // A panic of the parser harms this mail alone: it is kept for a person.
    let Ok(mut read) = parsed else { return Read::opaque(Unreadable::ReaderFailed) };
    match &read.reading {
        Reading::Mail(_) if arrival.door == Door::Form => read.proof = SenderProof::none(NOBODY_VOUCHES),
        Reading::Mail(mail) => {
            let handover = Handover {
                door: arrival.door,
                peer: arrival.peer.as_ref(),
                sender: arrival.sender.as_ref(),
                authserv_id: &house.authserv_id,
            };
            read.proof = read::prove(&raw, &mail.from, &handover, &house.resolver).await;
        }
        Reading::Unreadable(_) => {}
    }
    let from = read.mail().and_then(|mail| mail.from.mailbox());
    if let Some(sender) = knowledge::sender_key(house, &step.policy, from, read.proof.is_proven()) {
        step.policy.private_judge.with_sender(&mut read.judgement, &sender, None);
    }
    read
}

fn parse_and_judge(raw: &[u8], policy: &Policy, sender: Option<&Mailbox>, is_form: bool) -> Read {
    let mut mail = match read::read(raw, &policy.directory.own_addresses(), sender) {
        Reading::Mail(mail) => mail,
        Reading::Unreadable(why) => return Read::opaque(why),
    };
    if is_form {
        // Whoever stays anonymous has no return path to give, and is a person all the same, even one who writes about
        // mail that did not arrive.
        mail.automatic = mail.automatic.filter(|sign| sign.is_of_ours());
    }
    let form = is_form.then(|| read::form_facts(raw));
    // What the form holds for the committee alone is neither judged nor passed on.
    let text = if is_form { read::without_form_private(&mail.text) } else { &mail.text };
    let judgement = match mail.encryption {
        Some(_) => Judgement::default(),
        None => policy.private_judge.judge(&mail.subject, text),
    };
    let typed_name = form.as_ref().and_then(|form| form.name.as_deref());
    let identity = Identity::of(&mail, sender).and(Identity::known(typed_name, None));
    let delivery = match mail.automatic {
        Some(AutomaticSign::DeliveryReport) => read::delivery_report(raw, &policy.directory.own_addresses()).ok(),
        _ => None,
    };
    let shared = withhold(&format!("Subject: {}\n\n{text}", mail.subject), &identity).text;
    let chosen = form.as_ref().map_or(&[][..], |form| &form.chosen);
    Read {
        delivery,
        traits: mail.encryption.is_none().then(|| near::traits(&mail.subject, &shared, chosen, &judgement)),
        shared,
        uncuttable: uncuttable_of(raw, &mail, text, &identity),
        proof: SenderProof::none("not checked"),
        judgement,
        form,
        reading: Reading::Mail(mail),
    }
}

/// Where the identity stands in files or in the nature of `text`, a part of the mail's.
fn uncuttable_of(raw: &[u8], mail: &IncomingMail, text: &str, identity: &Identity) -> Option<&'static str> {
    let files: HashMap<usize, Vec<u8>> =
        mail.attachments.iter().filter_map(|file| Some((file.part, read::attachment(raw, file.part)?))).collect();
    let shown = IncomingMail { text: text.to_owned(), ..mail.clone() };
    let stays = uncuttable(&shown, identity, |file| files.get(&file.part).map(Vec::as_slice));
    stays.first().map(|what| what.words())
}
