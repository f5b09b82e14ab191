//! The doors between the lanes (DESIGN.md 3.3): what a reporter adds goes to the projects on the case, and what a
//! contact writes for the reporter goes to the reporter. Words cross, never the mail they came in.

mod additions;

use jiff::Timestamp;

use additions::write_addition;
pub use additions::{Added as SharedAddition, adopt_additions, on_page, repeat_additions};

use crate::domain::abuse::DAY;
use crate::domain::case::{Actor, EventKind};
use crate::domain::directory::DeliveryMode;
use crate::domain::handling::HandlingState;
use crate::domain::id::{ArrivalId, CaseId, HandlingId, MessageId};
use crate::domain::letter::LetterKind;
use crate::domain::party::{Author, Lane, Party, PartyRole, Shares};
use crate::domain::report::{Attachment, IncomingMail, Remote, TextSource};
use crate::flows::acknowledging::{project_name, reporters, tell_reporter};
use crate::flows::intake::Message;
use crate::flows::writing::{self, record};
use crate::flows::{House, Step, progress, sharing};
use crate::mail::read::visible::{Doubt, read};
use crate::mail::write::letters::addition::{Added, Addition, addition};
use crate::mail::write::letters::contact_reply::{ContactReply, contact_reply};
use crate::mail::write::withhold::{Identity, withhold, without_addresses, without_private};
use crate::store::{CaseRow, HandlingRow, MessageRow, ReportRow, StoreError, Tx};

/// Messages of one party that cross by themselves in a day: two machines that answer each other stop here.
const CROSSINGS_A_DAY: usize = 10;

/// What is known of a party by which it could be told: names and addresses of its rows.
pub async fn known_identity(tx: &mut Tx<'_>, party: &Party) -> Result<Identity, StoreError> {
    Ok(identity_of(party, &tx.reports_of(&party.case).await?))
}

fn identity_of(party: &Party, reports: &[ReportRow]) -> Identity {
    let own = || reports.iter().filter(|report| report.party == party.id);
    let names = own().filter_map(|report| report.from_name.as_deref()).chain(party.name.as_deref());
    let mailboxes = own().filter_map(|report| report.from.as_ref()).chain(&party.mailbox);
    Identity::known(names, mailboxes)
}

/// Why an addition that came by mail waits for a member, if it does.
pub async fn stays(
    tx: &mut Tx<'_>,
    step: &Step,
    message: &Message<'_>,
    mail: &IncomingMail,
    reporter: &Party,
) -> Result<Option<String>, StoreError> {
    if let Some(encryption) = mail.encryption {
        return Ok(Some(format!("It is encrypted ({}). A member opens the original.", encryption.word())));
    }
    // What only looks quoted may be a prompt or code, and a project is not kept from it; our links are cut anyway.
    if let Some(doubt) = doubt_of(mail).filter(|doubt| *doubt != Doubt::Lookalike) {
        return Ok(Some(in_doubt(doubt)));
    }
    if let Some(where_it_stands) = message.read.uncuttable
        && reporter.shares != Shares::NameAndAddress
    {
        return Ok(Some(format!("The reporter's name is withheld, but {where_it_stands}.")));
    }
    too_many(tx, reporter, Lane::Reporter, step.now).await
}

/// Why the words of a mail may hold another's.
pub fn doubt_of(mail: &IncomingMail) -> Option<Doubt> {
    match mail.text_source {
        TextSource::LongHtml => Some(Doubt::Unmarked),
        TextSource::Plain | TextSource::Html | TextSource::Nothing => read(&mail.text).doubt,
    }
}

/// Why a member looks first where another's text may stand among the words.
pub fn in_doubt(doubt: Doubt) -> String {
    format!("It may hold the words of others: {}. A member looks first.", doubt.words())
}

/// Why no more of a party's messages cross today by themselves.
pub async fn too_many(
    tx: &mut Tx<'_>,
    party: &Party,
    lane: Lane,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let is_recent = |row: &MessageRow| {
        row.party.as_ref() == Some(&party.id)
            && row.lane == Some(lane)
            && row.passed_on_from.is_none()
            && row.at > now - DAY
    };
    let recent = tx.messages_of(&party.case).await?.into_iter().filter(is_recent).count();
    Ok((recent >= CROSSINGS_A_DAY)
        .then(|| format!("{recent} messages came from there in a day. A member looks first.")))
}

