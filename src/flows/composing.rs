//! What a member writes: to the reporter, to a project, or for the committee alone. One lane each, and once.

mod stopping;

pub use stopping::stop;

use crate::domain::case::{Actor, CaseRef, CaseState, Closing, EventKind};
use crate::domain::clock::{ClockKind, PROGRESS_TARGET};
use crate::domain::directory::{Member, ProjectId};
use crate::domain::id::{CaseId, HandlingId, MessageId};
use crate::domain::leak::{Leak, sentences};
use crate::domain::letter::LetterKind;
use crate::domain::party::{Author, Lane, Party, PartyRole};
use crate::flows::clocks::{self, NewClock};
use crate::flows::crossing::delivery;
use crate::flows::leaks::{Said, leaks};
use crate::flows::writing::{self, record};
use crate::flows::{House, Step, progress, urgency};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::member_reply::{MemberReply, Signature, member_reply};
use crate::mail::write::letters::to_project::{ToProject, to_project};
use crate::store::{CaseRow, HandlingRow, MessageRow, StoreError, Tx};

/// As much as the report form takes.
pub const WORDS_MAX: usize = 100_000;

/// Which lane words go to; each has its own page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    Reporter,
    Project(ProjectId),
    /// An internal note: never sent.
    Committee,
}

/// What a form brings.
#[derive(Debug, Clone)]
pub struct Composed {
    /// Made with the form. It becomes the message's id, so that a form that is sent twice is one message.
    pub id: MessageId,
    pub to: To,
    pub words: String,
    /// The message of another lane that this passes on, looked at and edited by the member.
    pub passed_on_from: Option<MessageId>,
    /// To the reporter: the committee answers this itself, no project is needed.
    pub answers: bool,
    /// To the reporter: the case is closed in the same act, for this reason. Words that are stopped in their hold
    /// open it again.
    pub closes: Option<Closing>,
}

/// Why nothing was sent; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    #[error("There is no such case.")]
    NoCase,
    #[error("Case {0} is closed. Reopen it first.")]
    CaseClosed(CaseRef),
    #[error("Write something first.")]
    NothingWritten,
    #[error("That is longer than {WORDS_MAX} characters. Shorten it.")]
    TooLong,
    #[error("{0} does not have this case. Forward it there first.")]
    NotThere(String),
    #[error("{0} has no contact to write to on this case. Take your words there by hand.")]
    NobodyToWriteTo(String),
    #[error("This form was sent before, with other words. Open the page again to write more.")]
    SentBefore,
    #[error("The message to pass on is not of this case.")]
    NotOfThisCase,
    #[error("{0} still has this case, so it stays open. Send the answer without closing it.")]
    StillWith(String),
    #[error("{} Take that out, or write on the page of the lane, which sends it with a reason.", sentences(.0))]
    AlsoElsewhere(Vec<Leak>),
}

/// What became of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// So many letters wait in their hold; none where the words stand on a page alone.
    Now { letters: usize },
    /// The same form had been sent before.
    Before,
}

/// One letter before it is written: exactly what one recipient will get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub to: Party,
    pub words: Words,
}

/// A case as a writer sees it.
pub struct Correspondents {
    pub case: CaseRow,
    pub handlings: Vec<HandlingRow>,
    pub parties: Vec<Party>,
}

impl Correspondents {
    /// Those of a case, for its pages.
    pub async fn at(house: &House, number: &str) -> Result<Option<Self>, StoreError> {
        let store = &house.store;
        let Some(case) = store.case_by_number(number).await? else { return Ok(None) };
        let (handlings, parties) = (store.handlings_of(&case.id).await?, store.parties_of(&case.id).await?);
        Ok(Some(Self { case, handlings, parties }))
    }

    async fn of(tx: &mut Tx<'_>, case: &CaseId) -> Result<Option<Self>, StoreError> {
        let Some(row) = tx.case_for_update(case).await? else { return Ok(None) };
        let (handlings, parties) = (tx.handlings_of(case).await?, tx.parties_of(case).await?);
        Ok(Some(Self { case: row, handlings, parties }))
    }

    /// The reporters.
    pub fn reporters(&self) -> impl Iterator<Item = &Party> {
        self.parties.iter().filter(|party| party.role == PartyRole::Reporter)
    }

    /// The contacts of that handling whom we have an address of.
    pub fn contacts<'a>(&'a self, handling: &'a HandlingId) -> impl Iterator<Item = &'a Party> {
        self.parties.iter().filter(move |party| party.is_contact_of(handling) && party.mailbox.is_some())
    }

