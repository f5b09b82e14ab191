//! The board's period: three months named by the month in which their report is due (DESIGN.md 3.6).

pub mod figures;
pub mod table;

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The day of the due month on which the report is to be with the board.
const DUE_DAY: i8 = 15;
/// A draft that nobody has approved is brought to mind this long before the due day is over.
const REMINDED_BEFORE: SignedDuration = SignedDuration::from_hours(4 * 24);
/// Years that a name may have; far from where a calendar ends.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=9000;

/// Dec-Feb, Mar-May, Jun-Aug or Sep-Nov, in UTC: `2026-09` is June to August 2026, due on 15 September.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Quarter {
    year: i16,
    /// 3, 6, 9 or 12.
    month: i8,
}

/// Why a text names no quarter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAQuarter {
    #[error("`{0}` names no quarter. Write the year and the month in which its report is due, as in 2026-09")]
    Unreadable(String),
    #[error(
        "no report is due in {asked}. They are due in March, June, September and December; what arrives in {asked} is \
         reported in {reported}"
    )]
    NotDueThen { asked: String, reported: Quarter },
}

impl Quarter {
    /// Reads the year and due month, as in `2026-09`.
    pub fn parse(text: &str) -> Result<Self, NotAQuarter> {
        let unreadable = || NotAQuarter::Unreadable(text.to_owned());
        let (year, month) = text.trim().split_once('-').ok_or_else(unreadable)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(unreadable());
        }
        let (year, month): (i16, i8) =
            (year.parse().map_err(|_| unreadable())?, month.parse().map_err(|_| unreadable())?);
        if !YEARS.contains(&year) || !(1..=12).contains(&month) {
            return Err(unreadable());
        }
        match month % 3 {
            0 => Ok(Self { year, month }),
            _ => Err(NotAQuarter::NotDueThen { asked: text.trim().to_owned(), reported: Self::of_month(year, month) }),
        }
    }

    /// The quarter in which this moment lies.
    pub fn of(at: Timestamp) -> Self {
        let day = at.to_zoned(TimeZone::UTC).date();
        Self::of_month(day.year(), day.month())
    }

    fn of_month(year: i16, month: i8) -> Self {
        // December is the first month of the quarter that is due in March.
        if month == 12 { Self { year: year + 1, month: 3 } } else { Self { year, month: (month / 3 + 1) * 3 } }
    }

    /// The last one that is over at `now`: the one to report on.
    pub fn last_ended(now: Timestamp) -> Self {
        Self::of(now).previous()
    }

    /// The one before.
    pub fn previous(self) -> Self {
        if self.month == 3 { Self { year: self.year - 1, month: 12 } } else { Self { month: self.month - 3, ..self } }
    }

    /// So many quarters that end with this one, the oldest first.
    pub fn up_to(self, count: usize) -> Vec<Self> {
        let mut quarters: Vec<Self> =
            std::iter::successors(Some(self), |quarter| Some(quarter.previous())).take(count).collect();
        quarters.reverse();
        quarters
    }

    fn first_of_due_month(self) -> Date {
        Date::new(self.year, self.month, 1).expect("a quarter has a year and month of the calendar")
    }

    /// Its first moment.
    pub fn from(self) -> Timestamp {
        start_of(self.first_of_due_month().saturating_sub(3.months()))
    }

    /// Its first moment no more; the draft is made now.
    pub fn until(self) -> Timestamp {
        start_of(self.first_of_due_month())
    }

    /// The day on which the report is to be with the board.
    pub fn due_on(self) -> Date {
        self.first_of_due_month().with().day(DUE_DAY).build().expect("each month has a 15th")
    }

    /// The end of that day.
    pub fn due_at(self) -> Timestamp {
        start_of(self.due_on().saturating_add(1.day()))
    }

    /// When a draft that nobody has approved is brought to mind.
    pub fn reminded_at(self) -> Timestamp {
        self.due_at() - REMINDED_BEFORE
    }

    /// `Jun-Aug 2026`, `Dec 2025-Feb 2026`.
    pub fn title(self) -> String {
        let first = self.first_of_due_month().saturating_sub(3.months());
        let last = self.first_of_due_month().saturating_sub(1.month());
        match first.year() == last.year() {
            true => format!("{}-{}", first.strftime("%b"), last.strftime("%b %Y")),
            false => format!("{}-{}", first.strftime("%b %Y"), last.strftime("%b %Y")),
        }
    }
}

