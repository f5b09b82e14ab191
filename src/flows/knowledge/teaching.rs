//! The acts that teach, and the one that undoes.

use super::{refresh, sender_key, shared_parts};
use crate::domain::case::{CaseRef, EventKind};
use crate::domain::directory::{Member, ProjectId};
use crate::domain::id::{CaseId, HandlingId, KnowledgeId};
use crate::domain::judgement::{Candidate, Strength};
use crate::domain::knowledge::{Groundless, TaughtBy, grounds};
use crate::flows::writing::record;
use crate::flows::{House, Step};
use crate::judge::known::{self, NotRemembered};
use crate::store::{CorrectionRow, HandlingRow, LessonRow, NameRow, Origin, StoreError, Tx};

/// A member's choice of a project, and what the judge would have chosen.
pub struct Choice {
    suggested: Option<ProjectId>,
    /// The judge had it, too.
    is_suggested: bool,
}

impl Choice {
    /// What the judge suggests for the case now, beside those who have it already. Asked before the transaction, for
    /// it reads a whole text.
    pub async fn of(house: &House, case: &CaseId, project: &ProjectId) -> Result<Self, StoreError> {
        let Some(row) = house.store.case(case).await? else { return Ok(Self { suggested: None, is_suggested: true }) };
        let handlings = house.store.handlings_of(case).await?;
        let judgement = super::suggestions(house, &row).await?;
        let is_open = |id: &ProjectId| !handlings.iter().any(|handling| handling.project == *id);
        let mut open = judgement.candidates.iter().filter(|candidate| is_open(&candidate.project));
        let first = open.next();
        // A weak match that rests on the sender's past alone leaves the text's own name for the project unknown.
        let says_so = |first: &Candidate| first.strength > Strength::Weak || first.is_named();
        let is_first = first.is_some_and(|first| first.project == *project && says_so(first));
        let is_strong = judgement.strong().any(|strong| strong.project == *project);
        Ok(Self { suggested: first.map(|first| first.project.clone()), is_suggested: is_first || is_strong })
    }

    /// Writes down that the choice corrects the judge, if it does, and makes a lesson of it.
    pub async fn note(
        &self,
        tx: &mut Tx<'_>,
        house: &House,
        step: &Step,
        handling: &HandlingId,
        by: &Member,
    ) -> Result<(), StoreError> {
        let Some(row) = tx.handling(handling).await?.filter(|_| !self.is_suggested) else { return Ok(()) };
        tx.note_correction(&CorrectionRow {
            case: row.case.clone(),
            project: row.project.clone(),
            suggested: self.suggested.clone(),
            at: step.now,
            member: by.email.clone(),
        })
        .await?;
        let suggested = self.suggested.as_ref().map_or("none", ProjectId::as_str);
        let detail = format!("{suggested} {}", row.project);
        record(tx, step, &row.case, EventKind::JudgeCorrected, house.actor(&by.email), detail).await?;
        learn(tx, house, step, &row, TaughtBy::Correction, Some(by)).await
    }
}

/// The project has acknowledged its part: what the case was about becomes a lesson.
pub async fn learn_confirmed(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    match tx.handling(handling).await? {
        Some(row) => learn(tx, house, step, &row, TaughtBy::Acknowledgement, None).await,
        None => Ok(()),
    }
}

async fn learn(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    handling: &HandlingRow,
    taught_by: TaughtBy,
    member: Option<&Member>,
) -> Result<(), StoreError> {
    let reports = tx.reports_of(&handling.case).await?;
    let (Some(report), Some(case)) = (reports.first(), tx.case_for_update(&handling.case).await?) else {
        return Ok(());
    };
    let (subject, body) = shared_parts(&report.shared);
    let lesson = LessonRow {
        origin: origin(house, step, handling, case.number, member),
        handling: handling.id.clone(),
        taught_by,
        words: known::worth_keeping(subject, body),
        sender: sender_key(house, &step.policy, report.from.as_ref(), report.proven),
    };
    if tx.learn(&lesson).await? {
        tx.raise_knowledge_version().await?;
    }
    Ok(())
}