/// Door (a): passes what a reporter added on to every project on the case, its identity withheld as in the forward.
/// What stays is shown to a member with the reason.
pub async fn pass_on_addition(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    reporter: &Party,
    added: &MessageRow,
    identity: &Identity,
) -> Result<(), StoreError> {
    progress::reporter_is_heard(tx, step, &reporter.case).await?;
    if let Some(reason) = &added.held_because {
        return stay(tx, step, &reporter.case, added, &format!("An addition was not passed on. {reason}")).await;
    }
    let text = shared_words(added.said(), reporter, identity);
    let handlings = tx.handlings_of(&reporter.case).await?;
    for handling in handlings.iter().filter(|row| row.state.is_open()) {
        let passed = put_into_project_lane(tx, house, step, added, &handling.id, &text).await?;
        let Some(passed) = passed else { continue };
        if handling.state == HandlingState::ByHand {
            let project = project_name(tx, step, &handling.id).await?;
            let because = format!("The reporter added something. {project} takes no mail: a member takes it there.");
            stay(tx, step, &reporter.case, added, &because).await?;
        }
        let parties = tx.parties_of(&reporter.case).await?;
        for contact in parties.iter().filter(|party| party.is_contact_of(&handling.id)) {
            write_addition(tx, house, step, contact, &passed).await?;
        }
    }
    Ok(())
}

async fn stay(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    message: &MessageRow,
    because: &str,
) -> Result<(), StoreError> {
    let Some(case) = tx.case_for_update(case).await? else { return Ok(()) };
    tx.set_case_state(&case.id, case.state, Some(because)).await?;
    record(tx, step, &case.id, EventKind::NotPassedOn, Actor::Program, message.id.as_str()).await
}

/// A reporter's words as a project may see them.
fn shared_words(words: &str, reporter: &Party, identity: &Identity) -> String {
    match reporter.shares {
        Shares::NameAndAddress => without_private(words),
        Shares::Nothing | Shares::Name => without_private(&withhold(words, identity).text),
    }
}

/// The message in a project's lane that passes an addition on; `None` if there is nothing to pass.
async fn put_into_project_lane(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    added: &MessageRow,
    handling: &HandlingId,
    text: &str,
) -> Result<Option<MessageRow>, StoreError> {
    if text.trim().is_empty() && files_of(tx, added.arrival.as_ref()).await?.is_empty() {
        return Ok(None);
    }
    let passed = MessageRow {
        id: MessageId::new(step.now, house.chance()),
        lane: Some(Lane::Project),
        handling: Some(handling.clone()),
        arrival: None,
        author: Author::Party,
        from_name: None,
        from: None,
        subject: String::new(),
        body: text.trim().to_owned(),
        words: None,
        remote: Remote::default(),
        proof: "passed on, without the reporter's identity".to_owned(),
        passed_on_from: Some(added.id.clone()),
        ..added.clone()
    };
    tx.insert_message(&passed).await?;
    if let Some(case) = &passed.case {
        let detail = format!("{} {handling}", added.id);
        record(tx, step, case, EventKind::PassedOn, Actor::Program, detail).await?;
    }
    Ok(Some(passed))
}

async fn files_of(tx: &mut Tx<'_>, arrival: Option<&ArrivalId>) -> Result<Vec<(ArrivalId, Attachment)>, StoreError> {
    let Some(arrival) = arrival else { return Ok(Vec::new()) };
    let files = tx.attachments_of(arrival).await?;
    Ok(files.into_iter().map(|file| (arrival.clone(), file)).collect())
}

/// Whether a message passes an addition on to the project that has `handling`.
pub fn is_passed_on_to(row: &MessageRow, handling: &HandlingId) -> bool {
    row.lane == Some(Lane::Project)
        && row.handling.as_ref() == Some(handling)
        && row.author == Author::Party
        && row.passed_on_from.is_some()
}

/// Writes to a contact, in the thread of its forward, what is new on the reporter's side. One whose forward was stopped
/// never had the report and gets nothing.
pub async fn tell_contact(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    contact: &Party,
    what: Added<'_>,
    said_in: Option<&MessageId>,
) -> Result<(), StoreError> {
    let PartyRole::Contact(handling) = &contact.role else { return Ok(()) };
    let (Some(case), Some(row)) = (tx.case_for_update(&contact.case).await?, tx.handling(handling).await?) else {
        return Ok(());
    };
    let has_the_report = tx.letters_to(&case.id, &contact.id).await?.iter().any(|l| l.kind == LetterKind::Forward);
    if !has_the_report {
        return Ok(());
    }
    let parties = tx.parties_of(&contact.case).await?;
    let words = addition(&Addition {
        case: &case.number,
        project: &project_name(tx, step, handling).await?,
        what,
        reporter: sharing::seen(&parties),
        delivery: delivery(step, &row, contact),
        action_link: &house.action_url(contact),
    });
    let letter = (LetterKind::Addition, &words, said_in);
    writing::to_party(tx, house, step, (&case.id, &case.number), contact, letter).await.map(|_| ())
}

