//! What reporters do: report, send the same again, write more, and use their private pages.

use std::sync::Arc;

use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::party::Shares;
use fingerpost::flows::links::Once;
use fingerpost::flows::status;
use fingerpost::mail::write::transport::SentLetter;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::world::{Broken, Origin, Readers, World};
use crate::stage::{Mail, mail, reply_address};

/// Everybody who reports, by name and address.
pub const REPORTERS: [(&str, &str); 4] = [
    ("Jolanta Wrzosek", "jolanta@finder0.example"),
    ("Tadhg Quillfeather", "tadhg@finder1.example"),
    ("Ximena Oroz-Baptiste", "ximena@finder2.example"),
    ("Ngozi Umbrewhistle", "ngozi@finder3.example"),
];

#[derive(Debug, Clone)]
pub enum ReporterAct {
    Reports { who: usize, about: About, is_proven: bool },
    SendsAgain { pick: Pick },
    Writes { pick: Pick, how: Writing },
    Uses { pick: Pick, button: Button },
}

/// What a report is about.
#[derive(Debug, Clone, Copy)]
pub enum About {
    Parsley,
    Rosemary,
    Both,
    /// It takes reports by hand alone.
    Lovage,
    /// Nobody is named.
    Something,
    /// An offer, which is no report.
    Toner,
}

#[derive(Debug, Clone, Copy)]
pub enum Writing {
    Plainly,
    SharingAll,
    Unproven,
    FromElsewhere,
    SayingYes,
}

#[derive(Debug, Clone, Copy)]
pub enum Button {
    Add,
    Share(u8),
    Withdraw,
    NewLink,
    MailNewer,
    WasAnswered(bool),
}

impl ReporterAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let pick = Pick::roll(rng);
        match rng.random_range(0..100) {
            0..60 => Self::Reports {
                who: rng.random_range(0..REPORTERS.len()),
                about: [
                    About::Parsley,
                    About::Parsley,
                    About::Rosemary,
                    About::Both,
                    About::Lovage,
                    About::Something,
                    About::Toner,
                ][rng.random_range(0..7)],
                is_proven: rng.random_range(0..5) > 0,
            },
            60..66 => Self::SendsAgain { pick },
            66..82 => Self::Writes {
                pick,
                how: [
                    Writing::Plainly,
                    Writing::Plainly,
                    Writing::SharingAll,
                    Writing::Unproven,
                    Writing::FromElsewhere,
                    Writing::SayingYes,
                ][rng.random_range(0..6)],
            },
            _ => Self::Uses {
                pick,
                button: [
                    Button::Add,
                    Button::Add,
                    Button::Share(rng.random_range(0..3)),
                    Button::Withdraw,
                    Button::NewLink,
                    Button::MailNewer,
                    Button::WasAnswered(rng.random_range(0..2) == 0),
                ][rng.random_range(0..7)],
            },
        }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        match *self {
            Self::Reports { who, about, is_proven } => reports(world, who, about, is_proven).await,
            Self::SendsAgain { pick } => {
                let Some(mail) = pick.among(&world.ledger.mails).cloned() else { return Ok(()) };
                world.note(format_args!("{} sends \"{}\" once more", mail.from, mail.subject));
                world.mail_comes(&mail).await
            }
            Self::Writes { pick, how } => writes(world, pick, how).await,
            Self::Uses { pick, button } => uses(world, pick, button).await,
        }
    }
}

/// A mail that no other has the Message-ID of.
pub fn fresh(world: &mut World, from: &str, subject: &str, text: &str) -> Mail {
    world.ledger.written += 1;
    let mut mail = mail(from, subject, text);
    mail.message_id = format!("{}.{}@mail.example", world.ledger.written, world.stage.now().as_second());
    let address = from.rsplit_once('<').map_or(from, |(_, address)| address.trim_end_matches('>'));
    mail.sender = Some(address.to_owned());
    mail
}

async fn reports(world: &mut World, who: usize, about: About, is_proven: bool) -> Result<(), Broken> {
    let (name, address) = REPORTERS[who];
    let next = world.ledger.kept.len();
    let word = world.secret(Origin::Arrivals(Vec::new()), Readers::Projects);
    let (subject, body) = match about {
        About::Parsley => (format!("Buffer over-read in Parsley 2.{next}"), flaw("Parsley")),
        About::Rosemary => (format!("Buffer over-read in Rosemary 2.{next}"), flaw("Rosemary")),
        About::Lovage => (format!("Buffer over-read in Lovage 2.{next}"), flaw("Lovage")),
        About::Both => (
            format!("Buffer over-read in Parsley and Rosemary 2.{next}"),
            format!("{}\r\n{}", flaw("Parsley"), flaw("Rosemary")),
        ),
        About::Something => (format!("A question {next}"), "Can I ask you about a crash in your software?".to_owned()),
        About::Toner => (
            "BEST PRICE FOR TONER".to_owned(),
            format!(
                "Dear friend, we have toner number {next} at the lowest price. Order now, no obligation!\r\nhttps://deals.example/a https://deals.example/b"
            ),
        ),
    };
    let from = format!("{name} <{address}>");
    let text = format!("Hello,\r\n\r\n{body}\r\nIt shows as {word}.\r\n\r\n-- \r\n{name}\r\n");
    let mut mail = fresh(world, &from, &subject, &text);
    mail.is_proven = is_proven;
    world.note(format_args!("{name} reports \"{subject}\"{}", if is_proven { "" } else { ", unproven" }));
    world.mail_comes(&mail).await
}

