//! What an act on many rows would do, before it is done: to which rows, to whom a letter goes, and who has been right before.

use jiff::Timestamp;

use crate::domain::address::Mailbox;
use crate::domain::bulk::BulkAct;
use crate::domain::case::CaseRef;
use crate::domain::directory::Member;
use crate::domain::id::CaseId;
use crate::flows::House;
use crate::flows::bulk::senders::{Prospect, prospects};
use crate::flows::bulk::{Rows, Ticked, rows};
use crate::store::{CaseLine, QuarantineRow, SenderOf, StoreError};

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
    /// What the act would mean for it; `None` of an act that means nothing for senders.
    pub prospect: Option<Prospect>,
}

/// What the act would do now.
pub async fn look(house: &House, ticked: &Ticked, by: &Member) -> Result<Look, StoreError> {
    let (lines, senders) = match rows(house, ticked, by).await? {
        Rows::Cases(cases) => {
            let ids: Vec<CaseId> = cases.iter().map(|line| line.case.id.clone()).collect();
            (of_cases(house, cases).await?, house.store.senders_of_cases(&ids).await?)
        }
        Rows::Mails(mails) => {
            let lines: Vec<LookLine> = mails.into_iter().map(of_mail).collect();
            let senders = senders_of_mails(&lines);
            (lines, senders)
        }
    };
    let senders = what_becomes_of(house, ticked.act, senders, by).await?;
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

fn senders_of_mails(lines: &[LookLine]) -> Vec<SenderOf> {
    let mut senders: Vec<SenderOf> = Vec::new();
    for line in lines {
        let Some(from) = &line.from else { continue };
        let proven = i64::from(line.proven);
        match senders.iter_mut().find(|sender| sender.address == *from) {
            Some(sender) => sender.proven += proven,
            None => senders.push(SenderOf { address: from.clone(), proven }),
        }
    }
    senders
}

async fn what_becomes_of(
    house: &House,
    act: BulkAct,
    senders: Vec<SenderOf>,
    by: &Member,
) -> Result<Vec<LookSender>, StoreError> {
    let addresses: Vec<Mailbox> = senders.iter().map(|sender| sender.address.clone()).collect();
    let accepted = house.store.accepted_reports(&addresses, &by.email).await?;
    let prospects = match act.to_senders() {
        Some(what) => prospects(house, act, what, &senders, by).await?.into_iter().map(Some).collect(),
        None => vec![None; senders.len()],
    };
    let sender = |(sender, prospect): (SenderOf, Option<Prospect>)| LookSender {
        proven: sender.proven > 0,
        accepted: accepted.get(&sender.address.folded()).copied().unwrap_or_default(),
        prospect,
        address: sender.address,
    };
    Ok(senders.into_iter().zip(prospects).map(sender).collect())
}
