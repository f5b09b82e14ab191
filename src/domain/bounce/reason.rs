//! Why a server refused a message, from its codes and words; and whether the address itself is to blame.

use super::Fate;
use super::phrases::{BY_WORDS, OUT_OF_A_DIRECTORY};

/// What was answered with the refusal: a server that has seen the message may speak of the user and mean the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The connection itself, or `MAIL FROM`: we are refused, whoever the letter is for.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA` and what follows it.
    Content,
}

/// Why a message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    UnknownUser,
    UnknownHost,
    Moved,
    TakesNoMail,
    MailboxFull,
    TooLarge,
    Suspended,
    /// Nobody is known by that name; but this was said when the message was there already, or it is not clear at
    /// which command. It is as often a filter's answer as the truth, so it is not held against the address.
    Filtered,
    SenderRefused,
    ContentRefused,
    TooMuch,
    Unreachable,
    ServerTrouble,
    Unsaid,
}

/// What is known of a refusal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said<'a> {
    /// RFC 3463.
    pub status: Option<&'a str>,
    /// The other server's words.
    pub words: &'a str,
    pub answers: Option<Command>,
}

/// Bytes of the words that are looked at: of a longer text the beginning says it.
const WORDS_MAX: usize = 4_000;

impl Reason {
    /// The reason of a refusal.
    ///
    /// The words decide before the status: servers answer `5.1.1` for a full mailbox and `5.7.1` for a user who left.
    pub fn of(said: &Said<'_>) -> Self {
        let words = plain(said.words);
        let by_status = Self::of_status(said.status);
        let by_words = Self::of_words(&words);
        match by_words.or(by_status) {
            Some(reason) if reason.is_dead() && said.answers == Some(Command::Sender) => Self::SenderRefused,
            Some(Self::UnknownUser) if by_status == Some(Self::UnknownUser) => Self::UnknownUser,
            Some(Self::UnknownUser) if said.answers == Some(Command::Recipient) => Self::UnknownUser,
            Some(Self::UnknownUser) if OUT_OF_A_DIRECTORY.iter().any(|phrase| words.contains(phrase)) => {
                Self::UnknownUser
            }
            Some(Self::UnknownUser) => Self::Filtered,
            Some(reason) => reason,
            None => Self::Unsaid,
        }
    }

    /// The first kind of refusal whose words are there: what may pass stands before what will not.
    fn of_words(words: &str) -> Option<Self> {
        if words.contains("recipient address rejected: access denied") {
            return Some(Self::UnknownUser); // Exchange Online, of an address outside its directory
        }
        let spoken = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
        BY_WORDS.iter().find(|(_, phrases)| spoken(phrases)).map(|(reason, _)| *reason)
    }

    /// What an RFC 3463 status says by itself.
    fn of_status(status: Option<&str>) -> Option<Self> {
        let (_, detail) = status?.split_once('.')?;
        Some(match detail {
            // Exchange's 5.1.10 is an unknown recipient, that of RFC 7505 a domain without mail; both are dead.
            "1.0" | "1.1" | "1.3" | "1.10" => Self::UnknownUser,
            "1.2" | "4.4" => Self::UnknownHost,
            "1.6" => Self::Moved,
            "1.7" | "1.8" => Self::SenderRefused,
            "2.2" | "3.1" => Self::MailboxFull,
            "2.3" | "3.4" => Self::TooLarge,
            "2.0" | "2.1" => Self::Filtered,
            "3.0" | "3.2" | "3.5" | "4.3" | "4.6" | "5.4" => Self::ServerTrouble,
            "4.1" | "4.2" | "4.5" | "4.7" => Self::Unreachable,
            _ if detail.starts_with("6.") || detail.starts_with("7.") => Self::ContentRefused,
            _ => return None,
        })
    }

    /// Whether the address leads nowhere, so that no later letter will arrive either.
    pub fn is_dead(self) -> bool {
        matches!(self, Self::UnknownUser | Self::UnknownHost | Self::Moved | Self::TakesNoMail)
    }

    /// What became of a message that was given up for this reason. A transient status is never the end of an address.
    pub fn fate(self, status: Option<&str>) -> Fate {
        let is_transient = status.is_some_and(|status| status.starts_with('4'));
        if self.is_dead() && !is_transient { Fate::Hard } else { Fate::Soft }
    }

