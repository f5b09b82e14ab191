//! Where the message that came back begins in the text of a report.

use std::borrow::Cow;

/// Of a report's text this much is looked at; what servers write of a failure is far shorter.
const TEXT_MAX: usize = 64 * 1024;

/// What servers write between their words and the message that comes back, in lower case.
const COPY_FOLLOWS: [&str; 26] = [
    "below this line is a copy",
    "this is a copy of",
    "original message",
    "original mail",
    "copy of your message",
    "copy of the message",
    "copy of the original",
    "message header follows",
    "message headers follow",
    "unsent message",
    "returned message",
    "rejected message",
    "undelivered message",
    "undeliverable message",
    "message follows",
    "message text follows",
    "mail follows",
    "headers follow",
    "header follows",
    "headers of the message",
    "message headers",
    "message header",
    "text of your message",
    "body of your message",
    "contents of your message",
    "returned mail",
];

/// Fields with which a returned message begins.
const FIRST_FIELDS: [&str; 3] = ["Return-Path:", "Received:", "Delivered-To:"];

/// The text before the copy of the message, and the copy from its first header field on, without marks of quoting.
pub fn split(text: &str) -> (&str, Cow<'_, str>) {
    let (told, copy) = text.split_at(start(text));
    let told = &told[..told.floor_char_boundary(TEXT_MAX)]; // a single line may be longer
    let fields = ["Return-Path:", "Received:", "From:", "Message-ID:", "Message-Id:"];
    let Some(header) = fields.iter().filter_map(|field| copy.find(field)).min() else {
        return (told, Cow::Borrowed(""));
    };
    let line = copy[..header].rfind('\n').map_or(0, |end| end + 1);
    let mark = &copy[line..header];
    let is_mark = !mark.is_empty() && mark.chars().all(|c| c == '>' || c == '|' || c.is_whitespace());
    if !is_mark {
        return (told, Cow::Borrowed(&copy[header..]));
    }
    let unmarked = copy[line..].split_inclusive('\n').map(|line| line.strip_prefix(mark).unwrap_or(line));
    (told, Cow::Owned(unmarked.collect()))
}

fn start(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_header = FIRST_FIELDS.iter().any(|field| line.starts_with(field));
        if at > TEXT_MAX || is_header || announces_a_copy(line) {
            break;
        }
        at += line.len();
    }
    at
}

/// A line of its own, ruled off or ending in a colon, or nothing but the words: `--- Unsent message follows ---`.
fn announces_a_copy(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 120 {
        return false;
    }
    let line = line.to_lowercase();
    let is_ruled = ["--", "==", "**", "|-"].iter().any(|ruler| line.starts_with(ruler));
    let is_short = line.split_whitespace().count() <= 4 && line.trim_end_matches(['s', '.']).ends_with("follow");
    (is_ruled || is_short || line.ends_with(':')) && COPY_FOLLOWS.iter().any(|phrase| line.contains(phrase))
}
