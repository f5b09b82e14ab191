//! Times and clocks as text: the moment with its zone, and what is left of it in words.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, PreEscaped, html};

use crate::domain::clock::{Clock, ClockState};
pub use crate::domain::clock::{promised, span};
use crate::web::frame::{Icon, icon};

/// How a moment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `Fri 2026-11-27 14:02 UTC`.
    Full,
    /// `Fri 27 Nov`.
    Day,
    /// `2026-11-27`.
    Date,
    /// `14:03:20 UTC`.
    Second,
    /// `today, 06:00 UTC`, `yesterday, 06:00 UTC`, or `on Fri 2026-11-27, 06:00 UTC`.
    Lately,
    /// `today 17:00 UTC`, `tomorrow 17:00 UTC`, or the whole date.
    Soon,
}

impl Form {
    const ALL: [Self; 6] = [Self::Full, Self::Day, Self::Date, Self::Second, Self::Lately, Self::Soon];

    /// What stands in the page, so that the words can be made again for another zone; nothing for the usual form.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Full => None,
            Self::Day => Some("day"),
            Self::Date => Some("date"),
            Self::Second => Some("second"),
            Self::Lately => Some("lately"),
            Self::Soon => Some("soon"),
        }
    }

    /// The words for `at` in that zone, read at `now`. A zone without a short name of its own says how far it is from UTC.
    fn words(self, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
        let (at, today) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()).date());
        let is_after = |day: Date, other: Date| other.tomorrow().is_ok_and(|next| next == day);
        let full = "%a %Y-%m-%d %H:%M %Z";
        let shape = match self {
            Self::Full => full,
            Self::Day => "%a %-d %b",
            Self::Date => "%F",
            Self::Second => "%H:%M:%S %Z",
            Self::Lately if at.date() == today => "today, %H:%M %Z",
            Self::Lately if is_after(today, at.date()) => "yesterday, %H:%M %Z",
            Self::Lately => "on %a %Y-%m-%d, %H:%M %Z",
            Self::Soon if at.date() == today => "today %H:%M %Z",
            Self::Soon if is_after(at.date(), today) => "tomorrow %H:%M %Z",
            Self::Soon => full,
        };
        at.strftime(shape).to_string()
    }

    /// The words in UTC in a `<time>`, which [`in_zone`] finds again.
    fn element(self, at: Timestamp, now: Timestamp) -> Markup {
        html! { time datetime=(at.to_string()) data-as=[self.word()] { (self.words(at, now, &TimeZone::UTC)) } }
    }
}

/// `Fri 2026-11-27 14:02 UTC`.
pub fn time(at: Timestamp) -> Markup {
    Form::Full.element(at, at)
}

/// `Fri 27 Nov`.
pub fn day(at: Timestamp) -> Markup {
    Form::Day.element(at, at)
}

/// `2026-11-27`.
pub fn date(at: Timestamp) -> Markup {
    Form::Date.element(at, at)
}

/// `14:03:20 UTC`, where a minute would be too coarse.
pub fn second(at: Timestamp) -> Markup {
    Form::Second.element(at, at)
}

/// `today, 06:00 UTC`, `yesterday, 06:00 UTC`, or `on Fri 2026-11-27, 06:00 UTC`.
pub fn lately(at: Timestamp, now: Timestamp) -> Markup {
    Form::Lately.element(at, now)
}

/// `today 17:00 UTC`, `tomorrow 17:00 UTC`, or the whole date.
pub fn soon(at: Timestamp, now: Timestamp) -> Markup {
    Form::Soon.element(at, now)
}

/// `Fri 2026-11-27 14:02 UTC` where no page is around it: in letters, files and the dossier, which say the same to everybody.
pub fn in_utc(at: Timestamp) -> String {
    Form::Full.words(at, at, &TimeZone::UTC)
}

/// `Fri 27 Nov` of that moment in UTC, for a letter, or for a week that is counted in UTC.
pub fn day_in_utc(at: Timestamp) -> String {
    Form::Day.words(at, at, &TimeZone::UTC)
}

/// A finished page with its times in that zone of the time zone database; `None` leaves UTC. Pages are made without
/// knowing who reads them: this is the last that is done to one.
pub fn in_zone(page: Markup, zone: Option<&str>, now: Timestamp) -> Markup {
    rewritten(page, zone, |time, zone| {
        format!("{TIME}{}\"{}>{}</time>", time.moment, time.form_as_read, time.words_in(zone, now))
    })
}

/// The same of a document that is printed and handed on: on the screen its reader's zone, on paper UTC.
pub fn in_zone_on_screen(document: Markup, zone: Option<&str>, now: Timestamp) -> Markup {
    rewritten(document, zone, |time, zone| {
        html! {
            time.zoned datetime=(time.moment) {
                span.on-paper { (time.words) }
                span.on-screen { (time.words_in(zone, now)) }
            }
        }
        .into_string()
    })
}

/// How [`Form::element`] begins; what people write can never read like it, for their quotes and brackets are escaped.
const TIME: &str = "<time datetime=\"";

/// A `<time>` of ours.
struct Found<'p> {
    at: Timestamp,
    moment: &'p str,
    form: Form,
    /// The attribute that says the form, with the blank before it.
    form_as_read: &'p str,
    words: &'p str,
}

