//! The guard before a member's words leave: what of them is also in an internal note, in mail that is held, or in
//! what another party wrote, and is nothing that their readers know (UX.md 3.6). It asks; the member decides.

use crate::domain::directory::ProjectId;
use crate::domain::id::{HandlingId, MessageId};
use crate::domain::leak::{Leak, lines_also_in};
use crate::domain::party::{Author, Lane};
use crate::flows::composing::{Correspondents, To, name_of};
use crate::flows::{House, Step};
use crate::store::{MessageRow, ReportRow, StoreError, Tx};

/// All that was said on a case.
pub struct Said {
    reports: Vec<ReportRow>,
    messages: Vec<MessageRow>,
}

impl Said {
    /// What was said until now, for a page.
    pub async fn on(house: &House, with: &Correspondents) -> Result<Self, StoreError> {
        let case = &with.case.id;
        let (reports, messages) = (house.store.reports_of(case).await?, house.store.messages_of(case).await?);
        Ok(Self { reports, messages })
    }

    /// The same within the transaction that sends.
    pub async fn within(tx: &mut Tx<'_>, with: &Correspondents) -> Result<Self, StoreError> {
        let case = &with.case.id;
        Ok(Self { reports: tx.reports_of(case).await?, messages: tx.messages_of(case).await? })
    }
}

/// A text with the place in which a reader of the draft does not see it.
struct Elsewhere<'s> {
    place: String,
    texts: Vec<&'s str>,
}

/// What of `words`, on their way to `to`, is also elsewhere. The message that they pass on is no leak: it was chosen.
pub fn leaks(
    step: &Step,
    with: &Correspondents,
    said: &Said,
    to: &To,
    words: &str,
    passed_on: Option<&MessageId>,
) -> Vec<Leak> {
    if *to == To::Committee {
        return Vec::new();
    }
    let known = known(with, said, to, passed_on);
    elsewhere(step, with, said, to)
        .into_iter()
        .map(|other| Leak { lines: lines_also_in(words, &other.texts, &known), place: other.place })
        .filter(|leak| !leak.lines.is_empty())
        .collect()
}

/// What the readers have in front of them, and what is passed on to them by choice.
fn known<'s>(with: &Correspondents, said: &'s Said, to: &To, passed_on: Option<&MessageId>) -> Vec<&'s str> {
    let own = handling_of(with, to);
    let is_theirs = |row: &&MessageRow| match to {
        To::Reporter => row.lane == Some(Lane::Reporter),
        To::Project(_) => row.lane == Some(Lane::Project) && row.handling.as_ref() == own,
        To::Committee => false,
    };
    let mut known: Vec<&str> = said.messages.iter().filter(is_theirs).map(|row| row.body.as_str()).collect();
    known.extend(said.messages.iter().filter(|row| Some(&row.id) == passed_on).map(|row| row.body.as_str()));
    for report in &said.reports {
        match to {
            To::Reporter => known.extend([report.subject.as_str(), report.body.as_str()]),
            To::Project(_) if own.is_some() => known.push(&report.shared),
            To::Project(_) | To::Committee => {}
        }
    }
    known
}

fn handling_of<'w>(with: &'w Correspondents, to: &To) -> Option<&'w HandlingId> {
    match to {
        To::Project(project) => with.handling(project).map(|row| &row.id),
        To::Reporter | To::Committee => None,
    }
}

fn elsewhere<'s>(step: &Step, with: &Correspondents, said: &'s Said, to: &To) -> Vec<Elsewhere<'s>> {
    let texts = |is_meant: &dyn Fn(&MessageRow) -> bool| -> Vec<&'s str> {
        said.messages.iter().filter(|row| is_meant(row)).map(|row| row.body.as_str()).collect()
    };
    let theirs = |row: &MessageRow| row.author != Author::Member && row.passed_on_from.is_none();
    let mut places = vec![
        // Words that were stopped before they left lie in that lane too, and were meant for these readers.
        Elsewhere {
            place: "an internal note".to_owned(),
            texts: texts(&|row| row.lane == Some(Lane::Internal) && row.decision.as_deref() != Some("stopped")),
        },
        Elsewhere { place: "mail that is held".to_owned(), texts: texts(&|row| row.lane.is_none()) },
    ];
    if *to != To::Reporter {
        let mut from_the_reporter = texts(&|row| row.lane == Some(Lane::Reporter) && theirs(row));
        from_the_reporter.extend(said.reports.iter().map(|report| report.body.as_str()));
        places.push(Elsewhere { place: "what the reporter wrote".to_owned(), texts: from_the_reporter });
    }
    for row in with.handlings.iter().filter(|row| Some(&row.id) != handling_of(with, to)) {
        let of_it =
            texts(&|said| said.lane == Some(Lane::Project) && said.handling.as_ref() == Some(&row.id) && theirs(said));
        places.push(Elsewhere { place: place_of(step, &row.project), texts: of_it });
    }
    places.retain(|other| !other.texts.is_empty());
    places
}

fn place_of(step: &Step, project: &ProjectId) -> String {
    format!("what {} wrote", name_of(step, project))
}
