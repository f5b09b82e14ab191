//! Times and clocks as text: the moment with its zone, and what is left of it in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, PreEscaped, html};

use crate::domain::clock::{Clock, ClockState};
pub use crate::domain::clock::{promised, span};
use crate::web::frame::{Icon, icon};

/// `Fri 2026-11-27 14:02 UTC` in a `<time>`.
pub fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) { (date(at)) } }
}

/// A finished page with its times in that zone of the time zone database; `None` leaves UTC. Pages are made without
/// knowing who reads them: this is the last that is done to one.
pub fn in_zone(page: Markup, zone: Option<&str>) -> Markup {
    let Some(zone) = zone.and_then(|name| TimeZone::get(name).ok()) else { return page };
    let page = page.into_string();
    let mut parts = page.split(TIME);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str(TIME);
        shown.push_str(&in_that_zone(part, &zone).unwrap_or_else(|| part.to_owned()));
    }
    PreEscaped(shown)
}

/// How [`time`] begins; what people write can never read like it, for their quotes and brackets are escaped.
const TIME: &str = "<time datetime=\"";

/// `2026-11-27T14:02:00Z">Fri 2026-11-27 14:02 UTC</time>…` with the words of that zone.
fn in_that_zone(text: &str, zone: &TimeZone) -> Option<String> {
    let (moment, rest) = text.split_once("\">")?;
    let (_, rest) = rest.split_once("</time>")?;
    let at = moment.parse::<Timestamp>().ok()?.to_zoned(zone.clone());
    // A zone without a short name of its own says how far it is from UTC.
    Some(format!("{moment}\">{}</time>{rest}", at.strftime("%a %Y-%m-%d %H:%M %Z")))
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

/// `today 17:00 UTC`, `tomorrow 17:00 UTC`, or the whole date.
pub fn soon(at: Timestamp, now: Timestamp) -> Markup {
    let (day, today) = (at.to_zoned(TimeZone::UTC), now.to_zoned(TimeZone::UTC).date());
    let word = match day.date() {
        date if date == today => Some("today"),
        date if today.tomorrow().is_ok_and(|next| next == date) => Some("tomorrow"),
        _ => None,
    };
    let words = word.map_or_else(|| date(at), |word| format!("{word} {}", day.strftime("%H:%M UTC")));
    html! { time datetime=(at.to_string()) { (words) } }
}

/// What is left of a clock, in words: `14 h 58 min left`, `overdue 1 d 3 h`, `paused`.
pub fn left(clock: &Clock, now: Timestamp) -> String {
    match clock.state(now) {
        ClockState::OnTrack { left } | ClockState::DueSoon { left } => format!("{} left", span(left)),
        ClockState::Overdue { by } => format!("overdue {}", span(by)),
        ClockState::Paused { .. } => "paused".to_owned(),
        ClockState::Met | ClockState::MetLate | ClockState::Breached | ClockState::DoesNotCount => "ended".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_in_the_zone_of_its_reader_and_what_strangers_wrote_stays_as_it_is() {
        let at: Timestamp = "2026-11-27T23:02:00Z".parse().unwrap();
        let page = || html! { p { "Due " (time(at)) ", then " (time(at)) } pre { "<time datetime=\"2026-11-27T23:02:00Z\">now</time>" } };
        let shown = in_zone(page(), Some("Europe/Berlin")).into_string();
        assert_eq!(shown.matches(">Sat 2026-11-28 00:02 CET</time>").count(), 2, "{shown}");
        assert!(shown.contains("&lt;time datetime=&quot;2026-11-27T23:02:00Z&quot;&gt;now"), "{shown}");
        assert_eq!(in_zone(page(), None).into_string(), page().into_string());
        assert_eq!(in_zone(page(), Some("Nowhere/Town")).into_string(), page().into_string());
    }
}