fn flaw(project: &str) -> String {
    format!("A crafted table makes {project} read past the end of its buffer.")
}

/// Letters to reporters that were taken by the relay.
fn to_reporters(world: &World) -> Vec<SentLetter> {
    let is_to_one = |letter: &SentLetter| {
        let row = world.seen.letters.get(letter.id.as_str());
        row.is_some_and(|row| row.party.is_some() && row.handling.is_none())
    };
    world.sent().into_iter().filter(is_to_one).collect()
}

async fn writes(world: &mut World, pick: Pick, how: Writing) -> Result<(), Broken> {
    let letters = to_reporters(world);
    let Some(letter) = pick.among(&letters) else { return Ok(()) };
    let row = world.seen.letters[letter.id.as_str()].clone();
    let party = row.party.unwrap_or_default();
    let is_held = matches!(how, Writing::Unproven | Writing::FromElsewhere);
    let readers = if is_held { Readers::AsAMemberSays } else { Readers::Projects };
    let word = world.secret(Origin::Arrivals(Vec::new()), readers);
    let first = match how {
        Writing::SharingAll => "SHARE\r\n\r\n",
        Writing::SayingYes => "Yes\r\n\r\n",
        _ => "",
    };
    let from = match how {
        Writing::FromElsewhere => "somebody@elsewhere.example",
        _ => letter.recipient.as_str(),
    };
    let text = format!("{first}It also happens with {word}.\r\n");
    let subject = format!("Re: {}", letter.subject());
    let mut mail = fresh(world, from, &subject, &text).to(&reply_address(letter));
    mail.is_proven = !matches!(how, Writing::Unproven);
    match how {
        Writing::SharingAll => drop(world.ledger.shared.insert(party)),
        Writing::SayingYes => drop(world.ledger.acted.insert(party)),
        _ => {}
    }
    world.note(format_args!("{from} writes more about \"{}\" ({how:?})", letter.subject()));
    world.mail_comes(&mail).await
}

/// The token of the link to `path` in a letter, if it has one.
pub fn link(letter: &SentLetter, path: &str, purpose: Purpose) -> Option<Token> {
    let text = letter.text();
    let rest = &text[text.find(path)? + path.len()..];
    let letters: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    Token::read(purpose, &letters)
}

async fn uses(world: &mut World, pick: Pick, button: Button) -> Result<(), Broken> {
    let letters = to_reporters(world);
    let Some(letter) = pick.among(&letters) else { return Ok(()) };
    let Some(token) = link(letter, "/s/", Purpose::StatusLink) else { return Ok(()) };
    let row = world.seen.letters[letter.id.as_str()].clone();
    let (case, party) = (row.case.unwrap_or_default(), row.party.unwrap_or_default());
    world.note(format_args!("{} opens the status page and presses {button:?}", letter.recipient));
    let house = Arc::clone(&world.stage.house);
    match button {
        Button::Add => {
            let word = world.secret(Origin::Case(case), Readers::Projects);
            let text = format!("And with {word} as well.");
            let once = Once::new(&house);
            world.part("a reporter adds words", async move { status::add(&house, &token, &once, &text).await }).await?;
        }
        Button::Share(how) => {
            let shares = [Shares::Nothing, Shares::Name, Shares::NameAndAddress][usize::from(how)];
            world.ledger.shared.insert(party);
            world.part("a reporter shares", async move { status::share(&house, &token, shares).await }).await?;
        }
        Button::Withdraw => {
            world.part("a reporter withdraws", async move { status::withdraw(&house, &token).await }).await?;
        }
        Button::NewLink => {
            world.part("a reporter renews the link", async move { status::renew(&house, &token).await }).await?;
        }
        Button::MailNewer => {
            world.part("a reporter asks for the link", async move { status::mail_newer(&house, &token).await }).await?;
        }
        Button::WasAnswered(yes) => {
            let handlings: Vec<String> =
                world.seen.handlings.iter().filter(|(_, row)| row.case == case).map(|(id, _)| id.clone()).collect();
            let Some(handling) = pick.among(&handlings).cloned() else { return Ok(()) };
            world.ledger.acted.insert(party);
            world
                .part("a reporter says so", async move { status::was_answered(&house, &token, &handling, yes).await })
                .await?;
        }
    }
    world.works().await
}
