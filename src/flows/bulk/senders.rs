//! The senders of many rows: warned or voted about once each, and what undoing can still do for them.

use jiff::Timestamp;

use crate::domain::address::Mailbox;
use crate::domain::ban::{BanTarget, WARNING_LIFE, may_warn};
use crate::domain::bulk::{BulkAct, ToSenders};
use crate::domain::directory::Member;
use crate::domain::id::BulkId;
use crate::flows::abuse::{self, Voted};
use crate::flows::{House, Step};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::ban::{Ban, ban};
use crate::store::{BulkSender, SenderOf, StoreError, Tx};

/// Warns a sender, or votes to ban it, in one transaction with the act's line of it.
pub(super) async fn meet(
    house: &House,
    bulk: &BulkId,
    what: ToSenders,
    sender: &Mailbox,
    by: &Member,
) -> Result<(), StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if !tx.take_bulk_sender(bulk, sender).await? {
        return Ok(());
    }
    let (letter, ban, refused) = match what {
        ToSenders::Warn => match abuse::warn_in(&mut tx, house, &step, sender, by).await? {
            Ok(letter) => (Some(letter), None, None),
            Err(reason) => (None, None, Some(reason.to_string())),
        },
        ToSenders::ProposeBan => {
            let target = BanTarget::Address(sender.clone());
            match abuse::vote_in(&mut tx, house, &step, &target, by).await? {
                Ok((ban, _)) => (None, Some(ban), None),
                Err(reason) => (None, None, Some(reason.to_string())),
            }
        }
    };
    tx.settle_bulk_sender(bulk, sender, letter.as_ref(), ban.as_ref(), refused.as_deref()).await?;
    tx.commit().await
}

/// What an act would mean for one sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prospect {
    /// Gets this letter at once.
    Warned(Words),
    /// This vote is enough: banned until then, and gets this letter at once.
    Banned { until: Timestamp, letter: Words },
    /// A second member decides.
    Proposed,
    /// Nothing, for this reason.
    Spared(String),
}

/// What would become of these senders now.
pub(super) async fn prospects(
    house: &House,
    act: BulkAct,
    what: ToSenders,
    senders: &[SenderOf],
    by: &Member,
) -> Result<Vec<Prospect>, StoreError> {
    let step = house.step();
    // Tried out in a transaction that ends without a trace.
    let mut tx = house.store.begin().await?;
    let mut prospects = Vec::new();
    for sender in senders {
        prospects.push(match what {
            _ if sender.proven == 0 => Prospect::Spared(format!(
                "{}: nothing proves that what you selected came from there. Whoever wrote it may have forged that address.",
                sender.address
            )),
            ToSenders::Warn => warned(&mut tx, house, &step, act, sender).await?,
            ToSenders::ProposeBan => voted_about(&mut tx, house, &step, sender, by).await?,
        });
    }
    Ok(prospects)
}

async fn warned(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    act: BulkAct,
    sender: &SenderOf,
) -> Result<Prospect, StoreError> {
    let target = BanTarget::Address(sender.address.clone());
    let history = tx.history(&target, step.now - WARNING_LIFE, step.now).await?;
    if let Err(reason) = may_warn(&step.policy.directory, &sender.address, &history) {
        return Ok(Prospect::Spared(reason.to_string()));
    }
    // Cases count as unwanted once they are closed by this act; mails in quarantine do already.
    let closed_by_it = if act.closing().is_some() { sender.proven } else { 0 };
    let unwanted = tx.unwanted_mails(&sender.address).await? + closed_by_it;
    Ok(Prospect::Warned(abuse::warning_words(house, step, unwanted)))
}

async fn voted_about(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    sender: &SenderOf,
    by: &Member,
) -> Result<Prospect, StoreError> {
    let target = BanTarget::Address(sender.address.clone());
    Ok(match abuse::vote_in(tx, house, step, &target, by).await? {
        Ok((_, Voted::Banned { until })) => {
            let appeal_link = format!("{}/appeal/\u{2026}", house.public_url);
            Prospect::Banned { until, letter: ban(&Ban { until, appeal_link: &appeal_link }) }
        }
        Ok((_, Voted::Proposed)) => Prospect::Proposed,
        Err(reason) => Prospect::Spared(reason.to_string()),
    })
}

/// Takes back what was done to one sender: the warning counts no more, and does not leave if it has not; the ban is
/// lifted.
pub(super) async fn spare(house: &House, bulk: &BulkId, sender: &BulkSender, by: &Member) -> Result<(), StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let mut had_left = false;
    if let Some(letter) = &sender.letter {
        had_left = !tx.withdraw_letter(letter, step.now).await?;
        tx.take_back_warning(letter, step.now).await?;
    }
    if !tx.undo_bulk_sender(bulk, &sender.address, had_left, step.now).await? {
        return Ok(());
    }
    if let Some(ban) = &sender.ban {
        tx.lift_ban(ban, by.email.as_str(), step.now).await?;
        tx.expire_links(ban.as_str(), step.now).await?;
    }
    tx.commit().await
}
