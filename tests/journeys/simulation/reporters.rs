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
use crate::simulation::teaching::{self, NAME};
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
    WritesToAll { pick: Pick, hint: Hint, is_a_stranger: bool },
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
    /// A project by a name that the directory does not have.
    ByAnotherName,
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

/// By what a mail to the general address points at a case.
#[derive(Debug, Clone, Copy)]
pub enum Hint {
    AnswersOurLetter,
    Tag,
    Both,
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

impl Button {
    pub fn roll(rng: &mut StdRng) -> Self {
        [
            Self::Add,
            Self::Add,
            Self::Share(rng.random_range(0..3)),
            Self::Withdraw,
            Self::NewLink,
            Self::MailNewer,
            Self::WasAnswered(rng.random_range(0..2) == 0),
        ][rng.random_range(0..7)]
    }
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
            66..72 => Self::WritesToAll {
                pick,
                hint: [Hint::AnswersOurLetter, Hint::Tag, Hint::Both][rng.random_range(0..3)],
                is_a_stranger: rng.random_range(0..2) == 0,
            },
            72..84 => Self::Writes {
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
            _ => Self::Uses { pick, button: Button::roll(rng) },
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
            Self::WritesToAll { pick, hint, is_a_stranger } => writes_to_all(world, pick, hint, is_a_stranger).await,
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
        About::ByAnotherName => (
            format!("Path traversal in {NAME} 2.{next}"),
            format!("A link in an archive makes {NAME} write outside of its folder."),
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
    if !matches!(about, About::ByAnotherName) {
        return world.mail_comes(&mail).await;
    }
    world.ledger.by_name.insert(mail.message_id.clone());
    let (counts, lived) = (teaching::counts(&world.stage.house).await, world.diary.len());
    world.mail_comes(&mail).await?;
    // After another start the judge knows no names until the first sweep.
    if world.diary.len() > lived {
        return Ok(());
    }
    teaching::check_judged(world, &mail.message_id, counts).await
}

fn flaw(project: &str) -> String {
    format!("A crafted table makes {project} read past the end of its buffer.")
}

/// Letters to reporters that were taken by the relay.
fn to_reporters(world: &World) -> Vec<SentLetter> {
    let is_to_one = |letter: &SentLetter| {
        let row = world.seen.letters.get(letter.id.as_str());
        // Whoever was asked for a proof alone has nothing to write about yet.
        row.is_some_and(|row| row.party.is_some() && row.handling.is_none() && row.kind != "prove-address")
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
    let named = REPORTERS.iter().find(|(_, address)| *address == letter.recipient.as_str());
    let name = named.map_or("A reporter", |(name, _)| name);
    let text = format!("{first}It also happens with {word}.\r\nMy name is {name}, at {}.\r\n", letter.recipient);
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
    links(letter, path, purpose).into_iter().next()
}

/// The tokens of all links to `path` in a letter.
pub fn links(letter: &SentLetter, path: &str, purpose: Purpose) -> Vec<Token> {
    let text = letter.text();
    let letters = |rest: &str| -> String { rest.chars().take_while(char::is_ascii_alphanumeric).collect() };
    text.split(path).skip(1).filter_map(|rest| Token::read(purpose, &letters(rest))).collect()
}

/// Mail to the general address that points at a case: it opens none, whatever else is in it.
async fn writes_to_all(world: &mut World, pick: Pick, hint: Hint, is_a_stranger: bool) -> Result<(), Broken> {
    let letters: Vec<SentLetter> = world.sent().into_iter().filter(|letter| number(world, letter).is_some()).collect();
    let Some(letter) = pick.among(&letters) else { return Ok(()) };
    let number = number(world, letter).expect("it was among those of a case");
    let word = world.secret(Origin::Arrivals(Vec::new()), Readers::AsAMemberSays);
    let from = if is_a_stranger { "mallory@elsewhere.example" } else { letter.recipient.as_str() };
    let subject = match hint {
        Hint::AnswersOurLetter => "About what you wrote".to_owned(),
        Hint::Tag | Hint::Both => format!("Re: [{number}] About what you wrote"),
    };
    let mut mail = fresh(world, from, &subject, &format!("Parsley does it too, see {word}.\r\n"));
    if matches!(hint, Hint::AnswersOurLetter | Hint::Both) {
        mail = mail.header(&format!("In-Reply-To: {}", letter.header("Message-ID").trim()));
    }
    world.note(format_args!("{from} writes to the general address about {number} ({hint:?})"));
    world.ledger.pointing.insert(mail.message_id.clone());
    world.mail_comes(&mail).await
}

/// The number of the case that a letter is of.
fn number(world: &World, letter: &SentLetter) -> Option<String> {
    let row = world.seen.letters.get(letter.id.as_str())?;
    // Whoever was warned is asked to write again.
    let case = row.case.as_ref().filter(|_| !matches!(&*row.kind, "warning" | "prove-address"))?;
    Some(world.seen.cases[case].number.clone())
}

async fn uses(world: &mut World, pick: Pick, button: Button) -> Result<(), Broken> {
    let letters = to_reporters(world);
    let Some(letter) = pick.among(&letters) else { return Ok(()) };
    let Some(token) = link(letter, "/s/", Purpose::StatusLink) else { return Ok(()) };
    let row = world.seen.letters[letter.id.as_str()].clone();
    world.note(format_args!("{} opens the status page and presses {button:?}", letter.recipient));
    press(world, token, (row.case.unwrap_or_default(), row.party.unwrap_or_default()), pick, button).await?;
    world.works().await
}

/// A button on the private page of a reporter, who is that party of that case.
pub async fn press(
    world: &mut World,
    token: Token,
    (case, party): (String, String),
    pick: Pick,
    button: Button,
) -> Result<(), Broken> {
    let house = Arc::clone(&world.stage.house);
    match button {
        Button::Add => {
            let word = world.secret(Origin::Case(case), Readers::Projects);
            let text = format!("And with {word} as well.");
            let part = async move { status::add(&house, &token, &Once::new(&house), &text).await };
            world.part("a reporter adds words", part).await.map(|_| ())
        }
        Button::Share(how) => {
            let shares = [Shares::Nothing, Shares::Name, Shares::NameAndAddress][usize::from(how)];
            world.ledger.shared.insert(party);
            let part = async move { status::share(&house, &token, shares).await };
            world.part("a reporter shares", part).await.map(|_| ())
        }
        Button::Withdraw => {
            let part = async move { status::withdraw(&house, &token).await };
            world.part("a reporter withdraws", part).await.map(|_| ())
        }
        Button::NewLink => {
            let part = async move { status::renew(&house, &token).await };
            world.part("a reporter renews the link", part).await.map(|_| ())
        }
        Button::MailNewer => {
            let part = async move { status::mail_newer(&house, &token).await };
            world.part("a reporter asks for the link", part).await.map(|_| ())
        }
        Button::WasAnswered(yes) => {
            let parts = world.seen.handlings.iter().filter(|(_, row)| row.case == case);
            let handlings: Vec<String> = parts.map(|(id, _)| id.clone()).collect();
            let Some(handling) = pick.among(&handlings).cloned() else { return Ok(()) };
            if yes {
                world.ledger.acted.insert(party);
            }
            let part = async move { status::was_answered(&house, &token, &handling, yes).await };
            world.part("a reporter says so", part).await.map(|_| ())
        }
    }
}
