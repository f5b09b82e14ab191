//! Every ten minutes: seals what was added to the records of cases into the chain of all of them (DESIGN.md 3.7).

use jiff::SignedDuration;

use crate::flows::House;
use crate::store::StoreError;

/// The mark of the last time that somebody looked whether there is something to seal.
const SEALED: &str = "sealed";
/// DESIGN.md 3.7. What was added since the last seal can be removed unseen, so it should not be longer.
const EVERY: SignedDuration = SignedDuration::from_mins(10);

/// Seals what was added, once for all nodes; a quiet night makes no seals.
pub async fn sweep(house: &House) -> Result<(), StoreError> {
    let now = house.now();
    let sealed = house.store.marked(SEALED).await?;
    // After a jump back of the clock the mark lies ahead, and nobody waits for it.
    if sealed.is_some_and(|sealed| sealed <= now && now < sealed + EVERY) {
        return Ok(());
    }
    let mut tx = house.store.begin().await?;
    if tx.move_mark(SEALED, sealed, now).await? {
        tx.seal(now).await?;
    }
    tx.commit().await
}
