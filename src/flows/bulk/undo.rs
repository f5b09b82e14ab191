//! Undoing an act on many rows: cases come back with their clocks, mails are new to members again.

use crate::domain::bulk::{UNDO_LIFE, undo_until};
use crate::domain::case::{CaseState, Closing};
use crate::domain::directory::Member;
use crate::domain::id::{ArrivalId, BulkId, CaseId};
use crate::flows::bulk::{self, is_in_triage, items, senders, silently};
use crate::flows::{House, closing};
use crate::store::{BulkItem, BulkRow, StoreError};

/// Why an act was not undone; each a sentence for the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUndone {
    #[error("There is no such act.")]
    NoAct,
    #[error("It was done more than {} days ago. Open single cases again on their pages.", UNDO_LIFE.as_hours() / 24)]
    TooLate,
}

/// Undoes what an act did, as far as nobody has changed it since; what stays says why. Letters that have left are not
/// called back. Pressed twice, it goes on where the first one stopped, or does nothing.
pub async fn undo(house: &House, id: &BulkId, by: &Member) -> Result<Result<(), NotUndone>, StoreError> {
    let items = items(house, id, by).await?;
    let Some(bulk) = house.store.bulk(id).await?.filter(|_| !items.is_empty()) else {
        return Ok(Err(NotUndone::NoAct));
    };
    let step = house.step();
    if bulk.undone_at.is_none() {
        if step.now >= undo_until(bulk.at) {
            return Ok(Err(NotUndone::TooLate));
        }
        let mut tx = house.store.begin().await?;
        tx.undo_bulk(id, &by.email, step.now).await?;
        tx.commit().await?;
    }
    for item in items.iter().filter(|item| item.is_to_be_undone()) {
        undo_one(house, &bulk, item, by).await?;
    }
    for sender in bulk::senders(house, id, by).await?.iter().filter(|sender| sender.undone_at.is_none()) {
        senders::spare(house, id, sender, by).await?;
    }
    house.letters.notify_one();
    Ok(Ok(()))
}

async fn undo_one(house: &House, bulk: &BulkRow, item: &BulkItem, by: &Member) -> Result<(), StoreError> {
    match (bulk.act.closing(), &item.released_as) {
        (Some(reason), _) => bring_back(house, &bulk.id, item, reason, by).await,
        (None, Some(case)) => close_again(house, &bulk.id, item, case, by).await,
        (None, None) => unsee(house, &bulk.id, item).await,
    }
}

/// The case stands as before, unless somebody has opened it again or closed it anew meanwhile.
async fn bring_back(
    house: &House,
    bulk: &BulkId,
    item: &BulkItem,
    reason: Closing,
    by: &Member,
) -> Result<(), StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let row = tx.case_for_update(&CaseId::from_row(&item.item)).await?;
    let ours = row
        .filter(|row| row.state == CaseState::Closed && row.closed_at == item.done_at && row.closed_as == Some(reason));
    let stays = ours.is_none().then_some("It was opened again since, or closed anew.");
    if !tx.undo_bulk_item(bulk, &item.item, stays, step.now).await? {
        return Ok(());
    }
    if let (Some(case), Some(before)) = (&ours, &item.before) {
        closing::take_back(&mut tx, house, &step, case, before, by).await?;
    }
    tx.commit().await
}

/// A released mail cannot go back: what its case wrote has left. While nobody has taken the case up, it is closed.
async fn close_again(
    house: &House,
    bulk: &BulkId,
    item: &BulkItem,
    case: &CaseId,
    by: &Member,
) -> Result<(), StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let waits = tx.case_for_update(case).await?.is_some_and(|row| is_in_triage(row.state));
    let stays = (!waits).then_some("Its case is not in triage any more.");
    if !tx.undo_bulk_item(bulk, &item.item, stays, step.now).await? {
        return Ok(());
    }
    if waits {
        let wish = silently(house, Closing::Spam);
        if closing::close_in(&mut tx, house, &step, case, &wish, closing::Looked::default(), by).await?.is_err() {
            return Ok(());
        }
    }
    tx.commit().await
}

async fn unsee(house: &House, bulk: &BulkId, item: &BulkItem) -> Result<(), StoreError> {
    let step = house.step();
    let arrival = ArrivalId::from_row(&item.item);
    let mut tx = house.store.begin().await?;
    let is_new = match item.done_at {
        Some(seen_at) => tx.unsee_quarantined(&arrival, seen_at).await?,
        None => false,
    };
    let stays = (!is_new).then_some("A member had seen it before, or it was released or erased since.");
    if tx.undo_bulk_item(bulk, &item.item, stays, step.now).await? {
        tx.commit().await?;
    }
    Ok(())
}