fn origin(house: &House, step: &Step, handling: &HandlingRow, number: CaseRef, member: Option<&Member>) -> Origin {
    Origin {
        id: KnowledgeId::new(step.now, house.chance()),
        project: handling.project.clone(),
        case: handling.case.clone(),
        number,
        learned_at: step.now,
        member: member.map(|member| member.email.clone()),
        undone_at: None,
        undone_by: None,
        part: Some(handling.state),
        closed_as: None,
    }
}

/// What a member says to "Remember … as a name for …?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    Remember(&'a str),
    NotNow,
}

/// Why an answer was not taken; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaught {
    #[error("There is no such case.")]
    NoCase,
    #[error("This was answered before, or nobody asked.")]
    NotAsked,
    #[error("This case teaches nothing: {0}.")]
    Groundless(#[from] Groundless),
    #[error(transparent)]
    Refused(#[from] NotRemembered),
}

/// Takes a member's answer: a name that is remembered counts at once, on every node.
pub async fn answer(
    house: &House,
    case: &CaseId,
    project: &ProjectId,
    answer: Answer<'_>,
    by: &Member,
) -> Result<Result<(), NotTaught>, StoreError> {
    refresh(house).await?;
    let step = house.step();
    let word = match answer {
        Answer::NotNow => None,
        Answer::Remember(word) => match step.policy.private_judge.check(project, word) {
            Ok(word) => Some(word),
            Err(refusal) => return Ok(Err(refusal.into())),
        },
    };
    let mut tx = house.store.begin().await?;
    if !tx.answer_correction(case, project, &by.email, step.now).await? {
        return Ok(Err(NotTaught::NotAsked));
    }
    if let Some(word) = word
        && let Err(refusal) = remember(&mut tx, house, &step, (case, project), word, by).await?
    {
        return Ok(Err(refusal));
    }
    tx.commit().await?;
    refresh(house).await?;
    Ok(Ok(()))
}

async fn remember(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    (case, project): (&CaseId, &ProjectId),
    word: String,
    by: &Member,
) -> Result<Result<(), NotTaught>, StoreError> {
    let Some(row) = tx.case_for_update(case).await? else { return Ok(Err(NotTaught::NoCase)) };
    let handlings = tx.handlings_of(case).await?;
    let Some(handling) = handlings.iter().rfind(|handling| handling.project == *project) else {
        return Ok(Err(NotTaught::NotAsked));
    };
    if let Err(groundless) = grounds(Some(handling.state), row.closed_as) {
        return Ok(Err(groundless.into()));
    }
    let name = NameRow {
        origin: origin(house, step, handling, row.number, Some(by)),
        key: known::name_key(&word),
        word: word.clone(),
    };
    // Remembered by somebody else a moment ago, or by a case that does not count now.
    if let Some(earlier) = tx.remember_name(&name).await? {
        let known = step.policy.directory.project(&earlier.origin.project);
        let project = known.map_or_else(|| earlier.origin.project.to_string(), |known| known.name.clone());
        return Ok(Err(NotRemembered::Remembered { word, project, case: earlier.origin.number }.into()));
    }
    tx.raise_knowledge_version().await?;
    // The record has no text of a report: the name stands in its own row.
    record(tx, step, case, EventKind::NameRemembered, house.actor(&by.email), name.origin.id.as_str()).await?;
    Ok(Ok(()))
}

/// Forgets a remembered name or what a case taught; `false` if somebody undid it before.
pub async fn undo(house: &House, id: &KnowledgeId, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let mut case = tx.undo_name(id, &by.email, step.now).await?;
    if case.is_none() {
        case = tx.undo_lesson(id, &by.email, step.now).await?;
    }
    let Some(case) = case else { return Ok(false) };
    tx.raise_knowledge_version().await?;
    // What was learned outlives its case.
    if tx.case_for_update(&case).await?.is_some() {
        record(&mut tx, &step, &case, EventKind::KnowledgeUndone, house.actor(&by.email), id.as_str()).await?;
    }
    tx.commit().await?;
    refresh(house).await?;
    Ok(true)
}
