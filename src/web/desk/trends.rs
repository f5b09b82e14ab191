//! The side of the desk's first page: how each project does, and the last twelve weeks.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::domain::trend::{Counted, ProjectTrend, Trend};
use crate::web::desk::lists::contact_health;
use crate::web::when;

/// Projects in the table; the others have fewer open cases.
const PROJECTS: usize = 10;
/// Of the drawing, in its own units.
const WIDTH: i64 = 320;
const HEIGHT: i64 = 80;
/// From one week to the next.
const STEP: i64 = WIDTH / crate::domain::trend::WEEKS;

/// Both parts; nothing before the first report.
pub fn aside(trend: &Trend, directory: &Directory, now: Timestamp) -> Markup {
    html! {
        @if !trend.projects.is_empty() {
            h2 { "Projects" }
            (projects(&trend.projects, directory, now))
        }
        @if trend.weeks.iter().any(|(_, week)| week.received > 0) {
            h2 { "Twelve weeks" }
            (chart(&trend.weeks))
            details {
                summary { "Show numbers" }
                (numbers(&trend.weeks))
            }
        }
    }
}

fn projects(projects: &[ProjectTrend], directory: &Directory, now: Timestamp) -> Markup {
    html! {
        ul.tight.small { @for project in projects.iter().take(PROJECTS) {
            @let known = directory.project(&project.load.project);
            li {
                strong { @match known { Some(known) => (known.name), None => (project.load.project) } }
                ": " (project.load.open) " open, oldest " (when::span(now.duration_since(project.load.oldest_at)))
                @if let Some(median) = project.median { ", confirms in " (when::span(median)) " (median)" }
                (contact_health(known))
            }
        } }
        @if projects.len() > PROJECTS { p.small.muted { (projects.len() - PROJECTS) " more have fewer." } }
    }
}

fn chart(weeks: &[(Timestamp, Counted)]) -> Markup {
    let most = weeks.iter().map(|(_, week)| week.received).max().unwrap_or(1).max(1);
    let height = |count: i64| count * HEIGHT / most;
    html! {
        figure.chart {
            figcaption { span.two {} " received, " span.one {} " answered in time" }
            svg viewBox=(format!("0 0 {WIDTH} {}", HEIGHT + 20)) role="img"
                aria-label="Reports received and answered in time, week by week. The table below has the numbers." {
                line x1="0" x2=(WIDTH) y1=(HEIGHT) y2=(HEIGHT) {}
                @for (index, (_, week)) in (0i64..).zip(weeks) {
                    rect.two x=(index * STEP + 2) y=(HEIGHT - height(week.received)) width=(STEP - 4) height=(height(week.received)) {}
                    rect.one x=(index * STEP + 7) y=(HEIGHT - height(week.in_time)) width=(STEP - 14) height=(height(week.in_time)) {}
                    @if week.late > 0 {
                        text x=(index * STEP + STEP / 2) y=(HEIGHT + 16) text-anchor="middle" { (week.late) " late" }
                    }
                }
            }
        }
    }
}

fn numbers(weeks: &[(Timestamp, Counted)]) -> Markup {
    html! {
        div.scrolls { table.numbers {
            thead { tr { th scope="col" { "Week of (UTC)" } th scope="col" { "Received" } th scope="col" { "In time" } th scope="col" { "Late" } } }
            tbody { @for (from, week) in weeks {
                tr { th scope="row" { (when::day_in_utc(*from)) } td { (week.received) } td { (week.in_time) } td { (week.late) } }
            } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::trend::Load;
    use crate::web::samples::{directory, hours, id, now, safe};

    #[test]
    fn projects_and_weeks_stand_there_with_their_numbers() {
        let load = Load { project: id("lantern"), open: 4, oldest_at: now() - hours(50) };
        let counted = Counted { received: 4, in_time: 3, late: 1 };
        let trend = Trend {
            projects: vec![ProjectTrend { load, median: Some(hours(30)) }],
            weeks: vec![(now() - hours(168), Counted::default()), (now(), counted)],
        };
        let shown = safe(aside(&trend, &directory(), now()));
        for words in [
            "4 open, oldest 2 d 2 h",
            "confirms in 1 d 6 h (median)",
            "contact not confirmed",
            "Show numbers",
            "role=\"img\"",
            "1 late",
            "<td>3</td>",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert_eq!(safe(aside(&Trend::default(), &directory(), now())), "", "before the first report");
    }
}
