//! A report of a flaw in a package that is none of ours: a dependency, or something with no tie to us at all.
//!
//! It is a report for all that, only not for us. A single form field may name a part of one of our projects that the
//! directory does not list, so the text must say it twice.

use crate::domain::judgement::{Evidence, Field, Judgement, Span, Speaks, Strength};
use crate::domain::noise::{Noise, SeemsNoise};
use crate::judge::fold::fold_name;
use crate::judge::setting::Setting;
use crate::judge::subject::Claim;

/// What such a text does; a judgement is kept as its clauses, so that is how it is known again.
const CLAUSE: &str = "names as affected what is none of our projects";

/// That the text tells a flaw and names twice, where only the affected package can stand, one that is none of ours.
pub fn seems_of_another(setting: &Setting<'_>, judgement: &Judgement) -> Option<SeemsNoise> {
    let may_be_ours = judgement.candidates.iter().any(|candidate| candidate.strength >= Strength::Likely);
    if may_be_ours || !setting.is_about_a_flaw {
        return None;
    }
    let named = |(field, claim): &(Field, Claim)| &setting.text(*field)[claim.range.clone()];
    let slots: Vec<&(Field, Claim)> =
        setting.claims.iter().filter(|claim| claim.1.is_slot && is_package(named(claim))).collect();
    let is_said_again = |claim: &&(Field, Claim)| {
        let name = fold_name(named(claim));
        slots.iter().filter(|other| fold_name(named(other)) == name).count() > 1
    };
    let claim = slots.iter().copied().find(is_said_again)?;
    let place = match claim.0 {
        Field::Subject => "subject",
        Field::Body => "text",
    };
    let evidence = Evidence {
        clause: format!("{place} {CLAUSE}: \"{}\"", named(claim)),
        speaks: Speaks::For,
        at: Some(Span::of(claim.0, &claim.1.range)),
    };
    Some(SeemsNoise { noise: Noise::ThirdParty, evidence: vec![evidence] })
}

/// Whether that is what a judgement says: the text is a report, though not for us.
pub fn is_of_another(seems: &SeemsNoise) -> bool {
    seems.evidence.iter().any(|evidence| evidence.clause.contains(CLAUSE))
}

/// A package, not a repository: those of one owner belong together, and a directory seldom lists them all.
fn is_package(name: &str) -> bool {
    !name.contains('/') || name.starts_with('@')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Judge;
    use crate::judge::tests::{directory, project};

    fn judged(subject: &str, body: &str) -> Option<SeemsNoise> {
        Judge::new(&directory(["Quern", "Larder"].map(project))).judge(subject, body).noise
    }

    #[test]
    fn a_flaw_in_a_package_that_is_none_of_ours_is_a_report_for_others() {
        let seems = judged(
            "[trestle-io] Path traversal",
            "A crafted name leads out of the folder.\n\nModule name: trestle-io\nVersion: 1.2.0\n",
        )
        .unwrap();
        assert!(is_of_another(&seems));
        assert_eq!(seems.noise, Noise::ThirdParty);
        assert_eq!(seems.evidence[0].clause, format!("subject {CLAUSE}: \"trestle-io\""));
    }

    #[test]
    fn what_is_named_once_or_may_be_ours_stays() {
        let flaw = "A crafted name leads out of the folder: path traversal.";
        for (subject, body) in [
            ("Path traversal", format!("{flaw}\n\nModule name: trestle-io\n")),
            ("[quern] Path traversal", format!("{flaw}\n\nModule name: quern\n")),
            ("[mill/trestle] Path traversal", format!("{flaw}\n\nRepository: mill/trestle\n")),
        ] {
            assert_eq!(judged(subject, &body), None, "{subject}");
        }
    }
}
