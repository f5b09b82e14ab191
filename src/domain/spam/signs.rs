//! The signs that speak against a mail and for it: their points and their sentences.

use std::fmt;

/// One thing that speaks against a mail, or for it. As a sentence it is shown to members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Unproven,
    NoProject,
    NothingInIt,
    PicturesAlone,
    HtmlAlone,
    /// This many links against this many words.
    ManyLinks(usize, usize),
    RepliesElsewhere,
    NotToUs,
    ToMany(usize),
    Shouts,
    /// This many exclamation marks.
    Exclaims(usize),
    /// Of a hundred words, so many in capitals.
    Capitals(usize),
    OddTail,
    /// It speaks to its reader by the reader's own address.
    NamesTheAddress,
    Garbled,
    /// This many different phrases of our lists, and the first of them.
    Advertises(usize, &'static str),
    /// The first such phrase in the subject.
    AdvertisesInSubject(&'static str),
    /// Of a hundred words, so many are "you", "your", "we" and "our".
    Addresses(usize),
    Money,
    Percents(usize),
    /// It answers another mail.
    Answers,
    /// A mailing list vouches for itself.
    OfAList,
    Quotes,
    /// This many different words of work on software.
    Works(usize),
}

impl Sign {
    /// How much it weighs, in tenths of a step. The small ones are true of many honest mails and count only beside others.
    ///
    /// The weights are those of a logistic regression over ordinary mail and spam, but for the signs that no file can
    /// show (the first two and "not to us") and those that are rare: they are set by hand, so that none suffices.
    pub fn points(self) -> i32 {
        let times = |weight: f32, count: usize| (weight * (1.0 + count as f32).ln()).round() as i32;
        match self {
            Self::NoProject => 1,
            Self::Unproven => 2,
            Self::NotToUs => 3,
            Self::ManyLinks(..) | Self::Money => 3,
            Self::RepliesElsewhere => 5,
            Self::NothingInIt | Self::PicturesAlone => 24,
            Self::HtmlAlone => 20,
            Self::ToMany(_) => 20,
            Self::Garbled => 20,
            Self::Shouts => 10,
            Self::Exclaims(count) => times(4.0, count),
            Self::Capitals(percent) => i32::try_from(percent.min(50)).unwrap_or(0) * 6 / 10,
            Self::OddTail => 24,
            Self::NamesTheAddress => 5,
            Self::Advertises(count, _) => times(23.0, count),
            Self::AdvertisesInSubject(_) => 10,
            Self::Addresses(percent) => i32::try_from(percent.min(12)).unwrap_or(0) * 4,
            Self::Percents(count) => times(8.0, count),
            Self::Answers => -36,
            Self::OfAList => -27,
            Self::Quotes => -17,
            Self::Works(count) => times(-21.0, count),
        }
    }
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unproven => f.write_str("Neither SPF nor DKIM vouches for the sender."),
            Self::NoProject => f.write_str("No project is named."),
            Self::NothingInIt => f.write_str("It has next to no text and no file."),
            Self::PicturesAlone => f.write_str("It shows pictures and says next to nothing."),
            Self::HtmlAlone => f.write_str("It is HTML without a plain text."),
            Self::ManyLinks(1, words) => write!(f, "It has 1 link against {words} words."),
            Self::ManyLinks(links, words) => write!(f, "It has {links} links against {words} words."),
            Self::RepliesElsewhere => f.write_str("Replies would go to another domain than the sender's."),
            Self::NotToUs => f.write_str("It names no address of ours as its recipient."),
            Self::ToMany(count) => write!(f, "It went to {count} addresses at once."),
            Self::Shouts => f.write_str("Its subject is written in capitals or with exclamation marks."),
            Self::Exclaims(count) => write!(f, "It has {count} exclamation marks."),
            Self::Capitals(percent) => write!(f, "Of its words, {percent} % are in capitals."),
            Self::OddTail => f.write_str("Its subject ends in letters or digits that mean nothing."),
            Self::NamesTheAddress => f.write_str("It calls its reader by the address it was sent to."),
            Self::Garbled => f.write_str("Many of its letters cannot be read."),
            Self::Advertises(1, phrase) => write!(f, "It says \"{phrase}\", as advertising does."),
            Self::Advertises(count, phrase) => {
                write!(f, "It says \"{phrase}\" and {} more that advertising says.", count - 1)
            }
            Self::AdvertisesInSubject(phrase) => write!(f, "Its subject says \"{phrase}\", as advertising does."),
            Self::Addresses(percent) => write!(f, "Of its words, {percent} % are \"you\", \"we\" and their kin."),
            Self::Money => f.write_str("It speaks of sums of money."),
            Self::Percents(_) => f.write_str("It speaks of percents."),
            Self::Answers => f.write_str("It answers another mail."),
            Self::OfAList => f.write_str("It came by a mailing list."),
            Self::Quotes => f.write_str("It quotes another mail."),
            Self::Works(_) => f.write_str("It speaks of work on software."),
        }
    }
}
