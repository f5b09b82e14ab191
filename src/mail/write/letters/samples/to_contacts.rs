//! Samples of what the contacts of projects get.

use jiff::SignedDuration;

use super::{PROJECT, Sample, Setting, mailbox};
use crate::domain::address::Purpose;
use crate::domain::directory::DeliveryMode;
use crate::domain::letter::LetterKind;
use crate::mail::write::letters::Words;
use crate::mail::write::letters::addition::{Added, Addition, addition};
use crate::mail::write::letters::confirm_reply::{ConfirmReply, confirm_reply};
use crate::mail::write::letters::contact_notice::{ContactNotice, News, Wanted, contact_notice};
use crate::mail::write::letters::forward::{AttachedFile, Forward, ReportText, Reporter, forward};
use crate::mail::write::letters::quarterly::{Quarterly, quarterly};
use crate::mail::write::letters::reminder::{ContactSilence, Reminder, reminder};
use crate::mail::write::letters::to_project::{ToProject, to_project};
use crate::mail::write::letters::verify::{Verify, verify};

const SECURITY: &str = "security@larkspur.example";

pub(super) fn samples(setting: &Setting<'_>) -> Vec<Sample> {
    let mut samples = of_a_case(setting);
    samples.extend(of_contacts(setting));
    samples
}

fn of_a_case(setting: &Setting<'_>) -> Vec<Sample> {
    let (case, action_link) = (&setting.case(), &setting.link("a"));
    let words = to_project(&ToProject {
        case,
        project: PROJECT,
        words: "Do you need anything from us to go on?",
        by: setting.by(),
        delivery: DeliveryMode::Full,
        party_address: &setting.address(Purpose::PartyAddress),
        action_link,
    });
    let more = addition(&Addition {
        case,
        project: PROJECT,
        what: Added::Words("Version 2.2 has it as well.", &[]),
        reporter: Reporter::Withheld,
        delivery: DeliveryMode::Full,
        action_link,
    });
    let was_it_you = confirm_reply(&ConfirmReply { case, project: PROJECT, action_link });
    vec![
        setting.to_party(
            LetterKind::Forward,
            "A report goes to a project.",
            SECURITY,
            forwarded(setting, DeliveryMode::Full),
        ),
        setting.to_party(
            LetterKind::Forward,
            "The same to a contact that gets links alone.",
            SECURITY,
            forwarded(setting, DeliveryMode::Link),
        ),
        setting.to_party(LetterKind::Reminder, "A project has not confirmed yet.", SECURITY, reminded(setting)),
        setting.to_party(LetterKind::ToProject, "A member writes to a project.", SECURITY, words),
        setting.to_party(LetterKind::Addition, "The reporter has added something.", SECURITY, more),
        setting.to_party(LetterKind::ConfirmReply, "A reply came that nobody vouches for.", SECURITY, was_it_you),
    ]
}

fn forwarded(setting: &Setting<'_>, delivery: DeliveryMode) -> Words {
    let file = setting.link("a") + "/attachments/1/1";
    forward(&Forward {
        case: &setting.case(),
        project: PROJECT,
        org: setting.org,
        confirm_by: Some(setting.in_days(7)),
        action_link: &setting.link("a"),
        party_address: &setting.address(Purpose::PartyAddress),
        second_address: &setting.address(Purpose::SecondAddress),
        reporter: Reporter::Withheld,
        sender_is_proven: true,
        delivery,
        report: ReportText::Text("A crafted table makes Larkspur 2.1 read past the end of its buffer."),
        attachments: &[AttachedFile { name: "table.bin", size: 12_000, sha256: [0x5a; 32], link: &file }],
    })
}

fn reminded(setting: &Setting<'_>) -> Words {
    let left = SignedDuration::from_hours(5 * 24);
    reminder(&Reminder {
        case: &setting.case(),
        project: PROJECT,
        org: setting.org,
        silence: ContactSilence::Waiting { left, confirm_by: setting.in_days(5) },
        action_link: &setting.link("a"),
        contacts: 3,
        next: &[("deputies", setting.in_days(2)), ("committee", setting.in_days(4)), ("board", setting.in_days(5))],
    })
}

/// Letters about who a contact is.
fn of_contacts(setting: &Setting<'_>) -> Vec<Sample> {
    let (org, link) = (setting.org, &setting.link("c"));
    let proof = verify(&Verify { project: PROJECT, org, asked_by: "Ivo Keeper", open_by: setting.in_days(14), link });
    let asked = |is_again, is_unconfirmed| {
        quarterly(&Quarterly { project: PROJECT, org, answer_by: setting.in_days(14), is_again, is_unconfirmed, link })
    };
    let notice = contact_notice(&ContactNotice {
        project: PROJECT,
        org,
        wanted: Wanted::Replace { old: &mailbox(SECURITY), new: &mailbox("ivo@larkspur.example") },
        is_about_you: true,
        news: News::Asked { by: "Ivo Keeper", is_by_a_contact: false, link },
    });
    vec![
        setting.of_no_case(LetterKind::Verify, "Somebody is named as a contact.", "ivo@larkspur.example", proof),
        setting.of_no_case(LetterKind::Quarterly, "Each quarter, to each contact.", SECURITY, asked(false, false)),
        setting.of_no_case(
            LetterKind::Quarterly,
            "The same, where the first was not answered.",
            SECURITY,
            asked(true, false),
        ),
        setting.of_no_case(
            LetterKind::ContactNotice,
            "Somebody asks to change a project's contacts.",
            SECURITY,
            notice,
        ),
    ]
}
