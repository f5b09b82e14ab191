//! How a ban ends: lifted by a member or at the command line; and what its sender says against it.

use jiff::Timestamp;

use super::OPERATOR;
use crate::domain::address::{Mailbox, Purpose, Token};
use crate::domain::ban::{APPEALS_PER_BAN, BanTarget};
use crate::domain::directory::Member;
use crate::domain::id::BanId;
use crate::flows::House;
use crate::store::{AppealRow, BanRow, StoreError};

/// Letters of an appeal that are kept.
const APPEAL_MAX: usize = 4_000;

/// Lifts a ban or takes a proposal back, by a member or at the command line; `false` if it has ended.
pub async fn lift(house: &House, ban: &BanId, by: Option<&Member>) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let lifted = tx.lift_ban(ban, by.map_or(OPERATOR, |member| member.email.as_str()), step.now).await?;
    tx.expire_links(ban.as_str(), step.now).await?;
    tx.commit().await?;
    Ok(lifted)
}

/// What "unban" at the command line came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unbanned {
    Lifted,
    /// The address is not banned itself, but this domain of it.
    OnlyTheDomain(String),
    NotBanned,
}

/// Lifts the ban of exactly `target`, at the command line.
pub async fn unban(house: &House, target: &BanTarget) -> Result<Unbanned, StoreError> {
    let sender = match target {
        BanTarget::Address(mailbox) => mailbox.clone(),
        BanTarget::Domain(domain) => {
            Mailbox::parse(&format!("postmaster@{domain}")).expect("it is the domain of a mailbox")
        }
    };
    let bans = house.store.bans_of(&sender, house.now()).await?;
    match bans.iter().find(|ban| ban.target == *target) {
        Some(ban) if lift(house, &ban.id, None).await? => Ok(Unbanned::Lifted),
        _ => match bans.into_iter().find(|ban| ban.target != *target).map(|ban| ban.target) {
            Some(BanTarget::Domain(domain)) => Ok(Unbanned::OnlyTheDomain(domain)),
            _ => Ok(Unbanned::NotBanned),
        },
    }
}

/// What a banned sender sees behind the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppealView {
    pub until: Timestamp,
    /// How many more appeals are kept.
    pub left: i64,
}

/// What the sender with this link may see; `None` if the link or the ban is over.
pub async fn appeal_view(house: &House, token: &Token) -> Result<Option<AppealView>, StoreError> {
    let Some(ban) = ban_behind(house, token).await? else { return Ok(None) };
    let left = (APPEALS_PER_BAN - house.store.appeals_against(&ban.id).await?).max(0);
    Ok(ban.until.map(|until| AppealView { until, left }))
}

async fn ban_behind(house: &House, token: &Token) -> Result<Option<BanRow>, StoreError> {
    let now = house.now();
    let link = house.store.link(&token.fingerprint()).await?;
    let is_live = |end: Option<Timestamp>| end.is_none_or(|end| now < end);
    match link.filter(|link| link.purpose == Purpose::AppealLink && is_live(link.expires_at)) {
        Some(link) => Ok(house.store.ban(&BanId::from_row(link.row)).await?.filter(|ban| ban.is_in_force(now))),
        None => Ok(None),
    }
}

/// Keeps what a banned sender says, for members to read; it lifts nothing by itself. `false` if the link is dead or
/// enough was said.
pub async fn appeal(house: &House, token: &Token, words: &str) -> Result<bool, StoreError> {
    let Some(ban) = ban_behind(house, token).await? else { return Ok(false) };
    let step = house.step();
    let words = words.trim().chars().take(APPEAL_MAX).collect();
    let said = house.store.appeals_against(&ban.id).await?;
    let mut tx = house.store.begin().await?;
    let is_kept =
        said < APPEALS_PER_BAN && tx.insert_appeal(&ban.id, said + 1, &AppealRow { at: step.now, words }).await?;
    tx.commit().await?;
    Ok(is_kept)
}
