//! Signs to strength: what each mention comes to, what another subject takes away, and where "strong" starts.
//!
//! The weights are set by hand, in points; their order of magnitude matters, not their last digit. A name in
//! a subject's role reaches `STRONG`; a name in passing does not, however often it is said.

use std::ops::Range;

use crate::domain::judgement::{Field, Strength};
use crate::judge::described::Summaries;
use crate::judge::forms::Form;
use crate::judge::mention::Mention;
use crate::judge::options::{Family, Options};
use crate::judge::rivals::{is_own, rival_of};
use crate::judge::setting::Setting;
use crate::judge::signs::Role;
use crate::judge::subject::Claim;

const LIKELY: f32 = 1.5;
/// Each further mention, of which this many count.
const REPEATED: f32 = 0.25;
const REPEATS: usize = 4;
/// The only project that a text names, early, with no other subject.
const SOLE: f32 = 1.2;
/// The only project of which there is a technical trace, with no other subject.
const TRACED: f32 = 1.2;
/// Another thing stands in the subject's place.
const RIVAL_SLOT: f32 = -4.0;
const RIVAL: f32 = -2.5;
/// The same, where the project itself stands there too.
const RIVAL_BESIDE: f32 = -0.8;
/// The same, where the project only has a part like that of a subject in some sentence.
const RIVAL_NEAR: f32 = -1.5;
/// "a flaw in the software": the project is named only elsewhere.
const UNNAMED: f32 = -2.2;
/// A second project is only forwarded to if it comes this close to the first.
const SECOND: f32 = 1.0;

/// All mentions of one project, and what they come to.
#[derive(Debug)]
pub struct Weighed<'n> {
    pub project: usize,
    pub mentions: Vec<Mention<'n>>,
    /// Index of the mention that says most.
    pub best: usize,
    pub points: f32,
    /// The other thing that stands in the subject's place.
    pub rival: Option<(Field, Range<usize>)>,
    pub strength: Strength,
}

/// One text as it is weighed.
#[derive(Debug, Clone, Copy)]
pub struct Scales<'a> {
    pub setting: &'a Setting<'a>,
    pub options: &'a Options,
    pub summaries: &'a Summaries,
    /// Most names of the foundation share a prefix: a common word without it names nothing surely.
    pub has_prefix: bool,
}

/// How a project stands among all that a text names.
#[derive(Debug, Clone, Copy)]
struct Standing<'c> {
    /// No other project is surely named.
    is_sole: bool,
    /// Of no other project there is a technical trace.
    is_traced_alone: bool,
    rival: Option<&'c Claim>,
    /// Something that the text claims to be about is this project.
    is_claimed: bool,
    /// In a form that leaves no doubt.
    is_in_slot: bool,
    /// Its everyday name is used like a name.
    is_supported: bool,
}

/// Weighs every project's mentions and orders the projects, the best first.
pub fn weigh<'n>(by_project: Vec<(usize, Vec<Mention<'n>>)>, scales: Scales<'_>) -> Vec<Weighed<'n>> {
    let named = by_project.iter().filter(|(project, mentions)| scales.is_surely_named(*project, mentions)).count();
    let traced = by_project.iter().filter(|(_, mentions)| mentions.iter().any(Mention::is_clue)).count();
    let mut all: Vec<_> = by_project
        .into_iter()
        .filter(|(_, mentions)| !mentions.iter().all(Mention::is_nothing))
        .filter_map(|(project, mentions)| scales.weigh_one(project, mentions, named, traced))
        .collect();
    let place = |weighed: &Weighed<'_>| {
        let first = &weighed.mentions[0];
        (first.field, first.hit.range.start, weighed.project)
    };
    all.sort_by(|a, b| b.points.total_cmp(&a.points).then_with(|| place(a).cmp(&place(b))));
    hold_back_seconds(&mut all, scales.setting);
    hold_back_beside_the_subject(&mut all);
    all
}

/// Where the subject opens with another project's everyday name, what only the text names does not stay strong: the
/// report may be about either, and a person looks.
fn hold_back_beside_the_subject(all: &mut [Weighed<'_>]) {
    let opens = |mention: &Mention<'_>| {
        let is_everyday = mention.is_as_said && mention.against.is_empty() && !mention.is_sure();
        mention.field == Field::Subject && mention.has(Role::Opens) && is_everyday
    };
    let Some(opener) = all.iter().find(|one| one.mentions.iter().any(opens)).map(|one| one.project) else { return };
    let is_in_subject = |one: &Weighed<'_>| one.mentions.iter().any(|mention| mention.field == Field::Subject);
    let is_beside =
        |one: &Weighed<'_>| one.strength == Strength::Strong && one.project != opener && !is_in_subject(one);
    for one in all.iter_mut().filter(|one| is_beside(one)) {
        one.strength = Strength::Likely;
    }
}

