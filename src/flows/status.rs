//! The reporter's page: where the report stands as independent facts, the words of its own lane, and what it may do.

use jiff::Timestamp;

use crate::domain::address::{Purpose, Token};
use crate::domain::case::{Actor, CaseRef, Closing, EventKind};
use crate::domain::clock::ClockKind;
use crate::domain::handling::HandlingState;
use crate::domain::id::{CaseId, HandlingId};
use crate::domain::party::{Author, Lane, Party, Shares};
use crate::domain::report::Attachment;
use crate::flows::left_address::{self, Asked};
use crate::flows::links::{Holder, Once, holder};
use crate::flows::sharing::{self, Renewed};
use crate::flows::writing::record;
use crate::flows::{House, acknowledging, crossing, reopening};
use crate::mail::read::visible::{Piece, read};
use crate::mail::write::withhold::without_private;
use crate::store::{CaseRow, HandlingRow, LetterFacts, MessageRow, StoreError, Tx};

/// What somebody with a reporter's link sees.
pub enum StatusPage {
    Case(Box<StatusView>),
    /// A person looks at it first; it has no number yet.
    Waiting {
        received_at: Timestamp,
    },
    /// The link was replaced by a newer one, which can be mailed.
    Replaced,
    Dead,
}

/// The reporter's page: facts with their dates. Names of projects, never of people.
pub struct StatusView {
    pub number: CaseRef,
    /// The foundation's name.
    pub org: String,
    pub received_at: Timestamp,
    /// When the first person of the committee did something with it.
    pub read_at: Option<Timestamp>,
    /// While nobody has answered.
    pub first_reply_due: Option<Timestamp>,
    /// Since when the committee, which has the report itself, waits for an answer of the reporter.
    pub asked_at: Option<Timestamp>,
    pub sent_to: Vec<SentTo>,
    pub closed: Option<(Timestamp, Option<Closing>)>,
    pub withdrawn_at: Option<Timestamp>,
    pub said: Vec<Said>,
    pub shares: Shares,
    pub has_address: bool,
    /// The address that waits for its proof.
    pub asked: Option<Asked>,
    /// There is a board to go to.
    pub has_board: bool,
    pub status_link: String,
    pub sent: Vec<Sent>,
    pub now: Timestamp,
    pub once: Once,
}

/// One project that has the report, or had it.
pub struct SentTo {
    pub handling: HandlingId,
    pub project: String,
    pub state: HandlingState,
    /// How the project takes reports, where a member takes it there by hand.
    pub by_hand: Option<String>,
    pub at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// While the project has not confirmed.
    pub due_at: Option<Timestamp>,
    /// Since when the project waits for an answer of the reporter.
    pub asked_at: Option<Timestamp>,
    /// The project says that it has answered elsewhere, and the reporter has not said whether that is so.
    pub says_it_answered: bool,
}

/// Words of the reporter's lane.
pub struct Said {
    pub at: Timestamp,
    pub by: SaidBy,
    pub words: String,
    /// The reporter's own mail in which they stand, without our links, for its quotations and signature to be folded.
    /// Empty where there is nothing but words.
    pub mail: Vec<Piece>,
    pub files: Vec<Attachment>,
}

/// Who wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaidBy {
    Reporter,
    Committee,
    /// A contact of this project.
    Project(String),
}

/// What the reporter sent first.
pub struct Sent {
    pub subject: String,
    pub text: String,
    pub files: Vec<Attachment>,
}

/// What the holder of this link may know.
pub async fn status(house: &House, token: &Token) -> Result<StatusPage, StoreError> {
    match holder(house, token, Purpose::StatusLink).await? {
        Holder::Party(party) => match house.store.case(&party.case).await? {
            Some(case) => Ok(StatusPage::Case(Box::new(view(house, &party, case).await?))),
            None => Ok(StatusPage::Dead),
        },
        Holder::Former(_) => Ok(StatusPage::Replaced),
        Holder::Arrival(arrival) => Ok(match house.store.arrival(&arrival).await? {
            Some(arrival) => StatusPage::Waiting { received_at: arrival.arrived_at },
            None => StatusPage::Dead,
        }),
        Holder::Nobody => Ok(StatusPage::Dead),
    }
}

