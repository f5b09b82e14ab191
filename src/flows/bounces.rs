//! What a refusal or a delivery report changes: the letter's state, its clock, the deputies, and who is told.

mod reach;
pub mod stray;

use crate::domain::bounce::{DeliveryReport, Fate, Notice};
use crate::domain::case::{Actor, EventKind};
use crate::domain::clock::{Clock, ClockKind};
use crate::domain::delivery::is_out_of_reach;
use crate::domain::id::{CaseId, HandlingId, LetterId, PartyId};
use crate::domain::letter::LetterKind;
use crate::domain::party::Party;
use crate::domain::report::AutomaticSign;
use crate::flows::conflicts::readers_of;
use crate::flows::forward::{self, Part};
use crate::flows::intake::Message;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, clocks, contacts, quarter, reopening};
use crate::mail::write::letters::bounce::{Bounce, RefusedLetter, bounce};
use crate::store::{CaseRow, ClockRow, FiledAs, HandlingRow, LetterFacts, StoreError, Tx};

use reach::Reach;

/// The status of a refusal for which no server gave one.
const NO_STATUS: &str = "5.0.0";

/// A refusal: its RFC 3463 status and the other server's words.
pub struct Refusal<'a> {
    pub status: &'a str,
    pub answer: &'a str,
    /// No server refused it: we did not send it.
    pub by_us: bool,
}

/// Takes a mail that came to a letter's return path: it is about that letter, whatever it looks like, and is never
/// answered or passed on (it may quote the report, and it names private addresses).
///
/// Knowing the return path is the credential of a delivery report. But the letter's reader knows it as well, so
/// only a report in a machine's form counts, and only one that names our recipient or nobody.
pub async fn take(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    fingerprint: &str,
) -> Result<(), StoreError> {
    match letter_of(tx, fingerprint).await? {
        Some(letter) => about(tx, house, step, message, &letter).await,
        None => {
            let because = "It came to a return path that we never issued.".to_owned();
            message.file_as(tx, step, FiledAs::Automatic, None, Some(because)).await
        }
    }
}

/// The letter whose return path has that fingerprint.
async fn letter_of(tx: &mut Tx<'_>, fingerprint: &str) -> Result<Option<LetterFacts>, StoreError> {
    match tx.link(fingerprint).await? {
        Some(link) => tx.letter(&LetterId::from_row(link.row)).await,
        None => Ok(None),
    }
}

/// Draws the consequences of a mail that is proven to be about `letter`.
async fn about(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    letter: &LetterFacts,
) -> Result<(), StoreError> {
    let heard = Heard::of(message, letter);
    let because = format!("About our {} letter to {}: {}.", letter.kind.word(), letter.recipient, heard.words());
    message.file_as(tx, step, FiledAs::Automatic, letter.case.as_ref(), Some(because)).await?;
    if let Some(case) = &letter.case {
        let detail = format!("{} {} {}", message.arrival.id, letter.id, heard.word());
        record(tx, step, case, EventKind::AutomaticMailFiled, Actor::Stranger, detail).await?;
    }
    match heard {
        Heard::Notice(notice) if notice.fate.is_failure() => came_back(tx, house, step, letter, notice).await,
        Heard::Notice(notice) if notice.fate == Fate::Delayed => {
            let waited = step.now.duration_since(letter.created_at);
            if is_out_of_reach(waited) { out_of_reach(tx, house, step, letter).await } else { Ok(()) }
        }
        // A contact that complains of a forward may not be one any more.
        Heard::Complaint => contacts::note_refusal(tx, letter, step.now).await,
        Heard::HeldByList => out_of_reach(tx, house, step, letter).await,
        Heard::Notice(_) | Heard::OfOthers | Heard::ReadReceipt | Heard::Nothing => Ok(()),
    }
}

/// What a mail to a return path says of its letter.
enum Heard<'m> {
    Notice(&'m Notice),
    /// Its reader's provider calls the letter unwanted (RFC 5965).
    Complaint,
    /// A list's moderator must approve it first: it may never arrive.
    HeldByList,
    /// A report that names other recipients alone.
    OfOthers,
    /// Somebody's mail program showed it (RFC 8098), which is no acknowledgement.
    ReadReceipt,
    /// An auto-reply, a person's words: they change nothing.
    Nothing,
}

impl<'m> Heard<'m> {
    fn of(message: &'m Message<'_>, letter: &LetterFacts) -> Self {
        let sign = message.read.mail().and_then(|mail| mail.automatic);
        let report: Option<&'m DeliveryReport> = message.read.delivery.as_ref();
        match (sign, report) {
            (Some(AutomaticSign::FeedbackReport), _) => Self::Complaint,
            (Some(AutomaticSign::ListNotice), _) => Self::HeldByList,
            (Some(AutomaticSign::ReadReceipt), _) => Self::ReadReceipt,
            (_, Some(report)) => match report.of(&letter.recipient) {
                Some(notice) => Self::Notice(notice),
                None if report.notices.is_empty() => Self::Nothing,
                None => Self::OfOthers,
            },
            (_, None) => Self::Nothing,
        }
    }

