//! What is mail to a security address and no report of a flaw in a project of ours.

use crate::domain::case::Closing;
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

    /// The few words on a button.
    pub fn short(self) -> &'static str {
        match self {
            Self::Scanner => "Scanner's finding",
            Self::Bounty => "Question for a bounty",
            Self::Support => "Support question",
            Self::ThirdParty => "Somebody else's",
            Self::Legal => "License or law",
            Self::Other => "Ordinary mail",
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

/// An answer that is written already, for a member to send: no rule sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CannedAnswer {
    /// A scanner's finding on a static site.
    Scanner,
    /// "Do you pay?"
    Bounty,
    Support,
    /// Somebody else runs or makes what is affected.
    ThirdParty,
    Legal,
    /// The flaw is in a library that we use and others make.
    Dependency,
}

impl CannedAnswer {
    /// All of them, in the order in which pages list them.
    pub const ALL: [Self; 6] =
        [Self::Scanner, Self::Bounty, Self::Support, Self::ThirdParty, Self::Legal, Self::Dependency];

    /// The word that stands in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Scanner => "scanner",
            Self::Bounty => "bounty",
            Self::Support => "support",
            Self::ThirdParty => "third-party",
            Self::Legal => "legal",
            Self::Dependency => "dependency",
        }
    }

    /// The answer with that word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.word() == word)
    }

    /// What it answers, for a member who chooses one.
    pub fn title(self) -> &'static str {
        match self {
            Self::Scanner => "Scanner finding on a static site",
            Self::Bounty => "Do you pay?",
            Self::Support => "Support question",
            Self::ThirdParty => "Somebody else's deployment",
            Self::Legal => "License or legal question",
            Self::Dependency => "Dependency that is not ours",
        }
    }

    /// The answers that suit what looks like this noise, the likeliest first.
    pub fn for_noise(noise: Noise) -> &'static [Self] {
        match noise {
            Noise::Scanner => &[Self::Scanner],
            Noise::Bounty => &[Self::Bounty],
            Noise::Support => &[Self::Support],
            Noise::ThirdParty => &[Self::ThirdParty, Self::Dependency],
            Noise::Legal => &[Self::Legal],
            Noise::Other => &[],
        }
    }

    /// As what a case is closed that is closed with this answer.
    pub fn closing(self) -> Closing {
        match self {
            Self::ThirdParty | Self::Dependency => Closing::NotOurs,
            Self::Scanner | Self::Bounty | Self::Support | Self::Legal => Closing::NotSecurity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_noise_is_known_by_its_word() {
        assert!(Noise::ALL.into_iter().all(|noise| Noise::of_word(noise.word()) == Some(noise)));
        assert_eq!(Noise::of_word("report"), None);
    }

    #[test]
    fn each_canned_answer_is_known_by_its_word_and_each_noise_of_a_kind_has_one() {
        assert!(CannedAnswer::ALL.into_iter().all(|answer| CannedAnswer::of_word(answer.word()) == Some(answer)));
        assert_eq!(CannedAnswer::of_word("other"), None);
        for noise in Noise::ALL.into_iter().filter(|noise| *noise != Noise::Other) {
            assert_eq!(CannedAnswer::for_noise(noise)[0].word(), noise.word());
        }
    }
}
