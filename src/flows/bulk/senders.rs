//! The senders of many rows: warned or voted about once each, and what undoing can still do for them.

use crate::domain::address::Mailbox;
use crate::domain::ban::{BanTarget, WARNING_LIFE, may_ban, may_warn};
use crate::domain::bulk::ToSenders;
use crate::domain::directory::Member;
use crate::domain::id::BulkId;
use crate::flows::{House, abuse};
use crate::store::{BulkSender, StoreError};

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

/// Why each of these senders would not be warned or banned now; `None` where nothing is in the way.
pub(super) async fn refusals(
    house: &House,
    what: ToSenders,
    senders: &[Mailbox],
    by: &Member,
) -> Result<Vec<Option<String>>, StoreError> {
    let step = house.step();
    let directory = &step.policy.directory;
    // Only read from; it ends without a trace.
    let mut tx = house.store.begin().await?;
    let mut refusals = Vec::new();
    for sender in senders {
        let target = BanTarget::Address(sender.clone());
        let history = tx.history(&target, step.now - WARNING_LIFE, step.now).await?;
        refusals.push(match what {
            ToSenders::Warn => may_warn(directory, sender, &history).err().map(|reason| reason.to_string()),
            ToSenders::ProposeBan => {
                may_ban(directory, &target, by.role, &history).err().map(|reason| reason.to_string())
            }
        });
    }
    Ok(refusals)
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