    /// A part of a sentence: "it could not be delivered: …".
    pub fn words(self) -> Option<&'static str> {
        Some(match self {
            Self::UnknownUser => "there is no such mailbox",
            Self::UnknownHost => "its domain leads nowhere",
            Self::Moved => "the mailbox has moved",
            Self::TakesNoMail => "its domain takes no mail",
            Self::MailboxFull => "the mailbox is full",
            Self::TooLarge => "the letter is too large",
            Self::Suspended => "the mailbox is switched off",
            Self::Filtered => "a filter refused it, or there is no such mailbox",
            Self::SenderRefused => "our server or address was refused",
            Self::ContentRefused => "its content was refused",
            Self::TooMuch => "too much mail at once",
            Self::Unreachable => "the server was not reached in time",
            Self::ServerTrouble => "the server had a fault",
            Self::Unsaid => return None,
        })
    }
}

/// The words in lower case, without addresses, hosts and links: `spam-gate.example said: user unknown` says nothing of spam.
fn plain(words: &str) -> String {
    let words = &words[..words.floor_char_boundary(WORDS_MAX)];
    let mut plain = String::with_capacity(words.len());
    for piece in words.split(|c: char| c.is_whitespace() || "<>()[]\"".contains(c)) {
        if !piece.is_empty() && !is_a_place(piece) {
            plain.push_str(piece);
            plain.push(' ');
        }
    }
    plain.make_ascii_lowercase();
    plain.replace('’', "'").replace(" :", ":")
}

/// An address, a link, or a host name.
fn is_a_place(piece: &str) -> bool {
    let piece = piece.trim_matches(|c: char| ".,;:'".contains(c));
    if piece.contains("://") {
        // A link may be all that a server says: where its block list is.
        return !["spamhaus", "spamcop", "dnsbl", "blocklist", "blacklist"].iter().any(|list| piece.contains(list));
    }
    let is_host = || {
        piece.split('.').count() > 1
            && piece.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
            && piece.rsplit('.').next().is_some_and(|end| end.len() > 1 && end.bytes().all(|b| b.is_ascii_alphabetic()))
    };
    piece.contains('@') || is_host()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(status: Option<&str>, words: &str, answers: Option<Command>) -> Reason {
        Reason::of(&Said { status, words, answers })
    }

    #[test]
    fn a_dead_address_is_told_from_one_that_refuses_for_now() {
        let rcpt = Some(Command::Recipient);
        let table = [
            (Some("5.1.1"), "550 5.1.1 <old@larkspur.example>: user unknown", None, Fate::Hard),
            (Some("5.1.1"), "552 5.1.1 mailbox full", None, Fate::Soft),
            (Some("5.7.1"), "550 5.7.1 No such user here", rcpt, Fate::Hard),
            (Some("5.7.1"), "550 5.7.1 message rejected by local policy", rcpt, Fate::Soft),
            (Some("5.4.4"), "", None, Fate::Hard),
            (Some("4.4.4"), "host unknown", None, Fate::Soft),
            (Some("4.1.1"), "450 user unknown, unverified", rcpt, Fate::Soft),
            (None, "", None, Fate::Soft),
        ];
        for (status, words, answers, fate) in table {
            assert_eq!(reason(status, words, answers).fate(status), fate, "{status:?} {words}");
        }
    }

    #[test]
    fn who_says_that_a_user_is_unknown_and_when_decides_what_it_means() {
        let words = "550 User unknown";
        assert_eq!(reason(None, words, Some(Command::Recipient)), Reason::UnknownUser);
        assert_eq!(reason(None, words, Some(Command::Content)), Reason::Filtered);
        assert_eq!(reason(None, words, None), Reason::Filtered);
        assert_eq!(reason(Some("5.1.1"), words, Some(Command::Content)), Reason::UnknownUser);
        assert_eq!(reason(None, words, Some(Command::Sender)), Reason::SenderRefused);
        assert_eq!(reason(None, "User kim not listed in the directory", None), Reason::UnknownUser);
    }

    #[test]
    fn names_of_hosts_addresses_and_links_say_nothing_but_a_block_list_does() {
        let rcpt = Some(Command::Recipient);
        let table = [
            ("host spam-gate.larkspur.example said: 550 user unknown", Reason::UnknownUser),
            ("550 <quota@larkspur.example>: user unknown", Reason::UnknownUser),
            ("550 user unknown, see https://larkspur.example/policy", Reason::UnknownUser),
            ("553 https://www.spamhaus.org/query?ip=192.0.2.1", Reason::SenderRefused),
            ("550 The domain larkspur.example does not exist", Reason::UnknownHost),
            ("553 Domain of sender address x@y.example does not exist", Reason::SenderRefused),
        ];
        for (words, expected) in table {
            assert_eq!(reason(None, words, rcpt), expected, "{words}");
        }
    }

    #[test]
    fn no_words_however_long_make_it_slow_or_panic() {
        let long = "é user ünknown ".repeat(100_000);
        assert_eq!(reason(None, &long, None), Reason::Unsaid);
    }
}
