//! What the judge says of a text: candidates, how sure it is, and why, in words that can be kept in a row.

use std::ops::Range;

use crate::domain::directory::ProjectId;
use crate::domain::noise::SeemsNoise;

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
    /// What speaks for it and against it, the weightiest first.
    pub evidence: Vec<Evidence>,
}

impl Candidate {
    /// Whether the text has something of it, and not only its sender's past or its likeness to other texts.
    pub fn is_named(&self) -> bool {
        self.evidence.iter().any(|evidence| evidence.at.is_some())
    }

    /// Its evidence as clauses alone.
    pub fn clauses(&self) -> impl Iterator<Item = &str> {
        self.evidence.iter().map(|evidence| evidence.clause.as_str())
    }
}

/// One sign, with the words of the text that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    /// A clause that a volunteer understands: ``subject says "matplotlib"``.
    pub clause: String,
    pub speaks: Speaks,
    /// Where in the text; `None` for what is not in the text, such as what members taught.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Span>,
}

/// Whether a sign says that the flaw is in the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaks {
    For,
    Against,
}

/// The two texts that the judge reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    Subject,
    Body,
}

/// Bytes of the subject or the body, as the judge was given them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Span {
    pub field: Field,
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// That range of that text.
    pub fn of(field: Field, range: &Range<usize>) -> Self {
        Self { field, start: range.start, end: range.end }
    }
}

/// All that the judge says of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Judgement {
    /// The best first, empty for "none here".
    pub candidates: Vec<Candidate>,
    /// That it looks like no report of a flaw in a project of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<SeemsNoise>,
}

impl Judgement {
    /// Whether the text itself names a project of ours, however weakly.
    pub fn names_a_project(&self) -> bool {
        self.candidates.iter().any(Candidate::is_named)
    }

    /// All places that it tells of, to be moved to where they are in another shape of the text.
    pub fn spans_mut(&mut self) -> impl Iterator<Item = &mut Span> {
        let evidence = self.candidates.iter_mut().map(|candidate| &mut candidate.evidence);
        let all = evidence.chain(self.noise.iter_mut().map(|noise| &mut noise.evidence));
        all.flatten().filter_map(|evidence| evidence.at.as_mut())
    }

    /// The candidates that the judge is sure of.
    pub fn strong(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(|candidate| candidate.strength == Strength::Strong)
    }
}
