//! What lets reminders rest and what hastens them, who stands in for whom, whose mail goes nowhere, and what the board reads
//! of it each quarter: what members and name servers say must do what it says and no more.

use fingerpost::domain::directory::{Contact, Directory};
use fingerpost::domain::quarter::Quarter;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::simulation::seen::{CaseSeen, ClockSeen, Micros, Seen};
use crate::simulation::world::{Broken, Ledger, broken};

const SILENT: &str = "A clock that a member silenced tells nobody but the board.";
const NOT_EARLY: &str = "Nobody hears of silence before its time.";
const NO_DEADLINE: &str = "Neither a snooze nor an exploitation moves a deadline.";
const GONE: &str = "No report goes to a domain that takes no mail.";
const STANDS_IN: &str = "Deputies have what waits for somebody who is away.";
const FROZEN: &str = "A quarter that was approved is frozen.";
const COUNTED: &str = "The board reads how many reports there were.";
const LATE: &str = "The board hears of a quarter, or that it is late.";

/// Letters that a project is not sent any more once its domain is gone.
const TO_CONTACTS: [&str; 4] = ["forward", "reminder", "to-project", "addition"];

const DAY: Micros = 24 * 3_600_000_000;

/// When a step of the ladder below the board's is told at the latest: halved from the moment on at which the flaw was
/// known to be used, and not while a snooze lasts.
pub fn moment(clock: &ClockSeen, case: &CaseSeen, step: Micros) -> Micros {
    let start = clock.started_at + clock.paused;
    let plainly = start + step;
    let hastened = match case.exploited_at.map(|at| at.max(start)) {
        Some(since) if since < plainly => since + (plainly - since) / 2,
        _ => plainly,
    };
    hastened.max(clock.silent_until.unwrap_or(hastened))
}

/// What must hold between two moments at which the program rests.
pub fn check(before: &Seen, seen: &Seen, ledger: &Ledger, now: Micros) -> Result<(), Broken> {
    for (id, clock) in seen.clocks.iter().filter(|(_, clock)| clock.is_promise()) {
        let Some(was) = before.clocks.get(id).filter(|was| was.told != clock.told) else { continue };
        rests(seen, was, clock, now)?;
        is_not_early(seen, clock, now)?;
    }
    moves_no_deadline(before, seen)?;
    goes_nowhere(before, seen)?;
    is_frozen(before, seen)?;
    is_counted(before, seen)?;
    hears_of_the_quarter(seen, ledger.began_at, now)
}

fn rests(seen: &Seen, was: &ClockSeen, clock: &ClockSeen, now: Micros) -> Result<(), Broken> {
    let is_silent = was.silent_until == clock.silent_until && clock.silent_until.is_some_and(|until| now < until);
    if is_silent && clock.told < clock.target {
        return Err(broken(SILENT, format!("in {}: {clock:?}", seen.cases[&clock.case].number)));
    }
    Ok(())
}

fn is_not_early(seen: &Seen, clock: &ClockSeen, now: Micros) -> Result<(), Broken> {
    let case = &seen.cases[&clock.case];
    let start = clock.started_at + clock.paused;
    let earliest = match clock.told < clock.target {
        // What is told to the chair in the board's place is told a second before.
        true => moment(&ClockSeen { silent_until: None, ..clock.clone() }, case, clock.told),
        false => start + clock.target,
    };
    if now < earliest {
        return Err(broken(NOT_EARLY, format!("in {} at {now}: {clock:?}", case.number)));
    }
    Ok(())
}

fn moves_no_deadline(before: &Seen, seen: &Seen) -> Result<(), Broken> {
    for (id, clock) in &seen.clocks {
        let Some(was) = before.clocks.get(id) else { continue };
        let is_about_quiet = was.silent_until != clock.silent_until
            || before.cases[&clock.case].exploited_at != seen.cases[&clock.case].exploited_at;
        let known = before.events.get(&clock.case).map_or(0, Vec::len);
        let moves = ["clock-paused", "clock-resumed", "clock-set-right", "acknowledged"];
        let is_moved_by_other =
            seen.events[&clock.case][known..].iter().any(|event| moves.contains(&event.kind.as_str()));
        if is_about_quiet && clock.is_promise() && was.due_at != clock.due_at && !is_moved_by_other {
            return Err(broken(NO_DEADLINE, format!("{was:?} became {clock:?}")));
        }
    }
    Ok(())
}

