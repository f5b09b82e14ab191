//! The report form: its fields, what is wrong with what was typed, and what a whole form says.

mod chosen;

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::directory::{Directory, ProjectId};
use crate::domain::party::Shares;
pub use chosen::{Named, named_projects};

/// Files in one form (DESIGN.md 3.1).
pub const FILES_MAX: usize = 5;
/// Bytes of the files of one form together (DESIGN.md 3.1).
pub const FILES_SIZE_MAX: u64 = 25_000_000;
/// Nobody reads the page and answers it in less time than this.
pub const QUICKER_THAN_A_PERSON: SignedDuration = SignedDuration::from_secs(2);
/// A form that was open for longer is shown once more before it is taken; its files are gone by then.
pub const FORM_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Letters of the fields that hold one line.
const LINE_MAX: usize = 500;

/// A field of the form, by which its text is kept while errors are mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    About,
    Project,
    Text,
    Reach,
    Email,
    Name,
    Shares,
    Summary,
    Versions,
    Exploited,
    PublishOn,
    Credit,
    Key,
    Numbers,
    Reproduced,
    /// People do not see it; a program that fills all there is gives itself away.
    Trap,
}

impl Field {
    pub const ALL: [Self; 16] = [
        Self::About,
        Self::Project,
        Self::Text,
        Self::Reach,
        Self::Email,
        Self::Name,
        Self::Shares,
        Self::Summary,
        Self::Versions,
        Self::Exploited,
        Self::PublishOn,
        Self::Credit,
        Self::Key,
        Self::Numbers,
        Self::Reproduced,
        Self::Trap,
    ];

    /// Its name in the form, which is also its id on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::Project => "project",
            Self::Text => "text",
            Self::Reach => "reach",
            Self::Email => "email",
            Self::Name => "name",
            Self::Shares => "shares",
            Self::Summary => "summary",
            Self::Versions => "versions",
            Self::Exploited => "exploited",
            Self::PublishOn => "publish-on",
            Self::Credit => "credit",
            Self::Key => "key",
            Self::Numbers => "numbers",
            Self::Reproduced => "reproduced",
            Self::Trap => "homepage",
        }
    }

    /// Letters that it may hold.
    pub fn letters_max(self) -> usize {
        match self {
            Self::Text => 100_000,
            // An OpenPGP key with a few signatures.
            Self::Key => 20_000,
            _ => LINE_MAX,
        }
    }
}

/// What was typed, field by field, as it came; kept whole whatever is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    texts: [String; Field::ALL.len()],
}

impl Typed {
    pub fn get(&self, field: Field) -> &str {
        &self.texts[field as usize]
    }

    /// Puts `text` into a field, with LF line ends as it is counted.
    pub fn set(&mut self, field: Field, text: &str) {
        self.texts[field as usize] = text.replace("\r\n", "\n").replace('\r', "\n");
    }
}

/// What the report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One project or a few, as typed, and those of them that the directory knows.
    Projects {
        typed: String,
        known: Vec<ProjectId>,
    },
    Unknown,
    /// A website or service that the foundation runs.
    Service,
}

impl About {
    /// The value of its radio button.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Projects { .. } => ABOUT_PROJECT,
            Self::Unknown => ABOUT_UNKNOWN,
            Self::Service => ABOUT_SERVICE,
        }
    }
}

pub const ABOUT_PROJECT: &str = "project";
pub const ABOUT_UNKNOWN: &str = "unknown";
pub const ABOUT_SERVICE: &str = "service";
pub const REACH_MAIL: &str = "mail";
pub const REACH_NOT: &str = "anonymous";
/// The value of a ticked box.
pub const YES: &str = "yes";

/// A form in which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub about: About,
    pub text: String,
    /// `None`: the reporter stays anonymous.
    pub email: Option<Mailbox>,
    pub name: Option<String>,
    pub shares: Shares,
    pub summary: Option<String>,
    pub versions: Option<String>,
    pub is_exploited: bool,
    pub publish_on: Option<String>,
    pub credit: Option<String>,
    pub key: Option<String>,
    pub numbers: Option<String>,
    pub is_reproduced: bool,
}

/// What is wrong with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    NoAbout,
    NoText,
    NoReach,
    /// The address is missing, is none, or is one of ours.
    NoAddress,
    TooLong(Field),
    TooManyFiles,
    FilesTooLarge,
    /// Too many files of other forms wait.
    NoRoomForFiles,
    /// The body broke off.
    CutOff,
}

