//! Asks contacts whether they are still there, and doubts those who do not answer.

use jiff::SignedDuration;

use super::telling::{ask_whether_still, may_write_to, tell_the_committee};
use super::{looked_at_again, settling};
use crate::domain::contact::{Due, Proof, first_ask};
use crate::domain::directory::Project;
use crate::domain::id::ContactId;
use crate::flows::{House, Step};
use crate::mail::write::letters::contact_notice::CommitteeNotice;
use crate::store::{ContactRow, StoreError, Tx};

/// When to look again at a contact that cannot be asked now: its domain is gone, its project left the file, or it had
/// its letters of today.
const TOMORROW: SignedDuration = SignedDuration::from_hours(24);

/// Looks at a contact whose moment has come: a question, a doubt, or nothing yet.
pub async fn look_at_contact(house: &House, id: &ContactId) -> Result<(), StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(row) = tx.contact_for_update(id).await? else { return Ok(()) };
    let project = step.policy.directory.project(&row.project).filter(|_| row.health.gone.is_none());
    let Some(project) = project else {
        tx.set_proof(id, &row.health.proof, step.now + TOMORROW).await?;
        return tx.commit().await;
    };
    match row.health.proof.due(first_ask(&row.project, &row.contact.email), step.now) {
        Due::Question => question(&mut tx, house, &step, project, &row).await?,
        Due::Doubt => doubt(&mut tx, house, &step, project, &row).await?,
        Due::NotBefore(at) => tx.set_proof(id, &row.health.proof, at).await?,
    }
    tx.commit().await?;
    settling::after_a_change(house).await
}

/// A member wants to know now.
pub async fn ask_now(house: &House, id: &ContactId) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(row) = tx.contact_for_update(id).await? else { return Ok(false) };
    let Some(project) = step.policy.directory.project(&row.project) else { return Ok(false) };
    if row.health.gone.is_some() || !may_write_to(&mut tx, &row.contact.email, step.now).await? {
        return Ok(false);
    }
    question(&mut tx, house, &step, project, &row).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(true)
}

async fn question(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    project: &Project,
    row: &ContactRow,
) -> Result<(), StoreError> {
    if !may_write_to(tx, &row.contact.email, step.now).await? {
        return tx.set_proof(&row.id, &row.health.proof, step.now + TOMORROW).await;
    }
    ask_whether_still(tx, house, step, project, row).await?;
    let proof = row.health.proof.asked(step.now);
    tx.set_proof(&row.id, &proof, looked_at_again(row, &proof, step.now)).await
}

async fn doubt(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    project: &Project,
    row: &ContactRow,
) -> Result<(), StoreError> {
    let proof = Proof { told_at: Some(step.now), ..row.health.proof };
    tx.set_proof(&row.id, &proof, looked_at_again(row, &proof, step.now)).await?;
    tx.raise_contact_version().await?;
    let notice = CommitteeNotice::Unconfirmed {
        project: &project.name,
        contact: &row.contact.email,
        since: row.health.proof.runs_out_at.unwrap_or(step.now),
    };
    tell_the_committee(tx, house, step, &notice).await
}
