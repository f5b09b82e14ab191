//! Floor 5: what falls due by itself. Puts letters, never sends one.

mod away;
mod clocks;
mod contacts;
pub mod digests;
mod held;
mod proofs;
mod quarter;
mod retention;
mod seals;
mod telling;

use crate::flows::{House, form, knowledge, seen, viewings};
use crate::store::StoreError;

/// Does what is due now; says how many things were done. Each is done once, by whichever node comes first.
pub async fn sweep(house: &House) -> Result<usize, StoreError> {
    knowledge::refresh(house).await?; // another node may have learned
    seen::write_down(house).await?; // before the clocks, whose ladder it may change
    let mut done = clocks::look_at_due_cases(house).await?;
    done += contacts::sweep(house).await?;
    seals::sweep(house).await?; // before the digest, which carries the last seal
    done += away::sweep(house).await?;
    done += held::sweep(house).await?;
    done += digests::tell_the_committee(house).await?;
    done += digests::empty_the_quarantine(house).await?;
    done += proofs::sweep(house).await?;
    done += usize::from(quarter::bring_to_the_board(house).await?);
    done += retention::sweep(house).await?;
    form::sweep(house).await?;
    viewings::write_down(house, viewings::Due::WhenFull).await?;
    if done > 0 {
        house.letters.notify_one();
    }
    Ok(done)
}
