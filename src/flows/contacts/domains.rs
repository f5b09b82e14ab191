//! Looks once a day whether the domains of contacts, and of who has the report of an open case, still take mail.

use jiff::SignedDuration;

use super::settling;
use super::telling::tell_the_committee;
use crate::domain::address::Mailbox;
use crate::flows::{House, Step};
use crate::mail::write::letters::contact_notice::CommitteeNotice;
use crate::store::{ContactRow, StoreError, Tx};
use crate::world::dns::{MailDomain, Resolver};

/// Each domain is looked up so often.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// Domains that one call looks up, so that stopping the program never waits long.
const AT_ONCE: i64 = 20;

/// Looks up the domains whose day is over; says how many. A domain that does not exist or that takes no mail gets
/// nothing from then on, and the committee is told if a contact is there. A name server that does not answer changes
/// nothing.
///
/// If our own domain is said not to exist, the resolver is what is broken, and nothing is believed.
pub async fn look_after_domains(house: &House, resolver: &Resolver) -> Result<usize, StoreError> {
    let since = house.now() - LOOK_EVERY;
    let domains = house.store.domains_to_look_up(since, AT_ONCE).await?;
    if domains.is_empty() || matches!(resolver, Resolver::Off) {
        return Ok(0);
    }
    let own = house.policy().directory.foundation.security_address.domain().to_owned();
    if let MailDomain::Gone(_) = resolver.mail_domain(&own).await {
        tracing::warn!("the name servers say that our own mail domain is gone, so the contacts' are not looked up");
        return Ok(0);
    }
    for domain in &domains {
        let found = resolver.mail_domain(domain).await;
        let step = house.step();
        let mut tx = house.store.begin().await?;
        tx.looked_up(domain, step.now).await?;
        take_note(&mut tx, house, &step, domain, found).await?;
        tx.commit().await?;
    }
    settling::after_a_change(house).await?;
    Ok(domains.len())
}

async fn take_note(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    domain: &str,
    found: MailDomain,
) -> Result<(), StoreError> {
    let is_news = match found {
        MailDomain::Unknown => false,
        MailDomain::TakesMail => tx.domain_back(domain, step.now).await?,
        MailDomain::Gone(because) => tx.domain_gone(domain, because, step.now).await?,
    };
    if !is_news {
        return Ok(());
    }
    tx.raise_contact_version().await?;
    let rows = house.store.contacts().await?;
    let contacts: Vec<_> = rows.iter().filter(|row| row.contact.email.domain() == domain).map(named).collect();
    // Of whoever left its project, the committee hears when a letter to it is stopped.
    if contacts.is_empty() {
        return Ok(());
    }
    let notice = match found {
        MailDomain::Gone(because) => CommitteeNotice::DomainGone { domain, because, contacts },
        _ => CommitteeNotice::DomainBack { domain },
    };
    tell_the_committee(tx, house, step, &notice).await
}

fn named(row: &ContactRow) -> (&str, &Mailbox) {
    (row.project.as_str(), &row.contact.email)
}

/// A member says that a domain that is back still belongs to the same people; `false` if it is not back.
pub async fn trust_domain(house: &House, domain: &str) -> Result<bool, StoreError> {
    let mut tx = house.store.begin().await?;
    let trusted = tx.trust_domain(domain).await?;
    if trusted {
        tx.raise_contact_version().await?;
    }
    tx.commit().await?;
    settling::after_a_change(house).await?;
    Ok(trusted)
}
