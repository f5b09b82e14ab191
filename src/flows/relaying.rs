//! The third door between the lanes: what a member passes on, with what tells who wrote it taken out before it is
//! edited (DESIGN.md 3.3).

use crate::domain::party::{Lane, Party, PartyRole, Shares};
use crate::flows::composing::{Correspondents, Draft, To, name_of};
use crate::flows::{House, Step};
use crate::mail::write::flowed::unflow;
use crate::mail::write::withhold::{Identity, withhold, without_addresses, without_private};
use crate::store::{LetterFacts, MessageRow};

/// What stands in place of a line that was cut.
const LINE_CUT: &str = "[line withheld]";

/// The text that passes `row` on to `to`, for the member to edit; `None` where it cannot go there.
pub fn text(step: &Step, with: &Correspondents, row: &MessageRow, to: &To) -> Option<String> {
    let lane = row.lane.filter(|lane| *lane != Lane::Internal)?;
    let cut = withhold(row.said(), &known_by(with, lane)).text;
    match (lane, to) {
        (_, To::Committee) | (Lane::Reporter, To::Reporter) => None,
        (Lane::Project, _) => {
            let handling = with.handlings.iter().find(|handling| Some(&handling.id) == row.handling.as_ref());
            let project = handling.map_or_else(|| "The project".to_owned(), |row| name_of(step, &row.project));
            Some(format!("{project} writes:\n\n{}", without_addresses(&cut).trim()))
        }
        _ => Some(format!("The reporter writes:\n\n{}", without_private(&cut).trim())),
    }
}

/// What tells who wrote in a lane. Nothing does where a reporter allows name and address.
fn known_by(with: &Correspondents, lane: Lane) -> Identity {
    let is_meant = |party: &&Party| match (&party.role, lane) {
        (PartyRole::Reporter, Lane::Reporter) => party.shares != Shares::NameAndAddress,
        (PartyRole::Contact(_), Lane::Project) => true,
        _ => false,
    };
    let parties = || with.parties.iter().filter(is_meant);
    let names = parties().filter(|party| party.shares == Shares::Nothing).filter_map(|party| party.name.as_deref());
    Identity::known(names, parties().filter_map(|party| party.mailbox.as_ref()))
}

/// Whom the lines that go to `to` must not name.
fn of_the_other_side(with: &Correspondents, to: &To) -> Option<Identity> {
    match to {
        To::Reporter => Some(known_by(with, Lane::Project)),
        To::Project(_) => Some(known_by(with, Lane::Reporter)),
        To::Committee => None,
    }
}

/// The lines that tell who is on the other side; the member decides about each.
pub fn telling_lines<'w>(with: &Correspondents, to: &To, words: &'w str) -> Vec<&'w str> {
    let Some(identity) = of_the_other_side(with, to) else { return Vec::new() };
    words.lines().filter(|line| identity.is_in(line)).collect()
}

/// The words without those lines.
pub fn without_telling_lines(with: &Correspondents, to: &To, words: &str) -> String {
    let Some(identity) = of_the_other_side(with, to) else { return words.to_owned() };
    let lines: Vec<&str> = words.lines().map(|line| if identity.is_in(line) { LINE_CUT } else { line }).collect();
    lines.join("\n")
}

/// A draft as its recipient will read it, but for the tokens of ours in it: those are the recipient's alone.
pub fn shown(house: &House, step: &Step, draft: &Draft) -> String {
    let text = unflow(&draft.words.body.flow());
    let party = &draft.to;
    let (own, security) = (step.own_addresses(), &step.policy.directory.foundation.security_address);
    let hidden = |kind: char| format!("{}+{kind}.\u{2026}@{}", security.local(), security.domain());
    text.replace(&house.status_url(party), &format!("{}/s/\u{2026}", house.public_url))
        .replace(&house.action_url(party), &format!("{}/a/\u{2026}", house.public_url))
        .replace(own.with(&house.party_token(party)).as_str(), &hidden('c'))
        .replace(own.with(&house.second_token(party)).as_str(), &hidden('r'))
        .trim()
        .to_owned()
}

/// The subject that a draft will have: that of its thread, once there is one.
pub fn subject(letters: &[LetterFacts], draft: &Draft) -> String {
    let is_in_it = |letter: &&LetterFacts| {
        letter.party.as_ref() == Some(&draft.to.id) && letter.kind.is_in_the_thread() && letter.withdrawn_at.is_none()
    };
    letters.iter().find(is_in_it).map_or_else(|| draft.words.subject.clone(), |first| first.subject.clone())
}
