//! Lines of a report that may still tell who wrote it: found before a forward, and withheld by a member's word.

use std::fmt;
use std::str::FromStr;

use crate::domain::case::EventKind;
use crate::domain::directory::Member;
use crate::domain::id::CaseId;
use crate::domain::party::{Party, Shares};
use crate::flows::House;
use crate::flows::writing::record;
use crate::mail::write::withhold::{doubts, withhold_line};
use crate::store::{ReportRow, StoreError};

/// A line of the text that would leave, which a member looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    pub at: Place,
    pub text: String,
}

/// Where a line stands: which report of the case, which line of its withheld text, both from 0; `0.3` in addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    pub report: usize,
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.report, self.line)
    }
}

/// No place is named by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (report, line) = text.split_once('.').ok_or(NoPlace)?;
        match (report.parse(), line.parse()) {
            (Ok(report), Ok(line)) => Ok(Self { report, line }),
            _ => Err(NoPlace),
        }
    }
}

/// Doubtful lines that a member lets stand: `0.3,1.7`. An address carries them, for nothing else is changed by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept(Vec<Place>);

impl Kept {
    /// Reads what stands in an address; what is no such list keeps nothing.
    pub fn parse(text: &str) -> Self {
        Self(text.split(',').filter_map(|place| place.parse().ok()).collect())
    }

    /// Whether the line there is one of them.
    pub fn has(&self, at: Place) -> bool {
        self.0.contains(&at)
    }

    /// These and one more.
    #[must_use]
    pub fn with(&self, at: Place) -> Self {
        Self(self.0.iter().copied().chain([at]).collect())
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<String> = self.0.iter().map(Place::to_string).collect();
        f.write_str(&places.join(","))
    }
}

/// The doubtful lines of these reports; none where the reporter allows name and address.
pub fn doubtful(reports: &[ReportRow], parties: &[Party]) -> Vec<Doubt> {
    let allows = |report: &ReportRow| {
        parties.iter().any(|party| party.id == report.party && party.shares == Shares::NameAndAddress)
    };
    let of_report = |(place, report): (usize, &ReportRow)| -> Vec<Doubt> {
        let lines: Vec<&str> = report.shared.lines().collect();
        let doubt = |line: usize| Doubt { at: Place { report: place, line }, text: lines[line].trim().to_owned() };
        doubts(&report.shared).into_iter().map(doubt).collect()
    };
    reports.iter().enumerate().filter(|(_, report)| !allows(report)).flat_map(of_report).collect()
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
    let Some(report) = reports.get(doubt.at.report) else { return Ok(false) };
    let Some(text) = withhold_line(&report.shared, doubt.at.line, &doubt.text) else { return Ok(false) };
    tx.set_shared(&report.id, &text).await?;
    let detail = format!("{} line {}", report.id, doubt.at.line);
    record(&mut tx, &step, case, EventKind::LineWithheld, house.actor(&by.email), detail).await?;
    tx.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_lines_are_read_from_an_address_and_nonsense_keeps_nothing() {
        let kept = Kept::parse("0.3,x,1.7,2");
        assert_eq!((kept.to_string().as_str(), kept.has(Place { report: 1, line: 7 })), ("0.3,1.7", true));
        assert_eq!(kept.with(Place { report: 2, line: 1 }).to_string(), "0.3,1.7,2.1");
        assert_eq!(Kept::parse(""), Kept::default());
    }
}