/// Reads a form; all that is wrong at once, in the order of the page.
pub fn check(typed: &Typed, directory: &Directory) -> Result<Filled, Vec<Fault>> {
    let mut faults = Vec::new();
    let about = about(typed, directory);
    if about.is_none() {
        faults.push(Fault::NoAbout);
    }
    let text = typed.get(Field::Text).trim_end();
    if text.trim().is_empty() {
        faults.push(Fault::NoText);
    }
    let reach = reach(typed, directory);
    faults.extend(reach.as_ref().err());
    let is_too_long = |field: &Field| typed.get(*field).chars().count() > field.letters_max();
    faults.extend(Field::ALL.into_iter().filter(is_too_long).map(Fault::TooLong));
    let (Some(about), Ok(email), true) = (about, reach, faults.is_empty()) else { return Err(faults) };
    Ok(Filled {
        about,
        text: text.to_owned(),
        email,
        name: line(typed, Field::Name),
        shares: Shares::from_word(typed.get(Field::Shares)).unwrap_or_default(),
        summary: line(typed, Field::Summary),
        versions: line(typed, Field::Versions),
        is_exploited: typed.get(Field::Exploited) == YES,
        publish_on: line(typed, Field::PublishOn),
        credit: line(typed, Field::Credit),
        key: Some(typed.get(Field::Key).trim()).filter(|key| !key.is_empty()).map(str::to_owned),
        numbers: line(typed, Field::Numbers),
        is_reproduced: typed.get(Field::Reproduced) == YES,
    })
}

/// A name in the box says as much as the button beside it.
fn about(typed: &Typed, directory: &Directory) -> Option<About> {
    let named = typed.get(Field::Project).trim();
    match typed.get(Field::About) {
        ABOUT_UNKNOWN => Some(About::Unknown),
        ABOUT_SERVICE => Some(About::Service),
        ABOUT_PROJECT | "" if !named.is_empty() => {
            Some(About::Projects { typed: named.to_owned(), known: named_projects(directory, named).known })
        }
        _ => None,
    }
}

/// An address in the box says as much as the button beside it.
fn reach(typed: &Typed, directory: &Directory) -> Result<Option<Mailbox>, Fault> {
    let address = typed.get(Field::Email).trim();
    match typed.get(Field::Reach) {
        REACH_NOT => Ok(None),
        REACH_MAIL => mailbox(address, directory).map(Some),
        _ if !address.is_empty() => mailbox(address, directory).map(Some),
        _ => Err(Fault::NoReach),
    }
}

fn mailbox(address: &str, directory: &Directory) -> Result<Mailbox, Fault> {
    reachable(address, directory).ok_or(Fault::NoAddress)
}

/// The address that a reporter typed, if letters may go there.
pub fn reachable(address: &str, directory: &Directory) -> Option<Mailbox> {
    let mailbox = Mailbox::parse(address.trim()).ok().filter(|mailbox| mailbox.domain().contains('.'))?;
    // To one of our own, each letter would come back as a report.
    directory.own_addresses().read(&mailbox).is_none().then_some(mailbox)
}

/// The text of a field on one line; `None` if there is none.
fn line(typed: &Typed, field: Field) -> Option<String> {
    let words: Vec<&str> = typed.get(field).split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// By what a form is taken for a program's, and waits in quarantine until a person has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicious {
    Trapped,
    TooQuick,
}

impl Suspicious {
    /// The word that stands in a kept form.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trapped => "trapped",
            Self::TooQuick => "too-quick",
        }
    }

    /// The sign of such a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Trapped, Self::TooQuick].into_iter().find(|sign| sign.word() == word)
    }

    /// The reason as a sentence for members.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Trapped => "The form's hidden field was filled, which people do not see.",
            Self::TooQuick => "The form was sent within 2 seconds of being shown.",
        }
    }
}

/// Whether a form of a page that was made at `made_at` looks as if nobody had read it.
pub fn suspicious(typed: &Typed, made_at: Timestamp, now: Timestamp) -> Option<Suspicious> {
    if !typed.get(Field::Trap).trim().is_empty() {
        return Some(Suspicious::Trapped);
    }
    let took = now.duration_since(made_at);
    (SignedDuration::ZERO..QUICKER_THAN_A_PERSON).contains(&took).then_some(Suspicious::TooQuick)
}

/// What a kept form says beside its text, read back from the headers that we wrote into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFacts {
    /// The projects that the reporter picked.
    pub chosen: Vec<ProjectId>,
    pub shares: Shares,
    /// Also of somebody who stays anonymous: a pseudonym.
    pub name: Option<String>,
    /// By what it looked like a program's.
    pub suspicious: Option<Suspicious>,
}

#[cfg(test)]
mod tests;