impl<'p> Found<'p> {
    /// `2026-11-27T14:02:00Z">Fri 2026-11-27 14:02 UTC</time>…`, and what follows it.
    fn read(text: &'p str) -> Option<(Self, &'p str)> {
        let (moment, rest) = text.split_once('"')?;
        let (form_as_read, rest) = rest.split_once('>')?;
        let (words, rest) = rest.split_once("</time>")?;
        let word = form_as_read.strip_prefix(" data-as=\"").and_then(|form| form.strip_suffix('"'));
        let form = Form::ALL.into_iter().find(|form| form.word() == word)?;
        Some((Self { at: moment.parse().ok()?, moment, form, form_as_read, words }, rest))
    }

    fn words_in(&self, zone: &TimeZone, now: Timestamp) -> String {
        self.form.words(self.at, now, zone)
    }
}

fn rewritten(page: Markup, zone: Option<&str>, again: impl Fn(&Found<'_>, &TimeZone) -> String) -> Markup {
    let Some(zone) = zone.and_then(|name| TimeZone::get(name).ok()) else { return page };
    let page = page.into_string();
    let mut parts = page.split(TIME);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match Found::read(part) {
            Some((time, rest)) => shown += &(again(&time, &zone) + rest),
            None => shown += &format!("{TIME}{part}"),
        }
    }
    PreEscaped(shown)
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

/// A clock as a tag: icon, words and color together.
pub fn tag(clock: &Clock, now: Timestamp) -> Markup {
    let (class, shape, words) = match clock.state(now) {
        ClockState::OnTrack { left } => ("ok", Icon::Check, html! { (span(left)) " left" }),
        ClockState::DueSoon { left } => ("soon", Icon::Hourglass, html! { (span(left)) " left" }),
        ClockState::Overdue { by } => ("late", Icon::Triangle, html! { "Overdue " (span(by)) }),
        ClockState::Paused { until } if clock.waits_for_the_reporter().is_some() => {
            ("idle", Icon::Bars, html! { "Waits for the reporter until " (day(until)) })
        }
        ClockState::Paused { until } => ("idle", Icon::Bars, html! { "Paused until " (day(until)) }),
        ClockState::Met => ("ok", Icon::Check, html! { "Met" }),
        ClockState::MetLate => ("soon", Icon::Check, html! { "Met late" }),
        ClockState::Breached => ("late", Icon::Triangle, html! { "Not kept" }),
        ClockState::DoesNotCount => ("idle", Icon::Check, html! { "Does not count" }),
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
        let shown = in_zone(page(), Some("Europe/Berlin"), at).into_string();
        assert_eq!(shown.matches(">Sat 2026-11-28 00:02 CET</time>").count(), 2, "{shown}");
        assert!(shown.contains("&lt;time datetime=&quot;2026-11-27T23:02:00Z&quot;&gt;now"), "{shown}");
        assert_eq!(in_zone(page(), None, at).into_string(), page().into_string());
        assert_eq!(in_zone(page(), Some("Nowhere/Town"), at).into_string(), page().into_string());
    }

    #[test]
    fn each_form_of_a_time_keeps_its_shape_in_another_zone() {
        let now: Timestamp = "2026-11-27T22:30:00Z".parse().unwrap();
        let (at, next): (Timestamp, Timestamp) =
            ("2026-11-27T23:02:20Z".parse().unwrap(), "2026-11-28T23:30:00Z".parse().unwrap());
        for (shown, in_utc, in_berlin) in [
            (time(at), "Fri 2026-11-27 23:02 UTC", "Sat 2026-11-28 00:02 CET"),
            (day(at), "Fri 27 Nov", "Sat 28 Nov"),
            (date(at), "2026-11-27", "2026-11-28"),
            (second(at), "23:02:20 UTC", "00:02:20 CET"),
            (soon(at, now), "today 23:02 UTC", "tomorrow 00:02 CET"),
            (soon(next, now), "tomorrow 23:30 UTC", "Sun 2026-11-29 00:30 CET"),
            (lately(now, at), "today, 22:30 UTC", "today, 23:30 CET"),
            (lately(now, next), "yesterday, 22:30 UTC", "on Fri 2026-11-27, 23:30 CET"),
        ] {
            assert!(shown.0.contains(&format!(">{in_utc}</time>")), "{}", shown.0);
            let read_at = if in_utc.starts_with("yesterday") { next } else { now };
            let shown = in_zone(shown, Some("Europe/Berlin"), read_at).into_string();
            assert!(shown.contains(&format!(">{in_berlin}</time>")), "{shown}");
        }
    }

    #[test]
    fn a_document_that_is_printed_says_utc_on_paper_and_is_not_rewritten_twice() {
        let at: Timestamp = "2026-11-27T23:02:00Z".parse().unwrap();
        let zone = Some("Europe/Berlin");
        let shown = in_zone(in_zone_on_screen(html! { p { (time(at)) } }, zone, at), zone, at).into_string();
        assert_eq!(
            shown,
            "<p><time class=\"zoned\" datetime=\"2026-11-27T23:02:00Z\"><span class=\"on-paper\">Fri 2026-11-27 23:02 UTC</span>\
             <span class=\"on-screen\">Sat 2026-11-28 00:02 CET</span></time></p>"
        );
        assert_eq!(in_zone_on_screen(html! { (time(at)) }, None, at).into_string(), time(at).into_string());
    }
}
