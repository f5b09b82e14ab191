//! Signs to strength: what each mention comes to, what another subject takes away, and where "strong" starts.
//!
//! The weights are set by hand, in points; their order of magnitude matters, not their last digit. A name in
//! a subject's role reaches `STRONG`; a name in passing does not, however often it is said.

use std::ops::Range;

use crate::domain::judgement::{Field, Strength};
use crate::judge::against::Against;
use crate::judge::forms::Form;
use crate::judge::names::Hit;
use crate::judge::signs::Role;
use crate::judge::subject::Claim;

const STRONG: f32 = 3.0;
const LIKELY: f32 = 1.5;
/// A common word that its sentence makes a name.
const RAISED: f32 = 1.5;
/// Each further mention, of which this many count.
const REPEATED: f32 = 0.25;
const REPEATS: usize = 4;
/// The only project that a text names, early, with no other subject.
const SOLE: f32 = 1.2;
/// Bytes of the body that are early.
const EARLY: usize = 400;
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

/// One mention of a project, with its signs.
#[derive(Debug)]
pub struct Mention<'n> {
    pub field: Field,
    pub hit: Hit<'n>,
    pub form: Form,
    pub roles: Vec<Role>,
    pub against: Vec<Against>,
    pub is_disguised: bool,
    /// Letter for letter as the directory has it.
    pub is_as_said: bool,
}

impl Mention<'_> {
    /// What it comes to by itself. A vague form is worth something only in a part that names things.
    pub fn points(&self) -> f32 {
        let counts = match self.form {
            Form::CommonWord => self.is_raised(),
            Form::Part => self.roles.contains(&Role::Slot),
            _ => true,
        };
        let roles: f32 = self.roles.iter().filter(|_| counts).take(2).map(|role| role.points()).sum();
        let against: f32 = self.against.iter().map(|sign| sign.points()).fold(0.0, f32::min);
        let form = if self.is_raised() { RAISED } else { self.form.points() };
        form + roles + against
    }

    /// Words that only happen to be a name.
    fn is_nothing(&self) -> bool {
        /// What a part of another's name comes to, and a little more.
        const HARDLY: f32 = 0.5;
        matches!(self.form, Form::CommonWord | Form::Part) && self.points() <= HARDLY
    }

    /// Nothing but common words, without anything that makes them a name of ours.
    fn is_only_common(&self) -> bool {
        let is_bare = matches!(self.form, Form::Name | Form::OtherCase | Form::Member | Form::CamelPart | Form::File);
        self.form.is_vague() || (is_bare && self.hit.handle.is_common)
    }

    /// A common word is a name where a version, a slot, a tag or "module" goes with it.
    fn is_raised(&self) -> bool {
        let has = |role| self.roles.contains(&role);
        let is_marked = has(Role::Slot) || has(Role::Tagged) || has(Role::Kind);
        match self.form {
            Form::CommonName => is_marked || has(Role::Versioned),
            Form::CommonWord => is_marked || (has(Role::Versioned) && (has(Role::Opens) || has(Role::Flawed))),
            _ => false,
        }
    }

    /// It stands where the thing stands that a text is about.
    pub fn is_subject(&self) -> bool {
        self.against.is_empty() && self.form != Form::Part && self.roles.iter().any(|role| !matches!(role, Role::Kind))
    }
}

/// What the whole text says besides its mentions.
#[derive(Debug, Default)]
pub struct Setting<'t> {
    pub subject: &'t str,
    pub body: &'t str,
    pub claims: Vec<(Field, Claim)>,
    /// It speaks of a thing without a name.
    pub is_unnamed: bool,
    /// It speaks of a flaw at all, and not only of something that does not work.
    pub is_about_a_flaw: bool,
    /// Most names of the foundation share a prefix: a common word without it names nothing surely.
    pub has_prefix: bool,
}

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

/// Weighs every project's mentions and orders the projects, the best first.
pub fn weigh<'n>(by_project: Vec<(usize, Vec<Mention<'n>>)>, setting: &Setting<'_>) -> Vec<Weighed<'n>> {
    let is_surely_named = |mentions: &[Mention<'_>]| mentions.iter().any(|mention| !mention.form.is_vague());
    let named = by_project.iter().filter(|(_, mentions)| is_surely_named(mentions)).count();
    let mut all: Vec<_> = by_project
        .into_iter()
        .filter_map(|(project, mentions)| {
            let is_sole = named == 1 && is_surely_named(&mentions);
            weigh_one(project, mentions, setting, is_sole)
        })
        .collect();
    let place = |weighed: &Weighed<'_>| {
        let first = &weighed.mentions[0];
        (first.field, first.hit.range.start, weighed.project)
    };
    all.sort_by(|a, b| b.points.total_cmp(&a.points).then_with(|| place(a).cmp(&place(b))));
    hold_back_seconds(&mut all);
    all
}