/// How much a mail to this contact may carry; one that the file no longer names gets a link.
pub fn delivery(step: &Step, handling: &HandlingRow, contact: &Party) -> DeliveryMode {
    let project = step.policy.directory.project(&handling.project);
    let named = project.and_then(|p| p.contacts.iter().find(|known| Some(&known.email) == contact.mailbox.as_ref()));
    named.map_or(DeliveryMode::Link, |known| known.delivery)
}

/// A contact's words as the reporter may see them: without what tells who they are, addresses, and links of ours.
pub fn words_for_the_reporter(words: &str, contact: &Identity) -> String {
    without_addresses(&withhold(words, contact).text).trim().to_owned()
}

/// What tells who wrote a contact's words: all that is known of the contacts of its project, and of `mail` if the
/// words came in one; but for what the reporter knows as well, for names of project and foundation often stand in
/// the name of a contact.
pub async fn contact_identity(
    tx: &mut Tx<'_>,
    step: &Step,
    contact: &Party,
    mail: Option<Identity>,
) -> Result<Identity, StoreError> {
    let row = match &contact.role {
        PartyRole::Contact(handling) => tx.handling(handling).await?,
        PartyRole::Reporter => None,
    };
    let directory = &step.policy.directory;
    let project = row.and_then(|row| directory.project(&row.project));
    let named = || project.into_iter().flat_map(|project| &project.contacts);
    let mut identity = known_identity(tx, contact).await?.and(Identity::known(
        named().filter_map(|contact| contact.name.as_deref()),
        named().map(|contact| &contact.email),
    ));
    if let Some(mail) = mail {
        identity = identity.and(mail);
    }
    let known_to_all = format!("{} {}", project.map_or("", |project| &project.name), directory.foundation.name);
    Ok(identity.but_for(&known_to_all))
}

/// Door (b): what a contact wrote for the reporter goes to every reporter of the case, signed by the project's name.
/// It waits in its hold like a member's words; without an address it stands on the status page at once.
pub async fn pass_on_to_the_reporter(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    contact: &Party,
    written: &MessageRow,
    identity: &Identity,
) -> Result<(), StoreError> {
    let Some(case) = tx.case_for_update(&contact.case).await? else { return Ok(()) };
    if let Some(reason) = &written.held_because {
        let because = format!("A contact's words to the reporter were not passed on. {reason}");
        return stay(tx, step, &case.id, written, &because).await;
    }
    let text = words_for_the_reporter(written.said(), identity);
    if text.is_empty() {
        let because = "A contact's mail to the reporter has no words of its own, so nothing was passed on.";
        return stay(tx, step, &case.id, written, because).await;
    }
    let passed = MessageRow {
        id: MessageId::new(step.now, house.chance()),
        lane: Some(Lane::Reporter),
        arrival: None,
        from_name: None,
        from: None,
        subject: String::new(),
        body: text,
        words: None,
        remote: Remote::default(),
        proof: "passed on from the project".to_owned(),
        passed_on_from: Some(written.id.clone()),
        ..written.clone()
    };
    tx.insert_message(&passed).await?;
    let actor = Actor::Party(contact.id.to_string());
    record(tx, step, &case.id, EventKind::PassedOn, actor, format!("{} {}", written.id, passed.id)).await?;
    let files = files_of(tx, written.arrival.as_ref()).await?.len();
    write_to_the_reporters(tx, house, step, &case, &passed, files).await
}

async fn write_to_the_reporters(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseRow,
    passed: &MessageRow,
    files: usize,
) -> Result<(), StoreError> {
    let project = match &passed.handling {
        Some(handling) => project_name(tx, step, handling).await?,
        None => return Ok(()),
    };
    for reporter in reporters(tx, case).await? {
        let words = contact_reply(&ContactReply {
            case: &case.number,
            project: &project,
            org: &step.policy.directory.foundation.name,
            words: &passed.body,
            files,
            status_link: &house.status_url(&reporter),
        });
        let letter = (LetterKind::ContactReply, &words, Some(&passed.id));
        tell_reporter(tx, house, step, case, &reporter, letter).await?;
    }
    Ok(())
}
