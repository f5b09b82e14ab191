//! Another subject: a thing that is none of a project's mentions and stands where a text says what it is about.

use crate::domain::judgement::Field;
use crate::judge::against::Against;
use crate::judge::mention::Mention;
use crate::judge::setting::Setting;
use crate::judge::subject::Claim;

/// The weightiest claim to the subject's place that is not this project's.
pub fn rival_of<'c>(mentions: &[Mention<'_>], setting: &'c Setting<'_>) -> Option<(Field, &'c Claim)> {
    // A subject, or a text, that opens with the project may speak of other things later.
    let is_in_subject = mentions.iter().any(|mention| mention.is_sure() && mention.field == Field::Subject);
    let opens = mentions.iter().any(|mention| mention.is_subject() && setting.opens_with(mention));
    let stands_alone = |claim: &&(Field, Claim)| {
        let is_later =
            (is_in_subject && claim.0 == Field::Body) || (opens && !setting.opens_at(claim.0, claim.1.range.start));
        let is_late = is_later && !claim.1.is_slot;
        !is_late && !is_own(claim, mentions, setting) && !is_coordinated(claim, mentions, setting)
    };
    let others = setting.claims.iter().filter(stands_alone);
    let (field, claim) = others.max_by_key(|(_, claim)| claim.is_slot)?;
    Some((*field, claim))
}

/// "Larder (LRD) and Quern before 2.3": the other thing stands there beside this project, not in its place.
fn is_coordinated((field, claim): &(Field, Claim), mentions: &[Mention<'_>], setting: &Setting<'_>) -> bool {
    /// Bytes between the two names: an abbreviation and an article have room.
    const REACH: usize = 24;
    let text = setting.text(*field);
    mentions.iter().filter(|mention| mention.field == *field && mention.is_subject()).any(|mention| {
        let range = &mention.hit.range;
        let between = claim.range.end..range.start;
        let is_near = between.start < between.end && between.end - between.start <= REACH;
        let words = text.get(between).filter(|_| is_near).unwrap_or_default();
        words.split_whitespace().any(|word| matches!(word, "and" | "or" | "&")) && !words.contains(['.', ';', '\n'])
    })
}

/// Whether a claim names this project: a mention of it opens the claimed name, or is the end of it that counts.
pub fn is_own((field, claim): &(Field, Claim), mentions: &[Mention<'_>], setting: &Setting<'_>) -> bool {
    let text = setting.text(*field);
    mentions.iter().any(|mention| {
        let range = &mention.hit.range;
        let overlaps = mention.field == *field && range.start < claim.range.end && claim.range.start < range.end;
        let lead = text.get(claim.range.start..range.start.max(claim.range.start)).unwrap_or_default();
        overlaps && !mention.form.only_suggests() && !mention.against.contains(&Against::Addon) && lead.len() <= 1
    })
}
