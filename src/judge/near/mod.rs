//! When two reports tell of the same flaw: what a text is recognized by, and how much two have in common.
//!
//! `text` leaves what is a report's own, `shingles` samples its words, `facts` finds what it names; `weigh` compares. What
//! leaves this room for the store is hashed under the instance's key (`Traits::prints`).

pub mod alike;
pub mod facts;
pub mod marks;
pub mod shingles;
pub mod text;
pub mod weigh;

use crate::domain::address::InstanceKey;
use crate::domain::directory::ProjectId;
use crate::domain::near::{FactKind, Print, Prints};
use crate::judge::fold::fold_name;
use crate::judge::near::facts::Fact;
use crate::judge::near::shingles::Sketch;
pub use crate::judge::near::weigh::weigh;
use crate::judge::subject;

/// Places of the sketch that other texts are found by.
const TELLING: usize = 24;

/// What one text is recognized by, in the clear: it never leaves memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    pub facts: Vec<Fact>,
    pub sketch: Sketch,
}

impl Traits {
    /// Of a subject and a text that concern these projects, as far as that is known. Takes time linear in their length.
    pub fn of(subject: &str, text: &str, projects: &[ProjectId]) -> Self {
        let whole = format!("{subject}\n\n{}", text::beginning(text));
        let mut facts = facts::facts(&whole);
        facts.extend(things(subject).chain(things(text)));
        facts.retain(|fact| !projects.iter().any(|project| project.as_str() == fact.value));
        facts.extend(projects.iter().take(4).map(|project| Fact {
            kind: FactKind::Project,
            value: project.as_str().to_owned(),
            said: project.as_str().to_owned(),
            is_common: true,
        }));
        Self { facts, sketch: Sketch::of(&text::runs(&whole)) }
    }

    /// The same under the instance's key, for the store.
    pub fn prints(&self, key: &InstanceKey) -> Prints {
        let fact = |fact: &Fact| (fact.kind, Print(key.print(fact.kind.byte(), fact.value.as_bytes())));
        let place = |at: usize| {
            let hash = self.sketch.places[at]?;
            Some(Print(key.print(u8::MAX, &hash.to_be_bytes())))
        };
        Prints {
            facts: self.facts.iter().map(fact).collect(),
            sketch: (0..shingles::PLACES).map(place).collect(),
            shingles: u32::try_from(self.sketch.count).unwrap_or(u32::MAX),
            telling: self.sketch.least(TELLING).into_iter().filter_map(place).collect(),
        }
    }
}

/// What a text says it is about, be it a project of ours or not.
fn things(text: &str) -> impl Iterator<Item = Fact> + '_ {
    subject::claims(text).into_iter().map(|claim| {
        let said = &text[claim.range];
        Fact { kind: FactKind::Thing, value: fold_name(said), said: said.to_owned(), is_common: true }
    })
}

#[cfg(test)]
mod tests;