async fn view(house: &House, party: &Party, case: CaseRow) -> Result<StatusView, StoreError> {
    let handlings = house.store.handlings_of(&case.id).await?;
    let clocks = house.store.clocks_of(&case.id).await?;
    let running = |kind, handling: Option<&HandlingId>| {
        let runs = clocks.iter().filter(|row| row.clock.stopped_at.is_none() && row.clock.kind == kind);
        runs.filter(|row| row.handling.as_ref() == handling).map(|row| row.clock.due_at).next()
    };
    let asked_at = |handling: Option<&HandlingId>| {
        let meant = clocks.iter().filter(|row| row.handling.as_ref() == handling);
        meant.filter_map(|row| row.clock.waits_for_the_reporter()).map(|wait| wait.since).next()
    };
    let claims = house.store.said_answered(&case.id).await?;
    let sent_to = handlings.iter().filter(|row| row.state != HandlingState::Withdrawn).map(|row| SentTo {
        project: project_name(house, row),
        by_hand: (row.channel != "mail").then(|| row.channel.clone()),
        at: row.decided_at,
        confirmed_at: row.acknowledged_at,
        ended_at: row.closed_at,
        due_at: running(ClockKind::Acknowledge, Some(&row.id)),
        asked_at: asked_at(Some(&row.id)),
        says_it_answered: claims.iter().any(|claim| claim.handling == row.id && claim.was_answered.is_none()),
        state: row.state,
        handling: row.id.clone(),
    });
    Ok(StatusView {
        org: house.policy().directory.foundation.name.clone(),
        received_at: case.arrived_at,
        read_at: read_at(house, &case.id).await?,
        first_reply_due: running(ClockKind::FirstReply, None),
        asked_at: asked_at(None),
        sent_to: sent_to.collect(),
        closed: case.closed_at.map(|at| (at, case.closed_as)),
        withdrawn_at: house.store.withdrawn_by(&party.id).await?,
        said: said(house, party, &handlings).await?,
        shares: party.shares,
        has_address: party.mailbox.is_some(),
        asked: left_address::asked(house, party).await?,
        has_board: !house.policy().directory.board.is_empty(),
        status_link: house.status_url(party),
        sent: sent(house, party).await?,
        now: house.now(),
        once: Once::new(house),
        number: case.number,
    })
}

fn project_name(house: &House, handling: &HandlingRow) -> String {
    let policy = house.policy();
    let known = policy.directory.project(&handling.project);
    known.map_or_else(|| handling.project.to_string(), |project| project.name.clone())
}

/// The record names members; the first thing that one did is when a person has read it.
async fn read_at(house: &House, case: &CaseId) -> Result<Option<Timestamp>, StoreError> {
    let events = house.store.events_of(case).await?;
    Ok(events.into_iter().find(|event| event.actor.starts_with("member:")).map(|event| event.at))
}

/// The lane as its reporter sees it: their own words, and what was written to them once it has left. Another
/// reporter's words of the same case are not theirs.
async fn said(house: &House, party: &Party, handlings: &[HandlingRow]) -> Result<Vec<Said>, StoreError> {
    let letters = house.store.letters_of(&party.case).await?;
    let mut said = Vec::new();
    for row in house.store.messages_of(&party.case).await? {
        if row.lane != Some(Lane::Reporter) || !is_for(party, &row, &letters) {
            continue;
        }
        let by = match (&row.author, &row.handling) {
            (Author::Member, _) => SaidBy::Committee,
            (_, Some(handling)) => {
                let project = handlings.iter().find(|known| known.id == *handling);
                SaidBy::Project(project.map_or_else(|| "The project".to_owned(), |row| project_name(house, row)))
            }
            _ => SaidBy::Reporter,
        };
        let files = match &row.arrival {
            Some(arrival) => house.store.attachments_of(arrival).await?,
            None => Vec::new(),
        };
        let is_a_mail = by == SaidBy::Reporter && row.words.is_some();
        let mail = if is_a_mail { own_mail(&row.body) } else { Vec::new() };
        said.push(Said { at: row.at, by, words: row.said().to_owned(), mail, files });
    }
    Ok(said)
}

/// A mail taken apart, without our private links: whoever holds this page may show it to others.
fn own_mail(body: &str) -> Vec<Piece> {
    let without_links = |piece: Piece| Piece { text: without_private(&piece.text), ..piece };
    read(body).pieces.into_iter().map(without_links).collect()
}

/// Whether this reporter sees the message: its own, or one that has left for it or stands on this page alone.
fn is_for(party: &Party, row: &MessageRow, letters: &[LetterFacts]) -> bool {
    if row.author != Author::Member && row.handling.is_none() {
        return row.party.as_ref() == Some(&party.id);
    }
    if row.author == Author::Member && row.party.as_ref().is_some_and(|to| *to != party.id) {
        return false;
    }
    let mut carriers = letters
        .iter()
        .filter(|letter| letter.said_in.as_ref() == Some(&row.id) && letter.party.as_ref() == Some(&party.id))
        .peekable();
    carriers.peek().is_none() || carriers.any(|letter| letter.sent_at.is_some() || letter.refused_at.is_some())
}

