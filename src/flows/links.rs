//! Who holds a private link, and what a contact with one may see and do; opening one changes nothing.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::{Purpose, Token};
use crate::domain::case::{Actor, CaseRef, EventKind};
use crate::domain::clock::ClockKind;
use crate::domain::directory::{Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::id::{ArrivalId, MessageId, PartyId};
use crate::domain::party::{Author, Lane, Party, PartyRole, Shares};
use crate::domain::report::Attachment;
use crate::flows::forward::{self, Content};
use crate::flows::writing::record;
use crate::flows::{House, acknowledging, crossing, progress, read_back, sharing};
use crate::store::{Acknowledged, HandlingRow, MessageRow, StoreError, Tx};

/// A contact's link lives so long after its part of the case has ended (DESIGN.md 3.3).
const ACTION_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The longest text that a page takes, in characters; the form for reports takes as much.
pub const TEXT_MAX: usize = 100_000;

/// Who holds a link.
pub enum Holder {
    Party(Party),
    /// The link of an earlier generation: it opens nothing, but it was theirs.
    Former(Party),
    /// A report that waits for a person and has no case yet.
    Arrival(ArrivalId),
    Nobody,
}

/// Whom `token` was issued to, if it is a link of this purpose that has not run out.
pub async fn holder(house: &House, token: &Token, purpose: Purpose) -> Result<Holder, StoreError> {
    let Some(link) = house.store.link(&token.fingerprint()).await? else { return Ok(Holder::Nobody) };
    if link.purpose != purpose || link.expires_at.is_some_and(|end| house.now() >= end) {
        return Ok(Holder::Nobody);
    }
    Ok(match house.store.party(&PartyId::from_row(&link.row)).await? {
        Some(party) if party.generation == link.generation => Holder::Party(party),
        Some(party) => Holder::Former(party),
        None => Holder::Arrival(ArrivalId::from_row(link.row)),
    })
}

/// A form's stamp: the id of the message that it will become. Sent twice, it makes one message.
pub struct Once {
    pub id: MessageId,
    /// Shows that the id is ours, so that nobody takes an id that another message will have.
    pub seal: String,
}

impl Once {
    /// A stamp for a form that is shown now.
    pub fn new(house: &House) -> Self {
        let id = MessageId::new(house.now(), house.chance());
        let seal = house.key.token(Purpose::FormStamp, id.as_str(), 0).letters().to_owned();
        Self { id, seal }
    }

    /// The stamp as it came back; one that is not ours is replaced, so that nothing is lost.
    pub fn read(house: &House, id: &str, seal: &str) -> Self {
        // Hashes are compared, so that the time it takes tells nothing of the seal.
        let ours = house.key.token(Purpose::FormStamp, id, 0).fingerprint();
        let is_ours = Token::read(Purpose::FormStamp, seal).is_some_and(|given| given.fingerprint() == ours);
        if is_ours { Self { id: MessageId::from_row(id), seal: seal.to_owned() } } else { Self::new(house) }
    }
}

/// A contact's page: what was forwarded, what came after, and by when the project is asked to confirm.
pub struct ActionView {
    pub number: CaseRef,
    /// The foundation's name.
    pub org: String,
    pub project: Project,
    pub handling: HandlingRow,
    /// While the project has not confirmed.
    pub due_at: Option<Timestamp>,
    /// The sentence about the reporter, as far as they allow it.
    pub reporter: String,
    /// As it was forwarded: the reporter's identity withheld where they did not consent.
    pub content: Content,
    /// The mails as they came, where the reporter consents.
    pub originals: Vec<ArrivalId>,
    pub later: Vec<Later>,
    /// The other projects, by id and name.
    pub others: Vec<(ProjectId, String)>,
}

/// What came into the project's lane after the forward.
pub struct Later {
    pub at: Timestamp,
    /// From the committee; else from the reporter.
    pub is_from_the_committee: bool,
    pub words: String,
    pub files: Vec<(ArrivalId, Attachment)>,
}

/// What the contact with this link may see.
pub async fn action(house: &House, token: &Token) -> Result<Option<ActionView>, StoreError> {
    let Some((party, handling)) = contact_of(house, token).await? else { return Ok(None) };
    let Some(case) = house.store.case(&party.case).await? else { return Ok(None) };
    let directory = &house.policy().directory;
    let Some(project) = directory.project(&handling.project).cloned() else { return Ok(None) };
    let reports = house.store.reports_of(&party.case).await?;
    let parties = house.store.parties_of(&party.case).await?;
    let mut files = Vec::new();
    for report in &reports {
        let attached = house.store.attachments_of(&report.arrival).await?;
        files.extend(attached.into_iter().map(|file| (report.arrival.clone(), file)));
    }
    let clocks = house.store.clocks_of(&party.case).await?;
    let clock = clocks
        .iter()
        .find(|row| row.clock.kind == ClockKind::Acknowledge && row.handling.as_ref() == Some(&handling.id));
    let consents = |id: &PartyId| parties.iter().any(|p| p.id == *id && p.shares == Shares::NameAndAddress);
    let others = directory.projects.iter().filter(|other| other.id != project.id);
    Ok(Some(ActionView {
        number: case.number,
        org: directory.foundation.name.clone(),
        due_at: clock.filter(|row| row.clock.stopped_at.is_none()).map(|row| row.clock.due_at),
        reporter: sharing::seen(&parties).words(),
        originals: reports.iter().filter(|r| consents(&r.party)).map(|r| r.arrival.clone()).collect(),
        content: forward::content(&reports, files, &parties),
        later: later(house, &party, &handling).await?,
        others: others.map(|other| (other.id.clone(), other.name.clone())).collect(),
        project,
        handling,
    }))
}

/// What was passed on or written to this project, once it has left or where it is not a letter at all.
async fn later(house: &House, party: &Party, handling: &HandlingRow) -> Result<Vec<Later>, StoreError> {
    let messages = house.store.messages_of(&party.case).await?;
    let letters = house.store.letters_of(&party.case).await?;
    let has_left = |row: &MessageRow| {
        let mut carriers = letters.iter().filter(|letter| letter.said_in.as_ref() == Some(&row.id)).peekable();
        carriers.peek().is_none() || carriers.any(|letter| letter.sent_at.is_some())
    };
    let is_theirs = |row: &&MessageRow| {
        row.lane == Some(Lane::Project) && row.handling.as_ref() == Some(&handling.id) && has_left(row)
    };
    let mut later = Vec::new();
    for row in messages.iter().filter(is_theirs) {
        let is_from_the_committee = row.author == Author::Member;
        if !is_from_the_committee && !crossing::is_passed_on_to(row, &handling.id) {
            continue;
        }
        let original = messages.iter().find(|from| Some(&from.id) == row.passed_on_from.as_ref());
        let arrival = original.filter(|_| !is_from_the_committee).and_then(|from| from.arrival.as_ref());
        let files = match arrival {
            Some(arrival) => house.store.attachments_of(arrival).await?,
            None => Vec::new(),
        };
        let files = files.into_iter().filter_map(|file| Some((arrival?.clone(), file))).collect();
        later.push(Later { at: row.at, is_from_the_committee, words: row.said().to_owned(), files });
    }
    Ok(later)
}

/// The contact and its handling. A forward that was stopped opens nothing, nor one that ended a while ago.
async fn contact_of(house: &House, token: &Token) -> Result<Option<(Party, HandlingRow)>, StoreError> {
    let Holder::Party(party) = holder(house, token, Purpose::ActionLink).await? else { return Ok(None) };
    let PartyRole::Contact(handling) = &party.role else { return Ok(None) };
    let row = house.store.handling(handling).await?;
    let is_live = |row: &HandlingRow| {
        row.state != HandlingState::Withdrawn && row.closed_at.is_none_or(|closed| house.now() < closed + ACTION_LIFE)
    };
    Ok(row.filter(is_live).map(|row| (party, row)))
}

/// Begins what a contact's button does, with the rows as they are now.
async fn begin<'h>(house: &'h House, party: &Party) -> Result<Tx<'h>, StoreError> {
    let mut tx = house.store.begin().await?;
    tx.case_for_update(&party.case).await?;
    Ok(tx)
}

