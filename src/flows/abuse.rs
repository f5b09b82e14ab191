//! Who is not heard: quarantine and the way out of it; warnings, bans, appeals.

mod ending;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use ending::{AppealView, Unbanned, appeal, appeal_view, lift, unban};

use crate::domain::abuse::{DAY, HOUR, REPORTS_PER_SENDER_AN_HOUR, Standing, Unheard, may_be_heard};
use crate::domain::address::{Mailbox, Purpose};
use crate::domain::ban::{
    BAN_LIFE, BanTarget, NotBanned, NotWarned, WARNING_LIFE, is_carried, is_one_of_us, may_ban, may_warn,
};
use crate::domain::case::{Actor, CaseRef, EventKind};
use crate::domain::directory::{Member, MemberRole};
use crate::domain::id::{ArrivalId, BanId, CaseId, LetterId};
use crate::domain::letter::LetterKind;
use crate::domain::party::PartyRole;
use crate::domain::report::{Door, IncomingMail};
use crate::domain::spam::{self, Suspicion};
use crate::flows::intake::Message;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, opening, reading};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::ban::{Ban, ban};
use crate::mail::write::letters::digest::flood;
use crate::mail::write::letters::warning::{Warning, warning};
use crate::store::{BanRow, ClaimedArrival, FiledAs, QuarantineRow, StoreError, Tx, WarningRow};

/// The mark that the chair was told of a flood.
const FLOOD_TOLD: &str = "flood-told";
/// Stands in rows where a member would, for what was done at the command line.
const OPERATOR: &str = "operator";

/// Why a report is not heard; `None` if it opens a case. Only for mail to the security address: mail to a party's
/// own address is never asked about.
pub async fn unheard(tx: &mut Tx<'_>, step: &Step, message: &Message<'_>) -> Result<Option<Unheard>, StoreError> {
    let Some(mail) = message.read.mail() else { return Ok(None) };
    let suspicion = suspicion(step, message, mail);
    let standing = match mail.from.mailbox() {
        Some(from) => standing(tx, step, message, from, suspicion.as_ref()).await?,
        None => Standing::default(),
    };
    Ok(may_be_heard(&standing, suspicion).err())
}

fn suspicion(step: &Step, message: &Message<'_>, mail: &IncomingMail) -> Option<Suspicion> {
    let own = step.own_addresses();
    // A form has no envelope, and nobody vouches for what is typed into it.
    let is_form = message.arrival.door == Door::Form;
    if is_form && spam::says_little(mail) {
        return None;
    }
    spam::suspect(&spam::Facts {
        mail,
        is_proven: is_form || message.read.proof.is_proven(),
        names_a_project: message.read.judgement.names_a_project(),
        noise: message.read.judgement.noise.as_ref(),
        is_addressed_to_us: is_form || mail.to.iter().chain(&mail.cc).any(|mailbox| own.read(mailbox).is_some()),
    })
}

async fn standing(
    tx: &mut Tx<'_>,
    step: &Step,
    message: &Message<'_>,
    from: &Mailbox,
    suspicion: Option<&Suspicion>,
) -> Result<Standing, StoreError> {
    let is_proven = message.read.proof.is_proven();
    let since = message.arrival.arrived_at - HOUR;
    let reports_this_hour = tx.reports_of_sender(from, is_proven, since).await?;
    if !is_proven {
        return Ok(Standing { reports_this_hour, ..Standing::default() });
    }
    Ok(Standing {
        is_one_of_us: is_one_of_us(&step.policy.directory, from),
        // Asked only where it can make a difference.
        has_accepted_reports: suspicion.is_some() && tx.has_accepted_reports(from).await?,
        answers_a_warning: suspicion.is_some() && answers_a_warning(tx, message, from).await?,
        banned_until: banned_until(tx, step, from).await?,
        reports_this_hour,
    })
}

async fn answers_a_warning(tx: &mut Tx<'_>, message: &Message<'_>, from: &Mailbox) -> Result<bool, StoreError> {
    let Some(mail) = message.read.mail().filter(|mail| !mail.references.is_empty()) else { return Ok(false) };
    Ok(tx.warning_ids(from).await?.iter().any(|id| mail.references.contains(id)))
}

/// A ban does not hit whoever has become a contact on a case since.
async fn banned_until(tx: &mut Tx<'_>, step: &Step, from: &Mailbox) -> Result<Option<Timestamp>, StoreError> {
    let Some(until) = tx.bans_of(from, step.now).await?.first().and_then(|ban| ban.until) else { return Ok(None) };
    let history = tx.history(&BanTarget::Address(from.clone()), step.now - WARNING_LIFE, step.now).await?;
    Ok((!history.is_on_a_case).then_some(until))
}

