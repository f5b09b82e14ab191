//! The menus: the desk's areas in one row, the pages of the area one is in below it, and the public menu.

use maud::{Markup, html};

/// The entries of the menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    AtRisk,
    Triage,
    Held,
    Cases,
    Quarantine,
    Senders,
    Automatic,
    SetAside,
    Contacts,
    Proposals,
    Outbox,
    Quarters,
    Admin,
    LetterSamples,
    Settings,
    Learned,
    Viewings,
    Report,
    WhoToTell,
    HowItWorks,
    Privacy,
    SignIn,
    /// A page without an entry.
    Elsewhere,
}

/// A page in a menu: where it leads and what it is called.
type Entry = (Place, &'static str, &'static str);

/// An area of the desk: its name, and its pages, of which the first is what the area opens with.
struct Area {
    name: &'static str,
    pages: &'static [Entry],
}

/// What a member needs each day stands in front; what is looked up now and then is one press further.
const DESK: &[Area] = &[
    Area { name: "At risk", pages: &[(Place::AtRisk, "/at-risk", "At risk")] },
    Area { name: "Triage", pages: &[(Place::Triage, "/triage", "To triage"), (Place::Held, "/held", "Held mail")] },
    Area { name: "Cases", pages: &[(Place::Cases, "/cases", "Cases")] },
    Area {
        name: "Quarantine",
        pages: &[
            (Place::Quarantine, "/quarantine", "Quarantined mail"),
            (Place::Senders, "/senders", "Warnings and bans"),
            (Place::Automatic, "/automatic", "Automatic mail"),
            (Place::SetAside, "/set-aside", "Set aside"),
        ],
    },
    Area {
        name: "Contacts",
        pages: &[
            (Place::Contacts, "/contacts", "Contacts of projects"),
            (Place::Proposals, "/proposals", "Proposed projects"),
        ],
    },
    Area { name: "Outbox", pages: &[(Place::Outbox, "/outbox", "Outbox")] },
    Area { name: "Quarters", pages: &[(Place::Quarters, "/quarters", "Quarters")] },
    Area {
        name: "Admin",
        pages: &[
            (Place::Admin, "/admin", "Overview"),
            (Place::LetterSamples, "/admin/letters", "Letters"),
            (Place::Settings, "/admin/settings", "Settings"),
            (Place::Learned, "/knowledge", "Learned"),
            (Place::Viewings, "/viewings", "Who looked at what"),
        ],
    },
];

const PUBLIC: &[Entry] = &[
    (Place::Report, "/report", "Report"),
    (Place::WhoToTell, "/projects", "Who to tell"),
    (Place::HowItWorks, "/how", "How it works"),
    (Place::Privacy, "/privacy", "Privacy"),
    (Place::SignIn, "/login", "Sign in"),
];

/// The areas of the desk.
pub fn desk(here: Place) -> Markup {
    html! {
        nav.areas aria-label="Desk" { ul { @for area in DESK {
            @let (first, href, _) = area.pages[0];
            li { a href=(href) aria-current=[area.is_around(here).then_some(if first == here { "page" } else { "true" })] {
                (area.name) } }
        } } }
    }
}

/// The pages of the area that `here` is in; nothing where that is the only one.
pub fn within(here: Place) -> Markup {
    let area = DESK.iter().find(|area| area.is_around(here)).filter(|area| area.pages.len() > 1);
    html! { @if let Some(area) = area {
        nav.area aria-label=(area.name) { ul { @for entry in area.pages { (item(entry, here)) } } }
    } }
}

/// What anybody may open.
pub fn public(here: Place) -> Markup {
    html! { nav aria-label="Pages" { ul { @for entry in PUBLIC { (item(entry, here)) } } } }
}

fn item((place, href, name): &Entry, here: Place) -> Markup {
    html! { li { a href=(href) aria-current=[(*place == here).then_some("page")] { (name) } } }
}

impl Area {
    fn is_around(&self, here: Place) -> bool {
        self.pages.iter().any(|(place, ..)| *place == here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_shows_its_areas_and_below_them_the_pages_of_the_one_that_is_open() {
        let areas = desk(Place::Held).into_string();
        assert_eq!(areas.matches("<li>").count(), 8, "{areas}");
        assert!(areas.contains("href=\"/triage\" aria-current=\"true\""), "{areas}");
        let pages = within(Place::Held).into_string();
        assert!(pages.contains("href=\"/held\" aria-current=\"page\""), "{pages}");
        assert!(pages.contains("href=\"/triage\">"), "{pages}");
        assert!(desk(Place::Triage).into_string().contains("href=\"/triage\" aria-current=\"page\""));
    }

    #[test]
    fn an_area_of_one_page_has_no_second_row_and_a_page_of_no_area_none_either() {
        assert_eq!(within(Place::Cases).into_string(), "");
        assert_eq!(within(Place::Elsewhere).into_string(), "");
        assert!(!desk(Place::Elsewhere).into_string().contains("aria-current"));
    }
}
