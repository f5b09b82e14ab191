//! Sign-ins that last: begun, recognized by their cookie, listed, ended.

use jiff::{SignedDuration, Timestamp};

use crate::domain::access::Viewer;
use crate::domain::address::Mailbox;
use crate::domain::id::SessionId;
use crate::flows::sign_in::{Device, person};
use crate::flows::{House, Step};
use crate::store::{SessionRow, StoreError, Tx};
use crate::world::dice::roll;

/// A session ends this long after it began.
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// A session ends after this long without a request.
const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(4);
/// The last use is written down at most this often.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// A secret for a cookie; the database has its fingerprint alone.
pub(super) fn new_secret(house: &House) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&roll::<32>(&*house.dice))
}

/// What stands in a row for a cookie's secret.
pub(super) fn fingerprint(cookie: &str) -> String {
    use sha2::Digest;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(cookie.as_bytes()))
}

/// Begins a session for `email`, in the place of the one that this browser had; gives the cookie's secret.
pub(super) async fn begin(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    email: &Mailbox,
    device: &Device<'_>,
) -> Result<String, StoreError> {
    if let Some(earlier) = device.cookie {
        tx.end_session_of(&fingerprint(earlier), step.now).await?;
    }
    let cookie = new_secret(house);
    let id = SessionId::new(step.now, house.chance());
    let (email, device) = (email.clone(), device.name.clone());
    let session = SessionRow { id, email, created_at: step.now, seen_at: step.now, device };
    tx.start_session(&session, &fingerprint(&cookie)).await?;
    Ok(cookie)
}

/// Begins a session for `email` without a link, for the demo alone: there everybody may be anybody.
pub async fn begin_as(house: &House, email: &Mailbox) -> Result<Option<String>, StoreError> {
    let step = house.step();
    let Some(member) = step.policy.directory.member(email) else { return Ok(None) };
    let mut tx = house.store.begin().await?;
    let cookie = begin(&mut tx, house, &step, &member.email, &Device::default()).await?;
    tx.commit().await?;
    Ok(Some(cookie))
}

/// Who asks, and since when they are signed in.
pub struct Visit {
    pub viewer: Viewer,
    pub session: SessionRow,
}

/// Whom the browser with this cookie belongs to; `None` if it is nobody's. Whoever left the file is nobody at once.
pub async fn visit(house: &House, cookie: &str) -> Result<Option<Visit>, StoreError> {
    let step = house.step();
    let Some(session) = house.store.session(&fingerprint(cookie)).await? else { return Ok(None) };
    if has_ended(&session, step.now) {
        return Ok(None);
    }
    let Some(person) = person(&step.policy.directory, &session.email) else { return Ok(None) };
    if step.now.duration_since(session.seen_at) >= TOUCH_EVERY {
        let mut tx = house.store.begin().await?;
        tx.touch_session(&session.id, step.now).await?;
        tx.commit().await?;
    }
    let viewer = match step.policy.directory.member(&person.email) {
        Some(member) => Viewer::Member { email: person.email, name: person.name, role: member.role },
        None => Viewer::Board { email: person.email },
    };
    Ok(Some(Visit { viewer, session }))
}

/// Who the browser with this cookie is.
pub async fn viewer(house: &House, cookie: &str) -> Result<Viewer, StoreError> {
    Ok(visit(house, cookie).await?.map_or(Viewer::Anonymous, |visit| visit.viewer))
}

fn has_ended(session: &SessionRow, now: Timestamp) -> bool {
    now.duration_since(session.created_at) >= SESSION_LIFE || now.duration_since(session.seen_at) >= SESSION_IDLE
}

/// Where somebody with this address is signed in, the session seen last first.
pub async fn open_sessions(house: &House, email: &Mailbox) -> Result<Vec<SessionRow>, StoreError> {
    let now = house.now();
    let mut sessions = house.store.sessions_of(email, now - SESSION_LIFE).await?;
    sessions.retain(|session| !has_ended(session, now));
    Ok(sessions)
}

/// Ends the session of this cookie.
pub async fn leave(house: &House, cookie: &str) -> Result<(), StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    tx.end_session_of(&fingerprint(cookie), step.now).await?;
    tx.commit().await
}

/// Ends one session of this address; `false` if it is none of theirs, or has ended.
pub async fn end(house: &House, session: &SessionId, email: &Mailbox) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let ended = tx.end_session(session, email, step.now).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Ends all sessions of this address but the one that asks; says how many.
pub async fn end_others(house: &House, but: &SessionId, email: &Mailbox) -> Result<u64, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let ended = tx.end_other_sessions(but, email, step.now).await?;
    tx.commit().await?;
    Ok(ended)
}
