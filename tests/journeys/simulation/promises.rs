//! Answered or escalated (DESIGN.md promise 3): what stops a clock, what machines never do, and who hears of silence.
//!
//! The steps of the ladder are written down here once more, on purpose: an arithmetic that is checked by itself proves nothing.

use crate::simulation::machines::Sends;
use crate::simulation::quiet;
use crate::simulation::seen::{ClockSeen, LetterSeen, Micros, Seen};
use crate::simulation::world::{Broken, Ledger, broken};

const BY_A_PERSON: &str = "No promise ends without the act of a person.";
const NOT_BY_MACHINES: &str = "Mail of machines changes no promise.";
const ENDS_IT: &str = "A member's answer that left keeps the first promise, whoever wrote its words.";
const TOLD: &str = "Whoever is to hear of silence hears of it.";
const ONCE: &str = "The board hears of a broken promise once.";
const REMINDED: &str = "The board's step reminds the contacts.";
const BY_EVENTS: &str = "A deadline moves only by an event in the record.";

/// Steps are told in whole seconds.
const SECOND: Micros = 1_000_000;
const MINUTE: Micros = 60 * SECOND;
const HOUR: Micros = 60 * MINUTE;

/// Automatic letters to one address a day.
const ASKED_AT_MOST: usize = 3;

/// Letters that carry a person's answer, or tell of a person's act.
const ANSWERS: [&str; 4] = ["member-reply", "contact-reply", "closing", "confirmed"];

/// What must hold between two moments at which the program rests, and at the second.
pub fn check(before: &Seen, seen: &Seen, ledger: &Ledger, now: Micros) -> Result<(), Broken> {
    for (id, clock) in seen.clocks.iter().filter(|(_, clock)| clock.is_promise()) {
        let was = before.clocks.get(id);
        if clock.stopped_at.is_some() && was.is_none_or(|was| was.stopped_at.is_none()) {
            was_stopped_by_a_person(seen, clock, ledger)?;
        }
        if let Some(was) = was.filter(|was| was.due_at != clock.due_at) {
            moved_by_an_event(before, seen, was, clock)?;
        }
        if clock.stopped_at.is_none() && !clock.is_paused {
            is_told(seen, clock, ledger, now)?;
        }
    }
    an_answer_ends_it(before, seen)?;
    the_board_hears_once(seen)?;
    the_board_step_reminds(before, seen, ledger)
}

/// After mail of a machine: no promise began, ended or moved, but that of an answer that came back.
pub fn check_machine(before: &Seen, seen: &Seen, sends: Sends) -> Result<(), Broken> {
    for (id, was) in before.clocks.iter().filter(|(_, was)| was.is_promise()) {
        let is = &seen.clocks[id];
        let came_back = matches!(sends, Sends::Hard | Sends::Soft) && was.stopped_by.is_some();
        let same = (was.started_at, was.due_at, was.stopped_at, was.paused)
            == (is.started_at, is.due_at, is.stopped_at, is.paused);
        if !same && !came_back {
            return Err(broken(NOT_BY_MACHINES, format!("{sends:?} made of {was:?}\n    {is:?}")));
        }
    }
    let written: Vec<&LetterSeen> = new_letters(before, seen).collect();
    // The last: to members, when the board's quarter comes back.
    let consequences = [
        "forward",
        "addition",
        "bounce",
        "contact-notice",
        "member-reminder",
        "escalation",
        "reminder",
        "silence",
        "quarter-draft",
    ];
    let is_fit = |letter: &LetterSeen| match letter.kind.as_str() {
        // What only looks like a person is held, and the contact is asked at its own address.
        "confirm-reply" => sends == Sends::Tickets,
        kind => sends.is_about_delivery() && consequences.contains(&kind),
    };
    let asked = written.iter().filter(|letter| letter.kind == "confirm-reply").count();
    if asked > ASKED_AT_MOST {
        return Err(broken("Robots are not answered again and again.", format!("{asked} times")));
    }
    match written.iter().find(|letter| letter.kind != "digest" && !is_fit(letter)) {
        Some(letter) => Err(broken("Mail of machines is answered by nothing.", format!("{sends:?} caused {letter:?}"))),
        None => Ok(()),
    }
}

