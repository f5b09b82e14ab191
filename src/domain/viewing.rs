//! What a member looks at or takes along, read from the path of a page; and how much of it is too much at once.

use jiff::SignedDuration;

/// So many different cases or originals opened within [`BULK_WITHIN`] are more than anybody reads (THREATS.md row 68).
pub const BULK: usize = 50;
pub const BULK_WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// Who looked at what is erased after 24 months, like a case after its closing.
pub const VIEWINGS_LIFE: SignedDuration = SignedDuration::from_hours(730 * 24);

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
