//! Compares the record with the tables and the seals with the record: what was changed past the program shows here.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::audit::{Fault, year_and_number};
use crate::domain::id::AuditId;
use crate::domain::record::{self, RowFault};
use crate::store::{AuditRow, ChainFault, Seal, SealedCase, Snapshot, Store, StoreError, WholeCase, chain_faults};

/// Cases that are in memory at once.
const CASES: i64 = 200;
/// Seals that are in memory at once, each with the cases that it names: as many as had news within ten minutes.
const SEALS: i64 = 10;

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
        let page = snapshot.cases_after(&after, CASES).await?;
        for case in &page {
            numbers.extend(year_and_number(case.number.as_str()));
            look_at_case(&mut audit, case);
        }
        audit.cases += page.len();
        let Some(last) = page.last() else { break };
        last.id.as_str().clone_into(&mut after);
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

fn look_at_case(audit: &mut Audit, case: &WholeCase) {
    let number = case.number.as_str();
    audit.entries += case.events.len();
    if case.events.is_empty() {
        audit.found(Some(number), Fault::NoRecord);
    }
    for fault in chain_faults(&case.events) {
        let fault = match fault {
            ChainFault::Edited(sequence) => Fault::EntryEdited { sequence },
            ChainFault::Torn(sequence) => Fault::RecordTorn { sequence },
        };
        audit.found(Some(number), fault);
    }
    compare_with_seals(audit, case);
    let changes = case.events.iter().filter_map(|event| event.changed.as_deref());
    // What cannot be replayed was edited, and that has been said.
    let Some(recorded) = record::replay(changes) else { return };
    for (table, key, fault) in record::compare(&recorded, &case.rows) {
        let fault = match fault {
            RowFault::Removed => Fault::RowRemoved { table, key },
            RowFault::Added => Fault::RowAdded { table, key },
            RowFault::Edited(columns) => Fault::RowEdited { table, key, columns },
        };
        audit.found(Some(number), fault);
    }
}

/// Whether the record still is what each seal saw of it, and its newest entries wait for the next one.
fn compare_with_seals(audit: &mut Audit, case: &WholeCase) {
    let (number, events) = (case.number.as_str(), &case.events);
    let ends = events.last().map_or(0, |event| event.sequence);
    let mut sealed = 0;
    for seen in &case.seals {
        sealed = seen.sequence;
        match events.iter().find(|event| event.sequence == seen.sequence) {
            Some(event) if event.hash == seen.hash => {}
            Some(_) => audit.found(Some(number), Fault::RecordReplaced { sequence: sealed, seal: seen.seal }),
            None => audit.found(Some(number), Fault::RecordShortened { ends, seal: seen.seal, sealed }),
        }
    }
    let after = events.iter().filter(|event| event.sequence > sealed).count();
    audit.unsealed += after;
    if after > 0 && case.unsealed != Some(ends) {
        audit.found(Some(number), Fault::NotSealed { sealed });
    }
}

async fn look_at_seals(snapshot: &mut Snapshot, audit: &mut Audit, given: Option<&str>) -> Result<(), StoreError> {
    let mut is_known = false;
    loop {
        let page = snapshot.seals_after(audit.head.as_ref().map_or(0, |head| head.number), SEALS).await?;
        if page.is_empty() {
            break;
        }
        for (seal, cases) in page {
            is_known |= given.is_some_and(|given| seal.hash.as_str().starts_with(given));
            look_at_seal(audit, &seal, &cases);
            audit.head = Some(seal);
        }
    }
    if let Some(given) = given.filter(|_| !is_known) {
        audit.found(None, Fault::SealUnknown { given: given.to_owned() });
    }
    Ok(())
}

/// Whether a seal follows the head, the seal before it, and names what it was made over.
fn look_at_seal(audit: &mut Audit, seal: &Seal, cases: &[SealedCase]) {
    let before = audit.head.as_ref().map_or(0, |head| head.number);
    // The first one has nothing before it; one whose forerunner was removed is only asked about itself.
    let forerunner = audit.head.as_ref().filter(|_| before + 1 == seal.number);
    let follows = forerunner.is_none_or(|before| before.hash == seal.previous);
    for missing in before + 1..seal.number {
        audit.found(None, Fault::SealRemoved { seal: missing });
    }
    if !follows || seal.hash != seal.expected_hash(cases) {
        audit.found(None, Fault::SealEdited { seal: seal.number });
    }
}
