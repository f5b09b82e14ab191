//! Calendar files (RFC 5545): short lines ended by CRLF, and texts that cannot end one.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// RFC 5545 section 3.1: octets in a line.
const LINE_MAX: usize = 75;

/// A whole file.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// What made it, after our name.
    pub made_by: &'static str,
    /// What programs call it that follow it by its address; a file to be taken in once has none.
    pub name: Option<String>,
    pub entries: Vec<Entry>,
}

/// One moment, with a link to what is to be done then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Stays the same however often the file is made.
    pub uid: String,
    pub made_at: Timestamp,
    pub at: Timestamp,
    pub summary: String,
    pub link: String,
    /// What a program says at that moment; `None` where it stays silent.
    pub alarm: Option<String>,
}

impl Calendar {
    /// The file as text.
    pub fn text(&self) -> String {
        let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned()];
        lines.push(format!("PRODID:-//Fingerpost//{}//EN", self.made_by));
        if let Some(name) = &self.name {
            // RFC 7986 names the calendar and says how often to ask again; older programs know the words with X alone.
            lines.extend([format!("NAME:{}", escaped(name)), format!("X-WR-CALNAME:{}", escaped(name))]);
            lines.extend(["REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"].map(str::to_owned));
        }
        for entry in &self.entries {
            lines.extend(entry.lines());
        }
        lines.push("END:VCALENDAR".to_owned());
        lines.iter().map(|line| folded(line)).collect()
    }

    /// The file as a download of that name.
    pub fn file(&self, name: &str) -> Response {
        let disposition = format!("attachment; filename=\"{name}\"");
        let media_type = "text/calendar; charset=utf-8".to_owned();
        ([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)], self.text()).into_response()
    }
}

impl Entry {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", self.uid),
            format!("DTSTAMP:{}", stamp(self.made_at)),
            format!("DTSTART:{}", stamp(self.at)),
            // A deadline takes up nobody's time.
            "TRANSP:TRANSPARENT".to_owned(),
            format!("SUMMARY:{}", escaped(&self.summary)),
            format!("URL:{}", self.link),
            format!("DESCRIPTION:{}", escaped(&self.link)),
        ];
        if let Some(words) = &self.alarm {
            lines.extend(["BEGIN:VALARM", "ACTION:DISPLAY"].map(str::to_owned));
            lines.push(format!("DESCRIPTION:{}", escaped(words)));
            lines.extend(["TRIGGER:PT0S", "END:VALARM"].map(str::to_owned));
        }
        lines.push("END:VEVENT".to_owned());
        lines
    }
}

/// `20261127T140200Z`.
pub fn stamp(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// RFC 5545 section 3.3.11: what has a meaning in a text is told by a backslash, and a line end is none.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\n' => out += "\\n",
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// A line with its CRLF, folded between letters where it is long.
fn folded(line: &str) -> String {
    let mut out = String::new();
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_MAX {
            out += "\r\n ";
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::now;

    fn one(summary: &str, alarm: Option<&str>) -> String {
        let entry = Entry {
            uid: "SEC-2026-0042@security.story.example".to_owned(),
            made_at: now(),
            at: now(),
            summary: summary.to_owned(),
            link: format!("https://security.story.example/s/{}", "a".repeat(39)),
            alarm: alarm.map(str::to_owned),
        };
        Calendar { made_by: "Story", name: None, entries: vec![entry] }.text()
    }

    #[test]
    fn lines_are_short_and_folded_between_letters() {
        let text = one(&"\u{fc}".repeat(200), Some("Look"));
        assert!(text.split("\r\n").all(|line| line.len() <= LINE_MAX), "{text}");
        assert!(text.replace("\r\n ", "").contains(&"\u{fc}".repeat(200)), "{text}");
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']) && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    }

    #[test]
    fn no_text_ends_its_line_and_marks_of_the_format_stay_text() {
        let text = one("Lantern; a, b\\c\r\nATTENDEE:mailto:x@y.example", None);
        assert!(text.contains("SUMMARY:Lantern\\; a\\, b\\\\c\\nATTENDEE:mailto"), "{text}");
        assert!(!text.contains("\r\nATTENDEE"), "{text}");
    }

    #[test]
    fn only_an_entry_with_an_alarm_calls() {
        assert!(one("Look", Some("Look now")).contains("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Look now\r\n"));
        assert!(!one("Look", None).contains("VALARM"));
    }

    #[test]
    fn a_calendar_to_follow_says_its_name_and_how_often_to_ask() {
        let calendar = Calendar { made_by: "Story", name: Some("Deadlines, ours".to_owned()), entries: Vec::new() };
        let text = calendar.text();
        assert!(text.contains("NAME:Deadlines\\, ours\r\n") && text.contains("REFRESH-INTERVAL;VALUE=DURATION:PT1H"));
    }
}
