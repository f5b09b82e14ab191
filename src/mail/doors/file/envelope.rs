//! The envelope of a message that came without one, found in its header block.

use crate::domain::address::Mailbox;
use crate::mail::doors::file::{FileSettings, NotTaken};
use crate::mail::doors::{Deliverable, Reception};

/// Addresses of a header field that are looked up at most.
const CANDIDATES_MAX: usize = 100;

/// The header block, unfolded, and nothing decoded: it is searched for addresses alone.
pub struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn read(head: &[u8]) -> Self {
        let text = String::from_utf8_lossy(head).replace("\r\n ", " ").replace("\r\n\t", " ");
        let block = text.lines().take_while(|line| !line.is_empty());
        let fields = block.filter_map(|line| line.split_once(':'));
        Self(fields.map(|(name, value)| (name.trim_end().to_owned(), value.trim().to_owned())).collect())
    }

    /// The topmost field of that name: what the MDA adds stands above what the sender wrote.
    fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The return path, else the author; `None` is the null return path.
    pub fn sender(&self) -> Option<Mailbox> {
        match self.first("Return-Path") {
            Some("<>") => None,
            Some(path) => addresses(path).next().or_else(|| self.author()),
            None => self.author(),
        }
    }

    /// The last address in From: a display name that looks like one stands in front of it.
    fn author(&self) -> Option<Mailbox> {
        self.first("From").and_then(|from| addresses(from).last())
    }
}

/// Everything in a field's value that is an address. Comments and display names are not told apart from the rest:
/// an address of ours with a valid token is one wherever it stands.
fn addresses(value: &str) -> impl Iterator<Item = Mailbox> {
    let is_between = |c: char| c.is_whitespace() || "<>,;:\"()[]".contains(c);
    value.split(is_between).filter(|word| word.contains('@')).filter_map(|word| Mailbox::parse(word).ok())
}

/// The recipients that the MDA named, else ours in To and Cc, else the security address.
pub async fn find_recipients<R: Reception>(
    fields: &Fields,
    settings: &FileSettings,
    reception: &R,
) -> Result<Vec<Mailbox>, NotTaken> {
    for name in &settings.recipient_fields {
        let named = fields.first(name).into_iter().flat_map(addresses);
        let ours = ours_among(named, settings, reception).await?;
        if !ours.is_empty() {
            return Ok(ours);
        }
    }
    let addressed = fields.all("To").chain(fields.all("Cc")).flat_map(addresses);
    let ours = ours_among(addressed, settings, reception).await?;
    if ours.is_empty() { Ok(vec![settings.own.security().clone()]) } else { Ok(ours) }
}

async fn ours_among<R: Reception>(
    candidates: impl Iterator<Item = Mailbox>,
    settings: &FileSettings,
    reception: &R,
) -> Result<Vec<Mailbox>, NotTaken> {
    let ours_by_name = candidates.filter(|mailbox| settings.own.read(mailbox).is_some());
    Ok(sort_out(ours_by_name.take(CANDIDATES_MAX).collect(), reception).await?.0)
}

/// Parts the mailboxes that are taken, each once, from the others.
pub async fn sort_out<R: Reception>(
    mailboxes: Vec<Mailbox>,
    reception: &R,
) -> Result<(Vec<Mailbox>, Vec<Mailbox>), NotTaken> {
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for mailbox in mailboxes {
        let pile = match reception.may_deliver(&mailbox, None).await {
            Deliverable::Yes => &mut ours,
            Deliverable::NotOurs | Deliverable::NoSuchMailbox => &mut others,
            Deliverable::TryLater => return Err(NotTaken::TryLater),
        };
        if !pile.contains(&mailbox) {
            pile.push(mailbox);
        }
    }
    Ok((ours, others))
}
