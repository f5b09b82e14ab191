//! All that was said on a case, in the order it came, each in the shape of its lane.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::case::CaseRef;
use crate::domain::directory::{Channel, Directory};
use crate::domain::id::HandlingId;
use crate::domain::letter::LetterKind;
use crate::domain::party::Lane;
use crate::domain::report::Attachment;
use crate::judge::marks::Marks;
use crate::store::{HandlingRow, LetterFacts, MessageRow, ReportRow};
use crate::web::desk::case_parts::report;
use crate::web::desk::delivery::of_all;
use crate::web::desk::message::message;
use crate::web::frame::{Icon, icon};
use crate::web::when;

/// A message with its files.
pub type Told = (MessageRow, Vec<Attachment>);

/// What the timeline is made of.
pub struct Timeline<'a> {
    pub number: &'a CaseRef,
    /// The places in the first report that the judge's signs rest on.
    pub marks: &'a Marks<'a>,
    pub reports: &'a [(ReportRow, Vec<Attachment>)],
    pub messages: &'a [Told],
    pub handlings: &'a [HandlingRow],
    pub letters: &'a [LetterFacts],
    pub directory: &'a Directory,
    pub now: Timestamp,
    /// Words can be passed on: the case is not closed.
    pub is_open: bool,
    /// Which lane is shown; all of them where this is none of their words.
    pub shown: &'a str,
    /// When the viewer was here before.
    pub last_visit: Option<Timestamp>,
}

enum Entry<'a> {
    Report(&'a (ReportRow, Vec<Attachment>)),
    Forward(&'a HandlingRow),
    Message(&'a Told),
}

impl Entry<'_> {
    fn at(&self) -> Timestamp {
        match self {
            Self::Report((report, _)) => report.arrived_at,
            Self::Forward(handling) => handling.decided_at,
            Self::Message((message, _)) => message.at,
        }
    }

    /// Whether it is shown where only one lane is. Held mail stands in each, for somebody must decide about it.
    fn is_in(&self, lane: &Shown) -> bool {
        let of = match self {
            Self::Report(_) => Shown::Reporter,
            Self::Forward(handling) => Shown::Project(handling.id.clone()),
            Self::Message((message, _)) => match (message.lane, &message.handling) {
                (Some(Lane::Reporter), _) => Shown::Reporter,
                (Some(Lane::Project), Some(handling)) => Shown::Project(handling.clone()),
                (Some(Lane::Internal), _) => Shown::Internal,
                (Some(Lane::Project), None) | (None, _) => return true,
            },
        };
        *lane == Shown::All || of == *lane
    }
}

/// One lane of the timeline, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shown {
    All,
    Reporter,
    Internal,
    Project(HandlingId),
}

impl Shown {
    /// What a word in the address means: a lane, or the id of a project's part.
    fn of(word: &str, handlings: &[HandlingRow]) -> Self {
        match word {
            "reporter" => Self::Reporter,
            "internal" => Self::Internal,
            word => {
                let part = handlings.iter().find(|handling| handling.id.as_str() == word);
                part.map_or(Self::All, |handling| Self::Project(handling.id.clone()))
            }
        }
    }
}

/// Links that show one lane; none where there is only one.
fn filter(view: &Timeline<'_>, shown: &Shown) -> Markup {
    let here = |lane: &Shown| (lane == shown).then_some("page");
    let href = |word: &str| format!("/cases/{}?lane={word}#conversation", view.number);
    html! {
        nav aria-label="Lanes shown" { ul {
            li { a href={ "/cases/" (view.number) "#conversation" } aria-current=[here(&Shown::All)] { "All lanes" } }
            li { a href=(href("reporter")) aria-current=[here(&Shown::Reporter)] { "Reporter" } }
            @for handling in view.handlings {
                li { a href=(href(handling.id.as_str())) aria-current=[here(&Shown::Project(handling.id.clone()))] { (project_name(view.directory, handling)) } }
            }
            li { a href=(href("internal")) aria-current=[here(&Shown::Internal)] { "Internal" } }
        } }
    }
}

/// Everything in its order.
pub fn timeline(view: &Timeline<'_>) -> Markup {
    let reports = view.reports.iter().map(Entry::Report);
    let forwards = view.handlings.iter().map(Entry::Forward);
    let mut entries: Vec<Entry<'_>> = reports.chain(forwards).chain(view.messages.iter().map(Entry::Message)).collect();
    entries.sort_by_key(Entry::at);
    let has_lanes = entries.len() > 1;
    let shown = Shown::of(view.shown, view.handlings);
    entries.retain(|entry| entry.is_in(&shown));
    let new = view.last_visit.and_then(|last| entries.iter().position(|entry| entry.at() > last));
    html! {
        @if has_lanes { (filter(view, &shown)) }
        @if entries.is_empty() { p.muted { "Nothing was said in this lane." } }
        @for (index, entry) in entries.iter().enumerate() {
            @if let Some(last) = view.last_visit.filter(|_| new == Some(index)) {
                p.since #new { "New since your last visit, " (when::time(last)) }
            }
            @match entry {
                Entry::Report(told) => (reported(view, told)),
                Entry::Forward(handling) => (forwarded(view, handling)),
                Entry::Message(told) => (message(told, Some(view))),
            }
        }
    }
}

