//! What a contact says about its project's part: we have it, not ours, others' too, answered elsewhere.

use crate::domain::case::{Actor, EventKind};
use crate::domain::clock::{ClockEnd, ClockKind};
use crate::domain::directory::ProjectId;
use crate::domain::id::{CaseId, HandlingId, LetterId, MessageId};
use crate::domain::letter::LetterKind;
use crate::domain::party::{Author, Lane, Party, PartyRole};
use crate::flows::writing::{self, record};
use crate::flows::{House, Step, clocks, contacts, forward, knowledge, progress};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::asked_answered::{AskedAnswered, asked_answered};
use crate::mail::write::letters::confirmed::{Confirmed, confirmed};
use crate::store::{Acknowledged, CaseRow, HandlingRow, MessageRow, StoreError, Tx};

/// The project has it: the first acknowledgement stops its clock, starts the progress follow-up, and is told to the
/// reporter, by which the first promise is kept (DESIGN.md 3.4).
pub async fn acknowledge(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    handling: &HandlingId,
) -> Result<Acknowledged, StoreError> {
    let actor = Actor::Party(party.id.to_string());
    somebody_is_there(tx, step, party, handling).await?;
    let acknowledged = tx.acknowledge(handling, &actor.word(), step.now).await?;
    if acknowledged == Acknowledged::First {
        was_acknowledged(tx, house, step, &party.case, handling, actor).await?;
    } else {
        progress::goes_on(tx, step, &party.case, Some(handling)).await?;
    }
    Ok(acknowledged)
}

/// Whatever the contact says, its mailbox is read: a proof (DESIGN.md 3.2).
async fn somebody_is_there(
    tx: &mut Tx<'_>,
    step: &Step,
    party: &Party,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    match (&party.mailbox, tx.handling(handling).await?) {
        (Some(mailbox), Some(row)) => contacts::note_proof(tx, &row.project, mailbox, step.now).await,
        _ => Ok(()),
    }
}

/// What follows from a project's first acknowledgement, by whatever way it became known.
pub async fn was_acknowledged(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    handling: &HandlingId,
    actor: Actor,
) -> Result<(), StoreError> {
    clocks::project_acknowledged(tx, house, step, case, handling).await?;
    record(tx, step, case, EventKind::Acknowledged, actor.clone(), handling.as_str()).await?;
    knowledge::learn_confirmed(tx, house, step, handling).await?;
    let told_by = tell_the_reporters(tx, house, step, case, handling).await?;
    clocks::answered(tx, house, step, case, actor, told_by.as_ref()).await?;
    Ok(())
}

/// The letter that names the act, to each reporter who can be written to; gives the first of them.
async fn tell_the_reporters(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    handling: &HandlingId,
) -> Result<Option<LetterId>, StoreError> {
    let project = project_name(tx, step, handling).await?;
    let Some(case) = tx.case_for_update(case).await? else { return Ok(None) };
    let mut first = None;
    for reporter in reporters(tx, &case).await? {
        let status_link = &house.status_url(&reporter);
        let words = confirmed(&Confirmed { case: &case.number, project: &project, at: step.now, status_link });
        let letter = (LetterKind::Confirmed, &words, None);
        first = first.or(tell_reporter(tx, house, step, &case, &reporter, letter).await?);
    }
    Ok(first)
}

/// The name of the project that has this handling, as the reporter is shown it.
pub async fn project_name(tx: &mut Tx<'_>, step: &Step, handling: &HandlingId) -> Result<String, StoreError> {
    let row = tx.handling(handling).await?;
    Ok(row.map_or_else(|| "The project".to_owned(), |row| name_of(step, &row)))
}

fn name_of(step: &Step, handling: &HandlingRow) -> String {
    let known = step.policy.directory.project(&handling.project);
    known.map_or_else(|| handling.project.to_string(), |project| project.name.clone())
}

/// The reporters of a case.
pub async fn reporters(tx: &mut Tx<'_>, case: &CaseRow) -> Result<Vec<Party>, StoreError> {
    let mut parties = tx.parties_of(&case.id).await?;
    parties.retain(|party| party.role == PartyRole::Reporter);
    Ok(parties)
}

/// Writes to a reporter. `None` where there is no address, or a machine reported: then the words stand on the status
/// page alone, for what a machine sent is never answered (RFC 3834).
pub async fn tell_reporter(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseRow,
    reporter: &Party,
    letter: (LetterKind, &Words, Option<&MessageId>),
) -> Result<Option<LetterId>, StoreError> {
    let reports = tx.reports_of(&case.id).await?;
    if reports.iter().any(|report| report.party == reporter.id && report.automatic.is_some()) {
        return Ok(None);
    }
    writing::to_party(tx, house, step, (&case.id, &case.number), reporter, letter).await
}

