//! The places in a text that a judgement rests on: numbered in their order, and the text cut at their edges.

use crate::domain::judgement::{Evidence, Field, Span, Speaks};

/// Subject and body as they are kept, for marks to be set in.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'t> {
    pub subject: &'t str,
    pub body: &'t str,
    /// The body goes on: only its beginning was read.
    pub is_cut: bool,
}

/// One place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark<'a> {
    /// Counted from 1, in the order of the text.
    pub number: usize,
    pub span: Span,
    /// What it is a sign for or against: names of projects.
    pub says: Vec<(&'a str, Speaks)>,
}

/// All places in one text. By default there is none.
#[derive(Debug, Default)]
pub struct Marks<'a>(Vec<Mark<'a>>);

/// A part of the text in which the same marks hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'t, 'm> {
    pub text: &'t str,
    pub marks: Vec<&'m Mark<'m>>,
    /// Those of them that end with it.
    pub ends: Vec<&'m Mark<'m>>,
}

impl Mark<'_> {
    /// It speaks for something, against something, or (for one project and against another) both.
    pub fn speaks(&self, which: Speaks) -> bool {
        self.says.iter().any(|(_, speaks)| *speaks == which)
    }
}

impl<'a> Marks<'a> {
    /// The places of `evidence`, each given with the name of what it is evidence for or against.
    ///
    /// A text in which one of its places is not to be found is not the text that was judged: it was erased since, or
    /// is another. It gets no mark at all rather than marks under the wrong words.
    pub fn of(judged: &Judged<'_>, evidence: impl IntoIterator<Item = (&'a str, &'a Evidence)>) -> Self {
        let mut marks: Vec<Mark<'a>> = Vec::new();
        for (name, evidence) in evidence {
            let Some(span) = evidence.at else { continue };
            let says = (name, evidence.speaks);
            match marks.iter_mut().find(|mark| mark.span == span) {
                Some(mark) if mark.says.contains(&says) => {}
                Some(mark) => mark.says.push(says),
                None => marks.push(Mark { number: 0, span, says: vec![says] }),
            }
        }
        let is_there = |mark: &Mark<'_>| judged.words(&mark.span).is_some();
        let is_judged = |field| marks.iter().filter(|mark| mark.span.field == field).all(is_there);
        let shows_subject = is_judged(Field::Subject);
        let shows_body = judged.is_cut || is_judged(Field::Body);
        marks.retain(|mark| {
            let shows = if mark.span.field == Field::Subject { shows_subject } else { shows_body };
            shows && judged.words(&mark.span).is_some()
        });
        marks.sort_by_key(|mark| (mark.span.field, mark.span.start, mark.span.end));
        marks.iter_mut().zip(1..).for_each(|(mark, number)| mark.number = number);
        Self(marks)
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is one in that text.
    pub fn any_in(&self, field: Field) -> bool {
        self.0.iter().any(|mark| mark.span.field == field)
    }

    /// The number of the mark at that place, if the text has it.
    pub fn number(&self, at: Option<&Span>) -> Option<usize> {
        self.0.iter().find(|mark| Some(&mark.span) == at).map(|mark| mark.number)
    }

    /// `text`, the whole of `field`, cut where a mark begins or ends; the pieces joined are `text` again.
    pub fn pieces<'t, 'm>(&'m self, field: Field, text: &'t str) -> Vec<Piece<'t, 'm>> {
        let marks: Vec<&'m Mark<'m>> = self.0.iter().filter(|mark| mark.span.field == field).collect();
        let mut edges: Vec<usize> = marks.iter().flat_map(|mark| [mark.span.start, mark.span.end]).collect();
        edges.extend([0, text.len()]);
        edges.sort_unstable();
        edges.dedup();
        let mut pieces = Vec::new();
        for edge in edges.windows(2) {
            let Some(part) = text.get(edge[0]..edge[1]) else { continue };
            let covers = |mark: &&&Mark<'_>| mark.span.start <= edge[0] && edge[1] <= mark.span.end;
            let covering: Vec<_> = marks.iter().filter(covers).copied().collect();
            let ends = covering.iter().filter(|mark| mark.span.end == edge[1]).copied().collect();
            pieces.push(Piece { text: part, marks: covering, ends });
        }
        pieces
    }
}

impl<'t> Judged<'t> {
    /// The words at `span`; `None` if it reaches beyond the text or into the middle of a letter.
    pub fn words(&self, span: &Span) -> Option<&'t str> {
        let text = match span.field {
            Field::Subject => self.subject,
            Field::Body => self.body,
        };
        text.get(span.start..span.end).filter(|words| !words.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(field: Field, start: usize, end: usize, speaks: Speaks) -> Evidence {
        Evidence { clause: String::new(), speaks, at: Some(Span { field, start, end }) }
    }

    fn judged<'t>(subject: &'t str, body: &'t str) -> Judged<'t> {
        Judged { subject, body, is_cut: false }
    }

    /// The pieces, each marked one with its numbers behind it.
    fn shown(marks: &Marks<'_>, field: Field, text: &str) -> String {
        let numbers = |piece: &Piece<'_, '_>| piece.marks.iter().map(|m| m.number.to_string()).collect::<Vec<_>>();
        let piece = |piece: Piece<'_, '_>| match piece.marks.is_empty() {
            true => piece.text.to_owned(),
            false => format!("[{}]{}", piece.text, numbers(&piece).join("+")),
        };
        marks.pieces(field, text).into_iter().map(piece).collect()
    }

    #[test]
    fn marks_are_numbered_in_the_order_of_the_text_and_overlap_without_losing_a_letter() {
        let body = "naïve Quern before 2 leaks";
        let (outer, inner) = (evidence(Field::Body, 0, 12, Speaks::For), evidence(Field::Body, 7, 21, Speaks::Against));
        let subject = evidence(Field::Subject, 0, 5, Speaks::For);
        let all = [("quern", &inner), ("quern", &outer), ("quern", &subject), ("larder", &inner)];
        let marks = Marks::of(&judged("Quern", body), all);
        assert_eq!(shown(&marks, Field::Subject, "Quern"), "[Quern]1");
        assert_eq!(shown(&marks, Field::Body, body), "[naïve ]2[Quern]2+3[ before 2]3 leaks");
        assert_eq!(marks.number(inner.at.as_ref()), Some(3));
        assert_eq!(marks.0[2].says.len(), 2, "two projects rest on one place");
        assert!(marks.0[2].speaks(Speaks::Against) && !marks.0[2].speaks(Speaks::For));
    }

    #[test]
    fn a_text_that_is_not_the_one_that_was_judged_gets_no_mark() {
        let (near, far) = (evidence(Field::Body, 0, 5, Speaks::For), evidence(Field::Body, 20, 25, Speaks::For));
        let all = || [("quern", &near), ("quern", &far)];
        for body in ["", "[erased]", "Quern and more, but é".get(..21).unwrap_or("x")] {
            let marks = Marks::of(&judged("", body), all());
            assert!(marks.is_empty(), "{body}");
            assert_eq!(shown(&marks, Field::Body, body), body);
            assert_eq!(marks.number(near.at.as_ref()), None);
        }
        let inside_a_letter = evidence(Field::Body, 0, 1, Speaks::For);
        assert!(Marks::of(&judged("", "é"), [("quern", &inside_a_letter)]).is_empty());
        let backwards = evidence(Field::Body, 3, 1, Speaks::For);
        assert!(Marks::of(&judged("", "Quern"), [("quern", &backwards)]).is_empty());
        let no_place = Evidence { clause: "taught".to_owned(), speaks: Speaks::For, at: None };
        assert!(Marks::of(&judged("", "Quern"), [("quern", &no_place)]).is_empty());
    }

    #[test]
    fn of_the_beginning_of_a_text_the_marks_in_it_are_shown() {
        let (near, far) = (evidence(Field::Body, 0, 5, Speaks::For), evidence(Field::Body, 20, 25, Speaks::For));
        let beginning = Judged { subject: "", body: "Quern lea", is_cut: true };
        let marks = Marks::of(&beginning, [("quern", &near), ("quern", &far)]);
        assert_eq!(shown(&marks, Field::Body, beginning.body), "[Quern]1 lea");
    }
}
