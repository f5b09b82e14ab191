//! Rows for the tests of page functions: every text in them that a stranger can choose is hostile.

use jiff::{SignedDuration, Timestamp};
use maud::Markup;

use crate::domain::address::Mailbox;
use crate::domain::case::{CaseRef, CaseState};
use crate::domain::clock::{Clock, ClockKind};
use crate::domain::directory::{
    AutoForward, Contact, DeliveryMode, Directory, Foundation, Member, MemberRole, Project, ProjectId, Promise, Routing,
};
use crate::domain::handling::HandlingState;
use crate::domain::id::{ArrivalId, CaseId, HandlingId, LetterId, MessageId, PartyId, ReportId};
use crate::domain::judgement::{Candidate, Evidence, Judgement, Speaks, Strength};
use crate::domain::letter::LetterKind;
use crate::domain::party::Author;
use crate::domain::quarter::Quarter;
use crate::domain::quarter::figures::{
    Compared, ContactFigures, EscalationFigure, Figures, Kept, KindFigure, ProjectFigure, Unwanted,
};
use crate::domain::report::{Attachment, Remote, TextSource};
use crate::store::{CaseLine, CaseRow, HandlingRow, LetterFacts, MessageRow, QuarantineRow, ReportRow};

/// What strangers write wherever they may write something.
pub const HOSTILE: &str = "</pre><script>alert(1)</script>\"><img src=x onerror=alert(1)>";

/// The markup as text, after a look that nothing a stranger wrote became part of it.
pub fn safe(page: Markup) -> String {
    let shown = page.into_string();
    for tag in ["<script", "<img", "onerror=alert(1)>"] {
        assert!(!shown.contains(tag), "{tag} in {shown}");
    }
    shown
}

/// Like [`safe`], for a page that must show what strangers wrote at least so many times.
pub fn shows_hostile_texts(page: Markup, at_least: usize) -> String {
    let shown = safe(page);
    let times = shown.matches("&lt;script&gt;alert(1)").count();
    assert!(times >= at_least, "{times} of {at_least} in {shown}");
    shown
}

/// Fri 2026-11-20 14:00 UTC.
pub fn now() -> Timestamp {
    "2026-11-20T14:00:00Z".parse().unwrap()
}

pub fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

pub fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

fn hostile() -> String {
    HOSTILE.to_owned()
}

pub fn id(text: &str) -> ProjectId {
    ProjectId::parse(text).unwrap()
}

/// Two projects and one member.
pub fn directory() -> Directory {
    Directory {
        foundation: Foundation {
            name: "Story Foundation".to_owned(),
            security_address: mailbox("security@story.example"),
            public_url: "https://security.story.example".to_owned(),
            hosts: Vec::new(),
            case_prefix: "SEC".to_owned(),
            out_of_scope: None,
        },
        promise: Promise { first_reply: hours(72), acknowledge: hours(168), ladder: Vec::new() },
        routing: Routing {
            auto_forward: AutoForward::Chosen,
            hold: SignedDuration::from_secs(60),
            projects_per_report: 3,
            forwards_per_sender_a_day: 5,
            forwards_an_hour: 30,
        },
        committee: vec![Member {
            name: "Ada Chair".to_owned(),
            email: mailbox("ada@story.example"),
            role: MemberRole::Chair,
            term_start: None,
        }],
        board: Vec::new(),
        projects: vec![
            Project { contacts: vec![contact("Ivo")], ..Project::named(id("lantern"), "Lantern") },
            Project::named(id("parsley"), "Parsley"),
        ],
    }
}

/// A contact of Lantern.
pub fn contact(name: &str) -> Contact {
    Contact {
        name: Some(name.to_owned()),
        email: mailbox("ivo@lantern.example"),
        delivery: DeliveryMode::Full,
        is_list: false,
        is_deputy: false,
        away: Vec::new(),
        hours: None,
        zone: None,
        key: None,
    }
}

/// A case that the judge suggests for Lantern.
pub fn case(state: CaseState) -> CaseRow {
    let candidate = Candidate {
        project: id("lantern"),
        strength: Strength::Likely,
        evidence: vec![Evidence { clause: format!("text says {HOSTILE}"), speaks: Speaks::For, at: None }],
    };
    CaseRow {
        id: CaseId::from_row("case"),
        number: CaseRef::from_row("SEC-2026-0042"),
        title: hostile(),
        state,
        arrived_at: now(),
        opened_at: now(),
        owner: None,
        waits_because: Some(hostile()),
        judgement: Judgement { candidates: vec![candidate], noise: None },
        noise: None,
        kind_said: None,
        seen_at: None,
        exploited_at: None,
        originals_erased_at: None,
        erased_at: None,
        closed_at: None,
        closed_as: None,
        closed_by: None,
    }
}

/// A line of a list, whose clock has `left` to run; negative if it ran out.
pub fn line(state: CaseState, left: SignedDuration) -> CaseLine {
    CaseLine {
        case: case(state),
        clock: Some(Clock::start(ClockKind::FirstReply, now() + left - hours(72), hours(72))),
        awaits_reply: true,
        handlings: Vec::new(),
        reporter: Some(hostile()),
        bounced: 0,
    }
}

