//! Conflicts of interest: a case is kept from a member, and from then on nothing of it reaches them.

mod letters;

use crate::domain::access::{Act, Viewer, may_with};
use crate::domain::address::Mailbox;
use crate::domain::case::EventKind;
use crate::domain::conflict::{NotDeclared, REASON_MAX, decides_for_others, may_be_kept, readers};
use crate::domain::directory::Member;
use crate::domain::id::{CaseId, ConflictId};
use crate::flows::writing::record;
use crate::flows::{House, Step};
use crate::store::{ConflictRow, Named, StoreError, Tx};

/// Whether `viewer` may do `act` to whatever the address of a page names. Asked in one place, the gate of the desk.
pub async fn may_at(house: &House, viewer: &Viewer, act: Act, address: &[Named<'_>]) -> Result<bool, StoreError> {
    let Viewer::Member { email, .. } = viewer else { return Ok(may_with(viewer, act, &[], &Default::default())) };
    let kept = house.store.kept_from(email).await?;
    let mut cases = Vec::new();
    if !kept.is_empty() {
        for named in address {
            cases.extend(house.store.cases_of(*named).await?);
        }
    }
    Ok(may_with(viewer, act, &cases, &kept))
}

/// Those of the committee who may hear of this case.
pub async fn readers_of(tx: &mut Tx<'_>, step: &Step, case: &CaseId) -> Result<Vec<Member>, StoreError> {
    let kept = tx.kept_from_whom(case).await?;
    Ok(readers(&step.policy.directory.committee, &kept).cloned().collect())
}

/// Keeps a case from a member by the word of `by`, who may be that member: stepping aside. Whoever had claimed the case
/// has it no more, letters about it that wait for them do not leave, and those that name it
/// beside others are written anew without it.
pub async fn declare(
    house: &House,
    case: &CaseId,
    whom: &Mailbox,
    because: &str,
    by: &Member,
) -> Result<Result<(), NotDeclared>, StoreError> {
    let because = because.trim();
    if because.is_empty() || because.chars().count() > REASON_MAX {
        return Ok(Err(NotDeclared::NoReason));
    }
    let step = house.step();
    let Some(row) = house.store.case(case).await? else { return Ok(Err(NotDeclared::NoCase)) };
    let naming = letters::naming(house, &step, &row, whom).await?;
    let mut tx = house.store.begin().await?;
    if tx.case_for_update(case).await?.is_none() {
        return Ok(Err(NotDeclared::NoCase));
    }
    let kept = tx.kept_from_whom(case).await?;
    if let Err(refusal) = may_be_kept(by, whom, &step.policy.directory.committee, &kept) {
        return Ok(Err(refusal));
    }
    let (id, actor) = (ConflictId::new(step.now, house.chance()), house.actor(&by.email));
    let conflict = ConflictRow {
        id: id.clone(),
        member: whom.clone(),
        declared_at: step.now,
        declared_by: actor.word(),
        because: because.to_owned(),
        ended_at: None,
    };
    tx.keep_from(case, &conflict).await?;
    tx.take_from_owner(case, whom).await?;
    letters::stop_those_about(&mut tx, &step, case, whom, &actor).await?;
    naming.leave_without_it(&mut tx, house, &step, whom).await?;
    record(&mut tx, &step, case, EventKind::ConflictDeclared, actor, id.as_str()).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Gives a case back to a member, by whoever decides for others.
pub async fn end(
    house: &House,
    case: &CaseId,
    whom: &Mailbox,
    by: &Member,
) -> Result<Result<(), NotDeclared>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if tx.case_for_update(case).await?.is_none() {
        return Ok(Err(NotDeclared::NoCase));
    }
    let kept = tx.kept_from_whom(case).await?;
    if !decides_for_others(by, &step.policy.directory.committee, &kept) {
        return Ok(Err(NotDeclared::NotTheChair));
    }
    let actor = house.actor(&by.email);
    let Some(conflict) = tx.give_back(case, whom, &actor.word(), step.now).await? else {
        return Ok(Err(NotDeclared::NotKept));
    };
    record(&mut tx, &step, case, EventKind::ConflictEnded, actor, conflict.as_str()).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
