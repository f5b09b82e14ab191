//! What the committee's judge is taught, by whose act, and how it reaches every node.
//!
//! A text teaches nothing by arriving: a member's correction or a project's acknowledgement makes a lesson of it, a
//! member alone remembers a name. Nothing here is read by a public page.

mod taught;
mod teaching;

use std::sync::Arc;

pub use taught::{Held, Known, Question, known, questions, suggestions};
pub use teaching::{Answer, Choice, NotTaught, answer, learn_confirmed, undo};

use crate::domain::address::Mailbox;
use crate::domain::ban::is_one_of_us;
use crate::domain::knowledge::{Groundless, Knowledge, grounds};
use crate::flows::{House, Policy};
use crate::judge::known::PrivateJudge;
use crate::store::{LessonRow, NameRow, Origin, StoreError};

/// Names and lessons that the judge is built of at most, the newest.
const KNOWN: i64 = 5_000;

/// Takes up what was learned or undone, on this node or another; `false` if nothing was.
pub async fn refresh(house: &House) -> Result<bool, StoreError> {
    let policy = house.policy();
    if policy.knowledge == Some(house.store.knowledge_version().await?) {
        return Ok(false);
    }
    let new = lay_over(house, &policy).await?;
    // A file that was read meanwhile must not be undone; the next look finds what is missing.
    house.policy.compare_and_swap(&policy, Arc::new(new));
    Ok(true)
}

/// The same policy with the knowledge of the store.
pub async fn lay_over(house: &House, policy: &Policy) -> Result<Policy, StoreError> {
    // Read before the knowledge: what changes in between is taken up by the next look.
    let version = house.store.knowledge_version().await?;
    let names = house.store.remembered_names(KNOWN).await?;
    let lessons = house.store.lessons(KNOWN).await?;
    let knowledge = in_force(names, lessons);
    let (judge, file) = (Arc::clone(&policy.judge), Arc::clone(&policy.file));
    // Building a judge takes a while for a directory of thousands.
    let built = tokio::task::spawn_blocking(move || PrivateJudge::new(judge, file, knowledge)).await;
    let built = built.map_err(|_| StoreError::Unavailable("the private judge could not be built".to_owned()))?;
    Ok(policy.with_knowledge(Arc::new(built), version))
}

/// What counts, the newest last.
fn in_force(names: Vec<NameRow>, lessons: Vec<LessonRow>) -> Knowledge {
    let names = names.into_iter().rev().filter(|row| ground_of(&row.origin).is_ok());
    let lessons = lessons.into_iter().rev().filter(|row| ground_of(&row.origin).is_ok());
    Knowledge {
        aliases: names.map(NameRow::into_alias).collect(),
        lessons: lessons.map(LessonRow::into_lesson).collect(),
    }
}

fn ground_of(origin: &Origin) -> Result<(), Groundless> {
    match origin.undone_at {
        Some(_) => Err(Groundless::Undone),
        None => grounds(origin.part, origin.closed_as),
    }
}

/// By what a sender is known again: a salted hash, only where the address is proven, or a forger would be believed for
/// another's past; and not of one of us, who pass on what others found.
pub fn sender_key(house: &House, policy: &Policy, from: Option<&Mailbox>, is_proven: bool) -> Option<String> {
    let from = from.filter(|from| is_proven && !is_one_of_us(&policy.directory, from))?;
    Some(house.key.salted_hash(&from.folded()))
}

/// Subject and text of what a project may see of a report: the reporter's identity is cut from it.
fn shared_parts(shared: &str) -> (&str, &str) {
    let text = shared.strip_prefix("Subject: ").unwrap_or(shared);
    text.split_once("\n\n").unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_report_is_taken_apart_into_subject_and_text() {
        assert_eq!(shared_parts("Subject: a flaw\n\nIt leaks.\n\nMore."), ("a flaw", "It leaks.\n\nMore."));
        assert_eq!(shared_parts("Subject: a flaw"), ("a flaw", ""));
        assert_eq!(shared_parts(""), ("", ""));
    }
}