/// A report; the case was judged by its first.
fn reported(view: &Timeline<'_>, (row, files): &(ReportRow, Vec<Attachment>)) -> Markup {
    let is_first = view.reports.first().is_some_and(|(first, _)| first.id == row.id);
    match is_first {
        true => report(row, files, view.marks, view.number),
        false => report(row, files, &Marks::default(), view.number),
    }
}

/// A project as people know it, or its id where the directory has lost it.
pub(super) fn project_name(directory: &Directory, handling: &HandlingRow) -> String {
    directory.project(&handling.project).map_or_else(|| handling.project.to_string(), |known| known.name.clone())
}

/// "FORWARDED TO LANTERN", with what became of it.
fn forwarded(view: &Timeline<'_>, handling: &HandlingRow) -> Markup {
    let is_ours =
        |letter: &&LetterFacts| letter.kind == LetterKind::Forward && letter.handling.as_ref() == Some(&handling.id);
    let letters: Vec<&LetterFacts> = view.letters.iter().filter(is_ours).collect();
    let name = project_name(view.directory, handling);
    let (deputies, first): (Vec<&LetterFacts>, Vec<&LetterFacts>) =
        letters.iter().partition(|letter| is_to_a_deputy(view.directory, handling, letter));
    html! {
        section.lane-project {
            h3.banner { (icon(Icon::Arrows))
                @if handling.channel == Channel::Mail.word() && !letters.is_empty() { "FORWARDED TO " (name) } @else { "TAKEN TO " (name) " BY HAND" }
                span.small { (when::time(handling.decided_at)) } }
            (of_all(&first, view.now))
            @if !deputies.is_empty() { p.small { (deputies_told(deputies.len())) } }
            @if letters.iter().any(|letter| letter.refused_at.is_some()) {
                p.small { a href={ "/projects/" (handling.project) "/contacts" } { "Fix contact" } }
            }
            @if letters.is_empty() { p.small { a href={ "/cases/" (view.number) "/by-hand/" (handling.project) } { "What was done there" } } }
        }
    }
}

/// Whether a deputy was called later; one who got the forward with the others is like them.
fn is_to_a_deputy(directory: &Directory, handling: &HandlingRow, letter: &LetterFacts) -> bool {
    let project = directory.project(&handling.project);
    let contacts = project.into_iter().flat_map(|project| &project.contacts);
    let mut deputies = contacts.filter(|contact| contact.is_deputy);
    letter.created_at > handling.decided_at && deputies.any(|deputy| deputy.email == letter.recipient)
}