/// Keeps a message apart: no case, no number, no answer. A member sees it in the batch of the day.
pub async fn quarantine(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    why: &Unheard,
) -> Result<(), StoreError> {
    let mail = message.read.mail();
    let reasons = why.reasons();
    let because = reasons.join(" ");
    tx.insert_quarantined(&QuarantineRow {
        arrival: message.arrival.id.clone(),
        arrived_at: message.arrival.arrived_at,
        quarantined_at: step.now,
        batch: step.now.to_zoned(TimeZone::UTC).date().to_string(),
        kind: why.word().to_owned(),
        score: why.score(),
        reasons,
        from_name: mail.and_then(|mail| mail.from.name()).map(str::to_owned),
        from: mail.and_then(|mail| mail.from.mailbox()).cloned(),
        proof: message.read.proof.words.clone(),
        proven: message.read.proof.is_proven(),
        subject: mail.map(|mail| mail.subject.clone()).unwrap_or_default(),
        body: mail.map(|mail| mail.text.clone()).unwrap_or_default(),
        seen_at: None,
        seen_by: None,
        released_at: None,
        case: None,
    })
    .await?;
    message.file_as(tx, step, FiledAs::Quarantine, None, Some(because)).await?;
    match (why, mail.and_then(|mail| mail.from.mailbox())) {
        (Unheard::TooMany { .. }, Some(from)) => tell_of_a_flood(tx, house, step, from).await,
        _ => Ok(()),
    }
}

/// A person hears of a flood at once, and once a day.
async fn tell_of_a_flood(tx: &mut Tx<'_>, house: &House, step: &Step, from: &Mailbox) -> Result<(), StoreError> {
    let told_at = tx.marked(FLOOD_TOLD).await?;
    let is_told = told_at.is_some_and(|at| step.now < at + DAY);
    if is_told || !tx.move_mark(FLOOD_TOLD, told_at, step.now).await? {
        return Ok(());
    }
    let words = flood(&from.masked(), REPORTS_PER_SENDER_AN_HOUR, &format!("{}/quarantine", house.public_url));
    let committee = &step.policy.directory.committee;
    for chair in committee.iter().filter(|member| member.role == MemberRole::Chair) {
        put(tx, house, step, LetterKind::Digest, &chair.email, &words).await?;
    }
    Ok(())
}

async fn put(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    kind: LetterKind,
    to: &Mailbox,
    words: &Words,
) -> Result<LetterId, StoreError> {
    let new = NewLetter::of_no_case(kind, to, words);
    writing::put(tx, house, step, new).await
}

/// A member has looked at what came into a batch until `until`; says how many mails were new.
pub async fn see_batch(house: &House, day: &str, until: Timestamp, by: &Member) -> Result<u64, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let seen = tx.see_batch(day, until, &by.email, step.now).await?;
    tx.commit().await?;
    Ok(seen)
}

/// Makes a case of a quarantined mail, whose clocks start at its arrival. By a member, or at the command line.
/// `None` if it is not in quarantine.
pub async fn release(house: &House, arrival: &ArrivalId, by: Option<&Member>) -> Result<Option<CaseRef>, StoreError> {
    let step = house.step();
    let Some(kept) = in_quarantine(house, arrival).await? else { return Ok(None) };
    let read = reading::read(house, &step, &kept).await?;
    let mut tx = house.store.begin().await?;
    let message = Message { arrival: &kept, read: &read };
    let Some((_, number)) = release_in(&mut tx, house, &step, &message, by).await? else { return Ok(None) };
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Some(number))
}

/// The message as it came, if it is in quarantine.
pub(super) async fn in_quarantine(house: &House, arrival: &ArrivalId) -> Result<Option<ClaimedArrival>, StoreError> {
    let is_there = house.store.quarantined(arrival).await?.is_some_and(|row| row.released_at.is_none());
    Ok(house.store.arrival(arrival).await?.filter(|_| is_there))
}

/// [`release`] in the caller's transaction.
pub(super) async fn release_in(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    by: Option<&Member>,
) -> Result<Option<(CaseId, CaseRef)>, StoreError> {
    let arrival = &message.arrival.id;
    let word = by.map_or(OPERATOR, |member| member.email.as_str());
    let actor = by.map_or(Actor::Program, |member| house.actor(&member.email));
    if !tx.take_out_of_quarantine(arrival, word, step.now).await? {
        return Ok(None);
    }
    let (case, number) = opening::open_case(tx, house, step, message).await?;
    tx.released_as(arrival, &case).await?;
    record(tx, step, &case, EventKind::Released, actor, arrival.as_str()).await?;
    give_the_link_to_the_reporter(tx, house, arrival, &case).await?;
    Ok(Some((case, number)))
}

