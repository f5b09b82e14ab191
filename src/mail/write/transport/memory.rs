//! A transport that keeps what it is given: for tests and the demo's mail page.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use mail_parser::MessageParser;

use crate::domain::address::Mailbox;
use crate::domain::delivery::Delivery;
use crate::domain::id::LetterId;
use crate::mail::write::flowed::unflow;
use crate::mail::write::transport::{Outgoing, Unreachable};

/// Letters in memory. Clones share them: one for the program, one for whoever looks.
#[derive(Debug, Clone, Default)]
pub struct MemoryTransport(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    sent: Vec<SentLetter>,
    /// Answers for the next letters, before all else.
    next: VecDeque<Delivery>,
    /// What every letter to this recipient, or to anybody, is answered with.
    standing: Vec<(Option<Mailbox>, Delivery)>,
    /// What happens to the world once the next letter was taken.
    then: Option<Then>,
}

/// Something that a test lets happen between the relay's answer and what the program makes of it.
struct Then(Box<dyn FnOnce() + Send>);

impl std::fmt::Debug for Then {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Then(…)")
    }
}

/// A letter that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentLetter {
    pub id: LetterId,
    pub recipient: Mailbox,
    pub return_path: Mailbox,
    pub bytes: Vec<u8>,
}

impl MemoryTransport {
    /// One that takes every letter.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything taken so far, oldest first.
    pub fn sent(&self) -> Vec<SentLetter> {
        self.state().sent.clone()
    }

    /// Answers the next letter with `delivery`; several queue up.
    pub fn answer_next(&self, delivery: Delivery) {
        self.state().next.push_back(delivery);
    }

    /// Answers every letter to `recipient`, or to anybody with `None`, with `delivery` until [`Self::heal`].
    pub fn answer_all(&self, recipient: Option<Mailbox>, delivery: Delivery) {
        self.state().standing.push((recipient, delivery));
    }

    /// Does `then` right after the next letter was taken, before the caller hears of it.
    pub fn after_next(&self, then: impl FnOnce() + Send + 'static) {
        self.state().then = Some(Then(Box::new(then)));
    }

    /// Takes every letter again.
    pub fn heal(&self) {
        let mut state = self.state();
        state.next.clear();
        state.standing.clear();
    }

    pub(super) fn send(&self, letter: &Outgoing<'_>) -> Delivery {
        let mut state = self.state();
        let delivery = state.next.pop_front().or_else(|| state.standing_answer(letter.recipient));
        let delivery = delivery.unwrap_or_else(|| Delivery::Sent { answer: "250 2.0.0 kept in memory".to_owned() });
        if matches!(delivery, Delivery::Sent { .. }) {
            state.sent.push(SentLetter {
                id: letter.id.clone(),
                recipient: letter.recipient.clone(),
                return_path: letter.return_path.clone(),
                bytes: letter.bytes.to_vec(),
            });
            let then = state.then.take();
            // What happens may be the end of the program, which leaves the letters as they are.
            drop(state);
            if let Some(Then(happens)) = then {
                happens();
            }
        }
        delivery
    }

    pub(super) fn probe(&self) -> Result<(), Unreachable> {
        let state = self.state();
        state
            .standing
            .iter()
            .find_map(|(recipient, delivery)| match (recipient, delivery) {
                (None, Delivery::Unreachable { reason }) => Some(Unreachable(reason.clone())),
                _ => None,
            })
            .map_or(Ok(()), Err)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds the letters")
    }
}

impl State {
    fn standing_answer(&self, to: &Mailbox) -> Option<Delivery> {
        let fits = |recipient: &Option<Mailbox>| recipient.as_ref().is_none_or(|recipient| recipient == to);
        self.standing.iter().find(|(recipient, _)| fits(recipient)).map(|(_, delivery)| delivery.clone())
    }
}

impl SentLetter {
    /// The subject, decoded.
    pub fn subject(&self) -> String {
        self.parsed(|mail| mail.subject().map(str::to_owned))
    }

    /// The text as its reader sees it: soft breaks joined, LF line ends.
    pub fn text(&self) -> String {
        self.parsed(|mail| mail.body_text(0).map(|text| unflow(&text)))
    }

    /// The raw value of the header `name`, unfolded; empty if the letter has none.
    pub fn header(&self, name: &str) -> String {
        self.parsed(|mail| mail.header_raw(name).map(|value| value.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    fn parsed(&self, read: impl FnOnce(&mail_parser::Message<'_>) -> Option<String>) -> String {
        MessageParser::new().parse(&self.bytes).as_ref().and_then(read).unwrap_or_default()
    }
}
