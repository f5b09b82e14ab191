//! Forwarding again: whoever is new has the report afterwards, whoever left hears no more of it, and the promises run on.

use fingerpost::domain::directory::{Member, ProjectId};
use fingerpost::domain::id::CaseId;
use fingerpost::flows::{House, forward_again};

use crate::simulation::seen::{LetterSeen, Seen};
use crate::simulation::world::{Broken, World, broken};

const HAVE_IT: &str = "Forwarded again, a case reaches every contact that is new.";
const RUNS_ON: &str = "Forwarding again moves no promise.";

/// Whether the contacts of `project` are others than those that have its part of the case: else nothing is forwarded.
pub fn is_due(world: &World, case: &str, project: &str) -> bool {
    let (policy, seen) = (world.stage.house.policy(), &world.seen);
    let id = ProjectId::parse(project).expect("an id");
    let Some(known) = policy.directory.project(&id) else { return false };
    let is_open = |state: &str| matches!(state, "sent" | "acknowledged");
    let mut parts =
        seen.handlings.iter().filter(|(_, part)| part.case == case && part.project == project && is_open(&part.state));
    let Some((part, _)) = parts.next().filter(|_| seen.cases[case].state != "closed") else { return false };
    let of_part = seen.parties.values().filter(|party| party.handling.as_ref() == Some(part));
    let have_it: Vec<&str> = of_part.filter_map(|party| party.address.as_deref()).collect();
    let is_new = known.contacts.iter().any(|of| !of.is_deputy && !have_it.contains(&of.email.as_str()));
    is_new || have_it.iter().any(|address| known.contacts.iter().all(|of| of.email.as_str() != *address))
}

/// A member forwards the case to `project` again.
pub async fn forwards(
    world: &mut World,
    house: &House,
    case: &CaseId,
    project: &str,
    by: &Member,
) -> Result<(), Broken> {
    let id = ProjectId::parse(project).expect("an id");
    let before = world.eye.look().await;
    let done = world.part("a member forwards again", forward_again::again(house, case, &id, by)).await?;
    let Some(Ok(changes)) = done else { return Ok(()) };
    let seen = world.eye.look().await;
    runs_on(&before, &seen, case.as_str())?;
    for contact in &changes.new {
        let address = contact.email.as_str();
        let is_theirs = |letter: &&LetterSeen| letter.kind == "forward" && letter.recipient == address;
        let mut forwards = seen.letters.values().filter(is_theirs);
        if !forwards.any(|letter| letter.case.as_deref() == Some(case.as_str())) {
            return Err(broken(HAVE_IT, format!("{address} has no forward of {case}")));
        }
    }
    for party in &changes.leave {
        let now = world.now();
        world.ledger.left.insert(party.id.to_string(), now);
    }
    Ok(())
}

fn runs_on(before: &Seen, seen: &Seen, case: &str) -> Result<(), Broken> {
    for (id, was) in before.clocks.iter().filter(|(_, was)| was.case == case && was.is_promise()) {
        if seen.clocks[id] != *was {
            return Err(broken(RUNS_ON, format!("{was:?}\n    became {:?}", seen.clocks[id])));
        }
    }
    Ok(())
}
