//! A project that somebody without an account proposes: its mailboxes prove themselves, then members look at the text
//! for `projects.toml`, which a person puts there. Nothing here changes the directory.

use jiff::Timestamp;

use crate::domain::abuse::DAY;
use crate::domain::address::Mailbox;
use crate::domain::contact::is_a_name;
use crate::domain::directory::{Contact, Directory, Member, Project, ProjectId};
use crate::domain::id::ProposalId;
use crate::domain::letter::LetterKind;
use crate::domain::proposal::{CONTACTS_MAX, Draft, DraftFault, Outcome, PROPOSALS_A_DAY, SETTLED_KEPT, UNPROVEN_KEPT};
use crate::flows::contacts::telling::{LinkRow, Named, put, verify_mailbox};
use crate::flows::contacts::{self, Next, VerifyView};
use crate::flows::{House, Step};
use crate::mail::write::clean::{LINE_MAX, lines, one_line};
use crate::mail::write::letters::proposal::{Decided, proposed, settled};
use crate::store::{ProposalRow, ProposedContact, SettledProposal, StoreError, Tx};

/// How entries of `projects.toml` are written and read; the floor of settings above this one knows.
pub trait ProjectsFile: Send + Sync {
    /// The text of what was typed, as it was typed.
    fn draft(&self, draft: &Draft) -> String;

    /// The project of a text, which is to stand in the file of `directory` beside those of `beside`; or all that is
    /// wrong with it.
    fn read(&self, entry: &str, directory: &Directory, beside: &[Project]) -> Result<Project, Vec<DraftFault>>;

    /// The text of a project.
    fn entry(&self, project: &Project) -> String;
}

/// What somebody proposes.
#[derive(Debug, Clone)]
pub struct Proposed {
    pub draft: Draft,
    pub asked_by: String,
    pub note: Option<String>,
}

/// Why a proposal was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotProposed {
    Faults(Vec<DraftFault>),
    /// As many as may be were made today.
    TooMany,
}

/// Reads what was typed as the file's reader does, and as a stranger's words: all that is wrong with it, or the project.
pub fn check(house: &House, draft: &Draft) -> Result<Project, Vec<DraftFault>> {
    let policy = house.policy();
    let entry = house.projects_file.draft(draft);
    let project = house.projects_file.read(&entry, &policy.directory, &policy.directory.projects)?;
    let mut faults = strange(&project);
    faults.extend(hidden(&house.projects_file.entry(&project)));
    if faults.is_empty() { Ok(project) } else { Err(faults) }
}

/// Marks that turn the direction of writing: in a text that is copied into a reviewed file they would make it read as
/// another.
fn hidden(entry: &str) -> Option<DraftFault> {
    let line = entry.lines().find(|line| lines(line) != *line)?;
    let key = line.split_once(" = ").map_or("", |(key, _)| key);
    let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let key = if is_key { key } else { "note" };
    let words = "A mark that turns the direction of writing is in it. Type it anew instead of pasting it.";
    Some(DraftFault { key: key.to_owned(), words: words.to_owned() })
}

/// What the file may have and a stranger may not: the name goes into letters to addresses that the same stranger typed.
fn strange(project: &Project) -> Vec<DraftFault> {
    let fault = |key: &str, words: &str| DraftFault { key: key.to_owned(), words: words.to_owned() };
    let mut faults = Vec::new();
    if !is_a_name(&project.name) {
        faults.push(fault("name", "Enter a name of up to 60 letters, without a link or an address."));
    }
    match project.contacts.len() {
        0 => faults.push(fault("contacts[0].email", "Enter the address of at least one contact.")),
        count if count > CONTACTS_MAX => faults.push(fault("contacts", "Name up to three contacts now, more later.")),
        _ => {}
    }
    faults
}

