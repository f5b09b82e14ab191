//! Samples of what the committee, the board and the operator get, and what we write to ourselves.

use jiff::SignedDuration;

use super::{PROJECT, Sample, Setting, mailbox};
use crate::domain::letter::LetterKind;
use crate::domain::quarter::{Due, Quarter};
use crate::mail::write::letters::bounce::{Bounce, RefusedLetter, bounce};
use crate::mail::write::letters::clock_jumped::clock_jumped;
use crate::mail::write::letters::contact_notice::{CommitteeNotice, committee_notice};
use crate::mail::write::letters::digest::{Digest, Quarantined, digest};
use crate::mail::write::letters::escalation::{BoardOnIt, Breach, Escalation, board_on_it, escalation};
use crate::mail::write::letters::held_waiting::{HeldWaiting, held_waiting};
use crate::mail::write::letters::loop_test::loop_test;
use crate::mail::write::letters::member_reminder::{Matter, MemberReminder, Waiting, member_reminder};
use crate::mail::write::letters::{Words, proposal, quarter};

const ADA: &str = "ada@example.org";
const BOARD: &str = "board@example.org";
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
const HEADLINE: &str = "31 reports, 29 answered within 7 days, 2 late, 1 escalated.";

pub(super) fn samples(setting: &Setting<'_>) -> Vec<Sample> {
    let mut samples = to_members(setting);
    samples.extend(to_the_board(setting));
    samples.extend(to_the_operator(setting));
    samples
}

fn to_members(setting: &Setting<'_>) -> Vec<Sample> {
    let (case, case_link) = (&setting.case(), &setting.page(&format!("cases/{}", setting.case())));
    let due = setting.in_days(3);
    let matter = Matter {
        what: Waiting::FirstReply { due, is_over: false },
        next: Some(("the chair".to_owned(), setting.in_days(2))),
    };
    let reminded = member_reminder(&MemberReminder { case, matters: &[matter], case_link });
    let mails = vec![(Some(case), setting.in_days(-2))];
    let held = held_waiting(&HeldWaiting { mails, link: &setting.page("held") });
    let unconfirmed = CommitteeNotice::Unconfirmed {
        project: PROJECT,
        contact: &mailbox("security@larkspur.example"),
        since: setting.in_days(-90),
    };
    let doubt = committee_notice(&unconfirmed, &setting.page("contacts"));
    let proposed = proposal::proposed("Larkspur", &setting.page("proposals"));
    let draft = quarter::draft(Quarter::last_ended(setting.now), Due::Draft, HEADLINE, &setting.page("quarters"));
    vec![
        setting.of_no_case(LetterKind::Digest, "Each morning with something to tell.", ADA, morning(setting)),
        setting.about_case(LetterKind::MemberReminder, "A promise or follow-up of ours runs out.", ADA, reminded),
        setting.of_no_case(LetterKind::MemberReminder, "Held mail waits for a decision.", ADA, held),
        setting.about_case(LetterKind::Bounce, "A letter to a contact came back.", ADA, came_back(setting)),
        setting.of_no_case(LetterKind::ContactNotice, "A contact does not answer.", ADA, doubt),
        setting.of_no_case(LetterKind::ContactNotice, "Somebody proposes a project.", ADA, proposed),
        setting.of_no_case(LetterKind::QuarterDraft, "The draft of the quarter's report is there.", ADA, draft),
    ]
}

fn morning(setting: &Setting<'_>) -> Words {
    let case = setting.case();
    digest(&Digest {
        overdue: vec![format!("{case} {PROJECT}, project acknowledgement, 1 d 3 h, owner Tania")],
        due_soon: vec![format!("{case} {PROJECT}, first reply, 14 h left, nobody has it")],
        to_triage: vec![case.to_string()],
        quarantined: 14,
        least_certain: vec![Quarantined {
            from: Some("kit@elsewhere.example"),
            subject: "A question",
            reason: "Nobody vouches for its sender.",
        }],
        record: Some("9f2c1b04d7e6"),
        desk_link: &setting.page("at-risk"),
        quarantine_link: &setting.page("quarantine"),
        senders_link: &setting.page("senders"),
        viewings_link: &setting.page("viewings"),
        ..Digest::default()
    })
}

fn came_back(setting: &Setting<'_>) -> Words {
    bounce(&Bounce {
        case: &setting.case(),
        refused: RefusedLetter::ToContact { project: PROJECT, contacts: 3, refused: 1, delivered: 2, deputies: 2 },
        recipient: &mailbox("old@larkspur.example"),
        status: "5.1.1",
        answer: "550 5.1.1 no such user",
        by_us: false,
        case_link: &setting.page(&format!("cases/{}", setting.case())),
    })
}

fn to_the_board(setting: &Setting<'_>) -> Vec<Sample> {
    let case = &setting.case();
    let silent = Breach::Project {
        name: PROJECT.to_owned(),
        promised: WEEK,
        forwarded_at: setting.in_days(-7),
        reminded_at: vec![setting.in_days(-5), setting.in_days(-3)],
        contacts: 3,
        bounced: 1,
    };
    let told = escalation(&Escalation {
        case,
        received_at: setting.in_days(-8),
        breaches: &[silent],
        help_by: setting.in_days(3),
        board_link: &setting.link("b"),
    });
    let taken = board_on_it(&BoardOnIt { case, who: &mailbox(BOARD), at: setting.now });
    let of = Quarter::last_ended(setting.now);
    let link = &setting.page(&format!("quarters/{of}"));
    let sent = quarter::report(&quarter::Report { quarter: of, headline: HEADLINE, acknowledged: (24, 26), link });
    let late = quarter::late(of, &setting.page("board"));
    vec![
        setting.about_case(LetterKind::Escalation, "A promise was not kept.", BOARD, told),
        setting.about_case(LetterKind::BoardOnIt, "One of the board has taken it up.", BOARD, taken),
        setting.of_no_case(LetterKind::Quarter, "The chair has approved the quarter's report.", BOARD, sent),
        setting.of_no_case(LetterKind::Quarter, "The report was not approved in time.", BOARD, late),
    ]
}

fn to_the_operator(setting: &Setting<'_>) -> Vec<Sample> {
    let (hour, wait) = (SignedDuration::from_hours(3), SignedDuration::from_hours(1));
    let jumped = clock_jumped(setting.now, hour, wait);
    let security = setting.security.as_str();
    vec![
        setting.of_no_case(LetterKind::ClockJumped, "The machine's clock jumped.", "operator@example.org", jumped),
        setting.of_no_case(LetterKind::LoopTest, "Each day, to ourselves.", security, loop_test(setting.now)),
    ]
}