/// Whoever used the form has a private link already: it belonged to the arrival, and is the reporter's now.
async fn give_the_link_to_the_reporter(
    tx: &mut Tx<'_>,
    house: &House,
    arrival: &ArrivalId,
    case: &CaseId,
) -> Result<(), StoreError> {
    let given = house.key.token(Purpose::StatusLink, arrival.as_str(), 0);
    let parties = tx.parties_of(case).await?;
    match parties.iter().find(|party| party.role == PartyRole::Reporter) {
        Some(reporter) => tx.repoint_link(&given.fingerprint(), reporter.id.as_str()).await,
        None => Ok(()),
    }
}

/// Warns a sender by a letter (M8). A ban may follow, if it happens again.
pub async fn warn(house: &House, sender: &Mailbox, by: &Member) -> Result<Result<(), NotWarned>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if let Err(reason) = warn_in(&mut tx, house, &step, sender, by).await? {
        return Ok(Err(reason));
    }
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(()))
}

/// [`warn`] in the caller's transaction.
pub(super) async fn warn_in(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    sender: &Mailbox,
    by: &Member,
) -> Result<Result<LetterId, NotWarned>, StoreError> {
    let directory = &step.policy.directory;
    let target = BanTarget::Address(sender.clone());
    let history = tx.history(&target, step.now - WARNING_LIFE, step.now).await?;
    if let Err(reason) = may_warn(directory, sender, &history) {
        return Ok(Err(reason));
    }
    let words = warning_words(house, step, tx.unwanted_mails(sender).await?);
    let letter = put(tx, house, step, LetterKind::Warning, sender, &words).await?;
    let (address, warned_by) = (sender.clone(), by.email.to_string());
    tx.insert_warning(&WarningRow { letter: letter.clone(), address, warned_at: step.now, warned_by }).await?;
    Ok(Ok(letter))
}

/// The letter of a warning to who has sent so many messages that were no reports.
pub(super) fn warning_words(house: &House, step: &Step, messages: i64) -> Words {
    let foundation = &step.policy.directory.foundation;
    warning(&Warning {
        org: &foundation.name,
        security: &foundation.security_address,
        messages,
        help_link: &format!("{}/how", house.public_url),
    })
}

/// What a member's vote for a ban came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voted {
    /// A second member decides.
    Proposed,
    Banned {
        until: Timestamp,
    },
}

/// A member's vote to ban `target`: the chair's is enough, of others two are needed. The sender is told (M9).
pub async fn propose_ban(
    house: &House,
    target: &BanTarget,
    by: &Member,
) -> Result<Result<Voted, NotBanned>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let voted = match vote_in(&mut tx, house, &step, target, by).await? {
        Ok((_, voted)) => voted,
        Err(reason) => return Ok(Err(reason)),
    };
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(voted))
}

/// [`propose_ban`] in the caller's transaction, with the ban that the vote is for.
pub(super) async fn vote_in(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    target: &BanTarget,
    by: &Member,
) -> Result<Result<(BanId, Voted), NotBanned>, StoreError> {
    let directory = &step.policy.directory;
    let since = step.now - WARNING_LIFE;
    let history = tx.history(target, since, step.now).await?;
    if let Err(reason) = may_ban(directory, target, by.role, &history) {
        return Ok(Err(reason));
    }
    let new = BanId::new(step.now, house.chance());
    let proposed = tx.propose_ban(target, &new, since, step.now).await?;
    if !tx.vote(&proposed.id, &by.email, step.now).await? {
        return Ok(Err(NotBanned::HasVoted));
    }
    let votes = tx.votes(&proposed.id).await?;
    // Who has left the committee since votes no more.
    let voters = directory.committee.iter().filter(|member| votes.contains(&member.email)).map(|member| member.role);
    let until = step.now + BAN_LIFE;
    let is_banned = is_carried(&voters.collect::<Vec<_>>()) && tx.enforce_ban(&proposed.id, step.now, until).await?;
    if is_banned {
        tell_the_banned(tx, house, step, &proposed, until).await?;
    }
    Ok(Ok((proposed.id, if is_banned { Voted::Banned { until } } else { Voted::Proposed })))
}

/// Everybody who was warned is told, with a link to object by.
async fn tell_the_banned(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    banned: &BanRow,
    until: Timestamp,
) -> Result<(), StoreError> {
    let token = house.key.token(Purpose::AppealLink, banned.id.as_str(), 0);
    tx.issue(&token, banned.id.as_str(), 0, Some(until)).await?;
    let appeal_link = format!("{}/appeal/{}", house.public_url, token.letters());
    let words = ban(&Ban { until, appeal_link: &appeal_link });
    for address in tx.warned(&banned.target, step.now - WARNING_LIFE).await? {
        put(tx, house, step, LetterKind::Ban, &address, &words).await?;
    }
    Ok(())
}
