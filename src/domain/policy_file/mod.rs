//! What a project's own SECURITY.md, security.txt or SECURITY-INSIGHTS.yml says, to fill in a form from: a proposal for a
//! person to look at, never more. Nothing that such a file names is fetched.

mod insights;
mod links;
mod markdown;
mod txt;
mod yaml;

use jiff::civil::Date;

use crate::domain::address::Mailbox;
use crate::domain::directory::Channel;

/// The longest text that is read, in bytes: ten times what such files have.
pub const TEXT_MAX: usize = 100_000;
/// The longest paragraph that is taken over, in characters.
const SCOPE_MAX: usize = 2_000;

/// Which kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// RFC 9116.
    SecurityTxt,
    /// SECURITY-INSIGHTS.yml of the OpenSSF, 1.x or 2.x.
    Insights,
    /// SECURITY.md, or whatever else people write.
    Markdown,
}

impl Kind {
    /// The name of the file.
    pub fn words(self) -> &'static str {
        match self {
            Self::SecurityTxt => "security.txt",
            Self::Insights => "SECURITY-INSIGHTS.yml",
            Self::Markdown => "SECURITY.md",
        }
    }
}

/// What the file says of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub kind: Kind,
    pub name: Option<String>,
    pub homepage: Option<String>,
    pub repositories: Vec<String>,
    pub policy: Option<String>,
    pub out_of_scope: Option<String>,
    pub channel: Option<(Channel, String)>,
    /// Where it wants mail, the first one best.
    pub contacts: Vec<FoundContact>,
    /// What a person should know of it: it has run out, it takes no reports, it has more than was taken over.
    pub doubts: Vec<String>,
}

/// Somebody whom the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundContact {
    pub name: Option<String>,
    pub email: Mailbox,
}

impl Found {
    fn of(kind: Kind) -> Self {
        Self {
            kind,
            name: None,
            homepage: None,
            repositories: Vec::new(),
            policy: None,
            out_of_scope: None,
            channel: None,
            contacts: Vec::new(),
            doubts: Vec::new(),
        }
    }

    fn contact(&mut self, name: Option<&str>, email: Mailbox) {
        if !self.contacts.iter().any(|contact| contact.email == email) {
            self.contacts.push(FoundContact { name: name.map(str::to_owned), email });
        }
    }

    /// Takes a link that says where to report; one that leads to no channel that we know is left to a person.
    fn report_at(&mut self, link: &str) {
        match links::channel(link) {
            Some(channel) if self.channel.is_none() => self.channel = Some((channel, link.to_owned())),
            Some(_) => {}
            None => {
                self.doubts.push(format!("It also takes reports at {link}. Choose a channel if they should go there."))
            }
        }
    }

    /// Whether nothing was found that a form could be filled in from.
    pub fn is_empty(&self) -> bool {
        let Self { name, homepage, repositories, policy, out_of_scope, channel, contacts, .. } = self;
        let texts = [name, homepage, policy, out_of_scope];
        texts.iter().all(|text| text.is_none()) && repositories.is_empty() && channel.is_none() && contacts.is_empty()
    }
}

/// Reads a file that somebody pasted or uploaded, on the day `today`.
pub fn read(text: &str, today: Date) -> Found {
    let whole = text.trim_start_matches('\u{feff}');
    let text = &whole[..whole.floor_char_boundary(TEXT_MAX.min(whole.len()))];
    match kind_of(text) {
        Kind::SecurityTxt => txt::read(text, today),
        // Half of a map may mean something else than the whole of it.
        Kind::Insights => insights::read(whole, today),
        Kind::Markdown => markdown::read(text),
    }
}

fn kind_of(text: &str) -> Kind {
    let begins = |key: &str| {
        text.lines().any(|line| {
            line.len() > key.len() && line.is_char_boundary(key.len()) && line[..key.len()].eq_ignore_ascii_case(key)
        })
    };
    let is_insights = text.lines().any(|line| line.trim_start().starts_with("schema-version:"))
        && text.lines().any(|line| line.trim_end() == "header:");
    if is_insights {
        Kind::Insights
    } else if begins("Contact: ") || begins("Contact:") && begins("Expires:") {
        Kind::SecurityTxt
    } else {
        Kind::Markdown
    }
}

/// One paragraph of a few sentences, cut where it is too long.
fn brief(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.char_indices().nth(SCOPE_MAX).map_or(text.len(), |(end, _)| end);
    Some(text[..end].to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
