//! Opens a case for a report: case, report, parties, clocks, events, forward and receipt in the caller's transaction.

use jiff::tz::TimeZone;

use crate::domain::abuse::{self, DAY};
use crate::domain::address::{Mailbox, Purpose};
use crate::domain::case::{Actor, CaseRef, CaseState, EventKind};
use crate::domain::clock::ClockKind;
use crate::domain::id::{CaseId, PartyId, ReportId};
use crate::domain::letter::LetterKind;
use crate::domain::party::{Party, PartyRole, Shares};
use crate::domain::report::{AutomaticSign, Reading, Remote, TextSource, Unreadable};
use crate::flows::clocks::NewClock;
use crate::flows::forward::{self, Decision, Waits};
use crate::flows::intake::Message;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, clocks, echoes, near};
use crate::mail::write::letters::receipt::{Receipt, receipt};
use crate::store::{FiledAs, NewCase, NewReport, StoreError, Tx};

/// A title when the mail has no subject.
const NO_SUBJECT: &str = "(no subject)";

/// Opens a case for `message`; what may not be forwarded by itself waits in triage with the reason.
pub async fn open_case(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
) -> Result<(CaseId, CaseRef), StoreError> {
    let decision = forward::decide(tx, step, message).await?;
    let (case, number) = insert_case(tx, house, step, message, &decision).await?;
    let reporter = insert_reporter(tx, house, step, message, &case).await?;
    let report = insert_report(tx, house, step, message, &case, &reporter).await?;
    near::look_for_earlier(tx, house, step, message, (&case, &report)).await?;
    message.file_as(tx, step, filed_as(&message.read.reading), Some(&case), None).await?;
    promise_an_answer(tx, house, step, &case, message).await?;
    record(tx, step, &case, EventKind::Opened, Actor::Stranger, message.arrival.id.to_string()).await?;
    record(tx, step, &case, EventKind::Judged, Actor::Program, judged(message)).await?;
    match &decision {
        Decision::Forward(projects) => {
            for project in projects {
                forward::hand_over(tx, house, step, &case, project, Actor::Program).await?;
            }
        }
        Decision::Wait(reason) => {
            clocks::triage_begins(tx, house, step, &case, message.arrival.arrived_at).await?;
            record(tx, step, &case, EventKind::LeftToTriage, Actor::Program, reason.word()).await?;
        }
    }
    if let Decision::Wait(Waits::GoesRound(round)) = &decision {
        echoes::stopped(tx, step, &case, *round).await?;
    } else {
        answer_with_a_receipt(tx, house, step, message, (&case, &number), &reporter).await?;
    }
    Ok((case, number))
}

fn filed_as(reading: &Reading) -> FiledAs {
    match reading {
        Reading::Unreadable(Unreadable::SetAside | Unreadable::NotFiled) => FiledAs::SetAside,
        _ => FiledAs::Report,
    }
}

