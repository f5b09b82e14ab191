//! A second report of the same flaw: looked for when a case opens, and what a member says of it.
//!
//! It is looked for once, in the transaction that opens the case, and kept as a proposal: the desk's lists then need no
//! search, every member sees the same, and "Not the same" has a row to be remembered in. A link changes nothing but what
//! members see: each reporter keeps their clock, their answers and their page.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::case::{CaseRef, EventKind};
use crate::domain::directory::{Member, ProjectId};
use crate::domain::id::{CaseId, ReportId};
use crate::domain::judgement::Judgement;
use crate::domain::near::{Likeness, Print, Prints};
use crate::flows::intake::Message;
use crate::flows::writing::record;
use crate::flows::{House, Step};
use crate::judge::near::{Traits, weigh};
use crate::store::{CaseRow, PrintHit, StoreError, Tx};

/// Reports that are weighed: those that share the most with the new one, what is rare counting more.
const WEIGHED: usize = 24;
/// Proposals for one case: a person compares no more.
const PROPOSALS: usize = 3;

/// By what a report is recognized. `text` is without the reporter's identity: a signature says nothing of the flaw.
pub fn traits(subject: &str, text: &str, chosen: &[ProjectId], judgement: &Judgement) -> Traits {
    let mut projects: Vec<ProjectId> = chosen.to_vec();
    projects.extend(judgement.strong().map(|candidate| candidate.project.clone()).filter(|id| !chosen.contains(id)));
    Traits::of(subject, text, &projects)
}

/// Keeps by what a new report is found again, and proposes the earlier cases that seem to tell of the same flaw.
///
/// On PostgreSQL no two nodes do this at once: a case's number is taken before, and its row is locked until the commit.
pub async fn look_for_earlier(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    (case, report): (&CaseId, &ReportId),
) -> Result<(), StoreError> {
    let Some(traits) = &message.read.traits else { return Ok(()) };
    let prints = traits.prints(&house.key);
    let keys: Vec<Print> = prints.keys().collect();
    let hits = tx.reports_with(&keys, case).await?;
    for (like, likeness) in likest(tx, traits, &prints, &hits).await? {
        tx.propose(case, &like, &likeness, step.now).await?;
    }
    tx.keep_prints(report, case, &prints).await
}

/// The earlier cases that are worth a look, the likest first.
async fn likest(
    tx: &mut Tx<'_>,
    traits: &Traits,
    prints: &Prints,
    hits: &[PrintHit],
) -> Result<Vec<(CaseId, Likeness)>, StoreError> {
    let flaws = flaws(hits);
    let mut shared: BTreeMap<&ReportId, f64> = BTreeMap::new();
    for hit in hits {
        *shared.entry(&hit.report).or_default() += 1.0 / flaws[&hit.print] as f64;
    }
    let mut reports: Vec<(&ReportId, f64)> = shared.into_iter().collect();
    reports.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let weighed: Vec<&ReportId> = reports.into_iter().take(WEIGHED).map(|(report, _)| report).collect();
    let mut best: BTreeMap<CaseId, Likeness> = BTreeMap::new();
    for row in tx.prints_of(&weighed).await? {
        let Some(likeness) = weigh(traits, prints, &row.prints, &flaws) else { continue };
        match best.get(&row.first) {
            Some(other) if other.points >= likeness.points => {}
            _ => drop(best.insert(row.first, likeness)),
        }
    }
    // Of two that are as like, the one that came first.
    let mut likest: Vec<(CaseId, Likeness)> = best.into_iter().collect();
    likest.sort_by_key(|(_, likeness)| std::cmp::Reverse(likeness.points));
    likest.truncate(PROPOSALS);
    Ok(likest)
}

/// How many flaws have each print. Cases that a member has linked are one.
fn flaws(hits: &[PrintHit]) -> HashMap<Print, usize> {
    let mut flaws: HashMap<Print, HashSet<&CaseId>> = HashMap::new();
    for hit in hits {
        flaws.entry(hit.print).or_default().insert(&hit.first);
    }
    flaws.into_iter().map(|(print, cases)| (print, cases.len())).collect()
}

