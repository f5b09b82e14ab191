//! Mail to a party's own addresses: an acknowledgement, words for the other side, a robot's answer, or held for a member.

use crate::domain::abuse::{DAY, LETTERS_PER_ADDRESS};
use crate::domain::address::Addressee;
use crate::domain::case::{Actor, EventKind};
use crate::domain::handling::{NotAcknowledged, acknowledges};
use crate::domain::id::{HandlingId, PartyId};
use crate::domain::letter::LetterKind;
use crate::domain::party::{Lane, Party, PartyRole};
use crate::domain::report::{AutomaticSign, IncomingMail, Reading};
use crate::flows::acknowledging::{acknowledge, project_name, reply_to_said_answered};
use crate::flows::intake::Message;
use crate::flows::sharing::{FirstWord, first_word};
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, bounces, crossing, held, reopening, sharing};
use crate::mail::read::visible::visible;
use crate::mail::write::letters::confirm_reply::{ConfirmReply, confirm_reply};
use crate::mail::write::withhold::Identity;
use crate::store::{FiledAs, MessageRow, StoreError, Tx};

/// Which of a party's addresses a mail came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Own,
    /// Where a contact writes to the reporter.
    Second,
}

/// Takes the mail if it came to an address of a party; `false` if it came to none.
///
/// Of several in one envelope (somebody put both sides into Cc) it belongs to the party that is its sender: nothing
/// crosses because another party's address stands beside it.
pub async fn take(tx: &mut Tx<'_>, house: &House, step: &Step, message: &Message<'_>) -> Result<bool, StoreError> {
    let mut parties = Vec::new();
    for addressee in &message.arrival.addressees {
        let (fingerprint, at) = match addressee {
            Addressee::Party(fingerprint) => (fingerprint, At::Own),
            Addressee::SecondAddress(fingerprint) => (fingerprint, At::Second),
            _ => continue,
        };
        let Some(link) = tx.link(fingerprint).await? else { continue };
        if let Some(party) = tx.party(&PartyId::from_row(link.row)).await? {
            parties.push((party.generation == link.generation, party, at));
        }
    }
    let sender = message.read.mail().and_then(|mail| mail.from.mailbox());
    let is_theirs = |party: &Party| (sender == party.mailbox.as_ref(), party.is_list);
    // The second address was put there by hand, so it says more than the one that a reply goes to by itself.
    let rank = |(_, party, at): &&(bool, Party, At)| (is_theirs(party), *at == At::Second);
    let Some((is_current, party, at)) = parties.iter().max_by_key(rank) else { return Ok(false) };
    let is_of_another_case =
        |(_, other, _): &(bool, Party, At)| other.case != party.case && is_theirs(other) == is_theirs(party);
    let because = if !is_current {
        "It came to an address that was replaced by a newer one."
    } else if parties.iter().any(is_of_another_case) {
        "It came to addresses of this case and of another one, so nothing says which of them it is about."
    } else {
        to_party(tx, house, step, message, party, *at).await?;
        return Ok(true);
    };
    held::for_case(tx, house, step, message, party, because).await?;
    Ok(true)
}

async fn to_party(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    party: &Party,
    at: At,
) -> Result<(), StoreError> {
    let mail = match &message.read.reading {
        Reading::Mail(mail) => mail,
        Reading::Unreadable(why) => {
            let because = format!("It could not be read: {why}.");
            return held::for_case(tx, house, step, message, party, &because).await;
        }
    };
    if let Some(sign) = mail.automatic {
        let because = format!("An answer to a letter of ours, recognized by {}.", sign.words());
        message.file_as(tx, step, FiledAs::Automatic, Some(&party.case), Some(because)).await?;
        let detail = message.arrival.id.to_string();
        record(tx, step, &party.case, EventKind::AutomaticMailFiled, Actor::Stranger, detail).await?;
        return match (sign, &party.role) {
            (AutomaticSign::ListNotice, PartyRole::Contact(handling)) => {
                bounces::in_doubt(tx, house, step, &party.case, handling).await
            }
            _ => Ok(()),
        };
    }
    match &party.role {
        PartyRole::Contact(handling) => from_a_contact(tx, house, step, message, party, handling, at).await,
        PartyRole::Reporter => from_a_reporter(tx, house, step, message, mail, party).await,
    }
}

async fn from_a_contact(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    party: &Party,
    handling: &HandlingId,
    at: At,
) -> Result<(), StoreError> {
    let mail = message.read.mail().expect("what could not be read was held");
    if let Err(reason) = acknowledges(mail, &message.read.proof, party) {
        let mut because = sentence(reason);
        if at == At::Second {
            because.push_str(" It is meant for the reporter.");
        }
        held::for_case(tx, house, step, message, party, &because).await?;
        return ask_the_contact(tx, house, step, party, handling).await;
    }
    let stays = match at {
        At::Own => None,
        At::Second => stays_with_us(tx, step, mail, party, handling).await?,
    };
    let added = held::into_lane(tx, house, step, message, party, stays.as_deref()).await?;
    if at == At::Second {
        let writer = Identity::of(mail, message.arrival.sender.as_ref());
        let identity = crossing::contact_identity(tx, step, party, Some(writer)).await?;
        crossing::pass_on_to_the_reporter(tx, house, step, party, &added, &identity).await?;
    }
    acknowledge(tx, house, step, party, handling).await?;
    reopen_for_the_project(tx, house, step, party, handling).await
}