/// Only what comes close to the first, and stands in the subject's place as well, stays strong beside it.
fn hold_back_seconds(all: &mut [Weighed<'_>]) {
    let Some((first, rest)) = all.split_first_mut() else { return };
    for other in rest {
        let is_beside = other.points >= first.points - SECOND && other.mentions[other.best].is_subject();
        if other.strength == Strength::Strong && !is_beside {
            other.strength = Strength::Likely;
        }
    }
}

/// Weighs one project; `None` if the text only has words that happen to be its name.
fn weigh_one<'n>(
    project: usize,
    mentions: Vec<Mention<'n>>,
    setting: &Setting<'_>,
    is_sole: bool,
) -> Option<Weighed<'n>> {
    if mentions.iter().all(Mention::is_nothing) {
        return None;
    }
    let told: Vec<f32> = mentions.iter().map(Mention::points).collect();
    let best = (0..told.len()).rev().max_by(|&a, &b| told[a].total_cmp(&told[b]))?;
    let repeats = mentions.iter().filter(|m| !m.form.is_vague()).count().saturating_sub(1).min(REPEATS);
    let rival = rival_of(&mentions, setting);
    let around = points_around(&mentions, &mentions[best], rival.map(|(_, claim)| claim), setting, is_sole);
    let points = told[best] + repeats as f32 * REPEATED + around;
    Some(Weighed {
        project,
        best,
        points,
        strength: strength(points, &mentions, &mentions[best], setting, is_sole),
        rival: rival.map(|(field, claim)| (field, claim.range.clone())),
        mentions,
    })
}

/// What the rest of the text adds to the best mention, or takes from it.
fn points_around(
    mentions: &[Mention<'_>],
    best: &Mention<'_>,
    rival: Option<&Claim>,
    setting: &Setting<'_>,
    is_sole: bool,
) -> f32 {
    let is_claimed = setting.claims.iter().any(|claim| is_own(claim, mentions, setting));
    match rival {
        Some(_) if is_claimed => RIVAL_BESIDE,
        Some(claim) if claim.is_slot => RIVAL_SLOT,
        Some(_) if best.roles.contains(&Role::Versioned) => RIVAL_BESIDE,
        Some(_) if best.is_subject() => RIVAL_NEAR,
        Some(_) => RIVAL,
        None if setting.is_unnamed && !is_claimed && !best.is_subject() && !best.form.is_technical() => UNNAMED,
        None if is_sole && is_early(best) && best.against.is_empty() => SOLE,
        None => 0.0,
    }
}

fn strength(
    points: f32,
    mentions: &[Mention<'_>],
    best: &Mention<'_>,
    setting: &Setting<'_>,
    is_sole: bool,
) -> Strength {
    let is_vague = setting.has_prefix && mentions.iter().all(Mention::is_only_common);
    let is_named_alone = is_sole && mentions.iter().any(|mention| mention.is_as_said && mention.against.is_empty());
    let is_explicit = mentions.iter().any(Mention::is_subject) || is_named_alone;
    let may_be_strong = is_explicit && !is_vague && !best.is_disguised && setting.is_about_a_flaw;
    match points {
        p if p >= STRONG && may_be_strong => Strength::Strong,
        p if p >= LIKELY => Strength::Likely,
        _ => Strength::Weak,
    }
}

fn is_early(mention: &Mention<'_>) -> bool {
    mention.field == Field::Subject || mention.hit.range.start < EARLY
}

/// The weightiest claim to the subject's place that is not this project's.
fn rival_of<'c>(mentions: &[Mention<'_>], setting: &'c Setting<'_>) -> Option<(Field, &'c Claim)> {
    let others = setting.claims.iter().filter(|claim| !is_own(claim, mentions, setting));
    let (field, claim) = others.max_by_key(|(_, claim)| claim.is_slot)?;
    Some((*field, claim))
}

/// Whether a claim names this project: a mention of it opens the claimed name, or is the end of it that counts.
fn is_own((field, claim): &(Field, Claim), mentions: &[Mention<'_>], setting: &Setting<'_>) -> bool {
    let text = match field {
        Field::Subject => setting.subject,
        Field::Body => setting.body,
    };
    mentions.iter().any(|mention| {
        let range = &mention.hit.range;
        let overlaps = mention.field == *field && range.start < claim.range.end && claim.range.start < range.end;
        let lead = text.get(claim.range.start..range.start.max(claim.range.start)).unwrap_or_default();
        overlaps && mention.form != Form::Part && !mention.against.contains(&Against::Addon) && lead.len() <= 1
    })
}