    /// For the record.
    fn word(&self) -> &'static str {
        match self {
            Self::Notice(notice) => notice.fate.word(),
            Self::Complaint => "complaint",
            Self::HeldByList => "held-by-list",
            Self::ReadReceipt => "read-receipt",
            Self::OfOthers => "of-others",
            Self::Nothing => "nothing",
        }
    }

    /// For the list of automatic mail.
    fn words(&self) -> String {
        match self {
            Self::Notice(notice) => {
                let what = match notice.fate {
                    Fate::Delivered => "it was delivered",
                    Fate::Delayed => "it is late, and its delivery is tried again",
                    Fate::Soft | Fate::Hard => "it could not be delivered",
                };
                let why = notice.reason.words().filter(|_| notice.fate != Fate::Delivered);
                let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                let status = notice.status.as_ref().map(|status| format!(" ({status})")).unwrap_or_default();
                format!("{what}{why}{status}")
            }
            Self::Complaint => "it was called unwanted, which speaks against the contact".to_owned(),
            Self::HeldByList => "a list holds it for its moderator, so it may never arrive".to_owned(),
            Self::ReadReceipt => "a read receipt, which is no acknowledgement".to_owned(),
            Self::OfOthers => "a delivery report that names other recipients, so it changes nothing".to_owned(),
            Self::Nothing => "no delivery report, so it changes nothing".to_owned(),
        }
    }
}

/// A letter that left comes back: it is refused now, with all that a refusal at the relay means. Told twice, it
/// changes nothing more.
async fn came_back(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    letter: &LetterFacts,
    notice: &Notice,
) -> Result<(), StoreError> {
    let refusal =
        Refusal { status: notice.status.as_deref().unwrap_or(NO_STATUS), answer: &notice.words, by_us: false };
    // The case before its letter, as the post office takes them.
    if let Some(case) = &letter.case {
        tx.case_for_update(case).await?;
    }
    if !tx.refuse_after_all(&letter.id, step.now, refusal.status, refusal.answer).await? {
        return Ok(());
    }
    tracing::warn!(letter = %letter.id, kind = letter.kind.word(), status = refusal.status, "a letter came back");
    refused(tx, house, step, letter, &refusal).await
}

/// Draws the consequences of a letter that was refused for good; its row says so already.
///
/// A letter to the committee itself, or one without a case, is not written about: that could go round for ever.
pub async fn refused(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    letter: &LetterFacts,
    refusal: &Refusal<'_>,
) -> Result<(), StoreError> {
    if !refusal.by_us {
        contacts::note_refusal(tx, letter, step.now).await?;
    }
    if letter.kind == LetterKind::Quarter {
        return quarter::was_refused(tx, house, step, letter, refusal.status).await;
    }
    let Some(case) = &letter.case else { return Ok(()) };
    let detail = format!("{} {} {}", letter.kind.word(), letter.id, refusal.status);
    record(tx, step, case, EventKind::LetterRefused, Actor::Program, detail).await?;
    let Some(case) = tx.case_for_update(case).await? else { return Ok(()) };
    let lost = Lost { case: &case, letter, refusal };
    match (letter.kind, &letter.handling, &letter.party) {
        (LetterKind::ConfirmReply, Some(handling), _) => {
            let row = tx.handling(handling).await?;
            let project = project_name(step, row.as_ref());
            lost.tell_the_committee(tx, house, step, RefusedLetter::ConfirmReply { project: &project }).await
        }
        (kind, Some(handling), Some(party)) if is_to_a_contact(kind) => {
            a_contact_is_gone(tx, house, step, &lost, handling, party).await
        }
        (LetterKind::Receipt, ..) => lost.tell_the_committee(tx, house, step, RefusedLetter::Receipt).await,
        (LetterKind::Escalation | LetterKind::BoardOnIt, ..) => {
            lost.tell_the_committee(tx, house, step, RefusedLetter::Board).await
        }
        (kind, ..) if kind.is_human_answer() || kind == LetterKind::Confirmed => {
            if clocks::restore_first_reply(tx, step, &case.id, &letter.id).await? {
                let because = "The answer to the reporter came back.";
                reopening::reopen(tx, house, step, &case.id, Actor::Program, because).await?;
            }
            let due = running(tx, &case, ClockKind::FirstReply, None).await?.map(|clock| clock.due_at);
            lost.tell_the_committee(tx, house, step, RefusedLetter::Answer { due }).await
        }
        (kind, ..) if is_to_the_reporter(kind) => {
            lost.tell_the_committee(tx, house, step, RefusedLetter::ToReporter).await
        }
        _ => Ok(()),
    }
}

/// Letters to a contact of a handling: what one of them meets, the others will.
pub fn is_to_a_contact(kind: LetterKind) -> bool {
    matches!(kind, LetterKind::Forward | LetterKind::Reminder | LetterKind::ToProject | LetterKind::Addition)
}

/// Other letters to the reporter than receipts and answers.
fn is_to_the_reporter(kind: LetterKind) -> bool {
    matches!(kind, LetterKind::Silence | LetterKind::AskedAnswered | LetterKind::NewLink | LetterKind::AddressTaken)
}

