//! The words of our letters, one file a letter (UX.md section 4). Nothing here sends or asks the time.

pub mod addition;
pub mod address;
pub mod asked_answered;
pub mod ban;
pub mod bounce;
pub mod clock_jumped;
pub mod closing;
pub mod confirm_reply;
pub mod confirmed;
pub mod contact_notice;
pub mod contact_reply;
pub mod digest;
pub mod escalation;
pub mod forward;
pub mod held_waiting;
pub mod loop_test;
pub mod lost_link;
pub mod member_reminder;
pub mod member_reply;
pub mod new_link;
pub mod proposal;
pub mod quarter;
pub mod quarterly;
pub mod receipt;
pub mod reminder;
pub mod samples;
pub mod sign_in;
pub mod silence;
pub mod to_project;
pub mod verify;
pub mod warning;

use jiff::{Timestamp, tz::TimeZone};

use crate::mail::write::flowed::Body;

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub subject: String,
    pub body: Body,
}

/// `Fri 2026-11-27 14:02 UTC`: one form for all times in letters and on pages.
pub fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a %Y-%m-%d %H:%M UTC").to_string()
}

/// `Fri 27 Nov`: a day in a subject.
pub fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a %-d %b").to_string()
}

/// `980 bytes`, `12 kB`, `3.4 MB`: decimal units, like our limits.
pub fn size(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => {
            let tenths = bytes.div_ceil(100_000);
            format!("{}.{} MB", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A letter as its snapshot shows it: the subject, then the text as it is wrapped, without the marks of the wrapping.
    pub(in crate::mail::write) fn shown(words: &Words) -> String {
        let lines: Vec<String> = words
            .body
            .flow()
            .lines()
            .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned())
            .collect();
        format!("{}\n\n{}", words.subject, lines.join("\n"))
    }

    #[test]
    fn times_days_and_sizes_have_one_form() {
        let at: Timestamp = "2026-11-27T14:02:59Z".parse().unwrap();
        assert_eq!(time(at), "Fri 2026-11-27 14:02 UTC");
        assert_eq!(day(at), "Fri 27 Nov");
        for (bytes, words) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 kB"),
            (11_400, "12 kB"),
            (999_999, "1000 kB"),
            (1_000_000, "1.0 MB"),
            (3_340_000, "3.4 MB"),
        ] {
            assert_eq!(size(bytes), words);
        }
    }
}
