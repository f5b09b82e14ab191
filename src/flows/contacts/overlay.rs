//! The directory with the contacts as they are now.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{ContactStanding, contact_standing, first_ask};
use crate::domain::directory::{Contact, DeliveryMode, Directory, Project, ProjectId};
use crate::domain::id::ContactId;
use crate::flows::{House, Policy, knowledge};
use crate::store::{AbsenceRow, ContactRow, StoreError, Tx};

/// Takes up what has changed about contacts, on this node or another; `false` if nothing has.
pub async fn refresh(house: &House) -> Result<bool, StoreError> {
    let policy = house.policy();
    if policy.contacts == Some(house.store.contact_version().await?) {
        return Ok(false);
    }
    let new = laid_over(house, &policy).await?;
    // A file that was read meanwhile must not be undone; the next look finds what is missing.
    house.policy.compare_and_swap(&policy, Arc::new(new));
    Ok(true)
}

/// Makes `file` the policy, with the contacts of the store laid over its own.
pub async fn lay_over(house: &House, file: Directory) -> Result<(), StoreError> {
    let policy = knowledge::lay_over(house, &Policy::of(file)).await?;
    let policy = laid_over(house, &policy).await?;
    house.policy.store(Arc::new(policy));
    Ok(())
}

async fn laid_over(house: &House, policy: &Policy) -> Result<Policy, StoreError> {
    let now = house.now();
    follow_the_file(house, &policy.file, now).await?;
    // Read before the contacts: what changes in between is taken up by the next look.
    let version = house.store.contact_version().await?;
    let owners = house.store.contact_owners().await?;
    let rows = house.store.contacts().await?;
    let absences = house.store.absences(now.to_zoned(TimeZone::UTC).date().saturating_sub(1.day())).await?;
    let mut directory = overlay(&policy.file, &owners, &rows, now);
    lay_over_absences(&mut directory, &rows, &absences);
    Ok(policy.with_contacts(directory, version))
}

/// The file's directory with the contacts as their projects want them, whatever becomes of their mail: for review.
pub async fn current_directory(house: &House) -> Result<Directory, StoreError> {
    let file = Arc::clone(&house.policy().file);
    let owners = house.store.contact_owners().await?;
    let rows = house.store.contacts().await?;
    let mut directory = Directory::clone(&file);
    for project in &mut directory.projects {
        if owners.contains(&project.id) {
            project.contacts = of_project(&rows, &project.id).map(|row| row.contact.clone()).collect();
        }
        without_deputies_alone(project);
    }
    Ok(directory)
}

fn of_project<'r>(rows: &'r [ContactRow], project: &ProjectId) -> impl Iterator<Item = &'r ContactRow> {
    rows.iter().filter(move |row| row.project == *project)
}

/// The contacts as letters go to them: nothing to a domain that is gone, links alone to whom nobody has confirmed.
fn overlay(file: &Directory, owners: &BTreeSet<ProjectId>, rows: &[ContactRow], now: Timestamp) -> Directory {
    let mut directory = file.clone();
    for project in &mut directory.projects {
        let known: Vec<&ContactRow> = of_project(rows, &project.id).collect();
        if owners.contains(&project.id) {
            project.contacts = known.iter().map(|row| row.contact.clone()).collect();
        }
        project.confirmed_at = match contact_standing(known.iter().copied(), now) {
            ContactStanding::ConfirmedOn(on) => Some(on),
            ContactStanding::NotConfirmed | ContactStanding::NoContact => None,
        };
        let row_of = |contact: &Contact| known.iter().find(|row| row.contact.email == contact.email);
        project.contacts.retain(|contact| row_of(contact).is_none_or(|row| row.health.gone.is_none()));
        for contact in &mut project.contacts {
            if row_of(contact).is_some_and(|row| row.health.proof.standing(now).is_unconfirmed()) {
                contact.delivery = DeliveryMode::Link;
            }
        }
        without_deputies_alone(project);
    }
    directory
}

/// Days away that were said, beside those that a contact's entry has.
fn lay_over_absences(directory: &mut Directory, rows: &[ContactRow], absences: &[AbsenceRow]) {
    for absence in absences {
        let Some(row) = rows.iter().find(|row| row.id == absence.contact) else { continue };
        let project = directory.projects.iter_mut().find(|project| project.id == row.project);
        for contact in project.into_iter().flat_map(|project| &mut project.contacts) {
            if contact.email == row.contact.email {
                contact.away.push(absence.days);
            }
        }
    }
}

/// Deputies join when the others do not answer. Where no other is left they are the ones to write to.
fn without_deputies_alone(project: &mut Project) {
    if project.contacts.iter().all(|contact| contact.is_deputy) {
        project.contacts.iter_mut().for_each(|contact| contact.is_deputy = false);
    }
}

