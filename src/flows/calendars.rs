//! A member's calendar of deadlines: made, ended, and read by its link. A planning aid, not an alarm: calendars refresh
//! late, so letters go out as ever.

use jiff::Timestamp;

use crate::domain::access::{Act, Viewer, may};
use crate::domain::address::{Mailbox, Purpose, Token};
use crate::domain::directory::Member;
use crate::flows::House;
use crate::store::{Deadline, StoreError};

/// So many deadlines are in it, the nearest first.
const DEADLINES: i64 = 1000;

/// A member's own calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub link: String,
    pub made_at: Timestamp,
}

/// The calendar that this member follows, if there is one.
pub async fn own(house: &House, member: &Member) -> Result<Option<Own>, StoreError> {
    let row = house.store.calendar(&member.email).await?.filter(|row| row.ended_at.is_none());
    Ok(row.map(|row| Own { link: link(house, &token(house, &member.email, row.generation)), made_at: row.made_at }))
}

fn token(house: &House, member: &Mailbox, generation: i64) -> Token {
    house.key.token(Purpose::CalendarLink, &member.folded(), generation)
}

fn link(house: &House, token: &Token) -> String {
    format!("{}/calendar/{}/deadlines.ics", house.public_url, token.letters())
}

/// Makes the member's calendar, or a new link to it; the one before opens nothing any more.
pub async fn make(house: &House, member: &Member) -> Result<(), StoreError> {
    let now = house.now();
    let row = member.email.folded();
    let mut tx = house.store.begin().await?;
    tx.end_links(Purpose::CalendarLink, &row, Some(now)).await?;
    let generation = tx.make_calendar(&member.email, now).await?;
    tx.issue(&token(house, &member.email, generation), &row, generation, None).await?;
    tx.commit().await
}

/// Ends the member's calendar: its link opens nothing any more.
pub async fn end(house: &House, member: &Member) -> Result<(), StoreError> {
    let now = house.now();
    let mut tx = house.store.begin().await?;
    tx.end_links(Purpose::CalendarLink, &member.email.folded(), Some(now)).await?;
    tx.end_calendar(&member.email, now).await?;
    tx.commit().await
}

/// The deadlines behind a link; `None` if it opens nothing, or whoever made it is no member any more.
pub async fn deadlines(house: &House, token: &Token) -> Result<Option<Vec<Deadline>>, StoreError> {
    let Some(link) = house.store.link(&token.fingerprint()).await? else { return Ok(None) };
    if link.purpose != Purpose::CalendarLink || link.expires_at.is_some_and(|end| house.now() >= end) {
        return Ok(None);
    }
    let policy = house.policy();
    let Some(member) = Mailbox::parse(&link.row).ok().and_then(|email| policy.directory.member(&email)) else {
        return Ok(None);
    };
    let viewer = Viewer::Member { email: member.email.clone(), name: member.name.clone(), role: member.role };
    if !may(&viewer, Act::ReadCases) {
        return Ok(None);
    }
    let kept = house.store.kept_from(&member.email).await?;
    let mut deadlines = house.store.deadlines(DEADLINES).await?;
    deadlines.retain(|deadline| !kept.has(&deadline.case));
    Ok(Some(deadlines))
}
