//! Originals and attached files, read back from the journal for a download.

use jiff::Timestamp;

use crate::domain::id::ArrivalId;
use crate::domain::report::Attachment;
use crate::flows::House;
use crate::mail::read;
use crate::store::StoreError;

/// When the message and its files were erased; `None` while they are here, or if there never was such an arrival.
pub async fn erased_at(house: &House, arrival: &ArrivalId) -> Result<Option<Timestamp>, StoreError> {
    house.store.original_erased_at(arrival).await
}

/// The message as it came; `None` if there is no such arrival, or it was erased.
pub async fn original(house: &House, arrival: &ArrivalId) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(row) = house.store.arrival(arrival).await? else { return Ok(None) };
    if erased_at(house, arrival).await?.is_some() {
        return Ok(None);
    }
    let _room = house.budget.take(row.size).await;
    house.store.raw(arrival).await.map(Some)
}

/// One attached file with its facts; `None` if the message has no such part, or was erased.
pub async fn attachment(
    house: &House,
    arrival: &ArrivalId,
    part: usize,
) -> Result<Option<(Attachment, Vec<u8>)>, StoreError> {
    let attachments = house.store.attachments_of(arrival).await?;
    let Some(facts) = attachments.into_iter().find(|attachment| attachment.part == part) else { return Ok(None) };
    let Some(raw) = original(house, arrival).await? else { return Ok(None) };
    let bytes = tokio::task::spawn_blocking(move || read::attachment(&raw, part)).await;
    // A panic of the reader is this file's trouble alone.
    Ok(bytes.ok().flatten().map(|bytes| (facts, bytes)))
}
