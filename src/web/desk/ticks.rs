//! Ticks on the rows of a list, the buttons that tick what is like one of them, and those that do something with all.
//!
//! The boxes belong to one form by its id, for each row has forms of its own and a form holds no other.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::domain::bulk::{BulkAct, Pile};
use crate::judge::near::alike::{By, Row, alike};

/// The id of the form that all boxes and buttons belong to.
const FORM: &str = "bulk";

/// What a member has ticked, as a form brought it.
#[derive(Default)]
pub struct Asked {
    pub ticked: BTreeSet<String>,
    /// Ticks what is like that row as well.
    pub like: Option<(By, String)>,
    pub problem: Option<&'static str>,
}

/// The ticks of a list.
#[derive(Default)]
pub struct Ticks {
    rows: Vec<Row>,
    ticked: BTreeSet<String>,
    problem: Option<&'static str>,
}

impl Ticks {
    /// Of these rows, as `asked`.
    pub fn of(rows: Vec<Row>, asked: Asked) -> Self {
        let mut ticked = asked.ticked;
        if let Some((by, key)) = &asked.like {
            ticked.extend(alike(&rows, key, *by).into_iter().map(str::to_owned));
        }
        ticked.retain(|key| rows.iter().any(|row| row.key() == key));
        Self { rows, ticked, problem: asked.problem }
    }
}

/// The box of one row, and the buttons that tick what is like it.
pub fn row(ticks: &Ticks, key: &str, name: &str) -> Markup {
    let id = format!("tick-{key}");
    html! {
        div.row.ticks {
            div.choice {
                input id=(id) type="checkbox" form=(FORM) name="item" value=(key) checked[ticks.ticked.contains(key)];
                label for=(id) { "Select" span.unseen { " " (name) } }
            }
            @for (by, count) in ways(ticks, key) {
                button.plain form=(FORM) name="like" value={ (by.word()) ":" (key) } {
                    "Select " (count) " like this (" (by.word()) ")" span.unseen { " as " (name) }
                }
            }
        }
    }
}

/// In which ways others are like this row, and how many; the domain only where it brings more than the sender.
fn ways(ticks: &Ticks, key: &str) -> Vec<(By, usize)> {
    let count = |by| alike(&ticks.rows, key, by).len();
    let counts = By::ALL.map(|by| (by, count(by)));
    let of_sender = counts[0].1;
    let is_offered = |(by, count): &(By, usize)| *count > 1 && (*by != By::Domain || *count > of_sender);
    counts.into_iter().filter(is_offered).collect()
}

/// The form itself, above the list.
pub fn form(ticks: &Ticks, pile: Pile, day: &str) -> Markup {
    html! {
        form.bulk id=(FORM) method="post" action={ (path(pile)) "/bulk" } {
            @if let Some(problem) = ticks.problem {
                div.notice.late role="alert" { p { strong { "Error: " } (problem) } }
            }
            @if pile == Pile::Quarantine { input type="hidden" name="day" value=(day); }
            (buttons(ticks, pile, "With the selected"))
            p.small.muted { "You see first what would happen. It can be undone for 30 days: " a href="/bulk" { "done in bulk" } "." }
        }
    }
}

/// The same buttons again, below a long list.
pub fn below(ticks: &Ticks, pile: Pile) -> Markup {
    html! { @if ticks.rows.len() > 1 { div.bulk { (buttons(ticks, pile, "With the selected above")) } } }
}

fn buttons(ticks: &Ticks, pile: Pile, words: &str) -> Markup {
    let count = ticks.ticked.len();
    html! {
        div.row role="group" aria-label=(words) {
            span.strong { (words) @if count > 0 { " (" (count) " so far)" } ":" }
            @for act in BulkAct::ALL.into_iter().filter(|act| act.pile() == pile) {
                button form=(FORM) name="act" value=(act.word()) { (act.title()) " …" }
            }
        }
    }
}

/// Where the list of a pile is.
pub fn path(pile: Pile) -> &'static str {
    match pile {
        Pile::Triage => "/triage",
        Pile::Quarantine => "/quarantine",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Mailbox;
    use crate::web::samples::{HOSTILE, safe, shows_hostile_texts};

    fn rows() -> Vec<Row> {
        let row = |key: &str, from: &str, body: &str| Row::new(key, Mailbox::parse(from).ok().as_ref(), "Toner", body);
        let text = "Our warehouse in Halden sells printer toner below any price you know, before Sunday.";
        vec![
            row("a", "sales@deals.example", text),
            row("b", "sales@deals.example", "Pay the attached invoice before the month ends or lose it."),
            row("c", "jane@finder.example", text),
        ]
    }

    #[test]
    fn a_row_offers_the_ways_in_which_others_are_like_it_and_no_other() {
        let ticks = Ticks::of(rows(), Asked::default());
        let page = shows_hostile_texts(row(&ticks, "a", HOSTILE), 1);
        for words in ["Select 2 like this (sender)", "Select 2 like this (text)", "form=\"bulk\"", "value=\"text:a\""] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("(domain)") && !page.contains("checked"), "{page}");
        assert!(!safe(row(&ticks, "c", "c")).contains("(sender)"));
    }

    #[test]
    fn what_is_like_a_row_is_ticked_beside_what_was_and_what_is_gone_is_not() {
        let ticked = BTreeSet::from(["b".to_owned(), "gone".to_owned()]);
        let ticks = Ticks::of(rows(), Asked { ticked, like: Some((By::Text, "a".to_owned())), problem: None });
        for key in ["a", "b", "c"] {
            assert!(safe(row(&ticks, key, key)).contains("checked"), "{key}");
        }
        assert!(safe(form(&ticks, Pile::Triage, "")).contains("(3 so far)"));
    }

    #[test]
    fn each_list_has_its_own_buttons() {
        let ticks = Ticks::of(rows(), Asked { problem: Some("Select at least one."), ..Asked::default() });
        let triage = safe(form(&ticks, Pile::Triage, ""));
        assert!(
            triage.contains("Spam and warn …") && triage.contains("Error: ") && !triage.contains("Release"),
            "{triage}"
        );
        let quarantine = safe(form(&ticks, Pile::Quarantine, "2026-11-20"));
        assert!(quarantine.contains("Release …") && quarantine.contains("value=\"2026-11-20\""), "{quarantine}");
        assert!(!quarantine.contains("Not security") && safe(below(&ticks, Pile::Triage)).contains("Not security …"));
    }
}