/// "Not ours": the clock ends kept, and once no project has the case it is back in triage.
pub async fn hand_back(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    handling: &HandlingRow,
    words: &str,
) -> Result<bool, StoreError> {
    let actor = Actor::Party(party.id.to_string());
    somebody_is_there(tx, step, party, &handling.id).await?;
    if !tx.hand_back(&handling.id, &actor.word(), step.now).await? {
        return Ok(false);
    }
    clocks::acknowledge_ends(tx, step, &party.case, &handling.id, ClockEnd::Kept).await?;
    tx.end_clock(&party.case, ClockKind::Progress, Some(&handling.id), ClockEnd::Kept, None, step.now).await?;
    record(tx, step, &party.case, EventKind::HandedBack, actor, handling.id.as_str()).await?;
    tx.raise_knowledge_version().await?; // the case teaches nothing about this project now
    let project = name_of(step, handling);
    note(tx, house, step, party, Lane::Project, &with_words("This is not ours.", words)).await?;
    let because = format!("{project} says that it is not theirs.");
    forward::back_to_triage(tx, house, step, &party.case, &because).await?;
    Ok(true)
}

/// "Also another project's": a suggestion to the committee, for only a member widens the circle of who knows.
pub async fn name_others(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    handling: &HandlingRow,
    others: &[ProjectId],
    words: &str,
) -> Result<(), StoreError> {
    let directory = &step.policy.directory;
    let names: Vec<&str> = others.iter().filter_map(|id| directory.project(id)).map(|p| p.name.as_str()).collect();
    let named = if names.is_empty() { "other projects".to_owned() } else { names.join(", ") };
    let because = format!("{} says that it also concerns {named}.", name_of(step, handling));
    let Some(case) = tx.case_for_update(&party.case).await? else { return Ok(()) };
    tx.set_case_state(&case.id, case.state, Some(&because)).await?;
    note(tx, house, step, party, Lane::Internal, &with_words(&because, words)).await?;
    progress::goes_on(tx, step, &case.id, Some(&handling.id)).await?;
    let ids: Vec<&str> = others.iter().map(ProjectId::as_str).collect();
    record(tx, step, &case.id, EventKind::OthersNamed, Actor::Party(party.id.to_string()), ids.join(" ")).await
}

/// "Answered elsewhere": the reporter is asked; only a yes or a member's note stops the clock. `false` if the
/// reporter has been asked already.
pub async fn say_answered(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    handling: &HandlingRow,
) -> Result<bool, StoreError> {
    if !tx.say_answered(&handling.id, step.now).await? {
        return Ok(false);
    }
    let actor = Actor::Party(party.id.to_string());
    record(tx, step, &party.case, EventKind::SaidAnswered, actor, handling.id.as_str()).await?;
    progress::goes_on(tx, step, &party.case, Some(&handling.id)).await?;
    let project = name_of(step, handling);
    let Some(case) = tx.case_for_update(&party.case).await? else { return Ok(true) };
    for reporter in reporters(tx, &case).await? {
        let status_link = &house.status_url(&reporter);
        let words = asked_answered(&AskedAnswered { case: &case.number, project: &project, status_link });
        tell_reporter(tx, house, step, &case, &reporter, (LetterKind::AskedAnswered, &words, None)).await?;
    }
    Ok(true)
}

/// The reporter's word to such a claim; `false` if none waits for it.
pub async fn reply_to_said_answered(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    reporter: &Party,
    handling: &HandlingId,
    was_answered: bool,
) -> Result<bool, StoreError> {
    let of_this_case = tx.handling(handling).await?.is_some_and(|row| row.case == reporter.case);
    if !of_this_case || !tx.reply_to_said_answered(handling, was_answered, step.now).await? {
        return Ok(false);
    }
    let actor = Actor::Party(reporter.id.to_string());
    let detail = format!("{handling} {}", if was_answered { "yes" } else { "not-yet" });
    record(tx, step, &reporter.case, EventKind::SaidAnsweredReplied, actor.clone(), detail).await?;
    progress::reporter_is_heard(tx, step, &reporter.case).await?;
    if was_answered {
        clocks::answered(tx, house, step, &reporter.case, actor, None).await?;
    }
    Ok(true)
}

fn with_words(said: &str, words: &str) -> String {
    match words.trim() {
        "" => said.to_owned(),
        words => format!("{said}\n\n{words}"),
    }
}

/// Puts what a contact said by a button into a lane.
async fn note(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    lane: Lane,
    text: &str,
) -> Result<(), StoreError> {
    let id = MessageId::new(step.now, house.chance());
    tx.insert_message(&typed(id, step, party, lane, text)).await
}

/// Words that `party` typed on its page.
pub fn typed(id: MessageId, step: &Step, party: &Party, lane: Lane, text: &str) -> MessageRow {
    MessageRow {
        case: Some(party.case.clone()),
        lane: Some(lane),
        handling: match &party.role {
            PartyRole::Reporter => None,
            PartyRole::Contact(handling) => Some(handling.clone()),
        },
        party: Some(party.id.clone()),
        from_name: party.name.clone(),
        from: party.mailbox.clone(),
        body: text.to_owned(),
        proof: "typed on the page behind a private link".to_owned(),
        ..MessageRow::blank(id, Author::Party, step.now)
    }
}
