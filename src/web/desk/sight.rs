//! What a member sees on lists: nothing of a case that is kept from them for a conflict of interest. The page of such a
//! case is not there for them at all; that is the gate's matter.

use jiff::Timestamp;

use crate::domain::case::CaseRef;
use crate::domain::conflict::KeptCases;
use crate::domain::directory::Member;
use crate::domain::judgement::Judgement;
use crate::flows::House;
use crate::store::{CaseLine, DeskCounts, EventRow, StoreError};

/// The cases that are kept from this member.
pub async fn kept_from(house: &House, member: &Member) -> Result<KeptCases, StoreError> {
    house.store.kept_from(&member.email).await
}

/// What there is at `now` for this member, from whom these cases are kept.
pub async fn counts(
    house: &House,
    member: &Member,
    kept: &KeptCases,
    now: Timestamp,
) -> Result<DeskCounts, StoreError> {
    let all = house.store.desk_counts(now).await?;
    if kept.is_empty() {
        return Ok(all);
    }
    Ok(all.without(&house.store.counts_of_kept(&member.email, now).await?))
}

/// The lines of a list that this member may see, with nothing in them that names another case.
pub async fn seen_by(house: &House, member: &Member, mut lines: Vec<CaseLine>) -> Result<Vec<CaseLine>, StoreError> {
    let kept = kept_from(house, member).await?;
    if !kept.is_empty() {
        lines.retain(|line| !kept.has(&line.case.id));
        lines.iter_mut().for_each(|line| without_kept(&mut line.case.judgement, &kept));
    }
    Ok(lines)
}

/// The record of a case, which does not say which other case it is linked to where that one is kept from the reader.
pub fn events(mut events: Vec<EventRow>, kept: &KeptCases) -> Vec<EventRow> {
    for event in events.iter_mut().filter(|event| kept.are_named_in(&event.detail)) {
        event.detail = "another case, which is kept from you".to_owned();
    }
    events
}

/// Those of these numbers that the reader may know.
pub fn numbers(of: impl IntoIterator<Item = CaseRef>, kept: &KeptCases) -> impl Iterator<Item = CaseRef> {
    of.into_iter().filter(|number| !kept.has_number(number.as_str()))
}

/// Takes out of what the judge says whatever names a case that is kept from the reader.
pub fn without_kept(judgement: &mut Judgement, kept: &KeptCases) {
    for candidate in &mut judgement.candidates {
        candidate.evidence.retain(|evidence| !kept.are_named_in(&evidence.clause));
    }
}
