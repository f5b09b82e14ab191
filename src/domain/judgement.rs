//! What the judge says of a text: candidates, how sure it is, and why, in words that can be kept in a row.

use crate::domain::directory::ProjectId;

/// How sure the judge is that the flaw is *in* the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Mentioned, no more.
    Weak,
    /// Probably, but a person should look.
    Likely,
    /// An explicit, unambiguous sign that the flaw is in it, and no sign against.
    Strong,
}

impl Strength {
    /// The word on pages and in `classify`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Likely => "likely",
            Self::Strong => "strong",
        }
    }
}

/// One project that a text may concern.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Candidate {
    pub project: ProjectId,
    pub strength: Strength,
    /// Each a clause that a volunteer understands: ``subject says "matplotlib"``.
    pub evidence: Vec<String>,
}

/// All that the judge says of one text; the best candidate first, empty for "none here".
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Judgement {
    pub candidates: Vec<Candidate>,
}

impl Judgement {
    /// The candidates that the judge is sure of.
    pub fn strong(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(|candidate| candidate.strength == Strength::Strong)
    }
}
