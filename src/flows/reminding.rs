//! Reminders to a project's contacts: their words, for the sweep too, and a member who does not wait for the next step.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{CaseRef, EventKind};
use crate::domain::clock::{Clock, ClockKind, date};
use crate::domain::directory::{Member, ProjectId, Tell};
use crate::domain::id::CaseId;
use crate::domain::ladder::{self, Waits};
use crate::domain::letter::LetterKind;
use crate::domain::party::Party;
use crate::flows::composing::Draft;
use crate::flows::project_part::ProjectPart;
use crate::flows::writing::{self, record};
use crate::flows::{House, Step, clocks, progress};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::reminder::{ContactSilence, Reminder, reminder};
use crate::store::{CaseRow, ClockRow, HandlingRow, StoreError};

/// A member reminds nobody sooner after the last reminder: contacts are volunteers too.
pub const NOT_SOONER: SignedDuration = SignedDuration::from_hours(24);

/// Why nobody was reminded; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReminded {
    #[error("The project has confirmed, or no longer has this case.")]
    NotWaiting,
    #[error("Nobody reads mail for this project. Take it there by hand.")]
    NotByMail,
    #[error("No contact can be reached by mail. Choose another way, or ask the board for help.")]
    NobodyToRemind,
    #[error("The clock is paused, so nobody is reminded. End the pause first.")]
    Paused,
    #[error("They were reminded {}. Wait a day before you remind them again.", date(*.0))]
    TooSoon(Timestamp),
}

/// The words of a reminder to `party`, one of the contacts of that part.
pub fn words(
    house: &House,
    step: &Step,
    case: &CaseRef,
    of: &ProjectPart,
    party: &Party,
    silence: ContactSilence,
    next: &[(&'static str, Timestamp)],
) -> Words {
    reminder(&Reminder {
        case,
        project: &of.name(),
        org: &step.policy.directory.foundation.name,
        silence,
        action_link: &house.action_url(party),
        contacts: of.reachable().len(),
        next,
    })
}

/// Whom the coming steps tell, and when. What comes above the board is the committee's own work.
pub fn up_to_the_board(steps: Vec<(Timestamp, &ladder::Step)>) -> Vec<(&'static str, Timestamp)> {
    let board = steps.iter().position(|(_, step)| step.tells(Tell::Board)).map_or(usize::MAX, |at| at + 1);
    steps.into_iter().take(board).map(|(at, step)| (step.whom(), at)).collect()
}

/// A project that has a case and has not confirmed, with the clock that waits for it.
pub struct Unconfirmed {
    pub case: CaseRow,
    pub of: ProjectPart,
    pub clock: Clock,
    waits: Waits,
}

impl Unconfirmed {
    /// What a page shows of it; `None` where no such promise runs.
    pub async fn on_page(
        house: &House,
        step: &Step,
        case: &CaseRow,
        project: &ProjectId,
    ) -> Result<Option<Self>, StoreError> {
        let handlings = house.store.handlings_of(&case.id).await?;
        let Some(row) = open_part(handlings, project) else { return Ok(None) };
        let clocks = house.store.clocks_of(&case.id).await?;
        let Some(clock) = clocks.into_iter().find(|clock| is_promise_of(clock, &row)) else { return Ok(None) };
        let waits = clocks::waits(house, &clock, step.now).await?;
        let of = ProjectPart::on_page(house, step, row).await?;
        Ok(Some(Self { case: case.clone(), of, clock: clock.clock, waits }))
    }

    /// The same within a transaction, which holds the case.
    pub async fn within(
        tx: &mut crate::store::Tx<'_>,
        house: &House,
        step: &Step,
        case: &CaseId,
        project: &ProjectId,
    ) -> Result<Option<Self>, StoreError> {
        let Some(case) = tx.case_for_update(case).await? else { return Ok(None) };
        let Some(row) = open_part(tx.handlings_of(&case.id).await?, project) else { return Ok(None) };
        let clocks = tx.clocks_of(&case.id).await?;
        let Some(clock) = clocks.into_iter().find(|clock| is_promise_of(clock, &row)) else { return Ok(None) };
        let waits = clocks::waits_in(tx, house, &clock, step.now).await?;
        let of = ProjectPart::of(tx, step, &case.id, Some(&row.id)).await?;
        Ok(of.map(|of| Self { case, of, clock: clock.clock, waits }))
    }

    /// The letters, one to each contact that can be reached, or why there are none.
    pub fn reminders(&self, house: &House, step: &Step) -> Result<Vec<Draft>, NotReminded> {
        if !self.of.is_by_mail() {
            return Err(NotReminded::NotByMail);
        }
        if self.clock.pause.is_some() {
            return Err(NotReminded::Paused);
        }
        if let Some(at) = self.last_asked().filter(|at| *at + NOT_SOONER > step.now) {
            return Err(NotReminded::TooSoon(at));
        }
        let ladder = clocks::ladder_of(step, &self.case, &self.clock);
        let next = up_to_the_board(ladder.to_come(&self.clock, &self.waits));
        let silence = self.silence(step.now);
        let draft = |party: &&Party| Draft {
            words: words(house, step, &self.case.number, &self.of, party, silence, &next),
            to: (*party).clone(),
        };
        let drafts: Vec<Draft> = self.of.reachable().iter().map(draft).collect();
        if drafts.is_empty() { Err(NotReminded::NobodyToRemind) } else { Ok(drafts) }
    }

    /// When a letter that asks them to confirm was written last, the forward itself among them.
    fn last_asked(&self) -> Option<Timestamp> {
        let asks = |kind| matches!(kind, LetterKind::Reminder | LetterKind::Forward);
        let written = self.of.letters.iter().filter(|letter| asks(letter.kind) && letter.withdrawn_at.is_none());
        written.map(|letter| letter.created_at).max()
    }

    fn silence(&self, now: Timestamp) -> ContactSilence {
        let left = self.clock.due_at.duration_since(now);
        match left.is_positive() {
            true => ContactSilence::Waiting { left, confirm_by: self.clock.due_at },
            false => ContactSilence::StillOver { promised: self.clock.target },
        }
    }
}

fn open_part(handlings: Vec<HandlingRow>, project: &ProjectId) -> Option<HandlingRow> {
    handlings.into_iter().find(|row| row.project == *project && row.state.is_open())
}

fn is_promise_of(clock: &ClockRow, row: &HandlingRow) -> bool {
    clock.clock.kind == ClockKind::Acknowledge
        && clock.clock.stopped_at.is_none()
        && clock.handling.as_ref() == Some(&row.id)
}

/// Reminds the contacts of `project` at once; says by how many letters. No step of the ladder is told by it.
pub async fn remind(
    house: &House,
    case: &CaseId,
    project: &ProjectId,
    by: &Member,
) -> Result<Result<usize, NotReminded>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(part) = Unconfirmed::within(&mut tx, house, &step, case, project).await? else {
        return Ok(Err(NotReminded::NotWaiting));
    };
    let drafts = match part.reminders(house, &step) {
        Ok(drafts) => drafts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    for draft in &drafts {
        let letter = (LetterKind::Reminder, &draft.words, None);
        let numbered = (case, &part.case.number);
        writing::to_party_at(&mut tx, house, &step, numbered, &draft.to, letter, step.now).await?;
    }
    let handling = &part.of.row.id;
    record(&mut tx, &step, case, EventKind::Reminded, house.actor(&by.email), handling.as_str()).await?;
    progress::goes_on(&mut tx, &step, case, Some(handling)).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(drafts.len()))
}
