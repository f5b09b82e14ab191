//! Signing in by a letter: its link is shown and used once, its code is typed in the browser that asked.

use jiff::SignedDuration;

use crate::domain::address::{Mailbox, Purpose, Token};
use crate::domain::directory::Directory;
use crate::domain::id::LetterId;
use crate::domain::letter::LetterKind;
use crate::flows::sessions;
use crate::flows::writing::{self, NewLetter};
use crate::flows::{House, Step};
use crate::mail::write::letters::sign_in::{SignIn, sign_in};
use crate::store::{NewSignIn, StoreError, Tx};

/// A sign-in link lives this long, and so does its code (DESIGN.md 3.3).
pub const LINK_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// Codes that may be typed for one letter (DESIGN.md 3.3).
pub const CODE_TRIES: i64 = 5;
/// Letters of base32 in a code: 40 bits, of which five guesses find nothing.
const CODE_LETTERS: usize = 8;
/// Links for one address within [`LINK_LIFE`]; a fourth request is answered like the others and sends nothing.
const LINKS_AT_ONCE: i64 = 3;

/// One of those who may sign in: the committee, and the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub email: Mailbox,
    pub name: String,
    /// `chair`, `secretary`, `member` or `board`.
    pub role: String,
}

/// Who has this address, if anybody who may sign in does. A member who sits on the board as well is a member.
pub(super) fn person(directory: &Directory, email: &Mailbox) -> Option<Person> {
    if let Some(member) = directory.member(email) {
        let (email, name, role) = (member.email.clone(), member.name.clone(), member.role.to_string());
        return Some(Person { email, name, role });
    }
    let email = directory.board.iter().find(|listed| *listed == email)?.clone();
    let name = format!("Board of {}", directory.foundation.name);
    Some(Person { email, name, role: "board".to_owned() })
}

/// Somebody asks for a sign-in letter.
pub struct Asking<'a> {
    pub email: &'a Mailbox,
    /// The network that asks, for the letter.
    pub network: &'a str,
    /// The page to go to afterwards.
    pub back: Option<&'a str>,
}

/// The browser in which somebody signs in.
#[derive(Debug, Clone, Default)]
pub struct Device<'a> {
    /// "Firefox on Linux".
    pub name: Option<String>,
    /// The secret of the session that it had until now, which ends.
    pub cookie: Option<&'a str>,
}

/// A session that has just begun.
pub struct NewSession {
    /// The secret for the browser's cookie; the database has its hash alone.
    pub cookie: String,
    /// The page to go to.
    pub back: Option<String>,
}

/// Writes a sign-in letter if this address may sign in, and gives the secret for a cookie by which the asking browser
/// is known when a code is typed. The caller answers the same whether there is a letter or not.
pub async fn request(house: &House, asking: &Asking<'_>) -> Result<String, StoreError> {
    let (step, browser) = (house.step(), sessions::new_secret(house));
    let Some(person) = person(&step.policy.directory, asking.email) else { return Ok(browser) };
    let mut tx = house.store.begin().await?;
    if tx.sign_in_letters(&person.email, step.now - LINK_LIFE).await? >= LINKS_AT_ONCE {
        return Ok(browser);
    }
    let (row, token) = new_link(house, &step, &person.email);
    let (link, code) = (sign_in_url(house, &token), code(house, &row));
    let words = sign_in(&SignIn { link: &link, code: &in_halves(&code), network: asking.network, asked_at: step.now });
    let fingerprint = sessions::fingerprint(&browser);
    let asked = NewSignIn { id: &row, browser: &fingerprint, asked_at: step.now, back: asking.back };
    tx.ask_sign_in(&asked, LINK_LIFE).await?;
    tx.issue(&token, &row, 0, Some(step.now + LINK_LIFE)).await?;
    writing::put(&mut tx, house, &step, NewLetter::of_no_case(LetterKind::SignIn, &person.email, &words)).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(browser)
}

/// A sign-in link for the operator to hand over, when mail is down and in the demo. `None` if nobody has this address.
pub async fn admin_link(house: &House, email: &Mailbox, life: SignedDuration) -> Result<Option<String>, StoreError> {
    let step = house.step();
    let Some(member) = person(&step.policy.directory, email) else { return Ok(None) };
    let (row, token) = new_link(house, &step, &member.email);
    let mut tx = house.store.begin().await?;
    tx.issue(&token, &row, 0, Some(step.now + life)).await?;
    tx.commit().await?;
    Ok(Some(sign_in_url(house, &token)))
}

