//! How the last twelve weeks went, and how each project does: what the side of the desk's first page shows.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::domain::directory::ProjectId;

/// Weeks that are shown, the running one among them.
pub const WEEKS: i64 = 12;
/// How long a week is.
pub const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One project with cases that are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    pub project: ProjectId,
    pub open: i64,
    /// When the oldest of them was given to it.
    pub oldest_at: Timestamp,
}

/// Reports that arrived in one week, and what became of their first promise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    pub received: i64,
    /// Answered by a person within the promised time.
    pub in_time: i64,
    /// Answered later, not at all, or not yet after it.
    pub late: i64,
}

/// Beside each project, how long it took to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectTrend {
    pub load: Load,
    /// Half of its confirmations of these weeks came sooner; `None` if there was none.
    pub median: Option<SignedDuration>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trend {
    /// Those with the most open cases first.
    pub projects: Vec<ProjectTrend>,
    /// The earliest first, each with its beginning.
    pub weeks: Vec<(Timestamp, Counted)>,
}

/// When the first of the weeks that are shown at `now` began: on a Monday, 00:00 UTC.
pub fn first_week(now: Timestamp) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).date();
    let since_monday = i64::from(today.weekday().since(Weekday::Monday));
    let monday = today.saturating_sub((since_monday + (WEEKS - 1) * 7).days());
    monday.to_zoned(TimeZone::UTC).map_or(now, |day| day.timestamp())
}

impl Trend {
    /// Puts together what was counted: by week after `since`, and each time that a project took to confirm.
    pub fn of(
        since: Timestamp,
        mut loads: Vec<Load>,
        times: Vec<(ProjectId, SignedDuration)>,
        weeks: &BTreeMap<i64, Counted>,
    ) -> Self {
        let mut by_project: BTreeMap<ProjectId, Vec<SignedDuration>> = BTreeMap::new();
        for (project, time) in times {
            by_project.entry(project).or_default().push(time);
        }
        loads.sort_by(|one, other| (other.open, one.oldest_at).cmp(&(one.open, other.oldest_at)));
        let with_median = |load: Load| ProjectTrend {
            median: by_project.get_mut(&load.project).and_then(|times| median(times)),
            load,
        };
        let week = |index: i64| {
            let from = since + WEEK * i32::try_from(index).unwrap_or(i32::MAX);
            (from, weeks.get(&index).copied().unwrap_or_default())
        };
        Self { projects: loads.into_iter().map(with_median).collect(), weeks: (0..WEEKS).map(week).collect() }
    }
}

fn median(times: &mut [SignedDuration]) -> Option<SignedDuration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ProjectId {
        ProjectId::parse(text).unwrap()
    }

    #[test]
    fn the_weeks_begin_on_mondays_and_the_running_one_is_the_last() {
        let friday: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
        let first = first_week(friday);
        assert_eq!(first.to_string(), "2026-08-31T00:00:00Z");
        assert_eq!((first + WEEK * 11).to_string(), "2026-11-16T00:00:00Z");
        let monday: Timestamp = "2026-11-16T00:00:00Z".parse().unwrap();
        assert_eq!(first_week(monday), first);
    }

    #[test]
    fn projects_stand_by_what_is_open_with_their_median_and_weeks_without_reports_are_there() {
        let since: Timestamp = "2026-08-31T00:00:00Z".parse().unwrap();
        let load = |project: &str, open| Load { project: id(project), open, oldest_at: since };
        let hours = SignedDuration::from_hours;
        let times = [5, 1, 30].map(|time| (id("lantern"), hours(time))).to_vec();
        let counted = Counted { received: 3, in_time: 2, late: 1 };
        let trend =
            Trend::of(since, vec![load("parsley", 1), load("lantern", 4)], times, &BTreeMap::from([(2, counted)]));
        assert_eq!((trend.projects[0].load.open, trend.projects[0].median), (4, Some(hours(5))));
        assert_eq!((trend.projects[1].load.open, trend.projects[1].median), (1, None));
        assert_eq!(trend.weeks.len(), 12);
        assert_eq!((trend.weeks[2].1, trend.weeks[3].1), (counted, Counted::default()));
    }
}
