//! What a sweep knows of one project's part in a case: its handling, its contacts, and the letters that they got.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::directory::{Channel, Project};
use crate::domain::id::CaseId;
use crate::domain::letter::LetterKind;
use crate::domain::party::Party;
use crate::flows::Step;
use crate::store::{HandlingRow, LetterFacts, StoreError, Tx};
use crate::sweeps::clocks::Running;

/// The project's part that a clock belongs to.
pub struct ProjectPart {
    pub row: HandlingRow,
    pub project: Option<Project>,
    pub letters: Vec<LetterFacts>,
    pub contacts: Vec<Party>,
}

impl ProjectPart {
    /// The part of the project whose promise `clock` is; `None` for the committee's own.
    pub async fn of(tx: &mut Tx<'_>, step: &Step, case: &CaseId, clock: &Running) -> Result<Option<Self>, StoreError> {
        let Some(handling) = &clock.row.handling else { return Ok(None) };
        let Some(row) = tx.handling(handling).await? else { return Ok(None) };
        let letters = tx.letters_of_handling(handling).await?;
        let mut contacts = tx.parties_of(case).await?;
        contacts.retain(|party| party.is_contact_of(handling));
        let project = step.policy.directory.project(&row.project).cloned();
        Ok(Some(Self { row, project, letters, contacts }))
    }

    /// What people call the project.
    pub fn name(&self) -> String {
        self.project.as_ref().map_or_else(|| self.row.project.to_string(), |project| project.name.clone())
    }

    /// Whether it gets its reports by mail, from us.
    pub fn is_by_mail(&self) -> bool {
        self.row.channel == Channel::Mail.word()
    }

    /// What brought the report to its contacts.
    pub fn forwards(&self) -> impl Iterator<Item = &LetterFacts> {
        self.letters.iter().filter(|letter| letter.kind == LetterKind::Forward)
    }

    /// The contacts whose forward did not come back.
    pub fn reachable(&self) -> Vec<&Party> {
        let came_back = |party: &Party| {
            self.forwards().any(|letter| letter.party.as_ref() == Some(&party.id) && letter.refused_at.is_some())
        };
        self.contacts.iter().filter(|party| party.mailbox.is_some() && !came_back(party)).collect()
    }

    /// When reminders left, once for each step.
    pub fn reminded_at(&self) -> Vec<Timestamp> {
        let reminders = self.letters.iter().filter(|letter| letter.kind == LetterKind::Reminder);
        let by_step: BTreeMap<Timestamp, Timestamp> =
            reminders.filter_map(|letter| Some((letter.created_at, letter.sent_at?))).collect();
        by_step.into_values().collect()
    }
}