/// Keeps a row for each contact of the file, for its proofs; of projects that own theirs the file says nothing.
async fn follow_the_file(house: &House, file: &Directory, now: Timestamp) -> Result<(), StoreError> {
    let owners = house.store.contact_owners().await?;
    let rows = house.store.contacts().await?;
    let differs = |project: &&Project| {
        let known: Vec<&Contact> = of_project(&rows, &project.id).map(|row| &row.contact).collect();
        !owners.contains(&project.id)
            && (known.len() != project.contacts.len()
                || project.contacts.iter().any(|contact| !known.contains(&contact)))
    };
    let changed: Vec<&Project> = file.projects.iter().filter(differs).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let mut tx = house.store.begin().await?;
    for project in changed {
        follow_project(&mut tx, house, project, now).await?;
    }
    tx.commit().await
}

async fn follow_project(tx: &mut Tx<'_>, house: &House, project: &Project, now: Timestamp) -> Result<(), StoreError> {
    // Another node may have been quicker, and a contact may just have confirmed.
    if tx.owns_contacts(&project.id).await? {
        return Ok(());
    }
    let known = tx.contacts_of(&project.id).await?;
    for row in &known {
        match project.contacts.iter().find(|contact| contact.email == row.contact.email) {
            None => drop(tx.remove_contact(&row.id, now).await?),
            Some(contact) if *contact != row.contact => tx.set_contact(&row.id, contact, now).await?,
            Some(_) => {}
        }
    }
    for contact in &project.contacts {
        if !known.iter().any(|row| row.contact.email == contact.email) {
            let id = ContactId::new(now, house.chance());
            let next_at = now + first_ask(&project.id, &contact.email);
            tx.insert_contact(&id, &project.id, contact, now, next_at).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::config::policy;
    use crate::domain::address::Mailbox;
    use crate::domain::contact::{GoneDomain, Health, Proof};

    const FILE: &str = r#"
        [foundation]
        name = "Story Foundation"
        security_address = "security@story.example"
        public_url = "https://security.story.example"
        [[committee]]
        name = "Ada"
        email = "ada@story.example"
        role = "chair"
        [[project]]
        id = "lantern"
        name = "Lantern"
        contacts = [{ email = "kim@lantern.example" }, { email = "deputy@lantern.example", deputy = true }]
        [[project]]
        id = "parsley"
        name = "Parsley"
    "#;

    fn now() -> Timestamp {
        "2026-11-20T14:00:00Z".parse().unwrap()
    }

    fn row(project: &str, email: &str) -> ContactRow {
        let file = policy::parse("projects.toml", FILE).unwrap();
        let mut contact = file.projects[0].contacts[0].clone();
        contact.email = Mailbox::parse(email).unwrap();
        ContactRow {
            id: ContactId::from_row(email),
            project: ProjectId::parse(project).unwrap(),
            contact,
            health: Health { proof: Proof::listed(now()), bounces: 0, bounced_at: None, gone: None },
        }
    }

    fn seen(owners: &[&str], rows: &[ContactRow]) -> Vec<(String, DeliveryMode, bool)> {
        let file = policy::parse("projects.toml", FILE).unwrap();
        let owners = owners.iter().map(|id| ProjectId::parse(id).unwrap()).collect();
        let directory = overlay(&file, &owners, rows, now());
        let of = |contact: &Contact| (contact.email.to_string(), contact.delivery, contact.is_deputy);
        directory.projects[0].contacts.iter().map(of).collect()
    }

    #[test]
    fn before_a_project_has_confirmed_the_file_decides_and_afterwards_the_rows() {
        let rows = [row("lantern", "new@lantern.example"), row("parsley", "other@parsley.example")];
        let kim = ("kim@lantern.example".to_owned(), DeliveryMode::Full, false);
        assert_eq!(seen(&[], &rows)[0], kim);
        let new = ("new@lantern.example".to_owned(), DeliveryMode::Full, false);
        assert_eq!(seen(&["lantern"], &rows), [new]);
        assert!(seen(&["lantern"], &[]).is_empty(), "the last one left");
    }

    #[test]
    fn an_unconfirmed_contact_gets_links_and_one_whose_domain_is_gone_gets_nothing() {
        let mut kim = row("lantern", "Kim@lantern.example");
        kim.health.proof.runs_out_at = Some(now());
        assert_eq!(seen(&[], &[kim.clone()])[0].1, DeliveryMode::Link);
        kim.health.proof.runs_out_at = Some(now() + SignedDuration::from_secs(1));
        assert_eq!(seen(&[], &[kim.clone()])[0].1, DeliveryMode::Full);
        kim.health.gone = Some(GoneDomain { since: now(), because: "It is gone.".to_owned(), back_at: None });
        let left = seen(&[], &[kim]);
        assert_eq!(left, [("deputy@lantern.example".to_owned(), DeliveryMode::Full, false)], "the deputy stands in");
    }
}