fn start_of(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).expect("each day of these years begins in UTC").timestamp()
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl From<Quarter> for String {
    fn from(quarter: Quarter) -> Self {
        quarter.to_string()
    }
}

impl TryFrom<String> for Quarter {
    type Error = NotAQuarter;

    fn try_from(text: String) -> Result<Self, NotAQuarter> {
        Self::parse(&text)
    }
}

/// What members write into the report beside its figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Texts {
    pub activities: String,
    pub challenges: String,
    pub budget: String,
}

/// No text is longer, in characters: the board reads the quarter on one page.
pub const TEXT_MAX: usize = 4_000;

impl Texts {
    /// The texts with the names that they have on pages.
    pub fn named(&self) -> [(&'static str, &str); 3] {
        [("Activities", &self.activities), ("Challenges", &self.challenges), ("Budget", &self.budget)]
    }

    /// The name of the first text that is too long.
    pub fn too_long(&self) -> Option<&'static str> {
        self.named().into_iter().find(|(_, text)| text.chars().count() > TEXT_MAX).map(|(name, _)| name)
    }
}

/// What is known of a report on its way to the board.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub drafted_at: Option<Timestamp>,
    /// When members were reminded of the draft.
    pub reminded_at: Option<Timestamp>,
    /// When the board was told that the report is late.
    pub told_late_at: Option<Timestamp>,
    /// When the chair approved it; it is frozen since then.
    pub approved_at: Option<Timestamp>,
}

/// Where a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The quarter is not over.
    Running,
    /// For members alone.
    Draft,
    /// It was to be with the board, and the chair has not approved it.
    Late,
    /// Approved, on its way to the board, and changed by nothing.
    Frozen { at: Timestamp },
}

/// What falls due by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Members are told that the draft is there.
    Draft,
    /// Members are told that it is to be approved.
    Reminder,
    /// Members and the board are told that it is late.
    Late,
}

impl Progress {
    /// Where the report on `quarter` stands at `now`.
    pub fn standing(&self, quarter: Quarter, now: Timestamp) -> Standing {
        match self.approved_at {
            Some(at) => Standing::Frozen { at },
            None if now < quarter.until() => Standing::Running,
            None if now < quarter.due_at() => Standing::Draft,
            None => Standing::Late,
        }
    }

