//! Deputies stand in from the day on which a contact of their project is away.

use jiff::SignedDuration;

use crate::flows::{House, contacts};
use crate::store::StoreError;

/// The mark of the last look.
const LOOKED: &str = "absences-looked";
/// Absences begin with a day somewhere; a deputy who joins some minutes into it is early enough.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// Looks who is away now, by whichever node comes first; says how many deputies joined.
pub async fn sweep(house: &House) -> Result<usize, StoreError> {
    let now = house.now();
    let looked = house.store.marked(LOOKED).await?;
    // A mark that lies ahead was made by a clock that has been set back since.
    if looked.is_some_and(|looked| looked <= now && now < looked + LOOK_EVERY) {
        return Ok(0);
    }
    let mut tx = house.store.begin().await?;
    if !tx.move_mark(LOOKED, looked, now).await? {
        return Ok(0);
    }
    tx.commit().await?;
    contacts::stand_in(house).await
}