/// Only what is named in one breath with the topic of the text, or beside it in the subject, stays strong.
///
/// The topic is the best of those with which the text opens: what comes up later is mentioned, with however many signs.
fn hold_back_seconds(all: &mut [Weighed<'_>], setting: &Setting<'_>) {
    let is_strong = |weighed: &&Weighed<'_>| weighed.strength == Strength::Strong;
    let is_in_subject = |weighed: &Weighed<'_>| {
        weighed.mentions.iter().any(|mention| mention.is_sure() && mention.field == Field::Subject)
    };
    let opens =
        |weighed: &Weighed<'_>| weighed.mentions.iter().any(|mention| mention.is_sure() && setting.opens_with(mention));
    let first_that = |is_so: &dyn Fn(&Weighed<'_>) -> bool| all.iter().position(|one| is_strong(&one) && is_so(one));
    let topic = first_that(&is_in_subject).or_else(|| first_that(&opens)).unwrap_or(0);
    if topic > 0 {
        all[..=topic].rotate_right(1);
    }
    let Some((first, rest)) = all.split_first_mut() else { return };
    for other in rest.iter_mut().filter(|other| other.strength == Strength::Strong) {
        if other.points < first.points - SECOND || !is_beside(first, other, setting) {
            other.strength = Strength::Likely;
        }
    }
}

/// Both are in the subject, or in one breath, or the other has a form's place of its own.
fn is_beside(first: &Weighed<'_>, other: &Weighed<'_>, setting: &Setting<'_>) -> bool {
    let are_joined = |one: &Mention<'_>, two: &Mention<'_>| {
        let (start, end) = (one.hit.range.end.min(two.hit.range.end), one.hit.range.start.max(two.hit.range.start));
        one.field == two.field && setting.text(one.field).get(start..end).is_some_and(is_one_breath)
    };
    other.mentions.iter().filter(|mention| mention.is_subject()).any(|mention| {
        let is_joined = first.mentions.iter().any(|topic| are_joined(topic, mention));
        mention.has(Role::Slot) || mention.field == Field::Subject || is_joined
    })
}

/// What stands between two names of one breath: "Quern before 2.3 and Larder".
fn is_one_breath(between: &str) -> bool {
    const BYTES: usize = 48;
    let joins = |word: &str| matches!(word, "and" | "or" | "&" | ",") || word.ends_with(',');
    between.len() <= BYTES && !between.contains(['\n', ';']) && !between.contains(". ") && between.split(' ').any(joins)
}

impl Scales<'_> {
    fn is_surely_named(&self, project: usize, mentions: &[Mention<'_>]) -> bool {
        mentions.iter().any(Mention::is_sure) || self.is_supported(project, mentions)
    }

    /// Common words that are written and placed like a name throughout, in a foundation whose names are such words.
    ///
    /// If the text says what the thing is, that must be what the directory says of the project: others take such names, too.
    fn is_supported(&self, project: usize, mentions: &[Mention<'_>]) -> bool {
        /// Mentions as the directory writes the name.
        const THROUGHOUT: usize = 2;
        let is_name = |mention: &&Mention<'_>| mention.is_as_said && mention.form != Form::CommonWord;
        let is_throughout = mentions.iter().filter(is_name).count() >= THROUGHOUT;
        let sentence = |mention: &Mention<'_>| self.setting.sentence_after(mention);
        let is_told = |mention: &Mention<'_>| self.summaries.is_told_in(project, sentence(mention));
        let is_raised = mentions.iter().any(Mention::is_raised);
        match mentions.iter().find(|mention| mention.has(Role::Defined)) {
            Some(defined) => is_told(defined).unwrap_or(is_raised),
            None => is_throughout || is_raised,
        }
    }

    fn weigh_one<'n>(
        &self,
        project: usize,
        mentions: Vec<Mention<'n>>,
        named: usize,
        traced: usize,
    ) -> Option<Weighed<'n>> {
        let told: Vec<f32> = mentions.iter().map(Mention::points).collect();
        let best = (0..told.len()).rev().max_by(|&a, &b| told[a].total_cmp(&told[b]))?;
        let counted = mentions.iter().filter(|m| !m.form.is_vague()).count().saturating_sub(1);
        let repeats = if self.options.counts(Family::Repeats) { counted.min(REPEATS) } else { 0 };
        let rival = rival_of(&mentions, self.setting).filter(|_| self.options.counts(Family::Rival));
        let own = self.setting.claims.iter().filter(|claim| is_own(claim, &mentions, self.setting));
        let standing = Standing {
            is_sole: named == 1 && self.is_surely_named(project, &mentions) && self.options.counts(Family::Sole),
            is_traced_alone: traced == 1 && mentions.iter().any(Mention::is_clue),
            rival: rival.map(|(_, claim)| claim),
            is_claimed: own.clone().next().is_some(),
            is_supported: self.is_supported(project, &mentions),
            is_in_slot: own.clone().any(|(_, claim)| claim.is_slot),
        };
        let points = told[best] + repeats as f32 * REPEATED + self.points_around(&mentions, &mentions[best], standing);
        Some(Weighed {
            project,
            best,
            points,
            strength: self.strength(points, &mentions, &mentions[best], standing),
            rival: rival.map(|(field, claim)| (field, claim.range.clone())),
            mentions,
        })
    }

    /// What the rest of the text adds to the best mention, or takes from it.
    fn points_around(&self, mentions: &[Mention<'_>], best: &Mention<'_>, standing: Standing<'_>) -> f32 {
        let is_early = |mention: &Mention<'_>| Setting::is_early(mention.field, mention.hit.range.start);
        let is_unnamed = self.setting.is_unnamed && self.options.counts(Family::Unnamed);
        // What stands as the subject early on, or leaves a technical trace, is the thing without a name itself.
        let is_told = standing.is_claimed || best.is_clue() || (best.is_subject() && is_early(best));
        match standing.rival {
            Some(claim) if claim.is_slot && !standing.is_in_slot => RIVAL_SLOT,
            Some(_) if standing.is_claimed && is_early(&mentions[0]) => RIVAL_BESIDE,
            Some(_) if !is_early(&mentions[0]) => RIVAL,
            Some(_) if best.has(Role::Versioned) || best.has(Role::Numbered) => RIVAL_BESIDE,
            Some(_) if best.is_subject() => RIVAL_NEAR,
            Some(_) => RIVAL,
            None if is_unnamed && !is_told => UNNAMED,
            None if standing.is_traced_alone && best.is_clue() => TRACED,
            None if standing.is_sole && is_early(best) && best.against.is_empty() => SOLE,
            None => 0.0,
        }
    }

    fn strength(&self, points: f32, mentions: &[Mention<'_>], best: &Mention<'_>, standing: Standing<'_>) -> Strength {
        let is_vague = self.has_prefix
            && self.options.counts(Family::CommonWords)
            && mentions.iter().all(Mention::is_only_common)
            && !standing.is_supported;
        let names_it = |mention: &Mention<'_>| {
            let is_one_of_many = mention.form == Form::Installed && !self.setting.has_one_package;
            mention.is_as_said
                && mention.against.is_empty()
                && !is_one_of_many
                && self.setting.tells_a_flaw_with(mention)
        };
        let is_named_alone = || standing.is_sole && mentions.iter().any(names_it);
        let is_explicit =
            || self.is_told(mentions, standing.is_sole) || is_named_alone() || self.is_traced(best, standing);
        // Another thing opens the text, and this one only comes up further in.
        let is_late = !Setting::is_early(mentions[0].field, mentions[0].hit.range.start);
        let is_overshadowed = standing.rival.is_some() && is_late;
        let is_sound = !is_vague && !is_overshadowed && !best.is_disguised && self.setting.is_about_a_flaw;
        match points {
            // Sentences are looked through last, and only for what has the points.
            p if p >= self.options.strong && is_sound && is_explicit() => Strength::Strong,
            p if p >= LIKELY => Strength::Likely,
            _ => Strength::Weak,
        }
    }

    /// Some sentence is about the project, and it is no aside: it tells of a flaw, opens the text, or is not the only sign.
    fn is_told(&self, mentions: &[Mention<'_>], is_sole: bool) -> bool {
        let is_told = |mention: &&Mention<'_>| {
            mention.is_told_by_role()
                || (is_sole && self.setting.opens_with(mention))
                || self.setting.tells_a_flaw_around(mention)
        };
        let is_sign = |mention: &&Mention<'_>| mention.against.is_empty() && !mention.is_nothing();
        let is_alone = mentions.iter().filter(is_sign).nth(1).is_none();
        mentions.iter().filter(|mention| mention.is_subject()).any(|mention| !is_alone || is_told(&mention))
    }

    /// A technical trace of this project alone, in a text that names no other thing.
    fn is_traced(&self, best: &Mention<'_>, standing: Standing<'_>) -> bool {
        let is_enough = match best.form {
            Form::Installed => self.setting.has_one_package,
            _ => best.is_clue(),
        };
        is_enough && standing.is_traced_alone && standing.rival.is_none()
    }
}
