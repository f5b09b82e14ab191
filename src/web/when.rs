//! Times and clocks as text: the moment with its zone, and what is left of it in words.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::domain::clock::{Clock, ClockState};
use crate::web::frame::{Icon, icon};

/// `Fri 2026-11-27 14:02 UTC` in a `<time>`.
pub fn time(at: Timestamp) -> Markup {
    let shown = at.to_zoned(TimeZone::UTC).strftime("%a %Y-%m-%d %H:%M UTC").to_string();
    html! { time datetime=(at.to_string()) { (shown) } }
}

/// `5 d 2 h`, `14 h 58 min`, `3 min`: the two largest units, rounded down.
pub fn span(length: SignedDuration) -> String {
    let minutes = length.as_mins().max(0);
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{rest} min"),
        (0, _) => format!("{hours} h {rest} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// A promise in words: `7 days`, `1 day`, else as [`span`] says it.
pub fn promised(length: SignedDuration) -> String {
    match (length.as_hours() / 24, length.as_secs() % (24 * 3600)) {
        (1, 0) => "1 day".to_owned(),
        (days, 0) => format!("{days} days"),
        _ => span(length),
    }
}

/// `Fri 27 Nov`.
pub fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a %-d %b").to_string()
}

/// A clock as a tag: icon, words and color together.
pub fn tag(clock: &Clock, now: Timestamp) -> Markup {
    let (class, shape, words) = match clock.state(now) {
        ClockState::OnTrack { left } => ("ok", Icon::Check, format!("{} left", span(left))),
        ClockState::DueSoon { left } => ("soon", Icon::Hourglass, format!("{} left", span(left))),
        ClockState::Overdue { by } => ("late", Icon::Triangle, format!("Overdue {}", span(by))),
        ClockState::Paused { until } => ("idle", Icon::Bars, format!("Paused until {}", day(until))),
        ClockState::Met => ("ok", Icon::Check, "Met".to_owned()),
        ClockState::MetLate => ("soon", Icon::Check, "Met late".to_owned()),
        ClockState::Breached => ("late", Icon::Triangle, "Not kept".to_owned()),
        ClockState::DoesNotCount => ("idle", Icon::Check, "Does not count".to_owned()),
    };
    html! { span.tag.(class) { (icon(shape)) (words) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_show_their_two_largest_units_rounded_down() {
        let cases = [
            (0, "0 min"),
            (59, "0 min"),
            (61, "1 min"),
            (3_600, "1 h 0 min"),
            (53_880, "14 h 58 min"),
            (439_199, "5 d 1 h"),
        ];
        for (seconds, words) in cases {
            assert_eq!(span(SignedDuration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn promises_are_told_in_days_where_they_are_days() {
        let hours = SignedDuration::from_hours;
        let told = [24, 168, 36].map(|length| promised(hours(length)));
        assert_eq!(told, ["1 day", "7 days", "1 d 12 h"]);
    }
}