/// Ids and words only, for the record.
fn judged(message: &Message<'_>) -> String {
    let candidates = &message.read.judgement.candidates;
    let words: Vec<String> = candidates.iter().map(|c| format!("{} {}", c.project, c.strength.word())).collect();
    let noise = message.read.judgement.noise.as_ref().map(|seems| format!("seems {}", seems.noise.word()));
    let words: Vec<String> = words.into_iter().chain(noise).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

async fn insert_case(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    decision: &Decision,
) -> Result<(CaseId, CaseRef), StoreError> {
    let id = CaseId::new(step.now, house.chance());
    let year = message.arrival.arrived_at.to_zoned(TimeZone::UTC).year();
    let sequence = tx.next_case_number(year).await?;
    let number = CaseRef::new(&step.policy.directory.foundation.case_prefix, year, sequence);
    let title = match message.read.mail() {
        Some(mail) if !mail.subject.trim().is_empty() => mail.subject.trim(),
        _ => NO_SUBJECT,
    };
    let waits_because = match decision {
        Decision::Forward(_) => None,
        Decision::Wait(reason) => Some(reason.to_string()),
    };
    tx.insert_case(&NewCase {
        id: &id,
        number: &number,
        title,
        state: if waits_because.is_none() { CaseState::Routed } else { CaseState::New },
        arrived_at: message.arrival.arrived_at,
        opened_at: step.now,
        waits_because: waits_because.as_deref(),
        judgement: &message.read.judgement,
    })
    .await?;
    Ok((id, number))
}

/// The reporter is a party even without an address to answer: the report is somebody's.
async fn insert_reporter(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    case: &CaseId,
) -> Result<Party, StoreError> {
    let from = message.read.mail().map(|mail| &mail.from);
    let form = message.read.form.as_ref();
    let party = Party {
        id: PartyId::new(step.now, house.chance()),
        case: case.clone(),
        role: PartyRole::Reporter,
        mailbox: from.and_then(|from| from.mailbox()).cloned(),
        name: match form {
            Some(form) => form.name.clone(),
            None => from.and_then(|from| from.name()).map(str::to_owned),
        },
        is_list: false,
        shares: form.map_or(Shares::Nothing, |form| form.shares),
        generation: 0,
    };
    tx.insert_party(&party, step.now).await?;
    issue(tx, house, &party, &[Purpose::PartyAddress, Purpose::StatusLink]).await?;
    Ok(party)
}

/// Writes down the fingerprints of a party's address and links, so that they open something.
pub async fn issue(tx: &mut Tx<'_>, house: &House, party: &Party, purposes: &[Purpose]) -> Result<(), StoreError> {
    for purpose in purposes {
        let token = house.key.token(*purpose, party.id.as_str(), party.generation);
        tx.issue(&token, party.id.as_str(), party.generation, None).await?;
    }
    Ok(())
}

async fn insert_report(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    case: &CaseId,
    reporter: &Party,
) -> Result<ReportId, StoreError> {
    let mail = message.read.mail();
    let id = ReportId::new(step.now, house.chance());
    tx.insert_report(&NewReport {
        id: id.clone(),
        case: case.clone(),
        arrival: message.arrival.id.clone(),
        party: reporter.id.clone(),
        arrived_at: message.arrival.arrived_at,
        from_name: reporter.name.clone(),
        from: reporter.mailbox.clone(),
        subject: mail.map(|mail| mail.subject.clone()).unwrap_or_default(),
        body: mail.map(|mail| mail.text.clone()).unwrap_or_default(),
        text_source: mail.map_or(TextSource::Nothing, |mail| mail.text_source),
        remote: mail.map_or(Remote::default(), |mail| mail.remote),
        encryption: mail.and_then(|mail| mail.encryption),
        automatic: mail.and_then(|mail| mail.automatic).map(AutomaticSign::words).map(str::to_owned),
        unreadable: match &message.read.reading {
            Reading::Unreadable(why) => Some(why.to_string()),
            Reading::Mail(_) => None,
        },
        shared: message.read.shared.clone(),
        proof: message.read.proof.words.clone(),
        proven: message.read.proof.is_proven(),
        chosen: message.read.chosen().to_vec(),
    })
    .await?;
    if let Some(mail) = mail {
        tx.insert_attachments(&message.arrival.id, &mail.attachments).await?;
    }
    Ok(id)
}

/// The first promise runs from the arrival, however late the journal was worked off.
async fn promise_an_answer(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    message: &Message<'_>,
) -> Result<(), StoreError> {
    let (kind, target) = (ClockKind::FirstReply, step.policy.directory.promise.first_reply);
    let started_at = message.arrival.arrived_at;
    clocks::start(tx, house, step, NewClock { case, handling: None, kind, started_at, target }).await?;
    Ok(())
}

/// The receipt, where the sender is known well enough not to bury a stranger under our mail (DESIGN.md 3.5).
async fn answer_with_a_receipt(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    (case, number): (&CaseId, &CaseRef),
    reporter: &Party,
) -> Result<(), StoreError> {
    let (Some(mail), Some(to)) = (message.read.mail(), &reporter.mailbox) else { return Ok(()) };
    let sent = tx.automatic_letters(step.now - DAY, to).await?;
    let sender: Option<&Mailbox> = message.arrival.sender.as_ref();
    if abuse::may_receipt(mail, sender, &message.read.proof, sent).is_err() {
        return Ok(());
    }
    let answer_by = message.arrival.arrived_at + step.policy.directory.promise.first_reply;
    if answer_by <= step.now {
        return Ok(()); // released from quarantine too late for the date to be kept: a person answers instead
    }
    let words = receipt(&Receipt { case: number, answer_by, status_link: &house.status_url(reporter) });
    writing::put(
        tx,
        house,
        step,
        NewLetter {
            kind: LetterKind::Receipt,
            to,
            reply_to: Some(&step.own_addresses().with(&house.party_token(reporter))),
            words: &words,
            case: Some((case, number)),
            handling: None,
            party: Some(&reporter.id),
            said_in: None,
            references: &[],
        },
    )
    .await?;
    Ok(())
}