/// "We have it": a person at the project pressed the button.
pub async fn we_have_it(house: &House, token: &Token) -> Result<Option<Acknowledged>, StoreError> {
    let Some((party, handling)) = contact_of(house, token).await? else { return Ok(None) };
    let step = house.step();
    let mut tx = begin(house, &party).await?;
    let acknowledged = acknowledging::acknowledge(&mut tx, house, &step, &party, &handling.id).await?;
    if acknowledged == Acknowledged::Already {
        let actor = Actor::Party(party.id.to_string());
        record(&mut tx, &step, &party.case, EventKind::AcknowledgedAgain, actor, handling.id.as_str()).await?;
    }
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Some(acknowledged))
}

/// "Not ours…", with a contact's words.
pub async fn not_ours(house: &House, token: &Token, words: &str) -> Result<Option<bool>, StoreError> {
    let Some((party, handling)) = contact_of(house, token).await? else { return Ok(None) };
    let step = house.step();
    let mut tx = begin(house, &party).await?;
    let done = acknowledging::hand_back(&mut tx, house, &step, &party, &handling, words).await?;
    tx.commit().await?;
    Ok(Some(done))
}

/// "Also another project's…": a word to the committee. Ids that no project has are left out.
pub async fn others_too(
    house: &House,
    token: &Token,
    others: &[String],
    words: &str,
) -> Result<Option<()>, StoreError> {
    let Some((party, handling)) = contact_of(house, token).await? else { return Ok(None) };
    let step = house.step();
    let known = |id: &String| ProjectId::parse(id).filter(|id| step.policy.directory.project(id).is_some());
    let others: Vec<ProjectId> = others.iter().filter_map(known).collect();
    let mut tx = begin(house, &party).await?;
    acknowledging::name_others(&mut tx, house, &step, &party, &handling, &others, words).await?;
    tx.commit().await?;
    Ok(Some(()))
}

