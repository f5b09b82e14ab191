//! Single values as both files have them: from a text to its type, or what is wrong and how to write it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;
use jiff::civil::Date;
use jiff::{SignedDuration, tz::TimeZone};
use packageurl::PackageUrl;
use url::{Host, Url};

use crate::config::faults::{listed, nearest};
use crate::domain::address::Mailbox;
use crate::domain::contact::working_hours;
use crate::domain::directory::{Absence, ProjectId};

/// What is wrong with a value, and how to mend it; its place is added by whoever knows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub problem: String,
    pub fix: String,
}

impl Wrong {
    /// `problem` is a sentence without its full stop, `fix` one or more with theirs.
    pub fn new(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { problem: problem.into(), fix: fix.into() }
    }
}

/// The value in quotes, its control characters escaped (the fault may be read in a terminal), at most 80 letters.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The longest name or single line, in characters: it must fit a subject and a table.
const LINE_MAX: usize = 200;

/// One line: a name, an alias. Control characters are refused because names go into mail headers.
pub(super) fn line(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Wrong::new("is empty", "Write something, or leave the key out."));
    }
    if text.chars().any(char::is_control) {
        return Err(Wrong::new(
            format!("{} has a line break or control character", quoted(text)),
            "Write it on one line.",
        ));
    }
    if text.chars().count() > LINE_MAX {
        return Err(Wrong::new(format!("is longer than {LINE_MAX} characters"), "Write a shorter one."));
    }
    Ok(text.to_owned())
}

/// Text of several lines.
pub(super) fn prose(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Wrong::new("is empty", "Write something, or leave the key out."));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Wrong::new("has a control character", "Write plain text; lines may break."));
    }
    Ok(text.replace("\r\n", "\n"))
}

/// An address: `name@example.org`.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, Wrong> {
    Mailbox::parse(text.trim())
        .map_err(|_| Wrong::new(format!("{} is not an address", quoted(text)), "Write it like name@example.org."))
}

/// The id of a project.
pub(super) fn project_id(text: &str) -> Result<ProjectId, Wrong> {
    ProjectId::parse(text).ok_or_else(|| {
        Wrong::new(
            format!("{} is not an id", quoted(text)),
            "Use 1 to 64 lower-case letters, digits, `-`, `_` and `.`.",
        )
    })
}

/// `SEC` in `SEC-2026-0042`.
pub(super) fn case_prefix(text: &str) -> Result<String, Wrong> {
    let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    if (1..=10).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("{} is not a prefix of case numbers", quoted(text)),
        "Use 1 to 10 capital letters or digits, like SEC.",
    ))
}

/// The units of time, as `unit_seconds` reads them.
const UNITS: &str = "s, m (or min), h, d, w";

fn unit_seconds(unit: &str) -> Option<i64> {
    Some(match unit {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    })
}

/// A length of time: `7d`, `60s`; `0` needs no unit.
pub(super) fn duration(text: &str) -> Result<SignedDuration, Wrong> {
    let text = text.trim();
    let is_digit = |c: char| c.is_ascii_digit();
    let unit = text.trim_start_matches(is_digit);
    let digits = &text[..text.len() - unit.len()];
    let unit = unit.trim();
    if digits.is_empty() {
        return Err(Wrong::new(format!("{} is not a length of time", quoted(text)), "Write it like 7d, 48h or 60s."));
    }
    let Some(seconds) = unit_seconds(unit).or((unit.is_empty() && digits.bytes().all(|b| b == b'0')).then_some(0))
    else {
        let problem = match unit {
            "" => format!("{} has no unit of time", quoted(text)),
            _ => format!("{} has the unknown unit of time {}", quoted(text), quoted(unit)),
        };
        return Err(Wrong::new(problem, format!("The units are {UNITS}: write it like 7d or 60s.")));
    };
    let total = digits.parse::<i64>().ok().and_then(|number| number.checked_mul(seconds));
    total
        .map(SignedDuration::from_secs)
        .ok_or_else(|| Wrong::new(format!("{} is too long a time", quoted(text)), "Write it like 7d, 48h or 60s."))
}

