//! What a member looks at or takes along, read from the path of a page; and how much of it is too much at once.

use jiff::{SignedDuration, Timestamp};

/// So many different cases or originals opened within [`BULK_WITHIN`] are more than anybody reads (THREATS.md row 68).
pub const BULK: usize = 50;
pub const BULK_WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// Who looked at what is erased after 24 months, like a case after its closing.
pub const VIEWINGS_LIFE: SignedDuration = SignedDuration::from_hours(730 * 24);

/// Two looks at a case that lie further apart are two visits.
const VISIT_GAP: SignedDuration = SignedDuration::from_mins(30);

/// When the visit before the one at `now` ended. `looks` are spans of looking, the latest first; those that hang together
/// with `now` are the visit of the moment.
pub fn last_visit(now: Timestamp, looks: impl IntoIterator<Item = (Timestamp, Timestamp)>) -> Option<Timestamp> {
    let mut begins = now;
    for (first_at, last_at) in looks {
        if last_at + VISIT_GAP < begins {
            return Some(last_at);
        }
        begins = begins.min(first_at);
    }
    None
}

/// What was looked at, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Viewed {
    /// Any page of the case of that number, as somebody typed it.
    Page { case: String },
    /// The page of a mail that is in quarantine.
    Quarantined { arrival: String },
    /// The whole mail was downloaded.
    Original { arrival: String },
    /// One of its files was downloaded.
    File { arrival: String },
    /// A list of cases was taken along as CSV.
    List,
}

impl Viewed {
    /// What the page at `path` shows of reports; `None` where it shows none, or a list on the screen. `of` is the first
    /// thing that the path names, decoded as the page reads it: an address may spell a number in many ways.
    pub fn of_path(path: &str, of: Option<&str>) -> Option<Self> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let of = || of.map(str::to_owned);
        match parts[..] {
            ["cases", _, ..] => of().map(|case| Self::Page { case }),
            ["quarantine", _] => of().map(|arrival| Self::Quarantined { arrival }),
            ["arrivals", _, "original"] => of().map(|arrival| Self::Original { arrival }),
            ["arrivals", _, "attachments", _] => of().map(|arrival| Self::File { arrival }),
            ["cases.csv" | "at-risk.csv"] => Some(Self::List),
            _ => None,
        }
    }

    /// The word that stands in rows.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Page { .. } | Self::Quarantined { .. } => "page",
            Self::Original { .. } => "original",
            Self::File { .. } => "file",
            Self::List => "list",
        }
    }

    /// The number of the case, where it is known.
    pub fn case(&self) -> Option<&str> {
        match self {
            Self::Page { case } => Some(case),
            _ => None,
        }
    }

    /// The mail, where it is one.
    pub fn arrival(&self) -> Option<&str> {
        match self {
            Self::Quarantined { arrival } | Self::Original { arrival } | Self::File { arrival } => Some(arrival),
            Self::Page { .. } | Self::List => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_that_hang_together_are_one_visit_and_the_one_before_is_what_counts() {
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
        let span = |first, last| (at(first), at(last));
        assert_eq!(last_visit(at(600), []), None, "never before");
        assert_eq!(last_visit(at(600), [span(599, 600), span(575, 590)]), None, "only this visit");
        assert_eq!(last_visit(at(600), [span(599, 600), span(575, 590), span(10, 20), span(1, 2)]), Some(at(20)));
        assert_eq!(last_visit(at(600), [span(500, 569)]), Some(at(569)));
    }

    #[test]
    fn a_path_says_what_of_a_report_is_looked_at() {
        let page = || Some(Viewed::Page { case: "x".to_owned() });
        let arrival = || "x".to_owned();
        for (path, viewed) in [
            ("/cases/%78", page()),
            ("/cases/x/to-project/parsely", page()),
            ("/arrivals/x/original", Some(Viewed::Original { arrival: arrival() })),
            ("/arrivals/x/attachments/2", Some(Viewed::File { arrival: arrival() })),
            ("/quarantine/x", Some(Viewed::Quarantined { arrival: arrival() })),
            ("/cases.csv", Some(Viewed::List)),
            ("/cases", None),
            ("/quarantine", None),
            ("/outbox", None),
            ("/", None),
        ] {
            assert_eq!(Viewed::of_path(path, Some("x")), viewed, "{path}");
        }
    }
}
