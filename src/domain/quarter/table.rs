//! The figures as rows of a table: what the file for spreadsheets and the command print.

use crate::domain::clock::{ClockKind, span};
use crate::domain::quarter::figures::{Figures, Kept};
use jiff::SignedDuration;

/// What the columns are called.
pub const COLUMNS: [&str; 5] = ["quarter", "section", "item", "measure", "value"];

/// One value a row, so that a spreadsheet can turn it as it likes. Lengths of time are days with two decimals.
pub fn rows(figures: &Figures) -> Vec<[String; 5]> {
    let mut table = Table { quarter: figures.quarter.to_string(), rows: Vec::new() };
    table.add("reports", "", "received", figures.received);
    for kind in &figures.kinds {
        table.add("reports", &kind.kind, "received", kind.count);
    }
    table.add("reports", "", "to no project", figures.without_project);
    table.kept(ClockKind::FirstReply.title(), "", &figures.first_reply);
    table.kept(ClockKind::Acknowledge.title(), "", &figures.acknowledge);
    for project in &figures.projects {
        table.add("projects", &project.name, "forwarded", project.forwarded);
        table.add("projects", &project.name, "escalated", project.escalated);
        table.kept("projects", &project.name, &project.acknowledged);
    }
    table.kept("from earlier quarters", ClockKind::FirstReply.title(), &figures.carried_first_reply);
    table.kept("from earlier quarters", ClockKind::Acknowledge.title(), &figures.carried_acknowledge);
    for escalation in &figures.escalations {
        table.add("escalations", &escalation.case, "told the board (UTC)", escalation.at.strftime("%F"));
        table.add("escalations", &escalation.case, "silent", escalation.project.as_deref().unwrap_or("the committee"));
    }
    let contacts = &figures.contacts;
    for (measure, count) in [
        ("confirmed", contacts.confirmed),
        ("listed", contacts.listed),
        ("unconfirmed", contacts.unconfirmed),
        ("unreachable", contacts.unreachable),
    ] {
        table.add("contacts", "", measure, count);
    }
    for project in &contacts.without_contact {
        table.add("contacts", project, "nobody to reach", 1);
    }
    let unwanted = &figures.unwanted;
    for (measure, count) in [
        ("quarantined", unwanted.quarantined),
        ("released", unwanted.released),
        ("warnings", unwanted.warnings),
        ("bans", unwanted.bans),
        ("bans lifted", unwanted.lifted),
        ("appeals", unwanted.appeals),
        ("bans in force", unwanted.in_force),
    ] {
        table.add("unwanted", "", measure, count);
    }
    for line in figures.compared.iter().filter(|line| line.quarter != figures.quarter) {
        table.quarter = line.quarter.to_string();
        table.add("reports", "", "received", line.received);
        table.kept(ClockKind::FirstReply.title(), "", &line.first_reply);
        table.kept(ClockKind::Acknowledge.title(), "", &line.acknowledge);
        table.add("escalations", "", "count", line.escalated);
    }
    table.rows
}

struct Table {
    quarter: String,
    rows: Vec<[String; 5]>,
}

impl Table {
    fn add(&mut self, section: &str, item: &str, measure: &str, value: impl ToString) {
        let row = [&self.quarter, section, item, measure].map(str::to_owned);
        let [quarter, section, item, measure] = row;
        self.rows.push([quarter, section, item, measure, value.to_string()]);
    }

    /// A promise's outcomes; what did not happen has no row.
    fn kept(&mut self, section: &str, item: &str, kept: &Kept) {
        for (measure, count) in outcomes(kept) {
            self.add(section, item, measure, count);
        }
        if let Some(share) = kept.share() {
            self.add(section, item, "in time, %", share);
        }
        for (measure, seconds) in [
            ("median, days", kept.median_seconds),
            ("slowest, days", kept.slowest_seconds),
            ("paused, days", (kept.paused > 0).then_some(kept.paused_seconds)),
        ] {
            if let Some(seconds) = seconds {
                self.add(section, item, measure, in_days(seconds));
            }
        }
    }
}

/// The outcomes that occurred, with their names.
pub fn outcomes(kept: &Kept) -> impl Iterator<Item = (&'static str, u32)> {
    let all = [
        ("in time", kept.in_time),
        ("late", kept.late),
        ("not kept", kept.not_kept),
        ("overdue", kept.overdue),
        ("still open", kept.open),
        ("does not count", kept.void),
    ];
    all.into_iter().filter(|(_, count)| *count > 0)
}

/// `1.25`: hundredths of a day.
fn in_days(seconds: i64) -> String {
    let hundredths = (seconds * 100 + 43_200) / 86_400;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// `5 d 2 h`, or a dash where there is nothing to measure.
pub fn length(seconds: Option<i64>) -> String {
    seconds.map_or_else(|| "–".to_owned(), |seconds| span(SignedDuration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_days_in_files_and_words_on_pages() {
        for (seconds, days) in [(0, "0.00"), (86_400, "1.00"), (108_000, "1.25"), (431, "0.00"), (432, "0.01")] {
            assert_eq!(in_days(seconds), days);
        }
        assert_eq!((length(None), length(Some(108_000))), ("–".to_owned(), "1 d 6 h".to_owned()));
    }
}
