//! What would leave with a forward, before anybody decides: text, files, and each letter word for word.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Content, ContentText, Part, Told, content, first_contacts, party_for, target};
use crate::domain::directory::{Contact, Project};
use crate::domain::id::{ArrivalId, HandlingId};
use crate::domain::report::Attachment;
use crate::flows::by_hand::is_by_hand;
use crate::flows::composing::Draft;
use crate::flows::crossing::{self, SharedAddition};
use crate::flows::withholding::{Doubt, Kept, doubtful};
use crate::flows::{House, Step, relaying, sharing};
use crate::store::{CaseRow, StoreError};

/// What would leave now.
pub struct Look {
    /// What the letters say of the reporter.
    pub reporter: String,
    pub content: Content,
    /// What the reporter added since, which leaves in letters of its own.
    pub additions: Vec<SharedAddition>,
    pub doubts: Vec<Doubt>,
    /// One for each project that was asked about.
    pub parts: Vec<PartLook>,
}

/// One project, and what its contacts would get.
pub struct PartLook {
    pub project: Project,
    /// It takes no mail, or has nobody to write to.
    pub is_by_hand: bool,
    pub contacts: Vec<Contact>,
    pub confirm_by: Timestamp,
    pub sheets: Vec<Sheet>,
}

/// A letter, and all who would get one like it: only links and addresses differ, which belong to each alone.
pub struct Sheet {
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
}

/// Why something does not leave yet; each a sentence for the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LookAgain {
    #[error("Decide about each marked line first: withhold it, or keep it.")]
    Undecided,
    #[error("What leaves has changed since you looked. Look at it again.")]
    Changed,
}

/// What would leave of `case`, if it were given to these projects.
pub async fn look(house: &House, step: &Step, case: &CaseRow, projects: &[&Project]) -> Result<Look, StoreError> {
    let store = &house.store;
    let (reports, parties) = (store.reports_of(&case.id).await?, store.parties_of(&case.id).await?);
    let mut files: Vec<(ArrivalId, Attachment)> = Vec::new();
    for report in &reports {
        let attached = store.attachments_of(&report.arrival).await?;
        files.extend(attached.into_iter().map(|file| (report.arrival.clone(), file)));
    }
    let content = content(&reports, files, &parties);
    let additions = crossing::on_page(house, &case.id, &reports, &parties).await?;
    let told = Told { case: &case.number, content: &content, reporter: sharing::seen(&parties) };
    let parts = projects.iter().map(|project| part(house, step, case, &told, &additions, project)).collect();
    let reporter = told.reporter.words();
    let doubts = match content.text {
        ContentText::Text(_) => doubtful(&reports, &parties),
        ContentText::Unreadable(_) => Vec::new(),
    };
    Ok(Look { reporter, content, additions, doubts, parts })
}

fn part(
    house: &House,
    step: &Step,
    case: &CaseRow,
    told: &Told<'_>,
    additions: &[SharedAddition],
    project: &Project,
) -> PartLook {
    let is_by_hand = is_by_hand(step, project);
    let contacts = if is_by_hand { Vec::new() } else { first_contacts(step, project) };
    // Of no row: what is made of it opens nothing, and is not shown either.
    let handling = HandlingId::new(step.now, house.chance());
    let confirm_by = step.now + target(step, project);
    let part = Part { case: &case.id, handling: &handling, project, confirm_by: Some(confirm_by) };
    let mut sheets: Vec<Sheet> = Vec::new();
    for contact in &contacts {
        let to = party_for(house, step, &case.id, &handling, contact);
        let forward = told.words(house, step, &part, &to, contact.delivery);
        let subject = forward.subject.clone();
        let of_addition =
            |added: &SharedAddition| added.words(house, (case, &project.name), told.reporter, (&to, contact.delivery));
        for words in std::iter::once(forward).chain(additions.iter().map(of_addition)) {
            let text = relaying::shown(house, step, &Draft { words, to: to.clone() });
            put_on(&mut sheets, contact.email.to_string(), &subject, text);
        }
    }
    let contacts = contacts.into_iter().cloned().collect();
    PartLook { project: project.clone(), is_by_hand, contacts, confirm_by, sheets }
}

/// Adds a letter, or its recipient to one that is the same.
fn put_on(sheets: &mut Vec<Sheet>, to: String, subject: &str, text: String) {
    match sheets.iter_mut().find(|sheet| sheet.text == text && !sheet.to.contains(&to)) {
        Some(sheet) => sheet.to.push(to),
        None => sheets.push(Sheet { to: vec![to], subject: subject.to_owned(), text }),
    }
}

impl Look {
    /// The doubts about which a member has still to decide.
    pub fn undecided<'l>(&'l self, kept: &'l Kept) -> impl Iterator<Item = &'l Doubt> {
        self.doubts.iter().filter(|doubt| !kept.has(doubt.at))
    }

    /// Whether it may leave, after a look at what had this `mark`. A press without a look has none, and suffices where
    /// nothing is in doubt.
    pub fn may_leave(&self, kept: &Kept, mark: &str) -> Result<(), LookAgain> {
        if self.undecided(kept).next().is_some() {
            return Err(LookAgain::Undecided);
        }
        if !mark.is_empty() && mark != self.mark() {
            return Err(LookAgain::Changed);
        }
        Ok(())
    }

    /// Changes with whatever of it leaves, and with whoever gets it; but not with the hour.
    pub fn mark(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        add(&self.reporter);
        add(match &self.content.text {
            ContentText::Text(text) | ContentText::Unreadable(text) => text,
        });
        for added in &self.additions {
            add(&added.text);
        }
        let files = self.additions.iter().flat_map(|added| &added.files).chain(&self.content.files);
        for (arrival, file) in files {
            add(&format!("{arrival} {} {}", file.part, file.name));
        }
        for part in &self.parts {
            add(part.project.id.as_str());
            for contact in &part.contacts {
                add(&format!("{} {:?}", contact.email, contact.delivery));
            }
        }
        data_encoding::HEXLOWER.encode(&hash.finalize()[..16])
    }
}
