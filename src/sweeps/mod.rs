//! Floor 5: what falls due by itself. Puts letters, never sends one.

mod clocks;
mod contacts;
mod telling;

use crate::flows::{House, form};
use crate::store::StoreError;

/// Does what is due now; says how many things were done. Each is done once, by whichever node comes first.
pub async fn sweep(house: &House) -> Result<usize, StoreError> {
    let done = clocks::look_at_one_case(house).await? + contacts::sweep(house).await?;
    form::sweep(house).await?;
    if done > 0 {
        house.letters.notify_one();
    }
    Ok(done)
}
