//! What an act on many rows would do, before it is done: to which rows, to whom a letter goes, and who has been right before.

use jiff::Timestamp;

use crate::domain::address::Mailbox;
use crate::domain::bulk::{BulkAct, ToSenders};
use crate::domain::case::CaseRef;
use crate::domain::directory::Member;
use crate::flows::House;
use crate::flows::bulk::{Rows, Ticked, rows, senders};
use crate::store::{CaseLine, QuarantineRow, StoreError};

/// An act before it is done.
pub struct Look {
    pub act: BulkAct,
    pub lines: Vec<LookLine>,
    /// Each sender of the rows once.
    pub senders: Vec<LookSender>,
    /// How many ticked rows are not in their list any more.
    pub gone: usize,
}

/// One ticked row.
pub struct LookLine {
    /// What the form calls it.
    pub item: String,
    /// Of a case.
    pub number: Option<CaseRef>,
    pub title: String,
    pub from: Option<Mailbox>,
    pub proven: bool,
    pub arrived_at: Timestamp,
}

/// One sender of ticked rows.
pub struct LookSender {
    pub address: Mailbox,
    /// SPF or DKIM vouched for it in one of them at least.
    pub proven: bool,
    /// Earlier reports that went to a project, were answered, or were closed as anything but unwanted.
    pub accepted: i64,
    /// Why the act would not warn or ban it.
    pub refused: Option<String>,
}

/// What the act would do now.
pub async fn look(house: &House, ticked: &Ticked, by: &Member) -> Result<Look, StoreError> {
    let lines = match rows(house, ticked, by).await? {
        Rows::Cases(cases) => of_cases(house, cases).await?,
        Rows::Mails(mails) => mails.into_iter().map(of_mail).collect(),
    };
    let senders = senders_of(house, &lines, ticked.act.to_senders(), by).await?;
    let gone = ticked.items.len().saturating_sub(lines.len());
    Ok(Look { act: ticked.act, lines, senders, gone })
}

async fn of_cases(house: &House, cases: Vec<CaseLine>) -> Result<Vec<LookLine>, StoreError> {
    let mut beginnings = house.store.beginnings(&cases, 0).await?;
    let of_case = |line: CaseLine| {
        let report = beginnings.remove(&line.case.id);
        LookLine {
            item: line.case.number.to_string(),
            number: Some(line.case.number),
            title: line.case.title,
            proven: report.as_ref().is_some_and(|report| report.proven),
            from: report.and_then(|report| report.from),
            arrived_at: line.case.arrived_at,
        }
    };
    Ok(cases.into_iter().map(of_case).collect())
}

fn of_mail(mail: QuarantineRow) -> LookLine {
    LookLine {
        item: mail.arrival.to_string(),
        number: None,
        title: mail.subject,
        from: mail.from,
        proven: mail.proven,
        arrived_at: mail.arrived_at,
    }
}

async fn senders_of(
    house: &House,
    lines: &[LookLine],
    what: Option<ToSenders>,
    by: &Member,
) -> Result<Vec<LookSender>, StoreError> {
    let mut addresses: Vec<Mailbox> = lines.iter().filter_map(|line| line.from.clone()).collect();
    addresses.sort_by_key(Mailbox::folded);
    addresses.dedup();
    let accepted = house.store.accepted_reports(&addresses, &by.email).await?;
    let refused = match what {
        Some(what) => senders::refusals(house, what, &addresses, by).await?,
        None => vec![None; addresses.len()],
    };
    let is_proven = |address: &Mailbox| lines.iter().any(|line| line.proven && line.from.as_ref() == Some(address));
    let sender = |(address, refused): (Mailbox, Option<String>)| LookSender {
        proven: is_proven(&address),
        accepted: accepted.get(&address.folded()).copied().unwrap_or_default(),
        refused,
        address,
    };
    Ok(addresses.into_iter().zip(refused).map(sender).collect())
}
