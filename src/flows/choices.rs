//! What a member chooses for their own pages: the zone of times, and whether single keys act.

use jiff::tz::TimeZone;

use crate::domain::directory::Member;
use crate::flows::House;
use crate::store::{Choices, StoreError};

/// There is no time zone of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a time zone such as Europe/Berlin, or leave it empty for UTC")]
pub struct NoSuchZone;

/// Keeps what a member chose; an empty `zone` is UTC.
pub async fn choose(
    house: &House,
    member: &Member,
    zone: &str,
    has_keys: bool,
) -> Result<Result<(), NoSuchZone>, StoreError> {
    let step = house.step();
    let zone = match zone.trim() {
        "" => None,
        name => match TimeZone::get(name).ok().and_then(|zone| zone.iana_name().map(str::to_owned)) {
            Some(name) => Some(name),
            None => return Ok(Err(NoSuchZone)),
        },
    };
    let mut tx = house.store.begin().await?;
    tx.choose(&member.email, &Choices { zone, keys_off_at: (!has_keys).then_some(step.now) }).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