pub fn report() -> ReportRow {
    ReportRow {
        id: ReportId::from_row("report"),
        case: CaseId::from_row("case"),
        arrival: ArrivalId::from_row("arrival"),
        party: PartyId::from_row("party"),
        arrived_at: now(),
        from_name: Some(hostile()),
        from: Some(mailbox("jane@reporter.example")),
        subject: hostile(),
        body: hostile(),
        shared: hostile(),
        text_source: TextSource::Html,
        remote: Remote { images: 2, others: 1 },
        encryption: None,
        automatic: Some(hostile()),
        unreadable: Some(hostile()),
        proof: hostile(),
        proven: false,
        chosen: Vec::new(),
    }
}

/// Mail that is held for the case.
pub fn held() -> MessageRow {
    MessageRow {
        case: Some(CaseId::from_row("case")),
        arrival: Some(ArrivalId::from_row("arrival")),
        from_name: Some(hostile()),
        from: Some(mailbox("ivo@elsewhere.example")),
        subject: hostile(),
        body: hostile(),
        remote: Remote { images: 1, others: 0 },
        proof: hostile(),
        held_because: Some(hostile()),
        held_at: Some(now()),
        ..MessageRow::blank(MessageId::from_row("message"), Author::Stranger, now())
    }
}

/// A proven sender's mail in quarantine.
pub fn quarantined() -> QuarantineRow {
    QuarantineRow {
        arrival: ArrivalId::from_row("arrival"),
        arrived_at: now(),
        quarantined_at: now(),
        batch: "2026-11-20".to_owned(),
        kind: "suspected".to_owned(),
        score: 6,
        reasons: vec![hostile()],
        from_name: Some(hostile()),
        from: Some(mailbox("sales@spam.example")),
        proof: hostile(),
        proven: true,
        subject: hostile(),
        body: hostile(),
        seen_at: None,
        seen_by: None,
        released_at: None,
        case: None,
    }
}

pub fn attachment() -> Attachment {
    Attachment { part: 2, name: hostile(), media_type: hostile(), size: 12, sha256: [0xab; 32] }
}

pub fn handling(state: HandlingState) -> HandlingRow {
    HandlingRow {
        id: HandlingId::from_row("handling"),
        case: CaseId::from_row("case"),
        project: id("lantern"),
        state,
        channel: "mail".to_owned(),
        decided_at: now(),
        decided_by: "program".to_owned(),
        acknowledged_at: (state == HandlingState::Acknowledged).then(now),
        acknowledged_by: None,
        acknowledged_how: None,
        withdrawn_at: None,
        handed_over_at: None,
        handed_over_by: None,
        handed_over_how: None,
        closed_at: None,
        closed_by: None,
    }
}

/// A forward that waits in its hold.
pub fn letter() -> LetterFacts {
    LetterFacts {
        id: LetterId::from_row("letter"),
        kind: LetterKind::Forward,
        case: Some(CaseId::from_row("case")),
        case_number: Some(CaseRef::from_row("SEC-2026-0042")),
        handling: Some(HandlingId::from_row("handling")),
        project: Some(id("lantern")),
        party: None,
        said_in: None,
        recipient: mailbox("security@lantern.example"),
        message_id: "m@story.example".to_owned(),
        subject: hostile(),
        size: 1,
        created_at: now(),
        due_at: now() + SignedDuration::from_secs(60),
        tries: 0,
        claimed: false,
        first_deferred_at: None,
        sent_at: None,
        refused_at: None,
        withdrawn_at: None,
        status: None,
        answer: Some(hostile()),
    }
}

/// Of Sep-Nov 2026, compared with the quarter before.
pub fn figures() -> Figures {
    let quarter = Quarter::parse("2026-12").expect("a due month");
    let first_reply = Kept { in_time: 29, late: 2, median_seconds: Some(180_000), ..Kept::default() };
    let acknowledge = Kept {
        in_time: 20,
        overdue: 1,
        open: 1,
        slowest_seconds: Some(900_000),
        slowest_waits: true,
        paused: 1,
        paused_seconds: 259_200,
        ..Kept::default()
    };
    let compared = |quarter, received, escalated| Compared { quarter, received, first_reply, acknowledge, escalated };
    Figures {
        quarter,
        as_of: now(),
        first_reply_seconds: 7 * 86_400,
        received: 31,
        kinds: vec![KindFigure { kind: "Report of a flaw".to_owned(), count: 31 }],
        without_project: 3,
        first_reply,
        acknowledge,
        carried_first_reply: Kept { in_time: 1, ..Kept::default() },
        carried_acknowledge: Kept::default(),
        projects: vec![ProjectFigure {
            id: id("lantern"),
            name: hostile(),
            forwarded: 22,
            acknowledged: acknowledge,
            escalated: 1,
        }],
        escalations: vec![EscalationFigure {
            case: "SEC-2026-0042".to_owned(),
            at: now(),
            project: Some(hostile()),
            kept_at: None,
            waits: true,
        }],
        contacts: ContactFigures {
            confirmed: 4,
            projects: 2,
            without_contact: vec!["Parsley".to_owned()],
            ..ContactFigures::default()
        },
        unwanted: Unwanted { quarantined: 14, released: 2, ..Unwanted::default() },
        compared: vec![compared(quarter.previous(), 12, 0), compared(quarter, 31, 1)],
        record: Some("9f2c".to_owned()),
    }
}
