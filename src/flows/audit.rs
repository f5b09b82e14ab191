//! Compares the record with the tables and the seals with the record: what was changed past the program shows here.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::audit::{Fault, year_and_number};
use crate::domain::id::{AuditId, CaseId};
use crate::domain::record::{self, RowFault};
use crate::store::{AuditRow, ChainFault, EventRow, Seal, Snapshot, Store, StoreError, chain_faults};

/// Rows that one statement reads.
const PAGE: i64 = 500;

/// What was looked at, and what was found.
#[derive(Debug, Default)]
pub struct Audit {
    pub cases: usize,
    /// Entries of all records.
    pub entries: usize,
    /// The last seal.
    pub head: Option<Seal>,
    /// Entries that no seal names yet.
    pub unsealed: usize,
    pub findings: Vec<Finding>,
}

/// One thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The number of the case, or its id where the number is gone; `None` where it is of no single case.
    pub case: Option<String>,
    pub fault: Fault,
}

impl Audit {
    fn found(&mut self, case: Option<&str>, fault: Fault) {
        self.findings.push(Finding { case: case.map(str::to_owned), fault });
    }
}

/// Looks at everything as it was at one moment; a program that runs beside it is not disturbed. `seal` is the hash of
/// a seal, or its beginning, that somebody kept elsewhere: out of a digest, or the board's quarter.
pub async fn verify(store: &Store, seal: Option<&str>) -> Result<Audit, StoreError> {
    let mut snapshot = store.snapshot().await?;
    let mut audit = Audit::default();
    let mut numbers = BTreeSet::new();
    let mut after = String::new();
    loop {
        let page = snapshot.cases_after(&after, PAGE).await?;
        for (case, number) in &page {
            numbers.extend(year_and_number(number.as_str()));
            look_at_case(&mut snapshot, &mut audit, case, number.as_str()).await?;
        }
        audit.cases += page.len();
        let Some((last, _)) = page.into_iter().next_back() else { break };
        last.as_str().clone_into(&mut after);
    }
    for case in snapshot.cases_gone().await? {
        audit.found(Some(case.as_str()), Fault::CaseRemoved);
    }
    for (year, last) in snapshot.numbers_given().await? {
        for number in (1..=last).filter(|number| !numbers.contains(&(year, *number))) {
            audit.found(None, Fault::NumberMissing { year, number });
        }
    }
    look_at_seals(&mut snapshot, &mut audit, seal).await?;
    Ok(audit)
}

/// Notes for the pages what an audit came to.
pub async fn note(store: &Store, id: &AuditId, at: Timestamp, audit: &Audit) -> Result<(), StoreError> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let row = AuditRow {
        at,
        cases: count(audit.cases),
        entries: count(audit.entries),
        findings: count(audit.findings.len()),
        seal: audit.head.as_ref().map(|seal| seal.number),
    };
    let mut tx = store.begin().await?;
    tx.insert_audit(id, &row).await?;
    tx.commit().await
}

async fn look_at_case(
    snapshot: &mut Snapshot,
    audit: &mut Audit,
    case: &CaseId,
    number: &str,
) -> Result<(), StoreError> {
    let events = snapshot.events_of(case).await?;
    audit.entries += events.len();
    if events.is_empty() {
        audit.found(Some(number), Fault::NoRecord);
    }
    for fault in chain_faults(&events) {
        let fault = match fault {
            ChainFault::Edited(sequence) => Fault::EntryEdited { sequence },
            ChainFault::Torn(sequence) => Fault::RecordTorn { sequence },
        };
        audit.found(Some(number), fault);
    }
    compare_with_seals(snapshot, audit, case, number, &events).await?;
    let changes = events.iter().filter_map(|event| event.changed.as_deref());
    // What cannot be replayed was edited, and that has been said.
    let Some(recorded) = record::replay(changes) else { return Ok(()) };
    for (table, key, fault) in record::compare(&recorded, &snapshot.rows_of(case).await?) {
        let fault = match fault {
            RowFault::Removed => Fault::RowRemoved { table, key },
            RowFault::Added => Fault::RowAdded { table, key },
            RowFault::Edited(columns) => Fault::RowEdited { table, key, columns },
        };
        audit.found(Some(number), fault);
    }
    Ok(())
}

/// Whether the record still is what each seal saw of it, and its newest entries wait for the next one.
async fn compare_with_seals(
    snapshot: &mut Snapshot,
    audit: &mut Audit,
    case: &CaseId,
    number: &str,
    events: &[EventRow],
) -> Result<(), StoreError> {
    let ends = events.last().map_or(0, |event| event.sequence);
    let mut sealed = 0;
    for seen in snapshot.seals_of(case).await? {
        sealed = seen.sequence;
        match events.iter().find(|event| event.sequence == seen.sequence) {
            Some(event) if event.hash == seen.hash => {}
            Some(_) => {
                audit.found(Some(number), Fault::RecordReplaced { sequence: seen.sequence, seal: seen.seal });
            }
            None => audit.found(Some(number), Fault::RecordShortened { ends, seal: seen.seal, sealed: seen.sequence }),
        }
    }
    let after = events.iter().filter(|event| event.sequence > sealed).count();
    audit.unsealed += after;
    if after > 0 && snapshot.unsealed_of(case).await? != Some(ends) {
        audit.found(Some(number), Fault::NotSealed { sealed });
    }
    Ok(())
}

async fn look_at_seals(snapshot: &mut Snapshot, audit: &mut Audit, given: Option<&str>) -> Result<(), StoreError> {
    let mut is_known = false;
    loop {
        let page = snapshot.seals_after(audit.head.as_ref().map_or(0, |head| head.number), PAGE).await?;
        if page.is_empty() {
            break;
        }
        for seal in page {
            is_known |= given.is_some_and(|given| seal.hash.as_str().starts_with(given));
            look_at_seal(snapshot, audit, &seal).await?;
            audit.head = Some(seal);
        }
    }
    if let Some(given) = given.filter(|_| !is_known) {
        audit.found(None, Fault::SealUnknown { given: given.to_owned() });
    }
    Ok(())
}

/// Whether a seal follows the head, the seal before it, and names what it was made over.
async fn look_at_seal(snapshot: &mut Snapshot, audit: &mut Audit, seal: &Seal) -> Result<(), StoreError> {
    let before = audit.head.as_ref().map_or(0, |head| head.number);
    // The first one has nothing before it; one whose forerunner was removed is only asked about itself.
    let forerunner = audit.head.as_ref().filter(|_| before + 1 == seal.number);
    let follows = forerunner.is_none_or(|before| before.hash == seal.previous);
    for missing in before + 1..seal.number {
        audit.found(None, Fault::SealRemoved { seal: missing });
    }
    if !follows || seal.hash != seal.expected_hash(&snapshot.sealed_in(seal.number).await?) {
        audit.found(None, Fault::SealEdited { seal: seal.number });
    }
    Ok(())
}
