//! Times and clocks as text: the moment with its zone, and what is left of it in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::domain::clock::{Clock, ClockState};
pub use crate::domain::clock::{promised, span};
use crate::web::frame::{Icon, icon};

/// `Fri 2026-11-27 14:02 UTC` in a `<time>`.
pub fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) { (date(at)) } }
}

/// `Fri 2026-11-27 14:02 UTC`.
pub fn date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a %Y-%m-%d %H:%M UTC").to_string()
}

/// `today, 06:00 UTC`, `yesterday, 06:00 UTC`, or `on Fri 2026-11-27, 06:00 UTC`.
pub fn lately(at: Timestamp, now: Timestamp) -> String {
    let (day, today) = (at.to_zoned(TimeZone::UTC), now.to_zoned(TimeZone::UTC).date());
    let words = match day.date() {
        date if date == today => "today".to_owned(),
        date if date.tomorrow().is_ok_and(|next| next == today) => "yesterday".to_owned(),
        _ => day.strftime("on %a %Y-%m-%d").to_string(),
    };
    format!("{words}, {}", day.strftime("%H:%M UTC"))
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
        ClockState::Paused { until } if clock.waits_for_the_reporter().is_some() => {
            ("idle", Icon::Bars, format!("Waits for the reporter until {}", day(until)))
        }
        ClockState::Paused { until } => ("idle", Icon::Bars, format!("Paused until {}", day(until))),
        ClockState::Met => ("ok", Icon::Check, "Met".to_owned()),
        ClockState::MetLate => ("soon", Icon::Check, "Met late".to_owned()),
        ClockState::Breached => ("late", Icon::Triangle, "Not kept".to_owned()),
        ClockState::DoesNotCount => ("idle", Icon::Check, "Does not count".to_owned()),
    };
    html! { span.tag.(class) { (icon(shape)) (words) } }
}