fn new_letters<'s>(before: &'s Seen, seen: &'s Seen) -> impl Iterator<Item = &'s LetterSeen> {
    seen.letters.iter().filter(|(id, _)| !before.letters.contains_key(*id)).map(|(_, letter)| letter)
}

fn was_stopped_by_a_person(seen: &Seen, clock: &ClockSeen, ledger: &Ledger) -> Result<(), Broken> {
    let case = &seen.cases[&clock.case];
    let events = seen.events.get(&clock.case).map(Vec::as_slice).unwrap_or_default();
    let by_member = |kind: &str| events.iter().any(|event| event.kind == kind && event.actor.starts_with("member:"));
    let acted = |actor: &str| {
        actor.starts_with("member:") || actor.strip_prefix("party:").is_some_and(|party| ledger.acted.contains(party))
    };
    let handling = clock.handling.as_ref().map(|handling| &seen.handlings[handling]);
    let is_by_a_person = match (clock.ended_as.as_deref(), handling) {
        (Some("closed"), _) => by_member("closed"),
        (Some("breached"), Some(_)) => by_member("taken-over"),
        (Some("withdrawn"), Some(_)) => {
            by_member("letter-withdrawn") || events.iter().any(|event| event.kind == "withdrawn-by-reporter")
        }
        (Some("kept"), Some(handling)) => {
            [&handling.acknowledged_by, &handling.closed_by].into_iter().flatten().any(|actor| acted(actor))
        }
        (Some("kept"), None) => events.iter().any(|event| {
            event.kind == "first-reply"
                && match event.actor.as_str() {
                    "program" => carries_an_answer(seen, event.detail.as_str(), clock, ledger),
                    actor => acted(actor),
                }
        }),
        _ => false,
    };
    if is_by_a_person {
        return Ok(());
    }
    Err(broken(BY_A_PERSON, format!("in {}: {clock:?}", case.number)))
}

fn carries_an_answer(seen: &Seen, letter: &str, clock: &ClockSeen, ledger: &Ledger) -> bool {
    let Some(letter) = seen.letters.get(letter) else { return false };
    let somebody_acted = match letter.kind.as_str() {
        "member-reply" | "closing" => {
            let events = &seen.events[&clock.case];
            events.iter().any(|event| event.actor.starts_with("member:"))
        }
        _ => seen.parties.iter().any(|(id, party)| party.case == clock.case && ledger.acted.contains(id)),
    };
    letter.case.as_ref() == Some(&clock.case) && ANSWERS.contains(&letter.kind.as_str()) && somebody_acted
}

fn moved_by_an_event(before: &Seen, seen: &Seen, was: &ClockSeen, clock: &ClockSeen) -> Result<(), Broken> {
    let known = before.events.get(&clock.case).map_or(0, Vec::len);
    let moves = ["clock-paused", "clock-resumed", "clock-set-right"];
    if seen.events[&clock.case][known..].iter().any(|event| moves.contains(&event.kind.as_str())) {
        return Ok(());
    }
    let number = &seen.cases[&clock.case].number;
    Err(broken(BY_EVENTS, format!("in {number} a {} moved from {} to {}", clock.kind, was.due_at, clock.due_at)))
}