async fn sent(house: &House, party: &Party) -> Result<Vec<Sent>, StoreError> {
    let mut sent = Vec::new();
    for report in house.store.reports_of(&party.case).await?.into_iter().filter(|report| report.party == party.id) {
        let files = house.store.attachments_of(&report.arrival).await?;
        sent.push(Sent { subject: report.subject, text: report.body, files });
    }
    Ok(sent)
}

/// The reporter with this link, and a transaction in which nobody else changes the case.
pub(super) async fn begin<'h>(house: &'h House, token: &Token) -> Result<Option<(Party, Tx<'h>)>, StoreError> {
    let Holder::Party(party) = holder(house, token, Purpose::StatusLink).await? else { return Ok(None) };
    let mut tx = house.store.begin().await?;
    tx.case_for_update(&party.case).await?;
    // As it is now: two presses at once are one after the other here.
    let party = tx.party(&party.id).await?;
    Ok(party.map(|party| (party, tx)))
}

pub(super) async fn end(house: &House, tx: Tx<'_>) -> Result<(), StoreError> {
    tx.commit().await?;
    house.letters.notify_one();
    Ok(())
}

/// Marks of a text that names its owner and would not survive a cut.
const ARMOR: &str = "-----BEGIN PGP";

/// "Add information": the same as an addition by mail. Sent twice, it is added once.
pub async fn add(house: &House, token: &Token, once: &Once, text: &str) -> Result<Option<()>, StoreError> {
    let Some((party, mut tx)) = begin(house, token).await? else { return Ok(None) };
    if tx.message(&once.id).await?.is_some() {
        return Ok(Some(()));
    }
    let step = house.step();
    let mut added = acknowledging::typed(once.id.clone(), &step, &party, Lane::Reporter, text);
    added.held_because = if text.contains(ARMOR) && party.shares != Shares::NameAndAddress {
        Some("It carries a PGP signature, key or message, which names its owner.".to_owned())
    } else {
        crossing::too_many(&mut tx, &party, Lane::Reporter, step.now).await?
    };
    tx.insert_message(&added).await?;
    let actor = Actor::Party(party.id.to_string());
    record(&mut tx, &step, &party.case, EventKind::MessageAdded, actor.clone(), added.id.as_str()).await?;
    reopening::reopen(&mut tx, house, &step, &party.case, actor, "The reporter wrote again.").await?;
    let identity = crossing::known_identity(&mut tx, &party).await?;
    crossing::pass_on_addition(&mut tx, house, &step, &party, &added, &identity).await?;
    end(house, tx).await.map(Some)
}

/// "Who sees my name".
pub async fn share(house: &House, token: &Token, shares: Shares) -> Result<Option<()>, StoreError> {
    let Some((party, mut tx)) = begin(house, token).await? else { return Ok(None) };
    sharing::share(&mut tx, house, &house.step(), &party, shares).await?;
    end(house, tx).await.map(Some)
}

/// "Withdraw my report".
pub async fn withdraw(house: &House, token: &Token) -> Result<Option<()>, StoreError> {
    let Some((party, mut tx)) = begin(house, token).await? else { return Ok(None) };
    sharing::withdraw(&mut tx, house, &house.step(), &party).await?;
    end(house, tx).await.map(Some)
}

/// "New private link".
pub async fn renew(house: &House, token: &Token) -> Result<Option<Renewed>, StoreError> {
    let Some((party, mut tx)) = begin(house, token).await? else { return Ok(None) };
    let renewed = sharing::renew_link(&mut tx, house, &house.step(), &party).await?;
    end(house, tx).await?;
    Ok(Some(renewed))
}

/// Mails the newer link to whom an earlier one belonged; what came of it is not told to whoever asks.
pub async fn mail_newer(house: &House, token: &Token) -> Result<Option<()>, StoreError> {
    let Holder::Former(party) = holder(house, token, Purpose::StatusLink).await? else { return Ok(None) };
    let mut tx = house.store.begin().await?;
    sharing::mail_link_again(&mut tx, house, &house.step(), &party).await?;
    end(house, tx).await.map(Some)
}

/// "Did the project answer you?"
pub async fn was_answered(
    house: &House,
    token: &Token,
    handling: &str,
    was_answered: bool,
) -> Result<Option<()>, StoreError> {
    let Some((party, mut tx)) = begin(house, token).await? else { return Ok(None) };
    let handling = HandlingId::from_row(handling);
    acknowledging::reply_to_said_answered(&mut tx, house, &house.step(), &party, &handling, was_answered).await?;
    end(house, tx).await.map(Some)
}
