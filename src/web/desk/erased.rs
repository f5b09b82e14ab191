//! What is left of a case when its time is over: its number, its states, its times and its record; and on a closed case
//! the days on which that happens.

use maud::{Markup, html};

use crate::domain::directory::{Directory, Member};
use crate::domain::retention::Ends;
use crate::store::{CaseRow, EventRow, HandlingRow};
use crate::web::WebState;
use crate::web::desk::case::events;
use crate::web::desk::handling::project_name;
use crate::web::desk::{desk_page, sight};
use crate::web::frame::{Place, WebError};
use crate::web::when;

/// The page of an erased case. Nothing can be done with it any more.
pub async fn show(state: &WebState, member: &Member, case: &CaseRow) -> Result<Markup, WebError> {
    let store = &state.house.store;
    let policy = state.house.policy();
    let kept = sight::kept_from(&state.house, member).await?;
    let (handlings, events) = (store.handlings_of(&case.id).await?, store.events_of(&case.id).await?);
    let events = sight::events(events, &kept);
    let body = page(case, &handlings, &events, &policy.directory);
    Ok(desk_page(state, member, Place::Elsewhere, case.number.as_str(), body).await?)
}

fn page(case: &CaseRow, handlings: &[HandlingRow], record: &[EventRow], directory: &Directory) -> Markup {
    html! {
        h1.mono { (case.number) }
        @if let Some(at) = case.erased_at {
            div.notice { p { "All that people wrote in this case was erased on " (when::time(at)) ", two years after it was closed. \
                              Its record stays, and proves what is left." } }
        }
        dl.facts {
            dt { "Arrived" } dd { (when::time(case.arrived_at)) }
            @if let Some(at) = case.closed_at {
                dt { "Closed" } dd { (when::time(at)) @if let Some(reason) = case.closed_as { ", " (reason.words()) } }
            }
            @for row in handlings {
                dt { (project_name(directory, row)) }
                dd { "forwarded " (when::time(row.decided_at))
                    @if let Some(at) = row.acknowledged_at { ", confirmed " (when::time(at)) } @else { ", never confirmed" } }
            }
        }
        h2 { "Record" }
        (events(record))
    }
}

/// On a closed case: when its mail and files go, and when the rest. Nothing on an open one.
pub fn days(case: &CaseRow) -> Markup {
    let Some(ends) = case.closed_at.map(Ends::of) else { return html! {} };
    html! {
        p.small.muted {
            @match case.originals_erased_at {
                Some(at) => { "Its original mail and attachments were erased on " (when::time(at)) "." }
                None => { "Its original mail and attachments are erased on " (when::time(ends.originals)) "." }
            }
            " All that was written in it goes on " (when::time(ends.texts)) "."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::{CaseState, Closing};
    use crate::domain::handling::HandlingState;
    use crate::domain::retention::{CASE_LIFE, ORIGINALS_LIFE};
    use crate::web::samples::{case, directory, handling, now, safe};

    #[test]
    fn a_closed_case_says_when_it_goes_and_an_open_one_nothing() {
        let mut row = case(CaseState::Closed);
        assert_eq!(days(&row).into_string(), "");
        row.closed_at = Some(now());
        let shown = safe(days(&row));
        assert!(
            shown.contains("attachments are erased on <time") && shown.contains(">Sat 2027-05-22 14:00 UTC<"),
            "{shown}"
        );
        assert!(shown.contains("goes on <time") && shown.contains(">Sun 2028-11-19 14:00 UTC<"), "{shown}");
        row.originals_erased_at = Some(now() + ORIGINALS_LIFE);
        assert!(safe(days(&row)).contains("attachments were erased on"));
    }

    #[test]
    fn of_an_erased_case_its_number_times_and_record_are_shown_and_nothing_can_be_done() {
        let mut row = case(CaseState::Closed);
        row.title = "[erased]".to_owned();
        (row.closed_at, row.closed_as) = (Some(now()), Some(Closing::Resolved));
        row.erased_at = Some(now() + CASE_LIFE);
        let shown = safe(page(&row, &[handling(HandlingState::Sent)], &[], &directory()));
        for words in [row.number.as_str(), "fixed", "never confirmed", "two years after it was closed"] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(!shown.contains("<form") && !shown.contains("<button"), "{shown}");
    }
}