/// Why two cases were not linked; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotLinked {
    #[error("There is no such case.")]
    NoCase,
    #[error("A case cannot tell of itself again.")]
    ToItself,
    #[error("{0} is linked to {1} already. Unlink it first.")]
    LinkedAlready(CaseRef, CaseRef),
    #[error("{0} told of it first, and {1} is linked to it. Unlink {1}, or link the other case to {0}.")]
    HasDuplicates(CaseRef, CaseRef),
    #[error("{0} is itself linked to {1}, which told of it first. Compare with {1}.")]
    NotTheFirst(CaseRef, CaseRef),
}

/// Links a case to the one that told of the same flaw first.
pub async fn link(
    house: &House,
    case: &CaseId,
    first: &CaseId,
    by: &Member,
) -> Result<Result<(), NotLinked>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some((case, first)) = both(&mut tx, case, first).await? else { return Ok(Err(NotLinked::NoCase)) };
    if case.id == first.id {
        return Ok(Err(NotLinked::ToItself));
    }
    if let Some(other) = tx.duplicate_of(&case.id).await? {
        return Ok(Err(NotLinked::LinkedAlready(case.number, other)));
    }
    // One first case and any number that told of it again: no chain, so no circle.
    if let Some(other) = tx.duplicates_of(&case.id).await?.into_iter().next() {
        return Ok(Err(NotLinked::HasDuplicates(case.number, other)));
    }
    if let Some(other) = tx.duplicate_of(&first.id).await? {
        return Ok(Err(NotLinked::NotTheFirst(first.number, other)));
    }
    tx.link_duplicate(&case.id, &first.id, step.now).await?;
    record(&mut tx, &step, &case.id, EventKind::Linked, house.actor(&by.email), first.number.to_string()).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Both cases, locked in one order whoever asks.
async fn both(tx: &mut Tx<'_>, one: &CaseId, two: &CaseId) -> Result<Option<(CaseRow, CaseRow)>, StoreError> {
    let (low, high) = if one <= two { (one, two) } else { (two, one) };
    let (Some(low), Some(high)) = (tx.case_for_update(low).await?, tx.case_for_update(high).await?) else {
        return Ok(None);
    };
    Ok(Some(if low.id == *one { (low, high) } else { (high, low) }))
}

/// A case is one of its own after all; `false` if it was linked to nothing.
pub async fn unlink(house: &House, case: &CaseId, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if tx.case_for_update(case).await?.is_none() {
        return Ok(false);
    }
    let Some(first) = tx.duplicate_of(case).await? else { return Ok(false) };
    tx.unlink_duplicate(case).await?;
    record(&mut tx, &step, case, EventKind::Unlinked, house.actor(&by.email), first.to_string()).await?;
    tx.commit().await?;
    Ok(true)
}

/// A member says that two cases only look alike: it is not proposed again. `false` if that was said before.
pub async fn not_the_same(house: &House, case: &CaseId, like: &CaseRow, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let actor = house.actor(&by.email);
    let mut tx = house.store.begin().await?;
    let dismissed = tx.dismiss_likeness(case, &like.id, &actor.word(), step.now).await?;
    if dismissed {
        record(&mut tx, &step, case, EventKind::NotTheSame, actor, like.number.to_string()).await?;
    }
    tx.commit().await?;
    Ok(dismissed)
}

/// A member takes "Not the same" back; `false` if nobody had said it.
pub async fn may_be_the_same(house: &House, case: &CaseId, like: &CaseRow, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let restored = tx.restore_likeness(case, &like.id).await?;
    if restored {
        record(&mut tx, &step, case, EventKind::MayBeTheSame, house.actor(&by.email), like.number.to_string()).await?;
    }
    tx.commit().await?;
    Ok(restored)
}