    /// The open part of that project.
    pub fn handling(&self, project: &ProjectId) -> Option<&HandlingRow> {
        self.handlings.iter().find(|row| row.project == *project && row.state.is_open())
    }
}

/// The letters that `words` become, one envelope each; none for a reporter without an address, who reads on the
/// status page, and none for a note.
pub fn drafts(
    house: &House,
    step: &Step,
    with: &Correspondents,
    to: &To,
    words: &str,
    by: &Member,
) -> Result<Vec<Draft>, NotSent> {
    let words = words.trim();
    if words.is_empty() {
        return Err(NotSent::NothingWritten);
    }
    if words.chars().count() > WORDS_MAX {
        return Err(NotSent::TooLong);
    }
    if with.case.state == CaseState::Closed && *to != To::Committee {
        return Err(NotSent::CaseClosed(with.case.number.clone()));
    }
    let by = signature(step, by);
    match to {
        To::Committee => Ok(Vec::new()),
        To::Reporter => Ok(with
            .reporters()
            .filter(|reporter| reporter.mailbox.is_some())
            .map(|reporter| Draft {
                words: member_reply(&MemberReply {
                    case: &with.case.number,
                    words,
                    by,
                    status_link: &house.status_url(reporter),
                }),
                to: reporter.clone(),
            })
            .collect()),
        To::Project(project) => to_contacts(house, step, with, project, words, by),
    }
}

fn to_contacts(
    house: &House,
    step: &Step,
    with: &Correspondents,
    id: &ProjectId,
    words: &str,
    by: Signature<'_>,
) -> Result<Vec<Draft>, NotSent> {
    let project = name_of(step, id);
    let Some(handling) = with.handling(id) else { return Err(NotSent::NotThere(project)) };
    let letter = |contact: &Party| Draft {
        words: to_project(&ToProject {
            case: &with.case.number,
            project: &project,
            words,
            by,
            delivery: delivery(step, handling, contact),
            party_address: &step.own_addresses().with(&house.party_token(contact)),
            action_link: &house.action_url(contact),
        }),
        to: contact.clone(),
    };
    let drafts: Vec<Draft> = with.contacts(&handling.id).map(letter).collect();
    if drafts.is_empty() { Err(NotSent::NobodyToWriteTo(project)) } else { Ok(drafts) }
}

/// Who signs.
pub fn signature<'a>(step: &'a Step, by: &'a Member) -> Signature<'a> {
    Signature { name: &by.name, role: by.role, org: &step.policy.directory.foundation.name }
}

/// A project's name, or its id where the file no longer has it.
pub fn name_of(step: &Step, id: &ProjectId) -> String {
    step.policy.directory.project(id).map_or_else(|| id.to_string(), |project| project.name.clone())
}

/// Puts a member's words into their lane and writes the letters that carry them.
pub async fn send(
    house: &House,
    case: &CaseId,
    composed: &Composed,
    by: &Member,
) -> Result<Result<Sent, NotSent>, StoreError> {
    send_although(house, case, composed, "", by).await
}

/// The same for words of which the guard has said that they are also elsewhere: with a reason, which stays with the
/// case, they leave.
pub async fn send_although(
    house: &House,
    case: &CaseId,
    composed: &Composed,
    because: &str,
    by: &Member,
) -> Result<Result<Sent, NotSent>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(with) = Correspondents::of(&mut tx, case).await? else { return Ok(Err(NotSent::NoCase)) };
    if let Some(earlier) = tx.message(&composed.id).await? {
        let is_the_same = earlier.case.as_ref() == Some(case) && earlier.body == composed.words.trim();
        return Ok(if is_the_same { Ok(Sent::Before) } else { Err(NotSent::SentBefore) });
    }
    let drafts = match drafts(house, &step, &with, &composed.to, &composed.words, by) {
        Ok(drafts) => drafts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(passed) = &composed.passed_on_from
        && tx.message(passed).await?.is_none_or(|row| row.case.as_ref() != Some(case))
    {
        return Ok(Err(NotSent::NotOfThisCase));
    }
    if let (Some(_), Some(open)) = (composed.closes, with.handlings.iter().find(|row| row.state.is_open())) {
        return Ok(Err(NotSent::StillWith(name_of(&step, &open.project))));
    }
    let said = Said::within(&mut tx, &with).await?;
    let leaks = leaks(&step, &with, &said, &composed.to, &composed.words, composed.passed_on_from.as_ref());
    if !leaks.is_empty() && because.trim().is_empty() {
        return Ok(Err(NotSent::AlsoElsewhere(leaks)));
    }
    let message = message(&step, &with, composed, by);
    tx.insert_message(&message).await?;
    if !leaks.is_empty() {
        let words = format!("Sent anyway: {} {}", because.trim(), sentences(&leaks));
        urgency::keep_reason(&mut tx, house, &step, case, &words, by).await?;
    }
    let actor = house.actor(&by.email);
    note(&mut tx, &step, &message, actor.clone()).await?;
    for draft in &drafts {
        let kind = if composed.to == To::Reporter { LetterKind::MemberReply } else { LetterKind::ToProject };
        let letter = (kind, &draft.words, Some(&message.id));
        writing::to_party(&mut tx, house, &step, (case, &with.case.number), &draft.to, letter).await?;
    }
    follow(&mut tx, house, &step, &with, composed, actor, &message).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(Sent::Now { letters: drafts.len() }))
}

