//! The guard in a composer: lines that are also where their readers cannot see them, and the choice between going back
//! and sending them with a reason.

use maud::{Markup, html};

use crate::domain::leak::Leak;
use crate::mail::write::clean::one_line;

/// A line is cut at so many letters; it stands in full in the preview above.
const LINE_MAX: usize = 200;

/// What the guard has found, and what was typed into its field.
pub struct Guard<'a> {
    pub leaks: &'a [Leak],
    pub because: &'a str,
    /// It was to be sent, and the reason is missing.
    pub lacks_a_reason: bool,
    /// The word of the button that sends.
    pub sends: &'static str,
}

/// In place of the button that sends.
pub fn part(guard: &Guard<'_>) -> Markup {
    html! {
        div.notice.late role="alert" {
            @for leak in guard.leaks {
                p { strong { (leak) } }
                ul.tight { @for line in &leak.lines { li { "“" (one_line(line, LINE_MAX)) "”" } } }
            }
            input type="hidden" name="guarded" value="yes";
            div.row { button.primary name="act" value="edit" { "Go back" } }
            div.field.error[guard.lacks_a_reason] {
                label for="because" { "Reason" }
                p.hint #because-hint { "It stays with the case, for the committee alone." }
                @if guard.lacks_a_reason { p.message #because-wrong { "Error: Say why it may leave all the same." } }
                input #because type="text" name="because" maxlength="200" value=(guard.because)
                    aria-invalid=[guard.lacks_a_reason.then_some("true")]
                    aria-describedby=(if guard.lacks_a_reason { "because-hint because-wrong" } else { "because-hint" });
            }
            div.row { button name="act" value=(guard.sends) { "Send anyway" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, shows_hostile_texts};

    #[test]
    fn the_lines_are_shown_as_text_and_only_a_reason_sends_them() {
        let leak = Leak { place: "an internal note".to_owned(), lines: vec![HOSTILE.to_owned(); 3] };
        let guard = Guard { leaks: &[leak], because: HOSTILE, lacks_a_reason: true, sends: "send" };
        let shown = shows_hostile_texts(part(&guard), 4);
        for words in ["3 lines here are also in an internal note.", "Go back", "Send anyway", "Say why it may leave"] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }
}
