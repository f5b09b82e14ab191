//! Kept and accounted (DESIGN.md promises 1 and 2): every mail is in exactly one place, every open case is followed.

use std::collections::BTreeMap;

use crate::simulation::seen::{ArrivalSeen, Seen};
use crate::simulation::world::{Broken, Ledger, broken};

const KEPT: &str = "What we promised to keep is kept.";
const ONE_PLACE: &str = "Every mail is in exactly one place that a person can open.";
const POINTS: &str = "Mail that points at a case opens none by itself.";
const FOLLOWED: &str = "Every open case has a running promise or follow-up.";
const CLOSED_BY_A_MEMBER: &str = "Nothing automatic closes a case.";

/// What must hold whenever the program rests.
pub fn check(before: &Seen, seen: &Seen, ledger: &Ledger) -> Result<(), Broken> {
    for arrival in &ledger.kept {
        // Gone with the last look, or with an earlier one.
        let was_erased = ledger.looked_through
            && (before.quarantine.get(arrival).is_some_and(|row| row.released_at.is_none())
                || !before.arrivals.contains_key(arrival));
        match seen.arrivals.get(arrival) {
            Some(row) => {
                is_in_one_place(seen, arrival, row)?;
                opens_none_by_itself(seen, arrival, row, ledger)?;
            }
            None if was_erased => {}
            None => return Err(broken(KEPT, format!("arrival {arrival} is gone"))),
        }
    }
    is_followed(seen)?;
    is_closed_by_a_member(seen)
}

fn is_in_one_place(seen: &Seen, arrival: &str, row: &ArrivalSeen) -> Result<(), Broken> {
    let is_reported = seen.reports.values().filter(|of| *of == arrival).count();
    let said: Vec<_> = seen.messages.values().filter(|row| row.arrival.as_deref() == Some(arrival)).collect();
    let is_quarantined = seen.quarantine.get(arrival).is_some_and(|row| row.released_at.is_none());
    let found = (is_reported, said.len(), is_quarantined);
    let was_held = said.iter().any(|row| row.held_at.is_some());
    let fits = match row.filed_as.as_deref() {
        // Held mail that became a report stays where it was held, decided.
        Some("report" | "set-aside") => {
            found == (1, 0, false) || found == (1, 1, false) && said.iter().all(|row| row.decided_at.is_some())
        }
        Some("message") => found == (0, 1, false) && !was_held,
        Some("held") => found == (0, 1, false) && was_held,
        Some("quarantine") => found == (0, 0, true),
        Some("automatic" | "twin") => found == (0, 0, false),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let filed_as = &row.filed_as;
    Err(broken(
        ONE_PLACE,
        format!("arrival {arrival} is filed as {filed_as:?}, with (reports, messages, is in quarantine) {found:?}"),
    ))
}

/// Held mail and released mail became a report by a member's hand.
fn opens_none_by_itself(seen: &Seen, arrival: &str, row: &ArrivalSeen, ledger: &Ledger) -> Result<(), Broken> {
    let points = row.message_id.as_ref().is_some_and(|id| ledger.pointing.contains(id));
    let was_held = seen.messages.values().any(|row| row.arrival.as_deref() == Some(arrival));
    if points && row.filed_as.as_deref() == Some("report") && !was_held && !seen.quarantine.contains_key(arrival) {
        return Err(broken(POINTS, format!("arrival {arrival} opened {:?}", row.case)));
    }
    Ok(())
}

fn is_followed(seen: &Seen) -> Result<(), Broken> {
    let mut running: BTreeMap<&str, usize> = BTreeMap::new();
    for clock in seen.clocks.values().filter(|clock| clock.stopped_at.is_none()) {
        *running.entry(&clock.case).or_default() += 1;
    }
    for (id, case) in seen.cases.iter().filter(|(_, case)| case.state != "closed") {
        if !running.contains_key(id.as_str()) {
            return Err(broken(FOLLOWED, format!("{} is {} and no clock of it runs", case.number, case.state)));
        }
    }
    Ok(())
}

fn is_closed_by_a_member(seen: &Seen) -> Result<(), Broken> {
    for case in seen.cases.values().filter(|case| case.state == "closed") {
        if !case.closed_by.as_deref().is_some_and(|by| by.starts_with("member:")) {
            return Err(broken(CLOSED_BY_A_MEMBER, format!("{} was closed by {:?}", case.number, case.closed_by)));
        }
    }
    Ok(())
}