/// A length of time that is more than nothing and at most `longest`, which `reason` explains.
pub(super) fn promise(text: &str, longest: SignedDuration, reason: &str) -> Result<SignedDuration, Wrong> {
    let promised = duration(text)?;
    let fix = format!("Write a time from 1s to {}.", in_words(longest));
    if promised <= SignedDuration::ZERO {
        return Err(Wrong::new(format!("{} is no time at all", quoted(text)), fix));
    }
    if promised > longest {
        return Err(Wrong::new(format!("{} is longer than {reason} ({})", quoted(text), in_words(longest)), fix));
    }
    Ok(promised)
}

/// `7d`, `36h`: the largest unit that leaves no rest.
fn in_words(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let fitting = [("d", 86_400), ("h", 3_600), ("m", 60)].into_iter().find(|(_, unit)| seconds % unit == 0);
    fitting.map_or(format!("{seconds}s"), |(name, unit)| format!("{}{name}", seconds / unit))
}

/// A web address, http or https, as it was written.
pub(super) fn web_address(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let is_web =
        |url: &Url| matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    // The parser of browsers forgives `https:example.org` and backslashes; a reviewed file need not.
    let is_plain = text.contains("://") && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
    if is_plain && Url::parse(text).is_ok_and(|url| is_web(&url)) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(format!("{} is not a web address", quoted(text)), "Write it like https://example.org/page."))
}

/// Where our own pages are: scheme and host, without a slash at the end.
///
/// A path is refused: links in letters would have it and links on pages would not, and the
/// `__Host-` cookie demands the root (RFC 6265bis section 4.1.3.2).
pub(super) fn public_url(text: &str) -> Result<String, Wrong> {
    let url = Url::parse(&web_address(text)?).expect("a web address was just parsed");
    if url.path() == "/" && url.query().is_none() && url.fragment().is_none() {
        return Ok(url.origin().ascii_serialization());
    }
    Err(Wrong::new(
        format!("{} has more than a host", quoted(text)),
        "Write it like https://security.example.org; the pages need a host of their own.",
    ))
}

/// A host name in lower-case A-labels.
pub(super) fn host_name(text: &str) -> Result<String, Wrong> {
    match Host::parse(text.trim()) {
        Ok(Host::Domain(domain)) if !domain.is_empty() && !domain.ends_with('.') => Ok(domain),
        _ => Err(Wrong::new(
            format!("{} is not a host name", quoted(text)),
            "Write it like www.example.org, without https:// and without a path.",
        )),
    }
}

/// A package URL: `pkg:pypi/matplotlib`.
pub(super) fn package(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let wrong = |problem: String| Wrong::new(problem, "Write it like pkg:pypi/matplotlib or pkg:npm/@scope/name.");
    // People write the scope of an npm package with its @, which the specification wants as %40.
    let strict = text.replacen("/@", "/%40", 1);
    let purl = PackageUrl::from_str(&strict).map_err(|_| wrong(format!("{} is not a package URL", quoted(text))))?;
    if purl.version().is_some() {
        return Err(wrong(format!("{} names one version, and the project is all of them", quoted(text))));
    }
    Ok(text.to_owned())
}

/// The number of a published vulnerability: `CVE-2026-1234`, `GHSA-2f4x-7r8p-9qwc`.
pub(super) fn advisory(text: &str) -> Result<String, Wrong> {
    /// Longer than any database writes them.
    const LONGEST: usize = 40;
    let text = text.trim();
    let parts: Vec<&str> = text.split('-').collect();
    let is_part = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_database = parts[0].len() > 1 && parts[0].bytes().all(|b| b.is_ascii_uppercase());
    if is_database && parts.len() > 2 && parts.iter().all(is_part) && text.len() <= LONGEST {
        return Ok(text.to_owned());
    }
    let fix = "Write it like CVE-2026-1234 or GHSA-2f4x-7r8p-9qwc.";
    Err(Wrong::new(format!("{} is not the number of a vulnerability", quoted(text)), fix))
}

