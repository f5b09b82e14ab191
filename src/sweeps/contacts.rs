//! Contacts: asks those whose proof is old, doubts those who stay silent, carries out changes whose wait is over; forgets
//! old proposals.

use crate::flows::{House, contacts, proposals};
use crate::store::StoreError;

/// Contacts and changes that one sweep looks at, so that none of the other sweeps waits for them.
const AT_ONCE: i64 = 20;

/// Does what is due now; says how many contacts and changes it looked at. What another node changed is taken up too.
pub async fn sweep(house: &House) -> Result<usize, StoreError> {
    contacts::refresh(house).await?;
    proposals::forget_old(house).await?;
    let now = house.now();
    let due = house.store.contacts_due(now, AT_ONCE).await?;
    for id in &due {
        contacts::look_at_contact(house, id).await?;
    }
    let changes = house.store.changes_due(now, AT_ONCE).await?;
    for id in &changes {
        contacts::look_at_change(house, id).await?;
    }
    Ok(due.len() + changes.len())
}