/// "Answered elsewhere": the reporter is asked.
pub async fn answered_elsewhere(house: &House, token: &Token) -> Result<Option<bool>, StoreError> {
    let Some((party, handling)) = contact_of(house, token).await? else { return Ok(None) };
    let step = house.step();
    let mut tx = begin(house, &party).await?;
    let asked = acknowledging::say_answered(&mut tx, house, &step, &party, &handling).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Some(asked))
}

/// "Answer the reporter", before it is sent: the words as the reporter will see them.
pub async fn preview(house: &House, token: &Token, text: &str) -> Result<Option<String>, StoreError> {
    let Some((party, _)) = contact_of(house, token).await? else { return Ok(None) };
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let identity = crossing::contact_identity(&mut tx, &step, &party, None).await?;
    Ok(Some(crossing::words_for_the_reporter(text, &identity)))
}

/// "Send to the reporter": what was previewed goes out, once, and the project has the report with that. With
/// `needs_an_answer` its work waits for the reporter.
pub async fn answer_the_reporter(
    house: &House,
    token: &Token,
    once: &Once,
    text: &str,
    needs_an_answer: bool,
) -> Result<Option<()>, StoreError> {
    let Some((party, handling)) = contact_of(house, token).await? else { return Ok(None) };
    let step = house.step();
    let mut tx = begin(house, &party).await?;
    if tx.message(&once.id).await?.is_some() {
        return Ok(Some(()));
    }
    let mut written = acknowledging::typed(once.id.clone(), &step, &party, Lane::Project, text);
    written.held_because = match handling.state.is_open() {
        true => crossing::too_many(&mut tx, &party, Lane::Project, step.now).await?,
        false => Some("The project's part of this case has ended.".to_owned()),
    };
    tx.insert_message(&written).await?;
    let identity = crossing::contact_identity(&mut tx, &step, &party, None).await?;
    crossing::pass_on_to_the_reporter(&mut tx, house, &step, &party, &written, &identity).await?;
    acknowledging::acknowledge(&mut tx, house, &step, &party, &handling.id).await?;
    // A question that a member holds back has not been asked.
    if needs_an_answer && written.held_because.is_none() {
        let actor = Actor::Party(party.id.to_string());
        progress::waits_for_the_reporter(&mut tx, &step, &party.case, &handling.id, actor).await?;
    }
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Some(()))
}

/// An attached file behind a contact's link: of this case's reports and of what was passed on to this project alone.
pub async fn action_attachment(
    house: &House,
    token: &Token,
    arrival: &str,
    part: usize,
) -> Result<Option<(Attachment, Vec<u8>)>, StoreError> {
    let Some((party, handling)) = contact_of(house, token).await? else { return Ok(None) };
    let arrival = ArrivalId::from_row(arrival);
    let reports = house.store.reports_of(&party.case).await?;
    let later = later(house, &party, &handling).await?;
    let is_reported = reports.iter().any(|report| report.arrival == arrival);
    let is_added = || later.iter().flat_map(|later| &later.files).any(|(from, _)| *from == arrival);
    if !is_reported && !is_added() {
        return Ok(None);
    }
    read_back::attachment(house, &arrival, part).await
}

/// The mail as it came, which leaves only where its reporter consents.
pub async fn action_original(house: &House, token: &Token, arrival: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(view) = action(house, token).await? else { return Ok(None) };
    let arrival = ArrivalId::from_row(arrival);
    if !view.originals.contains(&arrival) {
        return Ok(None);
    }
    read_back::original(house, &arrival).await
}
