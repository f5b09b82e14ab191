//! What a kept form says beside its text. Only of messages that came through the form's own door: we wrote them.

use crate::domain::directory::ProjectId;
use crate::domain::form::{FormFacts, Suspicious};
use crate::domain::party::Shares;
use crate::domain::report::{FORM_HEADER, FORM_NAME_HEADER, FORM_PRIVATE};
use crate::mail::read::guard::Map;
use crate::mail::read::text::one_line;

/// The facts in the headers of a kept form.
pub fn form_facts(raw: &[u8]) -> FormFacts {
    let mut facts = FormFacts { chosen: Vec::new(), shares: Shares::Nothing, name: None, suspicious: None };
    let Ok(map) = Map::of(raw) else { return facts };
    let name = map.top().last(FORM_NAME_HEADER).map(|field| one_line(&field.decoded()));
    facts.name = name.filter(|name| !name.is_empty());
    let said = map.top().last(FORM_HEADER).map(|field| field.unfolded()).unwrap_or_default();
    for (key, value) in said.split(';').filter_map(|fact| fact.trim().split_once('=')) {
        match key {
            "shares" => facts.shares = Shares::from_word(value).unwrap_or_default(),
            "chosen" => facts.chosen.extend(ProjectId::parse(value)),
            "suspicious" => facts.suspicious = Suspicious::from_word(value),
            _ => {}
        }
    }
    facts
}

/// The text of a kept form without what is for the committee alone.
pub fn without_form_private(text: &str) -> &str {
    text.rsplit_once(FORM_PRIVATE).map_or(text, |(public, _)| public)
}
