//! What the signs of spam say (`domain/spam`): of each kind of the corpus, how much would be quarantined.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fingerpost::domain::address::OwnAddresses;
use fingerpost::domain::report::{IncomingMail, MailKind, Reading};
use fingerpost::domain::spam::{self, Facts};
use fingerpost::judge::Judge;
use fingerpost::mail::read::read;

use crate::corpus::directory;
use crate::tables::List;
use crate::tally::{Share, print_table};
use crate::texts::{Label, Row};

/// A mail that brings nothing but what is put into it.
const EMPTY: &[u8] = b"From: jane@reporter.example\nTo: security@foundation.example\nSubject: x\n\nx\n";

/// How many of one kind there are, and how many of them are suspected.
#[derive(Default)]
struct Suspected {
    all: usize,
    if_proven: usize,
    if_not: usize,
    /// Nothing in them reads like a report.
    unspoken_for: usize,
}

impl Suspected {
    fn count(&mut self, judge: &Judge, mail: &IncomingMail) {
        let judgement = judge.judge(&mail.subject, &mail.text);
        let names_a_project = judgement.names_a_project();
        let noise = judgement.noise.as_ref();
        let facts = |is_proven| Facts { mail, is_proven, names_a_project, noise, is_addressed_to_us: true };
        let is_suspected = |is_proven| spam::suspect(&facts(is_proven)).is_some();
        self.all += 1;
        self.if_proven += usize::from(is_suspected(true));
        self.if_not += usize::from(is_suspected(false));
        let is_spoken_for = names_a_project || spam::reads_like_a_report(&mail.subject, &mail.text);
        self.unspoken_for += usize::from(!is_spoken_for);
    }
}

/// Prints the table. Nothing in the corpus says who vouches for a sender, so each row is counted twice: as if proven, and as if not.
pub fn suspected(mails: &Path, rows: &[Row], labels: &[Label], list: &List, own: &OwnAddresses) -> anyhow::Result<()> {
    let mut kinds: BTreeMap<String, Suspected> = BTreeMap::new();
    let nobody = Judge::new(&directory(&[]));
    for row in rows {
        let Reading::Mail(mut mail) = read(EMPTY, own, None) else { unreachable!("a plain mail") };
        (mail.subject, mail.text) = (row.subject.clone(), row.body.clone());
        let kind = row.subkind.as_deref().unwrap_or("report, text with or without its project's name");
        kinds.entry(kind.to_owned()).or_default().count(&nobody, &mail);
    }
    for label in labels {
        let raw = fs::read(mails.join(&label.file))?;
        let Reading::Mail(mail) = read(&raw, own, Some(own.security())) else { continue };
        if mail.kind() == MailKind::Report {
            kinds.entry(format!("mail: {}", label.kind)).or_default().count(&list.judge, &mail);
        }
    }
    let line = |(kind, counts): (&String, &Suspected)| {
        let share = |some| Share { some, all: counts.all }.to_string();
        let shares = [counts.if_proven, counts.if_not, counts.unspoken_for].map(share);
        [kind.clone(), counts.all.to_string()].into_iter().chain(shares).collect()
    };
    print_table(
        "Suspected (to quarantine by the signs alone; of real reports at most .002)",
        &["kind", "n", "if the sender is proven", "if not", "nothing in it reads like a report"],
        &kinds.iter().map(line).collect::<Vec<_>>(),
    );
    Ok(())
}
