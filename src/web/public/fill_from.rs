//! "Fill from …": a project's own security file fills a form in, and what was read of it stands above.

use maud::{Markup, html};

use crate::domain::policy_file::Found;
use crate::domain::proposal::CONTACTS_MAX;

/// The part of a form with that button, whose name is `act` and whose value `fill`. A file may be chosen where the form
/// is sent in parts; `found` is what was just read.
pub fn fill_from(found: Option<&Found>, has_files: bool) -> Markup {
    html! {
        @if let Some(found) = found { (was_filled(found)) }
        details open[found.is_some_and(Found::is_empty)] {
            summary { "Fill from SECURITY.md, security.txt or SECURITY-INSIGHTS.yml" }
            p.hint { "Nothing is sent by that, and nothing is fetched: we read what you paste"
                @if has_files { " or choose" } ", and fill in what is still empty." }
            @if has_files {
                div.field {
                    label for="file" { "Choose the file" }
                    input #file type="file" name="file" accept=".md,.txt,.yml,.yaml,text/plain,text/markdown";
                }
            }
            div.field {
                label for="file_text" { @if has_files { "Or paste its text" } @else { "Paste its text" } }
                textarea #file_text name="file_text" spellcheck="false" {}
            }
            button name="act" value="fill" { "Fill in" }
        }
    }
}

/// What the return key presses in a form that has the button above: the first one of the form, which is nowhere to be
/// seen, so that it sends the form instead of filling it in.
pub fn first_button(act: &'static str) -> Markup {
    html! { div.away aria-hidden="true" { button name="act" value=(act) tabindex="-1" { "Send" } } }
}

fn was_filled(found: &Found) -> Markup {
    let left: Vec<&str> = found.contacts.iter().skip(CONTACTS_MAX).map(|contact| contact.email.as_str()).collect();
    html! {
        div.notice.(if found.is_empty() { "soon" } else { "ok" }) role="status" {
            @if found.is_empty() && !found.doubts.is_empty() {
                p { "We filled in nothing from your " (found.kind.words()) "." }
            } @else if found.is_empty() {
                p { "We found nothing there to fill in. Is it a SECURITY.md, a security.txt or a SECURITY-INSIGHTS.yml?" }
            } @else {
                p { "Filled in from your " (found.kind.words()) ". Look at it before you send it: nothing is sent yet." }
            }
            @if !found.doubts.is_empty() { ul.tight { @for doubt in &found.doubts { li { (doubt) } } } }
            @if !left.is_empty() { p { "It also names " (left.join(", ")) "." } }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::domain::policy_file;
    use crate::web::samples::{HOSTILE, safe, shows_hostile_texts};

    #[test]
    fn what_was_read_is_said_with_its_doubts_and_what_found_no_place() {
        let today = Date::constant(2026, 11, 20);
        let names = "a@q.example b@q.example c@q.example d@q.example";
        let found = policy_file::read(names, today);
        assert!(safe(fill_from(Some(&found), true)).contains("It also names d@q.example."));
        let text = format!("Contact: {HOSTILE}\nContact: mailto:a@quern.example\nExpires: 2020-01-01T00:00:00Z\n");
        let shown = shows_hostile_texts(fill_from(Some(&policy_file::read(&text, today)), true), 1);
        assert!(shown.contains("Filled in from your security.txt") && shown.contains("It has run out"), "{shown}");
        let nothing = safe(fill_from(Some(&policy_file::read("x", today)), false));
        assert!(nothing.contains("We found nothing there") && nothing.contains("<details open"), "{nothing}");
        let twice = "header:\n  schema-version: 2.0.0\n  <b>: 1\n  <b>: 2\n";
        let refused = safe(fill_from(Some(&policy_file::read(twice, today)), false));
        assert!(refused.contains("We filled in nothing from your SECURITY-INSIGHTS.yml."), "{refused}");
        assert!(
            refused.contains("It has \"&lt;b&gt;\" twice") || refused.contains("It has &quot;&lt;b&gt;&quot; twice"),
            "{refused}"
        );
        assert!(!nothing.contains("type=\"file\"") && !safe(fill_from(None, true)).contains("role=\"status\""));
    }
}
