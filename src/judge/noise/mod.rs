//! What kind of mail a text is, where it is no report of a flaw in a project of ours.
//!
//! `seen` looks for the signs that `signs` declares: the words of `phrases` and the `shape` of the text. Each sign has
//! weights for three classes, and a class must outweigh "a report" by its threshold. Noise only lowers the order in
//! triage, yet a report that is read late may be read too late: in doubt a text is a report.

pub mod another;
mod care;
mod phrases;
pub mod seen;
mod shape;
pub mod signs;

use crate::domain::judgement::{Evidence, Field, Judgement, Span, Speaks, Strength};
use crate::domain::noise::{Noise, SeemsNoise};
use crate::judge::fold::plain_line;
use crate::judge::noise::seen::Signs;
use crate::judge::noise::signs::{Class, Sign};

/// Signs for the noise that are told, and signs against it.
const TOLD_FOR: usize = 4;
const TOLD_AGAINST: usize = 2;
/// Signs for the noise that there must be.
const FEWEST: usize = 1;
/// Letters of a text that a clause quotes, at most.
const QUOTED: usize = 60;
/// What a likely project of ours weighs against each class.
const LIKELY_PROJECT: f32 = 1.0;

/// Signs that a flaw is meant at all.
const FLAWED: &[Sign] = &[Sign::Flaw, Sign::Vulnerable, Sign::Attacker, Sign::Listed];
/// Signs of somebody who knows the flaw and tells it.
const DETAILS: &[Sign] =
    &[Sign::Flaw, Sign::Cause, Sign::Versions, Sign::Listed, Sign::Bounded, Sign::Source, Sign::Imports];
/// What scanners find on sites.
const FINDINGS: &[Sign] =
    &[Sign::Headers, Sign::DnsRecords, Sign::Tls, Sign::Banner, Sign::Rate, Sign::Account, Sign::Trick];

/// Reads the phrases and patterns now, so that no text has to wait for them.
pub fn prepare() {
    care::prepare();
    seen::prepare();
}

/// What sort of no report the text looks like, with the signs for and against it; `None` if it may be a report.
///
/// Time and memory are bounded: no more than the first few kilobytes are looked at.
pub fn seems_noise(subject: &str, text: &str, judgement: &Judgement) -> Option<SeemsNoise> {
    let signs = Signs::of(subject, text);
    let strongest = judgement.candidates.iter().map(|candidate| candidate.strength).max();
    if strongest == Some(Strength::Strong) && signs.count(FLAWED) > 0 {
        return None;
    }
    let reader = Reader { signs, subject, text };
    let spared = if strongest >= Some(Strength::Likely) { LIKELY_PROJECT } else { 0.0 };
    let (class, margin) = reader.likeliest();
    if class != Class::Site && care::is_careful_word(subject, text) {
        return None;
    }
    if margin > class.threshold() + spared {
        let noise = reader.noise_of(class);
        let evidence = reader.evidence(Some(class), noise);
        // A long text in which nothing is understood is none.
        let signs = evidence.iter().filter(|evidence| evidence.speaks == Speaks::For).count();
        return (signs >= FEWEST).then_some(SeemsNoise { noise, evidence });
    }
    let noise = reader.plain_question().filter(|_| strongest < Some(Strength::Likely))?;
    Some(SeemsNoise { noise, evidence: reader.evidence(None, noise) })
}

struct Reader<'t> {
    signs: Signs,
    subject: &'t str,
    text: &'t str,
}

impl Reader<'_> {
    /// The class that outweighs the others, and by how much it outweighs a report.
    fn likeliest(&self) -> (Class, f32) {
        let weigh = |class: Class| class.bias() + Sign::ALL.iter().map(|&sign| self.part(sign, class)).sum::<f32>();
        let weighed = Class::ALL.map(|class| (class, weigh(class)));
        weighed.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).expect("there are three classes")
    }

    /// What a sign adds to a class.
    fn part(&self, sign: Sign, class: Class) -> f32 {
        sign.weights()[class as usize] * self.signs.seen(sign).steps()
    }

    fn noise_of(&self, class: Class) -> Noise {
        let findings = self.signs.count(FINDINGS);
        match class {
            Class::Site if self.signs.count(&[Sign::Pay]) >= findings.max(1) => Noise::Bounty,
            Class::Site if self.signs.count(&[Sign::Deployment]) > findings => Noise::ThirdParty,
            Class::Site => Noise::Scanner,
            Class::Help | Class::Talk if self.is_about_rights() => Noise::Legal,
            Class::Help => Noise::Support,
            Class::Talk => Noise::Other,
        }
    }

    /// What a text that asks without telling anything is, though too short to weigh.
    fn plain_question(&self) -> Option<Noise> {
        let details = self.signs.count(DETAILS);
        if self.signs.count(&[Sign::Pay]) > details {
            return Some(Noise::Bounty);
        }
        (self.is_about_rights() && details + self.signs.count(FLAWED) == 0).then_some(Noise::Legal)
    }

    fn is_about_rights(&self) -> bool {
        let legal = self.signs.seen(Sign::Legal);
        legal.is_in_subject || legal.count >= 3
    }

    /// The weightiest signs for the noise, then the weightiest against it.
    fn evidence(&self, class: Option<Class>, noise: Noise) -> Vec<Evidence> {
        let decisive = match noise {
            Noise::Bounty => Some(Sign::Pay),
            Noise::Legal => Some(Sign::Legal),
            Noise::ThirdParty => Some(Sign::Deployment),
            _ => None,
        };
        let seen = |sign: &Sign| self.signs.seen(*sign).count > 0 && !sign.clause().is_empty();
        let mut parts: Vec<(Sign, f32)> = Sign::ALL
            .iter()
            .copied()
            .filter(seen)
            .map(|sign| match class {
                _ if decisive == Some(sign) => (sign, f32::MAX),
                Some(class) => (sign, self.part(sign, class)),
                None => (sign, 0.0),
            })
            .collect();
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        let speaks_for = parts.iter().filter(|(_, part)| *part > 0.0).take(TOLD_FOR);
        let against = parts.iter().rev().filter(|(_, part)| *part < 0.0).take(TOLD_AGAINST);
        let speaks_for = speaks_for.map(|(sign, _)| self.clause(*sign, Speaks::For));
        speaks_for.chain(against.map(|(sign, _)| self.clause(*sign, Speaks::Against))).collect()
    }

    fn clause(&self, sign: Sign, speaks: Speaks) -> Evidence {
        let seen = self.signs.seen(sign);
        let (place, text) = match seen.at.map(|at| at.field) {
            Some(Field::Subject) => ("subject", self.subject),
            Some(Field::Body) | None => ("text", self.text),
        };
        let but = if speaks == Speaks::Against { "but the " } else { "" };
        let quoted = seen.at.map(|at| format!(": \"{}\"", quote(text, at))).unwrap_or_default();
        Evidence { clause: format!("{but}{place} {}{quoted}", sign.clause()), speaks, at: seen.at }
    }
}

/// The text of `span` on one line, cut where it is long.
fn quote(text: &str, span: Span) -> String {
    let line = plain_line(&text[span.start..span.end]);
    line.char_indices().nth(QUOTED).map_or(line.clone(), |(cut, _)| format!("{}…", &line[..cut]))
}

#[cfg(test)]
mod tests;