/// Deputies join, and the committee is told once of each contact, whichever of its letters came back first.
async fn a_contact_is_gone(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    lost: &Lost<'_>,
    handling: &HandlingId,
    party: &PartyId,
) -> Result<(), StoreError> {
    // Nobody waits for whoever has left.
    if !tx.parties_of(&lost.case.id).await?.iter().any(|other| other.id == *party && other.is_contact_of(handling)) {
        return Ok(());
    }
    let deputies = call_the_deputies(tx, house, step, lost.case, handling).await?;
    let letters = tx.letters_of_handling(handling).await?;
    let is_told = letters
        .iter()
        .any(|other| other.party.as_ref() == Some(party) && other.id != lost.letter.id && other.refused_at.is_some());
    if is_told {
        return Ok(());
    }
    let row = tx.handling(handling).await?;
    let reach = Reach::of(&letters, &tx.parties_of(&lost.case.id).await?, handling);
    let refused = RefusedLetter::ToContact {
        project: &project_name(step, row.as_ref()),
        contacts: reach.contacts,
        refused: reach.refused,
        delivered: reach.delivered,
        deputies,
    };
    lost.tell_the_committee(tx, house, step, refused).await
}

fn project_name(step: &Step, row: Option<&HandlingRow>) -> String {
    let Some(row) = row else { return "a project".to_owned() };
    step.policy.directory.project(&row.project).map_or_else(|| row.project.to_string(), |project| project.name.clone())
}

/// A contact could not be reached for a day, though nobody has given up yet: the deputies are told too
/// (DESIGN.md 3.5). Done again, it finds that they were.
pub async fn out_of_reach(tx: &mut Tx<'_>, house: &House, step: &Step, letter: &LetterFacts) -> Result<(), StoreError> {
    let (Some(case), Some(handling)) = (&letter.case, &letter.handling) else { return Ok(()) };
    if !is_to_a_contact(letter.kind) {
        return Ok(());
    }
    in_doubt(tx, house, step, case, handling).await
}

/// It is in doubt whether a contact of the handling has anything of it, so that the deputies are told too.
pub async fn in_doubt(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    let Some(case) = tx.case_for_update(case).await? else { return Ok(()) };
    call_the_deputies(tx, house, step, &case, handling).await.map(|_| ())
}

/// Deputies join as soon as any contact bounces (DESIGN.md 3.2); the clock keeps running. Says how many joined now.
pub async fn call_the_deputies(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseRow,
    handling: &HandlingId,
) -> Result<usize, StoreError> {
    let Some(row) = tx.handling(handling).await? else { return Ok(0) };
    let Some(project) = step.policy.directory.project(&row.project) else { return Ok(0) };
    let Some(clock) = running(tx, case, ClockKind::Acknowledge, Some(handling)).await? else { return Ok(0) };
    let parties = tx.parties_of(&case.id).await?;
    let has_it = |party: &Party| party.is_contact_of(handling);
    let part = Part { case: &case.id, handling, project, confirm_by: Some(clock.due_at) };
    let mut joined = 0;
    for deputy in project.contacts.iter().filter(|contact| contact.is_deputy) {
        if !parties.iter().any(|party| has_it(party) && party.mailbox.as_ref() == Some(&deputy.email)) {
            forward::write_to(tx, house, step, &part, deputy).await?;
            joined += 1;
        }
    }
    Ok(joined)
}

/// A clock of the case, or of that handling of it, while it runs.
async fn running(
    tx: &mut Tx<'_>,
    case: &CaseRow,
    kind: ClockKind,
    handling: Option<&HandlingId>,
) -> Result<Option<Clock>, StoreError> {
    let is_meant =
        |row: &ClockRow| row.clock.kind == kind && row.handling.as_ref() == handling && row.clock.stopped_at.is_none();
    Ok(tx.clocks_of(&case.id).await?.into_iter().find(is_meant).map(|row| row.clock))
}

/// A letter that did not arrive, and why.
struct Lost<'a> {
    case: &'a CaseRow,
    letter: &'a LetterFacts,
    refusal: &'a Refusal<'a>,
}

impl Lost<'_> {
    async fn tell_the_committee(
        &self,
        tx: &mut Tx<'_>,
        house: &House,
        step: &Step,
        refused: RefusedLetter<'_>,
    ) -> Result<(), StoreError> {
        let case_link = format!("{}/cases/{}", house.public_url, self.case.number);
        let words = bounce(&Bounce {
            case: &self.case.number,
            refused,
            recipient: &self.letter.recipient,
            status: self.refusal.status,
            answer: self.refusal.answer,
            by_us: self.refusal.by_us,
            case_link: &case_link,
        });
        for member in &readers_of(tx, step, &self.case.id).await? {
            let letter = NewLetter {
                kind: LetterKind::Bounce,
                to: &member.email,
                reply_to: None,
                words: &words,
                case: Some((&self.case.id, &self.case.number)),
                handling: self.letter.handling.as_ref(),
                party: None,
                said_in: None,
                references: &[],
            };
            writing::put(tx, house, step, letter).await?;
        }
        Ok(())
    }
}