/// The row of a sign-in link names whom it lets in, with chance in front so that each link is another.
fn new_link(house: &House, step: &Step, email: &Mailbox) -> (String, Token) {
    let row = format!("{} {email}", LetterId::new(step.now, house.chance()));
    let token = link_of(house, &row);
    (row, token)
}

fn link_of(house: &House, row: &str) -> Token {
    house.key.token(Purpose::SignInLink, row, 0)
}

/// The code that stands beside the link of this row, derived like the link, so that no row holds it. It is of another
/// row than any link is: those begin with an id.
fn code(house: &House, row: &str) -> String {
    let token = house.key.token(Purpose::SignInLink, &format!("code {row}"), 0);
    token.letters()[..CODE_LETTERS].to_ascii_uppercase()
}

/// `KX4P-7TQM`: easier to read and to type.
fn in_halves(code: &str) -> String {
    let (first, second) = code.split_at(CODE_LETTERS / 2);
    format!("{first}-{second}")
}

/// What was typed or pasted, as a code is compared: with whatever stands between the letters left out, and digits that
/// no code has as the letters that they look like.
fn as_typed(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric).take(CODE_LETTERS + 1);
    let read = |letter: char| match letter.to_ascii_uppercase() {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    };
    letters.map(read).collect()
}

fn sign_in_url(house: &House, token: &Token) -> String {
    format!("{}/login/{}", house.public_url, token.letters())
}

/// Whom the link would let in; changes nothing, for mail gateways open every link.
pub async fn open(house: &House, token: &Token) -> Result<Option<Person>, StoreError> {
    let step = house.step();
    let Some(link) = house.store.link(&token.fingerprint()).await? else { return Ok(None) };
    let is_usable = link.purpose == Purpose::SignInLink
        && link.used_at.is_none()
        && link.expires_at.is_some_and(|end| step.now < end);
    Ok(if is_usable { person_of(&step.policy.directory, &link.row) } else { None })
}

fn person_of(directory: &Directory, row: &str) -> Option<Person> {
    let (_, email) = row.split_once(' ')?;
    person(directory, &Mailbox::parse(email).ok()?)
}

/// Uses the link, once, and begins a session.
pub async fn enter(house: &House, token: &Token, device: &Device<'_>) -> Result<Option<NewSession>, StoreError> {
    let step = house.step();
    if token.purpose() != Purpose::SignInLink {
        return Ok(None);
    }
    let mut tx = house.store.begin().await?;
    let session = use_up(&mut tx, house, &step, token, device).await?;
    tx.commit().await?;
    Ok(session)
}

/// Uses the letter for which this browser asked, by the code that stands in it. A code counts as tried also if it is
/// wrong; after five the letter's link still works, which is not to be guessed.
pub async fn enter_by_code(
    house: &House,
    browser: &str,
    typed: &str,
    device: &Device<'_>,
) -> Result<Option<NewSession>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let asked = tx.try_code(&sessions::fingerprint(browser), step.now - LINK_LIFE, CODE_TRIES).await?;
    let session = match asked.filter(|row| code(house, row) == as_typed(typed)) {
        Some(row) => use_up(&mut tx, house, &step, &link_of(house, &row), device).await?,
        None => None,
    };
    tx.commit().await?;
    Ok(session)
}

/// Link and code are one: whichever comes first uses up both.
async fn use_up(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    token: &Token,
    device: &Device<'_>,
) -> Result<Option<NewSession>, StoreError> {
    if !tx.use_link(&token.fingerprint(), step.now).await? {
        return Ok(None);
    }
    let Some(link) = tx.link(&token.fingerprint()).await? else { return Ok(None) };
    let Some(person) = person_of(&step.policy.directory, &link.row) else { return Ok(None) };
    let back = tx.back_after(&link.row).await?;
    let cookie = sessions::begin(tx, house, step, &person.email, device).await?;
    Ok(Some(NewSession { cookie, back }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_pasted_or_typed() {
        for typed in ["KX4P-7TQM", " kx4p 7tqm\r\n", "kx4p7tqm", "KX4P–7TQM."] {
            assert_eq!(as_typed(typed), "KX4P7TQM", "{typed}");
        }
        assert_eq!(as_typed("0l18-OLIB"), "OLIBOLIB");
        assert_ne!(as_typed("KX4P-7TQM-A"), "KX4P7TQM", "what is longer is another");
        assert_eq!(in_halves("KX4P7TQM"), "KX4P-7TQM");
    }
}