    /// The highest step that is due and was not taken: after downtime the lower ones are passed over.
    pub fn due(&self, quarter: Quarter, now: Timestamp) -> Option<Due> {
        if self.approved_at.is_some() {
            return None;
        }
        match now {
            _ if now >= quarter.due_at() => self.told_late_at.is_none().then_some(Due::Late),
            _ if now >= quarter.reminded_at() => self.reminded_at.is_none().then_some(Due::Reminder),
            _ if now >= quarter.until() => self.drafted_at.is_none().then_some(Due::Draft),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(text: &str) -> Quarter {
        Quarter::parse(text).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_quarter_is_named_by_its_due_month() {
        for (name, from, until, due_at, title) in [
            ("2026-09", "2026-06-01", "2026-09-01", "2026-09-16", "Jun-Aug 2026"),
            ("2026-12", "2026-09-01", "2026-12-01", "2026-12-16", "Sep-Nov 2026"),
            ("2026-03", "2025-12-01", "2026-03-01", "2026-03-16", "Dec 2025-Feb 2026"),
            ("2028-03", "2027-12-01", "2028-03-01", "2028-03-16", "Dec 2027-Feb 2028"),
            ("2026-06", "2026-03-01", "2026-06-01", "2026-06-16", "Mar-May 2026"),
        ] {
            let quarter = quarter(name);
            let midnight = |day: &str| at(&format!("{day}T00:00:00Z"));
            assert_eq!(quarter.to_string(), name);
            assert_eq!((quarter.from(), quarter.until()), (midnight(from), midnight(until)), "{name}");
            assert_eq!(quarter.due_at(), midnight(due_at), "the 15th is over");
            assert_eq!(quarter.title(), title);
        }
    }

    #[test]
    fn each_moment_lies_in_one_quarter() {
        for (moment, name) in [
            ("2026-05-31T23:59:59.999999Z", "2026-06"),
            ("2026-06-01T00:00:00Z", "2026-09"),
            ("2026-08-31T23:59:59.999999Z", "2026-09"),
            ("2026-11-30T23:59:59Z", "2026-12"),
            ("2026-12-01T00:00:00Z", "2027-03"),
            ("2027-01-01T00:00:00Z", "2027-03"),
            ("2028-02-29T23:59:59Z", "2028-03"),
        ] {
            let found = Quarter::of(at(moment));
            assert_eq!(found, quarter(name), "{moment}");
            assert!(found.from() <= at(moment) && at(moment) < found.until());
        }
        assert_eq!(Quarter::last_ended(at("2026-12-01T00:00:00Z")), quarter("2026-12"));
    }

    #[test]
    fn eight_quarters_follow_each_other_without_a_gap() {
        let all = quarter("2026-03").up_to(8);
        assert_eq!((all.len(), all[0], all[7]), (8, quarter("2024-06"), quarter("2026-03")));
        assert!(all.windows(2).all(|pair| pair[0].until() == pair[1].from() && pair[0] < pair[1]));
    }

    #[test]
    fn what_names_no_quarter_is_told_which_one_is_meant() {
        for text in ["", "2026", "2026-9", "26-09", "2026-13", "2026-00", "2026-0x", "+026-09", "1999-12", "2026-09-15"]
        {
            let refused = Quarter::parse(text).unwrap_err();
            assert!(refused.to_string().ends_with("as in 2026-09"), "{refused}");
        }
        for (asked, reported) in [("2026-10", "2026-12"), ("2026-01", "2026-03"), ("2026-08", "2026-09")] {
            let refused = Quarter::parse(asked).unwrap_err().to_string();
            assert!(refused.ends_with(&format!("what arrives in {asked} is reported in {reported}")), "{refused}");
        }
        assert_eq!(Quarter::of_month(2026, 12), quarter("2027-03"));
    }

    #[test]
    fn a_draft_is_made_brought_to_mind_and_late_each_once_and_after_downtime_only_the_last() {
        let (quarter, mut progress) = (quarter("2026-09"), Progress::default());
        let due = |progress: &Progress, moment: &str| progress.due(quarter, at(moment));
        assert_eq!(due(&progress, "2026-08-31T23:59:59Z"), None);
        assert_eq!(due(&progress, "2026-09-01T00:00:00Z"), Some(Due::Draft));
        assert_eq!(due(&progress, "2026-09-20T00:00:00Z"), Some(Due::Late), "the program was down for weeks");
        progress.drafted_at = Some(at("2026-09-01T00:00:00Z"));
        assert_eq!(due(&progress, "2026-09-11T23:59:59Z"), None);
        assert_eq!(due(&progress, "2026-09-12T00:00:00Z"), Some(Due::Reminder));
        progress.reminded_at = Some(at("2026-09-12T00:00:00Z"));
        assert_eq!(due(&progress, "2026-09-15T23:59:59Z"), None, "it is the 15th all day");
        assert_eq!(progress.standing(quarter, at("2026-09-15T23:59:59Z")), Standing::Draft);
        assert_eq!(due(&progress, "2026-09-16T00:00:00Z"), Some(Due::Late));
        assert_eq!(progress.standing(quarter, at("2026-09-16T00:00:00Z")), Standing::Late);
        progress.told_late_at = Some(at("2026-09-16T00:00:00Z"));
        assert_eq!(due(&progress, "2026-10-16T00:00:00Z"), None);
        let approved = Progress { approved_at: Some(at("2026-09-10T08:00:00Z")), ..Progress::default() };
        assert_eq!(due(&approved, "2026-10-16T00:00:00Z"), None);
        assert!(matches!(approved.standing(quarter, at("2026-10-16T00:00:00Z")), Standing::Frozen { .. }));
        assert_eq!(Progress::default().standing(quarter, at("2026-08-31T00:00:00Z")), Standing::Running);
    }

    #[test]
    fn texts_have_an_end() {
        let mut texts = Texts { challenges: "é".repeat(TEXT_MAX), ..Texts::default() };
        assert_eq!(texts.too_long(), None);
        texts.challenges.push('x');
        assert_eq!(texts.too_long(), Some("Challenges"));
    }
}
