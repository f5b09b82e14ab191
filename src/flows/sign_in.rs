//! Signing in by a link from a mail: asked for, shown, used once; and the session that it starts.

use jiff::{SignedDuration, Timestamp};

use crate::domain::access::Viewer;
use crate::domain::address::{Mailbox, Purpose, Token};
use crate::domain::directory::Directory;
use crate::domain::id::{LetterId, SessionId};
use crate::domain::letter::LetterKind;
use crate::flows::writing::{self, NewLetter};
use crate::flows::{House, Step};
use crate::mail::write::letters::sign_in::{SignIn, sign_in};
use crate::store::{StoreError, Tx};
use crate::world::dice::roll;

/// A sign-in link lives this long (DESIGN.md 3.3).
pub const LINK_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// Links for one address within [`LINK_LIFE`]; a fourth request is answered like the others and sends nothing.
const LINKS_AT_ONCE: i64 = 3;
/// A session ends this long after it began.
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// A session ends after this long without a request.
const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(4);
/// The last use is written down at most this often.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// One of those who may sign in: the committee, and the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub email: Mailbox,
    pub name: String,
    /// `chair`, `secretary`, `member` or `board`.
    pub role: String,
}

/// Who has this address, if anybody who may sign in does. A member who sits on the board as well is a member.
fn person(directory: &Directory, email: &Mailbox) -> Option<Person> {
    if let Some(member) = directory.member(email) {
        let (email, name, role) = (member.email.clone(), member.name.clone(), member.role.to_string());
        return Some(Person { email, name, role });
    }
    let email = directory.board.iter().find(|listed| *listed == email)?.clone();
    let name = format!("Board of {}", directory.foundation.name);
    Some(Person { email, name, role: "board".to_owned() })
}

/// A session that has just begun.
pub struct NewSession {
    /// The secret for the browser's cookie; the database has its hash alone.
    pub cookie: String,
}

/// Writes a sign-in letter if `email` may sign in. The caller answers the same either way.
pub async fn request(house: &House, email: &Mailbox, network: &str) -> Result<(), StoreError> {
    let step = house.step();
    let Some(member) = person(&step.policy.directory, email) else { return Ok(()) };
    let mut tx = house.store.begin().await?;
    if tx.sign_in_letters(&member.email, step.now - LINK_LIFE).await? >= LINKS_AT_ONCE {
        return Ok(());
    }
    let (row, token) = new_link(house, &step, &member.email);
    let link = sign_in_url(house, &token);
    let words = sign_in(&SignIn { link: &link, network, asked_at: step.now });
    tx.issue(&token, &row, 0, Some(step.now + LINK_LIFE)).await?;
    writing::put(&mut tx, house, &step, NewLetter::of_no_case(LetterKind::SignIn, &member.email, &words)).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(())
}

/// A sign-in link for the operator to hand over, when mail is down and in the demo. `None` if nobody has this address.
pub async fn admin_link(house: &House, email: &Mailbox, life: SignedDuration) -> Result<Option<String>, StoreError> {
    let step = house.step();
    let Some(member) = person(&step.policy.directory, email) else { return Ok(None) };
    let (row, token) = new_link(house, &step, &member.email);
    let mut tx = house.store.begin().await?;
    tx.issue(&token, &row, 0, Some(step.now + life)).await?;
    tx.commit().await?;
    Ok(Some(sign_in_url(house, &token)))
}

/// The row of a sign-in link names whom it lets in, with chance in front so that each link is another.
fn new_link(house: &House, step: &Step, email: &Mailbox) -> (String, Token) {
    let row = format!("{} {email}", LetterId::new(step.now, house.chance()));
    let token = house.key.token(Purpose::SignInLink, &row, 0);
    (row, token)
}

fn sign_in_url(house: &House, token: &Token) -> String {
    format!("{}/login/{}", house.public_url, token.letters())
}

/// Whom the link would let in; changes nothing, for mail gateways open every link.
pub async fn open(house: &House, token: &Token) -> Result<Option<Person>, StoreError> {
    let step = house.step();
    let Some(link) = house.store.link(&token.fingerprint()).await? else { return Ok(None) };
    let is_usable = link.purpose == Purpose::SignInLink
        && link.used_at.is_none()
        && link.expires_at.is_some_and(|end| step.now < end);
    Ok(if is_usable { person_of(&step.policy.directory, &link.row) } else { None })
}

fn person_of(directory: &Directory, row: &str) -> Option<Person> {
    let (_, email) = row.split_once(' ')?;
    person(directory, &Mailbox::parse(email).ok()?)
}

/// Uses the link, once, and begins a session.
pub async fn enter(house: &House, token: &Token) -> Result<Option<NewSession>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if token.purpose() != Purpose::SignInLink || !tx.use_link(&token.fingerprint(), step.now).await? {
        return Ok(None);
    }
    let Some(link) = tx.link(&token.fingerprint()).await? else { return Ok(None) };
    let Some(member) = person_of(&step.policy.directory, &link.row) else { return Ok(None) };
    let cookie = begin_session(&mut tx, house, &step, &member.email).await?;
    tx.commit().await?;
    Ok(Some(NewSession { cookie }))
}

/// Begins a session for `email` without a link, for the demo alone: there everybody may be anybody.
pub async fn begin_as(house: &House, email: &Mailbox) -> Result<Option<NewSession>, StoreError> {
    let step = house.step();
    let Some(member) = step.policy.directory.member(email) else { return Ok(None) };
    let mut tx = house.store.begin().await?;
    let cookie = begin_session(&mut tx, house, &step, &member.email).await?;
    tx.commit().await?;
    Ok(Some(NewSession { cookie }))
}

async fn begin_session(tx: &mut Tx<'_>, house: &House, step: &Step, email: &Mailbox) -> Result<String, StoreError> {
    let cookie = data_encoding::BASE64URL_NOPAD.encode(&roll::<32>(&*house.dice));
    let id = SessionId::new(step.now, house.chance());
    tx.start_session(&id, &fingerprint(&cookie), email, step.now).await?;
    Ok(cookie)
}

fn fingerprint(cookie: &str) -> String {
    use sha2::Digest;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(cookie.as_bytes()))
}

/// Who the browser with this cookie is. Whoever left the file is nobody at once.
pub async fn viewer(house: &House, cookie: &str) -> Result<Viewer, StoreError> {
    let step = house.step();
    let Some(session) = house.store.session(&fingerprint(cookie)).await? else { return Ok(Viewer::Anonymous) };
    if has_ended(session.created_at, session.seen_at, step.now) {
        return Ok(Viewer::Anonymous);
    }
    let Some(person) = person(&step.policy.directory, &session.email) else { return Ok(Viewer::Anonymous) };
    if step.now.duration_since(session.seen_at) >= TOUCH_EVERY {
        let mut tx = house.store.begin().await?;
        tx.touch_session(&session.id, step.now).await?;
        tx.commit().await?;
    }
    Ok(match step.policy.directory.member(&person.email) {
        Some(member) => Viewer::Member { email: person.email, name: person.name, role: member.role },
        None => Viewer::Board { email: person.email },
    })
}

fn has_ended(created_at: Timestamp, seen_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(created_at) >= SESSION_LIFE || now.duration_since(seen_at) >= SESSION_IDLE
}

/// Ends the session of this cookie.
pub async fn leave(house: &House, cookie: &str) -> Result<(), StoreError> {
    let step = house.step();
    let Some(session) = house.store.session(&fingerprint(cookie)).await? else { return Ok(()) };
    let mut tx = house.store.begin().await?;
    tx.end_session(&session.id, step.now).await?;
    tx.commit().await
}
