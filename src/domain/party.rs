//! One recipient of one handling, or one reporter of one case: who shares a lane, by which address.

use crate::domain::address::Mailbox;
use crate::domain::id::{CaseId, HandlingId, PartyId};

/// Who a party is to its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartyRole {
    Reporter,
    /// A contact of the project that this handling belongs to.
    Contact(HandlingId),
}

/// One party of a case; its own address and links are derived from its id and `generation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    pub id: PartyId,
    pub case: CaseId,
    pub role: PartyRole,
    /// Where letters to it go; a reporter without a single From has none.
    pub mailbox: Option<Mailbox>,
    pub name: Option<String>,
    /// Any of the readers of this list or shared mailbox may answer for it.
    pub is_list: bool,
    /// What a reporter lets the projects know; `Nothing` for a contact.
    pub shares: Shares,
    /// Raised to revoke the earlier address and links.
    pub generation: i64,
}

impl Party {
    /// Whether this is a contact of that handling who has not left it.
    pub fn is_contact_of(&self, handling: &HandlingId) -> bool {
        !self.has_left() && matches!(&self.role, PartyRole::Contact(own) if own == handling)
    }

    /// Whether this contact left its project, so that its address and links were revoked when a member forwarded
    /// again. Nothing else revokes those of a contact.
    pub fn has_left(&self) -> bool {
        matches!(self.role, PartyRole::Contact(_)) && self.generation > 0
    }
}

/// What a reporter lets the projects know of them (DESIGN.md 3.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Shares {
    /// Messages are passed through the committee without a name.
    #[default]
    Nothing,
    Name,
    NameAndAddress,
}

impl Shares {
    const ALL: [Self; 3] = [Self::Nothing, Self::Name, Self::NameAndAddress];

    /// The word that stands in rows and forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Name => "name",
            Self::NameAndAddress => "name-and-address",
        }
    }

    /// The wish of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shares| shares.word() == word)
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Author {
    /// A reporter or contact of the case.
    Party,
    /// One of the committee.
    Member,
    /// Somebody who is not proven to be on the case.
    Stranger,
    /// A mail server, as it seems: a delivery report that does not prove to be about our letter.
    Server,
}

impl Author {
    /// The word that stands in rows.
    pub fn word(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Member => "member",
            Self::Stranger => "stranger",
            Self::Server => "server",
        }
    }

    /// The author of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Party, Self::Member, Self::Stranger, Self::Server].into_iter().find(|author| author.word() == word)
    }
}

/// Who shares a conversation. Text never crosses lanes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Reporter,
    Project,
    Internal,
}

impl Lane {
    /// The word that stands in rows and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reporter => "reporter",
            Self::Project => "project",
            Self::Internal => "internal",
        }
    }

    /// The lane of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Reporter, Self::Project, Self::Internal].into_iter().find(|lane| lane.word() == word)
    }
}
