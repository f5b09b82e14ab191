//! What a member does with many rows at once: looked at first, done once, undone for thirty days.
//!
//! Each row is a transaction of its own, in which the act's own line of it is settled: a long list holds up nobody's mail,
//! and an act that was interrupted goes on where it stopped.

mod look;
mod senders;
mod undo;

pub use look::{Look, LookLine, LookSender, look};
pub use senders::Prospect;
pub use undo::{NotUndone, undo};

use crate::domain::bulk::{BulkAct, ITEMS_MAX, Pile};
use crate::domain::case::{CaseState, Closing};
use crate::domain::directory::Member;
use crate::domain::id::{ArrivalId, BulkId, CaseId, MessageId};
use crate::flows::closing::{self, Wish};
use crate::flows::intake::Message;
use crate::flows::{House, abuse, reading};
use crate::store::{BulkItem, BulkRow, BulkSender, CaseLine, QuarantineRow, StoodBefore, StoreError};

/// What a member ticked, and what is to be done with it.
#[derive(Debug, Clone)]
pub struct Ticked {
    pub act: BulkAct,
    /// Numbers of cases, or ids of arrivals, as the form brought them.
    pub items: Vec<String>,
    /// The day of quarantined mails.
    pub day: String,
}

/// What there is to be done it with.
enum Rows {
    Cases(Vec<CaseLine>),
    Mails(Vec<QuarantineRow>),
}

/// The ticked rows that are still in the list that they were ticked in, and not kept from `by`: nothing else is ever
/// touched.
async fn rows(house: &House, ticked: &Ticked, by: &Member) -> Result<Rows, StoreError> {
    let most = ITEMS_MAX as i64;
    let is_ticked = |key: &str| ticked.items.iter().any(|item| item == key);
    Ok(match ticked.act.pile() {
        Pile::Triage => {
            let mut lines = house.store.triage_cases(most).await?;
            let kept = house.store.kept_from(&by.email).await?;
            lines.retain(|line| is_ticked(line.case.number.as_str()) && !kept.has(&line.case.id));
            Rows::Cases(lines)
        }
        Pile::Quarantine => {
            let mut mails = house.store.batch(&ticked.day, most).await?;
            mails.retain(|mail| is_ticked(mail.arrival.as_str()));
            Rows::Mails(mails)
        }
    })
}

/// An act with all that became of it.
pub struct Standing {
    pub bulk: BulkRow,
    pub items: Vec<BulkItem>,
    pub senders: Vec<BulkSender>,
}

/// The act of that id, as far as `reader` may know of it; `None` where all its cases are kept from them.
pub async fn standing(house: &House, id: &BulkId, reader: &Member) -> Result<Option<Standing>, StoreError> {
    let Some(bulk) = house.store.bulk(id).await? else { return Ok(None) };
    let (items, senders) = (items(house, id, reader).await?, senders(house, id, reader).await?);
    Ok((!items.is_empty()).then_some(Standing { bulk, items, senders }))
}

/// The senders whom an act met. Of whose mail a sender is does not stand beside it: where a row is kept from `by`, so
/// are all senders.
async fn senders(house: &House, id: &BulkId, by: &Member) -> Result<Vec<BulkSender>, StoreError> {
    let sees_all = items(house, id, by).await?.len() == house.store.bulk_items(id).await?.len();
    if sees_all { house.store.bulk_senders(id).await } else { Ok(Vec::new()) }
}

/// The rows of an act without the cases that are kept from `by`, which nobody but others brings further.
async fn items(house: &House, id: &BulkId, by: &Member) -> Result<Vec<BulkItem>, StoreError> {
    let kept = house.store.kept_from(&by.email).await?;
    let mut items = house.store.bulk_items(id).await?;
    items.retain(|item| !item.number.as_ref().is_some_and(|number| kept.has_number(number.as_str())));
    Ok(items)
}

/// Does it, once: a form that is sent again goes on where the first one stopped, or does nothing. `false` if none of
/// what was ticked is in its list any more.
pub async fn carry_out(house: &House, id: &BulkId, ticked: &Ticked, by: &Member) -> Result<bool, StoreError> {
    let Some(bulk) = begin(house, id, ticked, by).await? else { return Ok(false) };
    let items = items(house, id, by).await?;
    for item in items.iter().filter(|item| item.done_at.is_none() && item.left_because.is_none()) {
        if let Err(why) = do_one(house, &bulk, &item.item, by).await? {
            let mut tx = house.store.begin().await?;
            tx.leave_bulk_item(id, &item.item, &why).await?;
            tx.commit().await?;
        }
    }
    if let Some(what) = bulk.act.to_senders() {
        for sender in house.store.senders_in_bulk(id).await? {
            senders::meet(house, id, what, &sender, by).await?;
        }
    }
    house.letters.notify_one();
    Ok(true)
}

