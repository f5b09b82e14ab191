//! Behind links from a mail stands what its holder may read and nothing else (STANDARDS.md 2.9, 8).

use std::collections::BTreeMap;

use fingerpost::domain::address::{Purpose, Token};
use fingerpost::flows::forward::ContentText;
use fingerpost::flows::status::{StatusPage, status};
use fingerpost::flows::{House, links};
use fingerpost::mail::write::transport::SentLetter;

use crate::simulation::reach;
use crate::simulation::reporters::link;
use crate::simulation::seen::{PartySeen, Seen};
use crate::simulation::world::{Broken, Ledger, Readers, broken};

const LEFT: &str = "Whoever had left the contacts when a case was forwarded again opens nothing of it any more.";
const ISOLATED: &str = "A page behind a link shows what its holder may read.";

/// Opens every link that went out.
pub async fn check(house: &House, seen: &Seen, sent: &[SentLetter], ledger: &Ledger) -> Result<(), Broken> {
    let mut opened: BTreeMap<String, (&String, Purpose)> = BTreeMap::new();
    for letter in sent {
        let Some(row) = seen.letters.get(letter.id.as_str()) else { continue };
        let Some(party) = row.party.as_ref() else { continue };
        for (path, purpose) in [("/a/", Purpose::ActionLink), ("/s/", Purpose::StatusLink)] {
            if let Some(token) = link(letter, path, purpose) {
                opened.insert(token.letters().to_owned(), (party, purpose));
            }
        }
    }
    reach::check_links(house, seen, sent).await?;
    for (letters, (holder, purpose)) in opened {
        let token = Token::read(purpose, &letters).expect("it was read before");
        let text = match purpose {
            Purpose::ActionLink => shown_to_a_contact(house, &token).await,
            _ => shown_to_a_reporter(house, &token).await,
        };
        if ledger.left.contains_key(holder) && !text.is_empty() {
            return Err(broken(LEFT, format!("{:?}:\n{text}", seen.parties[holder])));
        }
        shows_what_it_may(seen, &seen.parties[holder], &text, ledger)?;
    }
    Ok(())
}

async fn shown_to_a_contact(house: &House, token: &Token) -> String {
    let Some(view) = links::action(house, token).await.expect("the store is there") else { return String::new() };
    let report = match view.content.text {
        ContentText::Text(text) | ContentText::Unreadable(text) => text,
    };
    let later: Vec<String> = view.later.into_iter().map(|later| later.words).collect();
    format!("{report}\n{}", later.join("\n"))
}

async fn shown_to_a_reporter(house: &House, token: &Token) -> String {
    let StatusPage::Case(view) = status(house, token).await.expect("the store is there") else { return String::new() };
    let said = view.said.iter().map(|said| said.words.as_str());
    let sent = view.sent.iter().map(|sent| sent.text.as_str());
    said.chain(sent).collect::<Vec<_>>().join("\n")
}

fn shows_what_it_may(seen: &Seen, holder: &PartySeen, text: &str, ledger: &Ledger) -> Result<(), Broken> {
    for secret in ledger.secrets.iter().filter(|secret| text.contains(&secret.word)) {
        let may = matches!(secret.readers, Readers::AsAMemberSays | Readers::Projects)
            || secret.is_for(holder.handling.as_deref())
            || secret.is_reported(seen);
        if !may || !secret.is_of(&holder.case, seen) {
            return Err(broken(ISOLATED, format!("{} for {:?}, to {holder:?}:\n{text}", secret.word, secret.readers)));
        }
    }
    Ok(())
}
