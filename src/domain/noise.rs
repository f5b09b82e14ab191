//! What is mail to a security address and no report of a flaw in a project of ours.

use crate::domain::judgement::Evidence;

/// What sort of no report it is. It only lowers a case's place in triage: a person decides, and the first clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noise {
    /// A scanner's finding on a static site: a missing header, an SPF or DMARC record, clickjacking, a TLS grade, a banner.
    Scanner,
    /// "I found a bug, do you pay?"
    Bounty,
    /// A question about use, or a fault that is no flaw in security.
    Support,
    /// Somebody else's server or product, or a dependency that is not ours.
    ThirdParty,
    /// A question about a license, a trademark or the law.
    Legal,
    /// Ordinary mail that speaks of no flaw.
    Other,
}

impl Noise {
    /// All of them, in the order in which pages list them.
    pub const ALL: [Self; 6] = [Self::Scanner, Self::Bounty, Self::Support, Self::ThirdParty, Self::Legal, Self::Other];

    /// The word in forms, in the store and in the output of `classify`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Scanner => "scanner",
            Self::Bounty => "bounty",
            Self::Support => "support",
            Self::ThirdParty => "third-party",
            Self::Legal => "legal",
            Self::Other => "other",
        }
    }

    /// The noise with that word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|noise| noise.word() == word)
    }

    /// What it looks like, for a member: completes "Looks like …".
    pub fn label(self) -> &'static str {
        match self {
            Self::Scanner => "a scanner's finding",
            Self::Bounty => "a question for a bounty",
            Self::Support => "a support question",
            Self::ThirdParty => "somebody else's software or server",
            Self::Legal => "a question about a license or the law",
            Self::Other => "ordinary mail that speaks of no flaw",
        }
    }
}

/// That a text looks like no report, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SeemsNoise {
    pub noise: Noise,
    /// The signs for it, the weightiest first.
    pub evidence: Vec<Evidence>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_noise_is_known_by_its_word() {
        assert!(Noise::ALL.into_iter().all(|noise| Noise::of_word(noise.word()) == Some(noise)));
        assert_eq!(Noise::of_word("report"), None);
    }
}
