//! Times and clocks as text: the moment with its zone, and what is left of it in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::domain::clock::{Clock, ClockState};
pub use crate::domain::clock::{promised, span};
use crate::web::frame::{Icon, icon};

/// `Fri 2026-11-27 14:02 UTC` in a `<time>`.
pub fn time(at: Timestamp) -> Markup {
    let shown = at.to_zoned(TimeZone::UTC).strftime("%a %Y-%m-%d %H:%M UTC").to_string();
    html! { time datetime=(at.to_string()) { (shown) } }
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
