//! A case that was closed or answered is opened again: by a person's words, or because the answer never arrived.

use crate::domain::case::{Actor, CaseState, EventKind};
use crate::domain::id::CaseId;
use crate::flows::writing::record;
use crate::flows::{House, Step, forward};
use crate::store::{StoreError, Tx};

/// Somebody on the case writes again, or the answer that ended it came back: a closed or answered case waits for a member as before, its follow-up running. `false`
/// if it was open.
pub async fn reopen(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    actor: Actor,
    because: &str,
) -> Result<bool, StoreError> {
    let has_a_project = tx.handlings_of(case).await?.iter().any(|row| row.state.is_open());
    let state = if has_a_project { CaseState::Routed } else { CaseState::Triage };
    if !tx.reopen_case(case, state, because).await? {
        return Ok(false);
    }
    tx.raise_knowledge_version().await?; // what it taught counts again
    record(tx, step, case, EventKind::Reopened, actor, "").await?;
    forward::back_to_triage(tx, house, step, case, because).await?;
    Ok(true)
}
