//! Brings each quarter's report on its way to the board: the draft, a reminder, and that it is late, each told once.

use crate::domain::letter::LetterKind;
use crate::domain::quarter::{Due, Quarter};
use crate::flows::House;
use crate::flows::proofs::INSTALLED;
use crate::flows::quarter::{figures, link, tell_members};
use crate::flows::writing::{self, NewLetter};
use crate::mail::write::letters::quarter::{draft, late};
use crate::store::StoreError;

/// Takes the step that is due for the quarter that ended last; `false` if none is, or another node took it.
pub async fn bring_to_the_board(house: &House) -> Result<bool, StoreError> {
    let step = house.step();
    let quarter = Quarter::last_ended(step.now);
    let progress = house.store.quarter(quarter).await?.map(|row| row.progress).unwrap_or_default();
    let Some(due) = progress.due(quarter, step.now) else { return Ok(false) };
    if due == Due::Late && step.policy.directory.board.is_empty() {
        return Ok(false); // nobody waits for it
    }
    // Of a quarter before the first run there is nothing to report.
    if house.store.marked(INSTALLED).await?.is_none_or(|at| at >= quarter.until()) {
        return Ok(false);
    }
    let headline = figures(house, &step, quarter).await?.headline();
    let mut tx = house.store.begin().await?;
    if !tx.take_quarter_step(quarter, due, step.now).await? {
        return Ok(false);
    }
    tell_members(&mut tx, house, &step, &draft(quarter, due, &headline, &link(house, quarter))).await?;
    if due == Due::Late {
        let words = late(quarter, &format!("{}/board", house.public_url));
        for address in &step.policy.directory.board {
            writing::put(&mut tx, house, &step, NewLetter::of_no_case(LetterKind::Quarter, address, &words)).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}