/// Takes a proposal: each mailbox that it names is asked for its proof. The same proposal again changes nothing and is
/// answered like the first.
pub async fn propose(house: &House, proposed: Proposed) -> Result<Result<(), NotProposed>, StoreError> {
    let project = match check(house, &proposed.draft) {
        Ok(project) => project,
        Err(faults) => return Ok(Err(NotProposed::Faults(faults))),
    };
    let step = house.step();
    let row = ProposalRow {
        id: ProposalId::new(step.now, house.chance()),
        project: project.id.clone(),
        name: project.name.clone(),
        asked_by: one_line(&proposed.asked_by, LINE_MAX),
        note: proposed.note,
        entry: house.projects_file.entry(&project),
        asked_at: step.now,
        proven_at: None,
        settled: None,
    };
    let mut tx = house.store.begin().await?;
    if tx.is_proposed(&row.project, &row.entry).await? {
        return Ok(Ok(()));
    }
    if tx.proposals_made(step.now - DAY).await? >= PROPOSALS_A_DAY {
        return Ok(Err(NotProposed::TooMany));
    }
    let addresses: Vec<Mailbox> = project.contacts.iter().map(|contact| contact.email.clone()).collect();
    tx.insert_proposal(&row, &addresses).await?;
    for (place, address) in (0_i64..).zip(&addresses) {
        let named = Named { project: &row.name, asked_by: &row.asked_by, to: address };
        verify_mailbox(&mut tx, house, &step, &named, &LinkRow::Proposed(row.id.to_string(), place)).await?;
    }
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(()))
}

/// What a mailbox that is to prove itself is shown; `None` once the proposal is settled.
pub async fn to_prove(house: &House, id: &ProposalId, place: i64) -> Result<Option<VerifyView>, StoreError> {
    let Some(row) = house.store.proposal(id).await?.filter(|row| row.settled.is_none()) else { return Ok(None) };
    let Some(project) = as_proposed(house, &row) else { return Ok(None) };
    let wanted = usize::try_from(place).ok().and_then(|place| project.contacts.get(place).cloned());
    Ok(wanted.map(|wanted| VerifyView { project, wanted, asked_by: row.asked_by }))
}

/// The project as it was proposed, whatever else has come into the directory since. `None` only if the foundation has
/// changed so that the text is none any more: a shorter promise, another security address.
fn as_proposed(house: &House, row: &ProposalRow) -> Option<Project> {
    house.projects_file.read(&row.entry, &house.policy().directory, &[]).ok()
}

/// "Confirm": by the first of its mailboxes, members come to see the proposal.
pub(in crate::flows) async fn confirm(
    mut tx: Tx<'_>,
    house: &House,
    step: &Step,
    id: &ProposalId,
    place: i64,
) -> Result<Next, StoreError> {
    let is_first = tx.prove_proposed(id, place, step.now).await?;
    let row = tx.proposal(id).await?.filter(|row| row.settled.is_none());
    if let Some(row) = &row
        && is_first
    {
        let words = proposed(&row.name, &format!("{}/proposals/{id}", house.public_url));
        for member in &step.policy.directory.committee {
            put(&mut tx, house, step, LetterKind::ContactNotice, &member.email, None, &words).await?;
        }
    }
    tx.commit().await?;
    house.letters.notify_one();
    Ok(if row.is_some() { Next::Waits } else { Next::Ended })
}

/// A proposal as members see it.
pub struct ProposalView {
    pub row: ProposalRow,
    pub contacts: Vec<ProposedContact>,
    /// The text for the file, with those contacts alone whose mailbox has proven itself.
    pub entry: String,
    /// What the file would refuse now, for instance because another project has taken the name since.
    pub faults: Vec<DraftFault>,
    /// The file has a project with this id.
    pub is_in_the_file: bool,
}

