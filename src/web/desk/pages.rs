//! Long lists page by page: which part is asked for, and the links to the next one and back. Their order is the list's:
//! what is most urgent stands on the first page.

use maud::{Markup, html};

use crate::domain::directory::Member;
use crate::store::Part;

/// Rows on a page: what a person looks through, and small enough to be there at once.
const ROWS: i64 = 50;
/// Pages that can be asked for: more than any list has.
const PAGES_MAX: i64 = 1_000_000;

/// A page of a list, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page(i64);

impl Page {
    /// The page that an address names; anything else is the first.
    pub fn asked(text: &str) -> Self {
        Self(text.parse().ok().filter(|page| (1..=PAGES_MAX).contains(page)).unwrap_or(1))
    }

    pub fn is_first(self) -> bool {
        self.0 == 1
    }

    /// As it stands in an address; the first is not named there.
    pub fn query(self) -> Option<String> {
        (!self.is_first()).then(|| self.0.to_string())
    }

    /// Its lines as this member sees them, and one more, which says whether another page follows.
    pub fn of(self, member: &Member) -> Part<'_> {
        Part { skip: (self.0 - 1) * ROWS, most: ROWS + 1, seen_by: Some(&member.email) }
    }

    /// Cuts the lines to those of this page.
    pub fn cut<L>(self, lines: &mut Vec<L>) -> Pages {
        let rows = ROWS as usize;
        let goes_on = lines.len() > rows;
        lines.truncate(rows);
        Pages { page: self, goes_on }
    }
}

/// A page and whether another one follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    page: Page,
    goes_on: bool,
}

impl Pages {
    /// Whether the list has no other page.
    pub fn are_one(self) -> bool {
        self.page.is_first() && !self.goes_on
    }

    /// Behind a count of what is on this page alone.
    pub fn here(self) -> &'static str {
        if self.are_one() { "" } else { " on this page" }
    }

    /// The links below a list at `action`, with `query` as its filter. Nothing where all is on one page.
    pub fn links(self, action: &str, query: &str, lines: usize) -> Markup {
        let number = self.page.0;
        let first = (number - 1) * ROWS + 1;
        let to = |page: i64| {
            let filter = if query.is_empty() { String::new() } else { format!("{query}&") };
            if page == 1 { format!("{action}?{query}") } else { format!("{action}?{filter}page={page}") }
        };
        html! {
            @if lines == 0 && !self.page.is_first() { p { "The list ends before this page." } }
            @else if !self.are_one() { p.small.muted { "Lines " (first) " to " (first + lines as i64 - 1) "." } }
            @if !self.are_one() {
                div.row {
                    @if !self.page.is_first() {
                        a.button href=(to(1)) { "To the first page" }
                        @if number > 2 { a.button rel="prev" href=(to(number - 1)) { "Previous " (ROWS) } }
                    }
                    @if self.goes_on { a.button rel="next" href=(to(number + 1)) { "Next " (ROWS) } }
                }
            }
        }
    }
}

#[cfg(test)]
impl Pages {
    /// All on one page.
    pub const ONE: Self = Self { page: Page(1), goes_on: false };
    /// The first of several.
    pub const FIRST: Self = Self { page: Page(1), goes_on: true };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::safe;

    fn shown(page: &str, lines: usize, query: &str) -> String {
        let page = Page::asked(page);
        let mut rows = vec![(); lines];
        let pages = page.cut(&mut rows);
        safe(pages.links("/at-risk", query, rows.len()))
    }

    #[test]
    fn a_list_on_one_page_has_no_links_and_a_longer_one_leads_on_and_back() {
        assert_eq!((shown("", 50, ""), shown("1", 0, "")), (String::new(), String::new()));
        let first = shown("", 51, "");
        assert!(first.contains("Lines 1 to 50.") && first.contains("href=\"/at-risk?page=2\">Next 50"), "{first}");
        assert!(!first.contains("first page"), "{first}");
        let second = shown("2", 51, "clock=triage");
        for words in
            ["Lines 51 to 100.", "/at-risk?clock=triage\">To the first page", "/at-risk?clock=triage&amp;page=3"]
        {
            assert!(second.contains(words), "{words} in {second}");
        }
        let last = shown("3", 7, "");
        assert!(last.contains("Lines 101 to 107.") && last.contains("page=2\">Previous 50"), "{last}");
        assert!(!last.contains("Next"), "{last}");
    }

    #[test]
    fn a_page_behind_the_end_says_so_and_leads_back() {
        let beyond = shown("9", 0, "");
        assert!(beyond.contains("The list ends before this page.") && beyond.contains("To the first page"), "{beyond}");
    }

    #[test]
    fn whatever_is_no_page_is_the_first() {
        for text in ["", "0", "-1", "x", "9999999999999999999999", "1000001"] {
            assert!(Page::asked(text).is_first(), "{text}");
        }
        assert_eq!((Page::asked("7").query().as_deref(), Page::asked("1").query()), (Some("7"), None));
    }
}
