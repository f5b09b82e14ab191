//! The board's quarter: its figures, its texts, and the chair's approval, which freezes it and sends it.

use jiff::Timestamp;

use crate::domain::address::Mailbox;
use crate::domain::directory::Member;
use crate::domain::letter::LetterKind;
use crate::domain::quarter::figures::{COMPARED, Compared, Facts, Figures};
use crate::domain::quarter::{Progress, Quarter, Standing, TEXT_MAX, Texts};
use crate::flows::proofs::INSTALLED;
use crate::flows::writing::{self, NewLetter};
use crate::flows::{House, Step};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::quarter::{self as letters, not_delivered, report};
use crate::store::{LetterFacts, QuarterRow, StoreError, Tx};

/// A quarter's report as it stands now.
pub struct Report {
    pub standing: Standing,
    pub figures: Figures,
    pub texts: Texts,
    /// What a form sends back, so that nobody overwrites or approves what they have not seen.
    pub version: i64,
    pub edited: Option<(Timestamp, Mailbox)>,
    pub approved_by: Option<Mailbox>,
    /// The letters that bring it to the board.
    pub letters: Vec<LetterFacts>,
}

/// Why a report was not changed; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotChanged {
    #[error("{0} is longer than {TEXT_MAX} characters. Shorten it: the board reads the quarter on one page.")]
    TooLong(&'static str),
    #[error(
        "Somebody has changed the report meanwhile, or it is approved. Go back, load the page again, and look at it."
    )]
    Changed,
    #[error("The quarter is not over yet. Its report can be approved from {0} on.")]
    NotOver(String),
}

/// The report on `quarter`. Until it is approved its figures are made anew.
pub async fn look(house: &House, quarter: Quarter) -> Result<Report, StoreError> {
    let step = house.step();
    let row = house.store.quarter(quarter).await?;
    let mut letters = Vec::new();
    for letter in house.store.quarter_letters(quarter).await? {
        letters.extend(house.store.letter(&letter).await?);
    }
    let (progress, texts, version, edited, approved_by, frozen) = match row {
        Some(row) => (row.progress, row.texts, row.version, row.edited, row.approved_by, row.figures),
        None => (Progress::default(), Texts::default(), 0, None, None, None),
    };
    let figures = match frozen {
        Some(figures) => figures,
        None => figures(house, &step, quarter).await?,
    };
    let standing = progress.standing(quarter, step.now);
    Ok(Report { standing, figures, texts, version, edited, approved_by, letters })
}

/// The quarters that there is something to say of, the newest first: from the first run of this installation to now.
pub async fn all(house: &House) -> Result<Vec<(Quarter, Standing, Option<Figures>)>, StoreError> {
    let now = house.now();
    let rows = house.store.quarters().await?;
    let begun_at = house.store.marked(INSTALLED).await?.unwrap_or(now);
    let oldest = rows.last().map_or(Quarter::of(begun_at), |row| row.quarter.min(Quarter::of(begun_at)));
    let quarters = std::iter::successors(Some(Quarter::of(now)), |quarter| Some(quarter.previous()));
    let one = |quarter: Quarter| {
        let row = rows.iter().find(|row| row.quarter == quarter);
        let progress = row.map(|row| row.progress).unwrap_or_default();
        (quarter, progress.standing(quarter, now), row.and_then(|row| row.figures.clone()))
    };
    Ok(quarters.take_while(|quarter| *quarter >= oldest).map(one).collect())
}

/// Makes the figures of `quarter` as things stand now.
pub async fn figures(house: &House, step: &Step, quarter: Quarter) -> Result<Figures, StoreError> {
    let rows = house.store.quarters().await?;
    let facts = facts(house, step, quarter, reported_at(&rows, quarter)).await?;
    let begun_at = house.store.marked(INSTALLED).await?.unwrap_or(step.now);
    let mut compared = Vec::new();
    for before in quarter.previous().up_to(COMPARED - 1).into_iter().filter(|before| begun_at < before.until()) {
        let frozen = rows.iter().find(|row| row.quarter == before).and_then(|row| row.figures.as_ref());
        compared.push(match frozen {
            Some(figures) => figures.in_comparison(),
            None => not_frozen(house, step, before).await?,
        });
    }
    let seal = house.store.last_seal().await?;
    let record = seal.map(|seal| seal.hash.as_str().to_owned());
    Ok(Figures { record, ..Figures::of(quarter, &facts, &step.policy.directory, compared, step.now) })
}

