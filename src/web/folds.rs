//! A reply as its reader wants it: the words open, quoted text and signature folded where they stood.

use maud::{Markup, html};

use crate::mail::read::visible::{Kind, Piece};
use crate::web::frame::said;

/// The pieces of a reply in their order.
pub fn folded(pieces: &[Piece]) -> Markup {
    let has_words = pieces.iter().any(|piece| piece.kind == Kind::Words);
    html! {
        @if !has_words { p.muted { "No words, only a quotation or files." } }
        @for piece in pieces {
            @match piece.kind {
                Kind::Words => (said(&piece.text)),
                Kind::Quoted => (fold("quoted text", piece)),
                Kind::Signature => (fold("signature", piece)),
            }
        }
    }
}

fn fold(what: &str, piece: &Piece) -> Markup {
    let lines = piece.filled_lines();
    html! {
        details.fold {
            summary { (what) ", " (lines) @if lines == 1 { " line" } @else { " lines" } }
            (said(&piece.text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::read::visible::read;
    use crate::web::samples::{HOSTILE, shows_hostile_texts};

    #[test]
    fn words_stand_open_and_the_rest_is_folded_with_what_it_holds() {
        let reply = "On Fri, 20 Nov 2026, Story wrote:\n> Which?\n\n2.1\n\n> Before?\n\nAll.\n\n-- \nKai\nLabs\n";
        let page = folded(&read(reply).pieces).into_string();
        let order = ["quoted text, 2 lines", "2.1", "quoted text, 1 line<", "All.", "signature, 3 lines", "Kai"];
        let places: Vec<usize> =
            order.iter().map(|words| page.find(words).unwrap_or_else(|| panic!("{words}: {page}"))).collect();
        assert!(places.is_sorted(), "{page}");
        assert_eq!(page.matches("<details").count(), 3, "{page}");
    }

    #[test]
    fn a_mail_that_is_all_quotation_says_so_and_hostile_text_stays_text() {
        let pieces = [Kind::Quoted, Kind::Signature].map(|kind| Piece { kind, text: HOSTILE.to_owned() });
        let page = shows_hostile_texts(folded(&pieces), 2);
        assert!(page.contains("No words, only a quotation or files."), "{page}");
    }
}
