//! What is shown of the knowledge: at the desk's list, and on the page of a case.

use super::{KNOWN, ground_of, sender_key, shared_parts};
use crate::domain::directory::ProjectId;
use crate::domain::judgement::Judgement;
use crate::domain::knowledge::{Alias, Groundless, grounds};
use crate::domain::report::Door;
use crate::flows::House;
use crate::judge::known::Standing;
use crate::mail::read;
use crate::store::{CaseRow, LessonRow, NameRow, StoreError};

/// A question to a member: by which word could the project be known next time?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub project: ProjectId,
    /// The project's name.
    pub name: String,
    /// Words of the report, the likeliest first.
    pub offered: Vec<String>,
}

/// What is to be asked on the page of a case, after its corrections. Nothing, where nothing of it could be read.
pub async fn questions(house: &House, case: &CaseRow) -> Result<Vec<Question>, StoreError> {
    let corrections = house.store.open_corrections(&case.id).await?;
    let reports = house.store.reports_of(&case.id).await?;
    let Some(report) = reports.first().filter(|report| !corrections.is_empty() && !report.shared.is_empty()) else {
        return Ok(Vec::new());
    };
    let handlings = house.store.handlings_of(&case.id).await?;
    let policy = house.policy();
    let (subject, body) = shared_parts(&report.shared);
    let judgement = policy.judge.judge(subject, body);
    let teaches = |project: &ProjectId| {
        let part = handlings.iter().rfind(|handling| handling.project == *project).map(|handling| handling.state);
        grounds(part, case.closed_as).is_ok()
    };
    let asked = corrections.into_iter().filter(|correction| teaches(&correction.project));
    let question = |project: ProjectId| {
        let name = policy.directory.project(&project)?.name.clone();
        let offered = policy.private_judge.offer(&project, subject, body, &judgement);
        Some(Question { project, name, offered })
    };
    Ok(asked.filter_map(|correction| question(correction.project)).collect())
}

/// What the judge says of a case's report with the knowledge of now, which may be more than when it came.
pub async fn suggestions(house: &House, case: &CaseRow) -> Result<Judgement, StoreError> {
    let reports = house.store.reports_of(&case.id).await?;
    let Some(report) = reports.first().filter(|report| report.unreadable.is_none() && report.encryption.is_none())
    else {
        return Ok(case.judgement.clone());
    };
    let arrival = house.store.arrival(&report.arrival).await?;
    let is_form = arrival.is_some_and(|arrival| arrival.door == Door::Form);
    let body = if is_form { read::without_form_private(&report.body) } else { &report.body };
    let policy = house.policy();
    let mut judgement = policy.private_judge.judge(&report.subject, body);
    if let Some(sender) = sender_key(house, &policy, report.from.as_ref(), report.proven) {
        policy.private_judge.with_sender(&mut judgement, &sender, Some(&case.number));
    }
    Ok(judgement)
}

/// Why a remembered name or a lesson does not count, if it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    Groundless(Groundless),
    /// The directory of today stands against a remembered name.
    Standing(Standing),
}

/// Everything that was taught, the newest first, each with why it does not count, if so.
pub struct Known {
    pub names: Vec<(NameRow, Option<Held>)>,
    pub lessons: Vec<(LessonRow, Option<Groundless>)>,
}

/// All that members and projects taught.
pub async fn known(house: &House) -> Result<Known, StoreError> {
    let names = house.store.remembered_names(KNOWN).await?;
    let lessons = house.store.lessons(KNOWN).await?;
    let aliases: Vec<Alias> = names.iter().cloned().map(NameRow::into_alias).collect();
    let standings = house.policy().private_judge.standings(&aliases);
    let held = |row: &NameRow, standing: Standing| match ground_of(&row.origin) {
        Err(groundless) => Some(Held::Groundless(groundless)),
        Ok(()) => (standing != Standing::InUse).then_some(Held::Standing(standing)),
    };
    Ok(Known {
        names: names.into_iter().zip(standings).map(|(row, standing)| (row.clone(), held(&row, standing))).collect(),
        lessons: lessons.into_iter().map(|row| (row.clone(), ground_of(&row.origin).err())).collect(),
    })
}