/// Writes the act down before anything is done.
async fn begin(house: &House, id: &BulkId, ticked: &Ticked, by: &Member) -> Result<Option<BulkRow>, StoreError> {
    if let Some(bulk) = house.store.bulk(id).await? {
        return Ok(Some(bulk));
    }
    let items: Vec<String> = match rows(house, ticked, by).await? {
        Rows::Cases(lines) => lines.iter().map(|line| line.case.id.to_string()).collect(),
        Rows::Mails(mails) => mails.iter().map(|mail| mail.arrival.to_string()).collect(),
    };
    if items.is_empty() {
        return Ok(None);
    }
    let step = house.step();
    let (act, by) = (ticked.act, by.email.clone());
    let bulk = BulkRow { id: id.clone(), act, by, at: step.now, undone_at: None, undone_by: None };
    let mut tx = house.store.begin().await?;
    tx.begin_bulk(&bulk, &items).await?;
    tx.commit().await?;
    // As it stands: of two forms at once the first has written it.
    house.store.bulk(id).await
}

/// What became of one row: why it was left as it is, if it was.
type Done = Result<(), String>;

async fn do_one(house: &House, bulk: &BulkRow, item: &str, by: &Member) -> Result<Done, StoreError> {
    match (bulk.act.closing(), bulk.act) {
        (Some(reason), _) => close(house, &bulk.id, &CaseId::from_row(item), reason, by).await,
        (None, BulkAct::Release) => release(house, &bulk.id, &ArrivalId::from_row(item), by).await,
        (None, act) => see(house, &bulk.id, &ArrivalId::from_row(item), act, by).await,
    }
}

/// Whether a case waits for a member: only such a one is closed among many.
fn is_in_triage(state: CaseState) -> bool {
    matches!(state, CaseState::New | CaseState::Triage)
}

async fn close(house: &House, bulk: &BulkId, case: &CaseId, reason: Closing, by: &Member) -> Result<Done, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let row = tx.case_for_update(case).await?.filter(|row| is_in_triage(row.state));
    let Some(row) = row else { return Ok(Err("It was not in triage any more.".to_owned())) };
    let before = StoodBefore { state: row.state, waited_because: row.waits_because };
    if !tx.take_bulk_item(bulk, case.as_str(), Some(&before), step.now).await? {
        return Ok(Ok(()));
    }
    if let Err(refusal) =
        closing::close_in(&mut tx, house, &step, case, &silently(house, reason), closing::Looked::default(), by).await?
    {
        return Ok(Err(refusal.to_string()));
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// A closing without words: nobody gets mail.
fn silently(house: &House, reason: Closing) -> Wish {
    let id = MessageId::new(house.now(), house.chance());
    Wish { id, reason, words: String::new(), duplicate_of: None, with_handlings: false }
}

async fn release(house: &House, bulk: &BulkId, arrival: &ArrivalId, by: &Member) -> Result<Done, StoreError> {
    let gone = || Ok(Err("It was not in quarantine any more.".to_owned()));
    let step = house.step();
    let Some(kept) = abuse::in_quarantine(house, arrival).await? else { return gone() };
    let read = reading::read(house, &step, &kept).await?;
    let mut tx = house.store.begin().await?;
    if !tx.take_bulk_item(bulk, arrival.as_str(), None, step.now).await? {
        return Ok(Ok(()));
    }
    let message = Message { arrival: &kept, read: &read };
    let Some((case, _)) = abuse::release_in(&mut tx, house, &step, &message, Some(by)).await? else { return gone() };
    tx.bulk_item_became(bulk, arrival, &case).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

async fn see(house: &House, bulk: &BulkId, arrival: &ArrivalId, act: BulkAct, by: &Member) -> Result<Done, StoreError> {
    let step = house.step();
    if house.store.quarantined(arrival).await?.is_none_or(|mail| mail.released_at.is_some()) {
        return Ok(Err("It was not in quarantine any more.".to_owned()));
    }
    let mut tx = house.store.begin().await?;
    if !tx.take_bulk_item(bulk, arrival.as_str(), None, step.now).await? {
        return Ok(Ok(()));
    }
    // One that was seen before is no reason to spare its sender.
    if !tx.see_quarantined(arrival, &by.email, step.now).await? && act == BulkAct::Seen {
        return Ok(Err("A member had seen it.".to_owned()));
    }
    tx.commit().await?;
    Ok(Ok(()))
}
