//! How many of a project's contacts a report has reached: what the committee is told when one of them has bounced.

use std::collections::BTreeSet;

use crate::domain::id::{HandlingId, PartyId};
use crate::domain::letter::LetterKind;
use crate::domain::party::Party;
use crate::store::LetterFacts;

use super::is_to_a_contact;

pub struct Reach {
    pub contacts: usize,
    pub refused: usize,
    pub delivered: usize,
}

impl Reach {
    /// From all letters of the handling; a contact is counted once, and one whose later letter was refused is gone.
    /// Whoever has left is none: what they still have helps nobody.
    pub fn of(letters: &[LetterFacts], parties: &[Party], handling: &HandlingId) -> Self {
        let stay = parties.iter().filter(|party| party.is_contact_of(handling)).map(|party| party.id.as_str());
        let stay: BTreeSet<&str> = stay.collect();
        let of = |counts: &dyn Fn(&LetterFacts) -> bool| -> BTreeSet<&str> {
            let meant = letters.iter().filter(|letter| is_to_a_contact(letter.kind) && counts(letter));
            let parties = meant.filter_map(|letter| letter.party.as_ref()).map(PartyId::as_str);
            parties.filter(|party| stay.contains(party)).collect()
        };
        let contacts = of(&|letter| letter.kind == LetterKind::Forward && letter.withdrawn_at.is_none());
        let refused = of(&|letter| letter.refused_at.is_some());
        let delivered = of(&|letter| letter.kind == LetterKind::Forward && letter.sent_at.is_some());
        Self {
            refused: contacts.intersection(&refused).count(),
            delivered: contacts.intersection(&delivered).filter(|party| !refused.contains(*party)).count(),
            contacts: contacts.len(),
        }
    }
}