/// What was known to be gone before and still is was so all the time.
fn goes_nowhere(before: &Seen, seen: &Seen) -> Result<(), Broken> {
    let is_gone = |address: &str| {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        before.gone.contains(domain) && seen.gone.contains(domain)
    };
    let left = seen.letters.iter().filter(|(id, letter)| {
        letter.sent_at.is_some() && before.letters.get(*id).is_none_or(|was| was.sent_at.is_none())
    });
    let mut wrong =
        left.filter(|(_, letter)| TO_CONTACTS.contains(&letter.kind.as_str()) && is_gone(&letter.recipient));
    match wrong.next() {
        Some((_, letter)) => Err(broken(GONE, format!("{letter:?}"))),
        None => Ok(()),
    }
}

/// Whoever is away today, by its entry, its own word or a member's: the deputies of its project have what nobody there
/// has confirmed.
pub fn check_deputies(seen: &Seen, directory: &Directory, now: Timestamp) -> Result<(), Broken> {
    for project in &directory.projects {
        let (deputies, others): (Vec<_>, Vec<_>) = project.contacts.iter().partition(|contact| contact.is_deputy);
        if !others.iter().any(|contact| is_away(contact, now)) {
            continue;
        }
        let waiting = seen.clocks.values().filter(|clock| clock.kind == "acknowledge" && clock.stopped_at.is_none());
        for part in waiting.filter_map(|clock| clock.handling.as_ref()) {
            let row = &seen.handlings[part];
            let of_part = seen.parties.values().filter(|party| party.handling.as_ref() == Some(part));
            let have_it: Vec<&str> = of_part.filter_map(|party| party.address.as_deref()).collect();
            let is_meant = row.project == project.id.as_str() && row.state == "sent";
            let mut missing = deputies.iter().filter(|deputy| !have_it.contains(&deputy.email.as_str()));
            if let Some(deputy) = missing.next().filter(|_| is_meant) {
                let number = &seen.cases[&row.case].number;
                return Err(broken(STANDS_IN, format!("{} does not have {number}", deputy.email)));
            }
        }
    }
    Ok(())
}

fn is_away(contact: &Contact, now: Timestamp) -> bool {
    let today = now.to_zoned(contact.zone.clone().unwrap_or(TimeZone::UTC)).date();
    contact.away.iter().any(|days| (days.first..=days.last).contains(&today))
}

fn is_frozen(before: &Seen, seen: &Seen) -> Result<(), Broken> {
    for (month, was) in before.quarters.iter().filter(|(_, was)| was.figures.is_some()) {
        let is = &seen.quarters[month];
        if (&was.figures, &was.texts, &was.approved_by) != (&is.figures, &is.texts, &is.approved_by) {
            return Err(broken(FROZEN, format!("{month} was {was:?} and is {is:?}")));
        }
    }
    Ok(())
}

/// Counted here once more from the rows, at the approval. No case is ever taken out of its quarter, so that the count
/// still holds when the act is over, unless it came in between.
fn is_counted(before: &Seen, seen: &Seen) -> Result<(), Broken> {
    let approved =
        seen.quarters.iter().filter(|(month, _)| before.quarters.get(*month).is_none_or(|was| was.figures.is_none()));
    for (month, row) in approved {
        let Some(figures) = &row.figures else { continue };
        let quarter = Quarter::parse(month).expect("a month in a row");
        let span = quarter.from().as_microsecond()..quarter.until().as_microsecond();
        let counted = seen.cases.values().filter(|case| span.contains(&case.arrived_at)).count();
        let figures: Value = serde_json::from_str(figures).expect("figures are JSON");
        if figures["received"] != counted {
            return Err(broken(
                COUNTED,
                format!("{month}: {} are told, and there were {counted}", figures["received"]),
            ));
        }
    }
    Ok(())
}

/// Of a quarter before the first start there is nothing to report.
fn hears_of_the_quarter(seen: &Seen, began_at: Micros, now: Micros) -> Result<(), Broken> {
    let at = Timestamp::from_microsecond(now).expect("a time of the story");
    let quarter = Quarter::last_ended(at);
    if now < quarter.due_at().as_microsecond() + DAY || quarter.until().as_microsecond() <= began_at {
        return Ok(());
    }
    let is_told = seen
        .quarters
        .get(&quarter.to_string())
        .is_some_and(|row| row.told_late_at.or(row.figures.as_ref().map(|_| 0)).is_some());
    if is_told { Ok(()) } else { Err(broken(LATE, format!("nobody was told of {quarter} until {at}"))) }
}

/// Whether the board got each approved quarter.
pub fn check_at_the_end(seen: &Seen) -> Result<(), Broken> {
    let approved = seen.quarters.values().filter(|row| row.figures.is_some()).count();
    let letters = seen.letters.values().filter(|letter| letter.kind == "quarter").count();
    if letters < approved {
        return Err(broken(LATE, format!("{approved} quarters are approved, and {letters} letters tell the board")));
    }
    Ok(())
}