/// Steps at 2, 4, 6 and 7 sevenths of the target. The board may wait: for the other promise of the case, for held mail
/// that may be the answer, and after a jump of the wall clock.
fn is_told(seen: &Seen, clock: &ClockSeen, ledger: &Ledger, now: Micros) -> Result<(), Broken> {
    let start = clock.started_at + clock.paused;
    let case = &seen.cases[&clock.case];
    let number = &case.number;
    let is_noise = clock.kind == "first-reply" && case.looks_like_noise;
    for sevenths in [2, 4, 6] {
        let is_due = now > quiet::moment(clock, case, clock.target * sevenths / 7) + MINUTE;
        if is_due && clock.told < clock.target * sevenths / 7 - SECOND {
            return Err(broken(TOLD, format!("in {number} step {sevenths}/7 of {clock:?} is not told at {now}")));
        }
    }
    let after_a_jump = ledger.jumped_at.is_some_and(|at| (at..at + HOUR + MINUTE).contains(&now));
    let held_wait = if clock.kind == "acknowledge" { 48 * HOUR } else { 0 };
    let is_overdue = now > start + clock.target + 10 * MINUTE + held_wait + MINUTE && !after_a_jump;
    if is_overdue && !is_noise && clock.told < clock.target {
        return Err(broken(TOLD, format!("in {number} the board does not know of {clock:?} at {now}")));
    }
    Ok(())
}

/// Unless it came back in the same moment.
fn an_answer_ends_it(before: &Seen, seen: &Seen) -> Result<(), Broken> {
    let is_new = |id: &str| before.letters.get(id).is_none_or(|was| was.sent_at.is_none());
    let answers = seen.letters.iter().filter(|(id, letter)| letter.kind == "member-reply" && is_new(id));
    for (_, letter) in answers.filter(|(_, letter)| letter.sent_at.is_some() && letter.refused_at.is_none()) {
        let is_first = |clock: &&ClockSeen| clock.kind == "first-reply" && Some(&clock.case) == letter.case.as_ref();
        if let Some(clock) = seen.clocks.values().filter(is_first).find(|clock| clock.stopped_at.is_none()) {
            return Err(broken(ENDS_IT, format!("in {}: {clock:?}", seen.cases[&clock.case].number)));
        }
    }
    Ok(())
}

fn the_board_hears_once(seen: &Seen) -> Result<(), Broken> {
    for (id, case) in &seen.cases {
        let promises = seen.clocks.values().filter(|clock| clock.case == *id && clock.is_promise());
        let told = promises.filter(|clock| clock.told >= clock.target).count();
        let letters =
            seen.letters.values().filter(|letter| letter.kind == "escalation" && letter.case.as_ref() == Some(id));
        let written = letters.count();
        if written > told {
            return Err(broken(
                ONCE,
                format!("{} letters about {}, of which {told} promises were told", written, case.number),
            ));
        }
    }
    Ok(())
}

/// Where the board is told of a project, its contacts are reminded in the same moment, those that can be reached.
fn the_board_step_reminds(before: &Seen, seen: &Seen, ledger: &Ledger) -> Result<(), Broken> {
    let is_silent =
        |clock: &&ClockSeen| clock.kind == "acknowledge" && clock.stopped_at.is_none() && clock.told >= clock.target;
    for (id, clock) in &seen.clocks {
        let was_told = before.clocks.get(id).is_some_and(|was| was.told >= clock.target);
        if was_told || !is_silent(&clock) {
            continue;
        }
        let of_part = |letter: &&LetterSeen| letter.handling == clock.handling;
        let has_left = |letter: &LetterSeen| letter.party.as_ref().is_some_and(|party| ledger.left.contains_key(party));
        let forwards =
            seen.letters.values().filter(of_part).filter(|letter| letter.kind == "forward" && !has_left(letter));
        let reachable = forwards.filter(|letter| letter.refused_at.is_none() && letter.withdrawn_at.is_none()).count();
        let reminders = new_letters(before, seen).filter(of_part).filter(|letter| letter.kind == "reminder").count();
        if reachable > 0 && reminders == 0 {
            let number = &seen.cases[&clock.case].number;
            return Err(broken(REMINDED, format!("in {number}, {reachable} contacts, none reminded: {clock:?}")));
        }
    }
    Ok(())
}