fn deputies_told(count: usize) -> String {
    if count == 1 { "1 deputy was told.".to_owned() } else { format!("{count} deputies were told.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::handling::HandlingState;
    use crate::domain::id::MessageId;
    use crate::domain::party::Author;
    use crate::web::samples::{
        attachment, directory, handling, held, hours, letter, now, report, safe, shows_hostile_texts,
    };

    fn in_lane(id: &str, lane: Lane, author: Author) -> MessageRow {
        MessageRow {
            id: MessageId::from_row(id),
            lane: Some(lane),
            handling: (lane == Lane::Project).then(|| HandlingId::from_row("handling")),
            author,
            held_at: None,
            held_because: None,
            ..held()
        }
    }

    fn shown(messages: &[Told], letters: &[LetterFacts]) -> Markup {
        only(messages, letters, "", None)
    }

    fn only(messages: &[Told], letters: &[LetterFacts], shown: &str, last_visit: Option<Timestamp>) -> Markup {
        let directory = directory();
        timeline(&Timeline {
            number: &CaseRef::from_row("SEC-2026-0042"),
            marks: &Marks::default(),
            reports: &[(report(), vec![attachment()])],
            messages,
            handlings: &[handling(HandlingState::Sent)],
            letters,
            directory: &directory,
            now: now(),
            is_open: true,
            shown,
            last_visit,
        })
    }

    #[test]
    fn each_lane_has_its_own_label_shape_and_edge_and_hostile_words_stay_words() {
        let messages: Vec<Told> = [
            in_lane("a", Lane::Reporter, Author::Party),
            in_lane("b", Lane::Reporter, Author::Member),
            in_lane("c", Lane::Project, Author::Party),
            in_lane("d", Lane::Project, Author::Member),
            in_lane("e", Lane::Internal, Author::Member),
            held(),
        ]
        .into_iter()
        .map(|row| (row, vec![attachment()]))
        .collect();
        let page = shows_hostile_texts(shown(&messages, &[]), 30);
        for words in [
            "FROM THE REPORTER",
            "TO THE REPORTER",
            "FROM THE PROJECT Lantern",
            "TO THE PROJECT Lantern",
            "INTERNAL",
            "HELD",
            "Add to project lane",
            "class=\"lane-reporter\"",
            "class=\"lane-project\"",
            "class=\"lane-internal\"",
            "class=\"lane-held\"",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
    }

    #[test]
    fn a_partys_words_can_be_passed_on_to_the_other_side_and_a_members_cannot() {
        let reporters = shown(&[(in_lane("a", Lane::Reporter, Author::Party), Vec::new())], &[]).into_string();
        assert!(reporters.contains("/cases/SEC-2026-0042/to-project/lantern?from=a"), "{reporters}");
        let projects = shown(&[(in_lane("c", Lane::Project, Author::Party), Vec::new())], &[]).into_string();
        assert!(projects.contains("/cases/SEC-2026-0042/to-reporter?from=c") && !projects.contains("to-project/"));
        let members = shown(&[(in_lane("b", Lane::Reporter, Author::Member), Vec::new())], &[]).into_string();
        assert!(!members.contains("Pass on to"), "{members}");
    }

    #[test]
    fn a_replys_words_stand_open_and_what_it_quotes_is_folded_beside_the_original() {
        let body = "We look.\n\nOn Fri, 20 Nov 2026, Story wrote:\n> You are\n> a contact\n";
        let words = Some("We look.".to_owned());
        let row = MessageRow { body: body.to_owned(), words, ..in_lane("c", Lane::Project, Author::Party) };
        let page = safe(shown(&[(row, Vec::new())], &[]));
        for words in ["We look.</pre>", "quoted text, 3 lines", "Download the original"] {
            assert!(page.contains(words), "{words} in {page}");
        }
    }

    #[test]
    fn one_lane_is_shown_by_its_link_and_held_mail_in_each() {
        let told = |row| (row, Vec::new());
        let messages = [
            told(in_lane("a", Lane::Reporter, Author::Party)),
            told(in_lane("c", Lane::Project, Author::Party)),
            told(in_lane("e", Lane::Internal, Author::Member)),
            told(held()),
        ];
        for (lane, there, away) in [
            ("reporter", ["m-a", "THE REPORT"], ["m-c", "m-e"]),
            ("handling", ["m-c", "FORWARDED TO"], ["m-a", "m-e"]),
            ("internal", ["m-e", "aria-current"], ["m-a", "m-c"]),
        ] {
            let page = safe(only(&messages, &[letter()], lane, None));
            assert!(there.iter().all(|words| page.contains(words)) && page.contains("HELD"), "{lane}: {page}");
            assert!(!away.iter().any(|words| page.contains(&format!("\"{words}\""))), "{lane}: {page}");
        }
    }

    #[test]
    fn a_line_stands_above_what_is_new_since_the_last_visit() {
        let later = MessageRow { at: now() + hours(2), ..in_lane("c", Lane::Project, Author::Party) };
        let messages = [(in_lane("a", Lane::Reporter, Author::Party), Vec::new()), (later, Vec::new())];
        let page = safe(only(&messages, &[], "", Some(now() + hours(1))));
        let line = page.find("New since your last visit").unwrap();
        assert!(page.find("m-a").unwrap() < line && line < page.find("m-c").unwrap(), "{page}");
        assert!(!safe(only(&messages, &[], "", Some(now() + hours(3)))).contains("New since"));
        assert!(!safe(only(&messages, &[], "", None)).contains("New since"), "the first visit");
    }

    #[test]
    fn under_a_bounced_forward_stand_the_deputies_and_the_way_to_another_contact() {
        let refused = LetterFacts { refused_at: Some(now()), ..letter() };
        let page = safe(shown(&[], &[refused]));
        assert!(page.contains("/projects/lantern/contacts") && page.contains("Fix contact"), "{page}");
        assert!(!safe(shown(&[], &[letter()])).contains("Fix contact"));
        assert_eq!((deputies_told(1), deputies_told(2)), ("1 deputy was told.".into(), "2 deputies were told.".into()));
    }

    #[test]
    fn under_our_words_stands_what_became_of_their_letters() {
        let words = in_lane("b", Lane::Reporter, Author::Member);
        let sent = LetterFacts {
            kind: LetterKind::MemberReply,
            said_in: Some(words.id.clone()),
            sent_at: Some(now()),
            ..letter()
        };
        let page = safe(shown(&[(words, Vec::new())], &[sent, letter()]));
        assert!(page.contains("Delivered to 1 of 1."), "{page}");
        assert!(page.contains("FORWARDED TO Lantern") && page.contains("Delivered to 0 of 1."), "{page}");
    }
}