/// The proposal, if a mailbox of it has proven itself.
pub async fn look(house: &House, id: &ProposalId) -> Result<Option<ProposalView>, StoreError> {
    let Some(row) = house.store.proposal(id).await?.filter(|row| row.proven_at.is_some()) else { return Ok(None) };
    let contacts = house.store.proposed_contacts(id).await?;
    let policy = house.policy();
    let is_in_the_file = policy.file.project(&row.project).is_some();
    let entry = match as_proposed(house, &row) {
        Some(mut project) => {
            project.contacts.retain(|contact| is_proven(&contacts, contact));
            // Without the others nobody may be left for a deputy to stand in for.
            if project.contacts.iter().all(|contact| contact.is_deputy) {
                project.contacts.iter_mut().for_each(|contact| contact.is_deputy = false);
            }
            house.projects_file.entry(&project)
        }
        None => row.entry.clone(),
    };
    let faults = match is_in_the_file || row.settled.is_some() {
        true => Vec::new(),
        false => house.projects_file.read(&entry, &policy.file, &policy.file.projects).err().unwrap_or_default(),
    };
    Ok(Some(ProposalView { row, contacts, entry, faults, is_in_the_file }))
}

fn is_proven(contacts: &[ProposedContact], contact: &Contact) -> bool {
    contacts.iter().any(|one| one.address == contact.email && one.proven_at.is_some() && one.refused_at.is_none())
}

/// Why a proposal was not settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSettled {
    #[error("This proposal is settled already.")]
    Already,
    #[error("projects.toml has no project `{0}` yet. Put the text there first; then this button works.")]
    NotInTheFile(ProjectId),
}

/// A member settles a proposal; its proven mailboxes are told. Those of a listed project need not prove themselves
/// again.
pub async fn settle(
    house: &House,
    id: &ProposalId,
    outcome: Outcome,
    member: &Member,
) -> Result<Result<(), NotSettled>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let settled_by = SettledProposal { at: step.now, outcome, by: member.email.clone() };
    let Some(row) = tx.proposal(id).await? else { return Ok(Err(NotSettled::Already)) };
    let listed = step.policy.file.project(&row.project);
    if outcome == Outcome::Listed && listed.is_none() {
        return Ok(Err(NotSettled::NotInTheFile(row.project)));
    }
    if !tx.settle_proposal(id, &settled_by).await? {
        return Ok(Err(NotSettled::Already));
    }
    let page = format!("{}/projects/{}", house.public_url, row.project);
    let words =
        settled(&Decided { project: &row.name, org: &step.policy.directory.foundation.name, page: &page, outcome });
    for contact in tx.proposed_contacts(id).await? {
        let Some(proven_at) = contact.proven_at.filter(|_| contact.refused_at.is_none()) else { continue };
        if outcome == Outcome::Listed {
            note_proof(&mut tx, &row.project, &contact.address, proven_at).await?;
        }
        put(&mut tx, house, &step, LetterKind::ContactNotice, &contact.address, None, &words).await?;
    }
    tx.commit().await?;
    contacts::refresh(house).await?;
    house.letters.notify_one();
    Ok(Ok(()))
}

/// The proof that the mailbox gave for the proposal counts for the contact that the file now has.
async fn note_proof(
    tx: &mut Tx<'_>,
    project: &ProjectId,
    mailbox: &Mailbox,
    proven_at: Timestamp,
) -> Result<(), StoreError> {
    let rows = tx.contacts_of(project).await?;
    let is_unproven = rows.iter().any(|row| row.contact.email == *mailbox && row.health.proof.proven_at.is_none());
    if is_unproven {
        contacts::note_proof(tx, project, mailbox, proven_at).await?;
    }
    Ok(())
}

/// Erases proposals that nobody confirmed in time, and those that were settled a quarter ago.
pub async fn forget_old(house: &House) -> Result<(), StoreError> {
    let now = house.now();
    let (unproven, settled) = (now - UNPROVEN_KEPT, now - SETTLED_KEPT);
    if !house.store.has_old_proposals(unproven, settled).await? {
        return Ok(());
    }
    let mut tx = house.store.begin().await?;
    tx.forget_proposals(unproven, settled).await?;
    tx.commit().await
}
