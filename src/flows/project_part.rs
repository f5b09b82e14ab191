//! What is known of one project's part in a case when its people are written to: its handling, its contacts, and the letters that they got.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::directory::{Channel, Project};
use crate::domain::id::{CaseId, HandlingId};
use crate::domain::letter::LetterKind;
use crate::domain::party::Party;
use crate::flows::{House, Step};
use crate::store::{HandlingRow, LetterFacts, StoreError, Tx};

/// The project's part that a clock belongs to.
pub struct ProjectPart {
    pub row: HandlingRow,
    pub project: Option<Project>,
    pub letters: Vec<LetterFacts>,
    pub contacts: Vec<Party>,
}

impl ProjectPart {
    /// The part that a clock of this handling belongs to; `None` for the committee's own clocks.
    pub async fn of(
        tx: &mut Tx<'_>,
        step: &Step,
        case: &CaseId,
        handling: Option<&HandlingId>,
    ) -> Result<Option<Self>, StoreError> {
        let Some(handling) = handling else { return Ok(None) };
        let Some(row) = tx.handling(handling).await? else { return Ok(None) };
        let letters = tx.letters_of_handling(handling).await?;
        let parties = tx.parties_of(case).await?;
        Ok(Some(Self::made(step, row, letters, parties)))
    }

    /// The same for a page, which changes nothing.
    pub async fn on_page(house: &House, step: &Step, row: HandlingRow) -> Result<Self, StoreError> {
        let mut letters = house.store.letters_of(&row.case).await?;
        letters.retain(|letter| letter.handling.as_ref() == Some(&row.id));
        let parties = house.store.parties_of(&row.case).await?;
        Ok(Self::made(step, row, letters, parties))
    }

    fn made(step: &Step, row: HandlingRow, letters: Vec<LetterFacts>, mut contacts: Vec<Party>) -> Self {
        contacts.retain(|party| party.is_contact_of(&row.id));
        let project = step.policy.directory.project(&row.project).cloned();
        Self { row, project, letters, contacts }
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

    /// How many contacts have an address to which the forward came back, or none.
    pub fn bounced(&self) -> usize {
        self.contacts.len() - self.reachable().len()
    }

    /// When reminders left, once for each step.
    pub fn reminded_at(&self) -> Vec<Timestamp> {
        let reminders = self.letters.iter().filter(|letter| letter.kind == LetterKind::Reminder);
        let by_step: BTreeMap<Timestamp, Timestamp> =
            reminders.filter_map(|letter| Some((letter.created_at, letter.sent_at?))).collect();
        by_step.into_values().collect()
    }
}
