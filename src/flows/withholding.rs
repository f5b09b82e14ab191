//! Lines of a report that may still tell who wrote it: found before a forward, and withheld by a member's word.

use crate::domain::case::EventKind;
use crate::domain::directory::Member;
use crate::domain::id::{CaseId, ReportId};
use crate::domain::party::{Party, Shares};
use crate::flows::House;
use crate::flows::writing::record;
use crate::mail::write::withhold::{doubts, withhold_line};
use crate::store::{ReportRow, StoreError};

/// A line of the text that would leave, which a member looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    pub report: ReportId,
    /// Its index in the withheld text of that report.
    pub line: usize,
    pub text: String,
}

/// The doubtful lines of these reports; none where the reporter allows name and address.
pub fn doubtful(reports: &[ReportRow], parties: &[Party]) -> Vec<Doubt> {
    let allows = |report: &ReportRow| {
        parties.iter().any(|party| party.id == report.party && party.shares == Shares::NameAndAddress)
    };
    let of_report = |report: &ReportRow| -> Vec<Doubt> {
        let lines: Vec<&str> = report.shared.lines().collect();
        let doubt = |line: usize| Doubt { report: report.id.clone(), line, text: lines[line].trim().to_owned() };
        doubts(&report.shared).into_iter().map(doubt).collect()
    };
    reports.iter().filter(|report| !allows(report)).flat_map(of_report).collect()
}

/// Withholds one line from every project that is given the case from now on. `false` if that line is not there any
/// more.
pub async fn withhold(house: &House, case: &CaseId, doubt: &Doubt, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if tx.case_for_update(case).await?.is_none() {
        return Ok(false);
    }
    let reports = tx.reports_of(case).await?;
    let Some(report) = reports.iter().find(|report| report.id == doubt.report) else { return Ok(false) };
    let Some(text) = withhold_line(&report.shared, doubt.line, &doubt.text) else { return Ok(false) };
    tx.set_shared(&report.id, &text).await?;
    let detail = format!("{} line {}", report.id, doubt.line);
    record(&mut tx, &step, case, EventKind::LineWithheld, house.actor(&by.email), detail).await?;
    tx.commit().await?;
    Ok(true)
}
