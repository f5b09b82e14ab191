//! Traceable (DESIGN.md promise 6): every change is an event, and no event changes any more.

use fingerpost::flows::audit;
use fingerpost::store::Store;

use crate::simulation::seen::Seen;
use crate::simulation::world::{Broken, broken};

const APPEND_ONLY: &str = "The record only grows.";
const EVENTFUL: &str = "Every change is an event with an actor.";
const WHOLE: &str = "The record is whole and replays to the rows.";

/// What must hold between two moments at which the program rests.
pub fn check(before: &Seen, seen: &Seen) -> Result<(), Broken> {
    for (case, was) in &before.events {
        let is = seen.events.get(case).map(Vec::as_slice).unwrap_or_default();
        if is.len() < was.len() || was.iter().zip(is).any(|(was, is)| was.hash != is.hash) {
            return Err(broken(APPEND_ONLY, format!("the record of case {case} is another one")));
        }
    }
    for (id, case) in &seen.cases {
        let known = before.events.get(id).map_or(0, Vec::len);
        if let Some(event) = seen.events[id][known..].iter().find(|event| event.kind == "changed") {
            return Err(broken(
                EVENTFUL,
                format!("the rows of {} changed, and no reason is given: {event:?}", case.number),
            ));
        }
        let grew = seen.events.get(id).map_or(0, Vec::len) > before.events.get(id).map_or(0, Vec::len);
        let changed = before.cases.get(id).is_none_or(|was| was.state != case.state);
        let parts = seen.handlings.iter().filter(|(_, part)| part.case == *id);
        let part_changed =
            parts.clone().any(|(id, part)| before.handlings.get(id).is_none_or(|was| was.state != part.state));
        if (changed || part_changed) && !grew {
            return Err(broken(EVENTFUL, format!("{} is {} now, and no event says why", case.number, case.state)));
        }
    }
    Ok(())
}

/// What `fingerpost audit verify` says: chains, seals, and the record replayed against the rows.
pub async fn check_at_the_end(store: &Store) -> Result<(), Broken> {
    let audit = audit::verify(store, None).await.expect("the store is there");
    if audit.findings.is_empty() { Ok(()) } else { Err(broken(WHOLE, format!("{:?}", audit.findings))) }
}
