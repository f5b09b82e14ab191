//! One report that concerns several projects: each gets a part of its own, by mail or by hand.

use crate::domain::directory::{Member, ProjectId};
use crate::flows::by_hand::{self, is_by_hand};
use crate::flows::composing::name_of;
use crate::flows::{House, knowledge, members};
use crate::store::{CaseRow, StoreError};

/// A project that did not get the case, and why not: a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub project: String,
    pub because: String,
}

/// Gives the case to each of these projects, in a transaction of its own. One that has it already needs no second
/// part: a form that is sent twice does nothing more.
pub async fn give(
    house: &House,
    case: &CaseRow,
    projects: &[ProjectId],
    by: &Member,
) -> Result<Vec<Refused>, StoreError> {
    let mut refused = Vec::new();
    for id in as_suggested(house, case, projects).await? {
        if let Some(because) = to_one(house, case, id, by).await? {
            refused.push(Refused { project: name_of(&house.step(), id), because });
        }
    }
    Ok(refused)
}

/// First what the judge suggests first: it is corrected by a choice that leaves its suggestion out, not by one that has
/// others beside it.
async fn as_suggested<'p>(
    house: &House,
    case: &CaseRow,
    projects: &'p [ProjectId],
) -> Result<Vec<&'p ProjectId>, StoreError> {
    let judgement = knowledge::suggestions(house, case).await?;
    let place = |id: &ProjectId| judgement.candidates.iter().position(|candidate| candidate.project == *id);
    let mut ordered: Vec<&ProjectId> = projects.iter().collect();
    ordered.sort_by_key(|id| place(id).unwrap_or(usize::MAX));
    Ok(ordered)
}

async fn to_one(house: &House, case: &CaseRow, id: &ProjectId, by: &Member) -> Result<Option<String>, StoreError> {
    if house.store.handlings_of(&case.id).await?.iter().any(|handling| handling.is_with(id)) {
        return Ok(None);
    }
    let step = house.step();
    if step.policy.directory.project(id).is_some_and(|project| is_by_hand(&step, project)) {
        let taken = by_hand::take(house, &case.id, id, by).await?;
        return Ok(taken.err().map(|refusal| refusal.to_string()));
    }
    let forwarded = members::forward(house, &case.id, id, by).await?;
    Ok(forwarded.err().map(|refusal| refusal.to_string()))
}
