//! What a member says of the kind of a mail, against the judge or with it. It orders lists and closes nothing.

use crate::domain::case::{CaseRef, EventKind};
use crate::domain::directory::Member;
use crate::domain::id::CaseId;
use crate::domain::noise::Noise;
use crate::flows::writing::record;
use crate::flows::{House, progress};
use crate::store::StoreError;

/// What a member says that a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Report,
    Noise(Noise),
    /// Whatever the judge said: takes a correction back.
    AsJudged,
}

impl Kind {
    /// The word in forms and in the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Noise(noise) => noise.word(),
            Self::AsJudged => "as-judged",
        }
    }

    /// The kind that a form's word means.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "report" => Some(Self::Report),
            "as-judged" => Some(Self::AsJudged),
            other => Noise::of_word(other).map(Self::Noise),
        }
    }
}

/// Lets the case count as what a member says. The promise runs on as before; that a member has looked at the case
/// gives it its whole ladder. `None` if there is no such case, else its number.
pub async fn correct(house: &House, case: &CaseId, kind: Kind, by: &Member) -> Result<Option<CaseRef>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(row) = tx.case_for_update(case).await? else { return Ok(None) };
    let (noise, is_said) = match kind {
        Kind::Report => (None, true),
        Kind::Noise(noise) => (Some(noise), true),
        Kind::AsJudged => (row.judgement.noise.as_ref().map(|seems| seems.noise), false),
    };
    if (row.noise, row.kind_said.is_some()) == (noise, is_said) {
        return Ok(Some(row.number)); // pressed twice
    }
    let before = row.noise.map_or("report", Noise::word);
    let detail = format!("{before} to {}", kind.word());
    // First: that a member has looked brings the board back while it still counts as noise.
    record(&mut tx, &step, case, EventKind::KindCorrected, house.actor(&by.email), detail).await?;
    progress::goes_on(&mut tx, &step, case, None).await?;
    tx.set_noise(case, noise, is_said.then_some((&by.email, step.now))).await?;
    tx.commit().await?;
    Ok(Some(row.number))
}