/// When the outcomes of the quarter before were last told: what was open then is told again. Where its report is not
/// frozen, everything that it leaves open at its end is.
fn reported_at(rows: &[QuarterRow], quarter: Quarter) -> Timestamp {
    let before = rows.iter().find(|row| row.quarter == quarter.previous());
    before.and_then(|row| row.progress.approved_at).unwrap_or(quarter.from())
}

async fn not_frozen(house: &House, step: &Step, quarter: Quarter) -> Result<Compared, StoreError> {
    let facts = Facts {
        received: house.store.received_in(quarter).await?,
        promises: house.store.promises_of(quarter).await?,
        escalated: house.store.escalated_in(quarter).await?,
        ..Facts::default()
    };
    Ok(Figures::of(quarter, &facts, &step.policy.directory, Vec::new(), step.now).in_comparison())
}

async fn facts(house: &House, step: &Step, quarter: Quarter, open_at: Timestamp) -> Result<Facts, StoreError> {
    let store = &house.store;
    let oldest = quarter.up_to(COMPARED)[0].from();
    Ok(Facts {
        received: store.received_in(quarter).await?,
        promises: store.promises_of(quarter).await?,
        carried: store.promises_carried_into(quarter, oldest, open_at).await?,
        escalated: store.escalated_in(quarter).await?,
        contacts: store.contacts().await?.into_iter().map(|row| (row.project, row.health)).collect(),
        unwanted: store.unwanted_in(quarter, step.now).await?,
    })
}

/// A member changes the texts that were read at `version`.
pub async fn write(
    house: &House,
    quarter: Quarter,
    texts: &Texts,
    version: i64,
    member: &Member,
) -> Result<Result<(), NotChanged>, StoreError> {
    if let Some(name) = texts.too_long() {
        return Ok(Err(NotChanged::TooLong(name)));
    }
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if !tx.write_quarter(quarter, texts, version, &member.email, step.now).await? {
        return Ok(Err(NotChanged::Changed));
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// The chair approves the report whose texts were read at `version`: it is frozen and goes to the board.
pub async fn approve(
    house: &House,
    quarter: Quarter,
    version: i64,
    chair: &Member,
) -> Result<Result<(), NotChanged>, StoreError> {
    let step = house.step();
    if step.now < quarter.until() {
        return Ok(Err(NotChanged::NotOver(quarter.until().strftime("%F").to_string())));
    }
    let figures = figures(house, &step, quarter).await?;
    let words = report(&letters::Report {
        quarter,
        headline: &figures.headline(),
        acknowledged: (figures.acknowledge.in_time, figures.acknowledge.decided()),
        link: &link(house, quarter),
    });
    let mut tx = house.store.begin().await?;
    if !tx.freeze_quarter(&figures, version, &chair.email, step.now).await? {
        return Ok(Err(NotChanged::Changed));
    }
    for address in &step.policy.directory.board {
        let letter =
            writing::put(&mut tx, house, &step, NewLetter::of_no_case(LetterKind::Quarter, address, &words)).await?;
        tx.send_quarter_by(quarter, &letter).await?;
    }
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(()))
}

/// A letter that was to bring a report to the board was refused: members are told.
pub async fn was_refused(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    letter: &LetterFacts,
    status: &str,
) -> Result<(), StoreError> {
    // A letter that says that the report is late is in none.
    let quarter = tx.quarter_of_letter(&letter.id).await?.unwrap_or(Quarter::last_ended(letter.created_at));
    let words = not_delivered(quarter, letter.recipient.as_str(), status, &link(house, quarter));
    tell_members(tx, house, step, &words).await
}

/// Writes to each member.
pub async fn tell_members(tx: &mut Tx<'_>, house: &House, step: &Step, words: &Words) -> Result<(), StoreError> {
    for member in &step.policy.directory.committee {
        writing::put(tx, house, step, NewLetter::of_no_case(LetterKind::QuarterDraft, &member.email, words)).await?;
    }
    Ok(())
}

/// Where the report is.
pub fn link(house: &House, quarter: Quarter) -> String {
    format!("{}/quarters/{quarter}", house.public_url)
}