/// The words as they stand in their lane, without the signature, which the pages add.
fn message(step: &Step, with: &Correspondents, composed: &Composed, by: &Member) -> MessageRow {
    let (lane, handling) = match &composed.to {
        To::Reporter => (Lane::Reporter, None),
        To::Project(id) => (Lane::Project, with.handling(id).map(|row| row.id.clone())),
        To::Committee => (Lane::Internal, None),
    };
    MessageRow {
        lane: Some(lane),
        handling,
        passed_on_from: composed.passed_on_from.clone(),
        ..written(step, &with.case.id, &composed.id, &composed.words, by)
    }
}

/// A member's words, in the committee's own lane until their writer says otherwise.
pub fn written(step: &Step, case: &CaseId, id: &MessageId, words: &str, by: &Member) -> MessageRow {
    MessageRow {
        case: Some(case.clone()),
        lane: Some(Lane::Internal),
        from_name: Some(by.name.clone()),
        from: Some(by.email.clone()),
        body: words.trim().to_owned(),
        proof: "signed in".to_owned(),
        ..MessageRow::blank(id.clone(), Author::Member, step.now)
    }
}

async fn note(tx: &mut Tx<'_>, step: &Step, message: &MessageRow, actor: Actor) -> Result<(), StoreError> {
    let (Some(case), Some(lane)) = (&message.case, message.lane) else { return Ok(()) };
    let mut detail = format!("{} {}", message.id, lane.word());
    if let Some(handling) = &message.handling {
        detail += &format!(" {handling}");
    }
    match &message.passed_on_from {
        None => record(tx, step, case, EventKind::WordsWritten, actor, detail).await,
        Some(from) => record(tx, step, case, EventKind::PassedOn, actor, format!("{from} {detail}")).await,
    }
}

/// What a person's words mean for the case and its clocks. The first promise is kept by the relay's 250 for the
/// letter; where no letter goes out, because the reporter left no address, by the post on the status page.
async fn follow(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    with: &Correspondents,
    composed: &Composed,
    actor: Actor,
    message: &MessageRow,
) -> Result<(), StoreError> {
    let case = &with.case;
    progress::goes_on(tx, step, &case.id, message.handling.as_ref()).await?;
    if composed.to == To::Committee {
        return Ok(());
    }
    if composed.to == To::Reporter {
        let is_read_on_the_page = with.reporters().all(|reporter| reporter.mailbox.is_none());
        if is_read_on_the_page {
            clocks::answered(tx, house, step, &case.id, actor.clone(), None).await?;
        }
        if let Some(reason) = composed.closes {
            tx.close_case(&case.id, reason, &actor.word(), step.now).await?;
            clocks::case_closed(tx, step, &case.id, !is_read_on_the_page).await?;
            return record(tx, step, &case.id, EventKind::Closed, actor, reason.word()).await;
        }
        if composed.answers && !with.handlings.iter().any(|row| row.state.is_open()) {
            tx.set_case_state(&case.id, CaseState::Answered, None).await?;
            clocks::triage_ends(tx, step, &case.id).await?;
            return stays_followed(tx, house, step, &case.id).await;
        }
    }
    if case.state == CaseState::New {
        tx.set_case_state(&case.id, CaseState::Triage, case.waits_because.as_deref()).await?;
    }
    Ok(())
}

/// Every open case has a running promise or follow-up (DESIGN.md 2): where none is left, its progress is followed.
async fn stays_followed(tx: &mut Tx<'_>, house: &House, step: &Step, case: &CaseId) -> Result<(), StoreError> {
    if tx.clocks_of(case).await?.iter().any(|row| row.clock.stopped_at.is_none()) {
        return Ok(());
    }
    let (kind, target) = (ClockKind::Progress, PROGRESS_TARGET);
    clocks::start(tx, house, step, NewClock { case, handling: None, kind, started_at: step.now, target }).await?;
    Ok(())
}
