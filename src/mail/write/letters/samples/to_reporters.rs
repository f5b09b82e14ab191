//! Samples of what reporters get.

use jiff::SignedDuration;

use super::{PROJECT, Sample, Setting};
use crate::domain::case::Closing as Reason;
use crate::domain::letter::LetterKind;
use crate::mail::write::letters::address::{Prove, Taken, prove, taken};
use crate::mail::write::letters::asked_answered::{AskedAnswered, asked_answered};
use crate::mail::write::letters::closing::{Closing, closing};
use crate::mail::write::letters::confirmed::{Confirmed, confirmed};
use crate::mail::write::letters::contact_reply::{ContactReply, contact_reply};
use crate::mail::write::letters::lost_link::{Known, LostLink, lost_link};
use crate::mail::write::letters::member_reply::{MemberReply, member_reply};
use crate::mail::write::letters::new_link::{NewLink, new_link};
use crate::mail::write::letters::receipt::{Receipt, receipt};
use crate::mail::write::letters::silence::{Silence, SilenceKind, silence};

const ROBIN: &str = "robin@finder.example";
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn samples(setting: &Setting<'_>) -> Vec<Sample> {
    let mut samples = of_people(setting);
    samples.extend(of_rules(setting));
    samples.extend(of_addresses(setting));
    samples
}

/// Letters that carry a person's words.
fn of_people(setting: &Setting<'_>) -> Vec<Sample> {
    let (case, status_link) = (&setting.case(), &setting.link("s"));
    let words = "Thank you, this is clear. We have sent it to Larkspur, and write again when they confirm.";
    let member = member_reply(&MemberReply { case, words, by: setting.by(), status_link });
    let contact = contact_reply(&ContactReply {
        case,
        project: PROJECT,
        org: setting.org,
        words: "Does it happen with version 2.2 as well?",
        files: 1,
        status_link,
    });
    let closed = closing(&Closing {
        case,
        reason: Reason::Resolved,
        words: "It is fixed in Larkspur 2.3. Thank you.",
        by: setting.by(),
        status_link,
    });
    vec![
        setting.to_party(LetterKind::MemberReply, "A member writes to the reporter.", ROBIN, member),
        setting.to_party(LetterKind::ContactReply, "A contact writes to the reporter, through us.", ROBIN, contact),
        setting.to_party(LetterKind::Closing, "A member closes the case.", ROBIN, closed),
    ]
}

/// Letters that the program writes.
fn of_rules(setting: &Setting<'_>) -> Vec<Sample> {
    let (case, status_link) = (&setting.case(), &setting.link("s"));
    let got_it = receipt(&Receipt { case, answer_by: setting.in_days(7), status_link });
    let has_it = confirmed(&Confirmed { case, project: PROJECT, at: setting.now, status_link });
    let asked = asked_answered(&AskedAnswered { case, project: PROJECT, status_link });
    let link = new_link(&NewLink { case, status_link });
    let said = |kind| silence(&Silence { case, project: PROJECT, org: setting.org, kind, status_link });
    let reminded_at = &[setting.in_days(-5), setting.in_days(-3)];
    let not_confirmed = said(SilenceKind::NotConfirmed { asked_at: setting.in_days(-7), promised: WEEK, reminded_at });
    let no_news = said(SilenceKind::NoNews { since: setting.in_days(-30) });
    vec![
        setting.to_party(LetterKind::Receipt, "A report has arrived by mail.", ROBIN, got_it),
        setting.to_party(LetterKind::Confirmed, "A project has confirmed.", ROBIN, has_it),
        setting.to_party(LetterKind::AskedAnswered, "A contact says that it answered elsewhere.", ROBIN, asked),
        setting.to_party(LetterKind::Silence, "A project did not confirm in time.", ROBIN, not_confirmed),
        setting.to_party(LetterKind::Silence, "A project confirmed, and was not heard of for a month.", ROBIN, no_news),
        setting.to_party(LetterKind::NewLink, "The reporter asked for a new private link.", ROBIN, link),
    ]
}

/// Letters that give somebody a way back to a report.
fn of_addresses(setting: &Setting<'_>) -> Vec<Sample> {
    let (case, status_link) = (&setting.case(), &setting.link("s"));
    let proof = prove(&Prove { org: setting.org, open_by: setting.in_days(1), link: &setting.link("address") });
    let added = taken(&Taken { case, status_link });
    let reports = &[Known { case, received_at: setting.in_days(-2), status_link }];
    let lost = lost_link(&LostLink { org: setting.org, reports, there_are_more: false });
    vec![
        setting.of_no_case(LetterKind::ProveAddress, "An anonymous reporter leaves an address.", ROBIN, proof),
        setting.to_party(LetterKind::AddressTaken, "That address was proven.", ROBIN, added),
        setting.of_no_case(LetterKind::LostLink, "Somebody asked for lost private links.", ROBIN, lost),
    ]
}