/// A time zone by its name: `Europe/Berlin`.
pub(super) fn zone(text: &str) -> Result<TimeZone, Wrong> {
    TimeZone::get(text.trim()).map_err(|_| {
        let fix = if jiff::tz::db().is_definitively_empty() {
            "This machine has no time zones: install the package tzdata."
        } else {
            "Write a name of the IANA list, like Europe/Berlin or UTC."
        };
        Wrong::new(format!("{} is not a time zone", quoted(text)), fix)
    })
}

/// A day: `2026-01-15`.
pub(super) fn date(text: &str) -> Result<Date, Wrong> {
    let strict = text.len() == "2026-01-15".len();
    text.parse()
        .ok()
        .filter(|_| strict)
        .ok_or_else(|| Wrong::new(format!("{} is not a day", quoted(text)), "Write it like 2026-01-15."))
}

/// Days away: `2026-12-20/2027-01-06`, both included, or one day.
pub(super) fn absence(text: &str) -> Result<Absence, Wrong> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let (Ok(first), Ok(last)) = (date(first.trim()), date(last.trim())) else {
        return Err(Wrong::new(
            format!("{} is not a span of days", quoted(text)),
            "Write the first and the last day like 2026-12-20/2027-01-06.",
        ));
    };
    if last < first {
        return Err(Wrong::new(
            format!("{} ends before it begins", quoted(text)),
            format!("Write the first day first: {last}/{first}."),
        ));
    }
    Ok(Absence { first, last })
}

/// Working hours: `09:00-17:00`, within one day.
pub(super) fn hours(text: &str) -> Result<String, Wrong> {
    working_hours(text)
        .ok_or_else(|| Wrong::new(format!("{} is not a span of hours", quoted(text)), "Write it like 09:00-17:00."))
}

/// One of a list of words.
pub(super) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Wrong> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let hint =
        nearest(text, known.iter().copied()).map(|meant| format!("Did you mean `{meant}`? ")).unwrap_or_default();
    Err(Wrong::new(format!("{} is not known here", quoted(text)), format!("{hint}Known are {}.", listed(&known))))
}

/// Where a door listens: `127.0.0.1:8080`.
pub(super) fn door(text: &str) -> Result<SocketAddr, Wrong> {
    let numeric = text.trim().replacen("localhost:", "127.0.0.1:", 1);
    numeric.parse().map_err(|_| {
        Wrong::new(
            format!("{} is not an address and port", quoted(text)),
            "Write it like 127.0.0.1:8080 or [::1]:8080; 0.0.0.0:8080 listens everywhere.",
        )
    })
}

/// A door that `off` leaves shut.
pub(super) fn door_or_off(text: &str) -> Result<Option<SocketAddr>, Wrong> {
    match text.trim() {
        "off" => Ok(None),
        text => door(text)
            .map(Some)
            .map_err(|wrong| Wrong::new(wrong.problem, format!("{} `off` leaves it shut.", wrong.fix))),
    }
}

/// A network that is trusted, `10.0.0.0/8`, or one address.
pub(super) fn trusted_network(text: &str) -> Result<IpNet, Wrong> {
    let text = text.trim();
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let fix = "Write it like 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32.";
    match network {
        Ok(network) if network.prefix_len() == 0 => {
            Err(Wrong::new(format!("{} would trust everybody", quoted(text)), fix))
        }
        Ok(network) => Ok(network),
        Err(_) => Err(Wrong::new(format!("{} is not a network", quoted(text)), fix)),
    }
}

/// The name of a mail header: `Delivered-To` (RFC 5322 section 2.2).
pub(super) fn header_name(text: &str) -> Result<String, Wrong> {
    let is_ftext = |b: u8| b.is_ascii_graphic() && b != b':';
    if (1..=76).contains(&text.len()) && text.bytes().all(is_ftext) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("{} is not the name of a header", quoted(text)),
        "Write it like Delivered-To, without the colon.",
    ))
}

/// A path, not empty.
pub(super) fn path(text: &str) -> Result<PathBuf, Wrong> {
    if text.trim().is_empty() || text.contains('\0') {
        return Err(Wrong::new(format!("{} is not a path", quoted(text)), "Write the name of a file or folder."));
    }
    Ok(text.into())
}
