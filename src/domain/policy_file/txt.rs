//! security.txt (RFC 9116), signed or not.

use jiff::civil::Date;

use super::{Found, Kind, links};

/// Reads its fields. A signature is neither checked nor in the way.
pub fn read(text: &str, today: Date) -> Found {
    let mut found = Found::of(Kind::SecurityTxt);
    for line in text.lines() {
        // RFC 9580 section 7.2: a line of a signed text that begins with a dash is escaped.
        let line = line.strip_prefix("- ").unwrap_or(line).trim();
        if line.starts_with("-----BEGIN PGP SIGNATURE") {
            break;
        }
        if let Some((name, value)) = line.split_once(':').filter(|_| !line.starts_with('#')) {
            field(&mut found, &name.trim().to_ascii_lowercase(), value.trim(), today);
        }
    }
    found
}

fn field(found: &mut Found, name: &str, value: &str, today: Date) {
    match name {
        "contact" => match links::address(value) {
            Some(email) => found.contact(None, email),
            None if value.starts_with("https://") => found.report_at(value),
            None => found.doubts.push(format!("It names a contact that we cannot write to: {value}")),
        },
        "policy" => found.policy = found.policy.take().or(Some(value.to_owned())),
        "expires" => {
            let day = value.get(..10).and_then(|day| day.parse::<Date>().ok());
            if day.is_none_or(|day| day < today) {
                found.doubts.push(format!("It has run out, or names no day on which it does: {value}"));
            }
        }
        _ => {}
    }
}