/// A person at the project writes about a case that was closed, or that the committee answers in its place: a member
/// looks at it again. Its part stays as it ended; a member forwards again, or closes.
async fn reopen_for_the_project(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    let because = format!("{} wrote again.", project_name(tx, step, handling).await?);
    let actor = Actor::Party(party.id.to_string());
    reopening::reopen(tx, house, step, &party.case, actor, &because).await.map(|_| ())
}

/// Why a contact's words for the reporter wait for a member, if they do.
async fn stays_with_us(
    tx: &mut Tx<'_>,
    step: &Step,
    mail: &IncomingMail,
    party: &Party,
    handling: &HandlingId,
) -> Result<Option<String>, StoreError> {
    if let Some(encryption) = mail.encryption {
        return Ok(Some(format!("They are encrypted ({}). A member opens the original.", encryption.word())));
    }
    if tx.handling(handling).await?.is_none_or(|row| !row.state.is_open()) {
        return Ok(Some("The project's part of this case has ended.".to_owned()));
    }
    if let Some(doubt) = crossing::doubt_of(mail) {
        return Ok(Some(crossing::in_doubt(doubt)));
    }
    crossing::too_many(tx, party, Lane::Project, step.now).await
}

fn sentence(reason: NotAcknowledged) -> String {
    let mut words = reason.to_string();
    words[..1].make_ascii_uppercase();
    words + "."
}

/// Asks the contact at its own address whether the held mail was theirs; bounded, for a stranger may have caused it.
/// Whoever has left hears no more of the case.
pub async fn ask_the_contact(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    let Some(to) = party.mailbox.as_ref().filter(|_| !party.has_left()) else { return Ok(()) };
    let sent = tx.automatic_letters(step.now - DAY, to).await?;
    let (Some(case), Some(row)) = (tx.case_for_update(&party.case).await?, tx.handling(handling).await?) else {
        return Ok(());
    };
    if sent.to_address >= LETTERS_PER_ADDRESS || row.acknowledged_at.is_some() {
        return Ok(());
    }
    let project = step.policy.directory.project(&row.project);
    let words = confirm_reply(&ConfirmReply {
        case: &case.number,
        project: project.map_or(row.project.as_str(), |project| &project.name),
        action_link: &house.action_url(party),
    });
    writing::put(
        tx,
        house,
        step,
        NewLetter {
            kind: LetterKind::ConfirmReply,
            to,
            reply_to: None,
            words: &words,
            case: Some((&case.id, &case.number)),
            handling: Some(handling),
            party: Some(&party.id),
            said_in: None,
            references: &[],
        },
    )
    .await?;
    Ok(())
}

async fn from_a_reporter(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    mail: &IncomingMail,
    party: &Party,
) -> Result<(), StoreError> {
    let because = if !message.read.proof.is_proven() {
        "Neither SPF nor DKIM vouches for the sender."
    } else if mail.from.mailbox().is_none() || mail.from.mailbox() != party.mailbox.as_ref() {
        "It came to the reporter's address from somebody else."
    } else {
        return take_addition(tx, house, step, message, mail, party).await;
    };
    held::for_case(tx, house, step, message, party, because).await
}

async fn take_addition(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    mail: &IncomingMail,
    reporter: &Party,
) -> Result<(), StoreError> {
    let words = visible(&mail.text);
    let answer = first_word(&words);
    let rest = match answer {
        Some((word, rest)) => take_first_word(tx, house, step, reporter, word).await?.then_some(rest),
        None => None,
    };
    // A consent counts for what comes with it, too.
    let reporter = tx.party(&reporter.id).await?.unwrap_or_else(|| reporter.clone());
    let stays = crossing::stays(tx, step, message, mail, &reporter).await?;
    let added = held::into_lane(tx, house, step, message, &reporter, stays.as_deref()).await?;
    let actor = Actor::Party(reporter.id.to_string());
    reopening::reopen(tx, house, step, &reporter.case, actor, "The reporter wrote again.").await?;
    if rest == Some("") && mail.attachments.is_empty() {
        return Ok(());
    }
    let identity = Identity::of(mail, message.arrival.sender.as_ref());
    let identity = identity.and(crossing::known_identity(tx, &reporter).await?);
    let said = MessageRow { words: rest.map(str::to_owned).or_else(|| added.words.clone()), ..added };
    crossing::pass_on_addition(tx, house, step, &reporter, &said, &identity).await
}

/// Does what the first word asks for; `false` if it asks for nothing now, so that it is a word like others.
async fn take_first_word(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    reporter: &Party,
    word: FirstWord,
) -> Result<bool, StoreError> {
    match word {
        FirstWord::Share(shares) => {
            sharing::share(tx, house, step, reporter, shares).await?;
            Ok(true)
        }
        FirstWord::Yes => {
            let mut was_asked = false;
            for handling in tx.handlings_of(&reporter.case).await? {
                was_asked |= reply_to_said_answered(tx, house, step, reporter, &handling.id, true).await?;
            }
            Ok(was_asked)
        }
    }
}
