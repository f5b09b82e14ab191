//! The stamp of one form: when its page was made, and chance, sealed by the instance's key.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::{Purpose, Token};
use crate::domain::form::FORM_LIFE;
use crate::flows::House;

/// Whoever had a page before we made this one anew has read it: that one is not sent too quickly.
const READ_ALREADY: SignedDuration = SignedDuration::from_mins(1);

/// A stamp of ours. It has no row anywhere until its form is taken, and holds across restarts.
#[derive(Debug, Clone)]
pub struct Stamp {
    row: String,
    token: Token,
    id: String,
    pub made_at: Timestamp,
}

impl Stamp {
    /// For a page that is made now.
    pub fn new(house: &House) -> Self {
        Self::at(house, house.now())
    }

    /// For a page that takes the place of another, whose stamp is old or not ours.
    pub fn again(house: &House) -> Self {
        Self::at(house, house.now() - READ_ALREADY)
    }

    fn at(house: &House, made_at: Timestamp) -> Self {
        let chance = data_encoding::HEXLOWER.encode(&house.chance());
        Self::of(house, format!("{}-{chance}", made_at.as_microsecond()), made_at)
    }

    fn of(house: &House, row: String, made_at: Timestamp) -> Self {
        let token = house.key.token(Purpose::FormStamp, &row, 0);
        Self { id: token.fingerprint(), row, token, made_at }
    }

    /// Reads the stamp that came with a form; `None` if it is not ours.
    pub fn read(house: &House, text: &str) -> Option<Self> {
        let (row, letters) = text.rsplit_once('-')?;
        let made_at =
            row.split_once('-')?.0.parse().ok().and_then(|micros| Timestamp::from_microsecond(micros).ok())?;
        let given = Token::read(Purpose::FormStamp, letters)?;
        let stamp = Self::of(house, row.to_owned(), made_at);
        // Compared by what both are hashed to, so that the time it takes tells nothing of the seal.
        (given.fingerprint() == stamp.id).then_some(stamp)
    }

    /// The text for the hidden field.
    pub fn text(&self) -> String {
        format!("{}-{}", self.row, self.token.letters())
    }

    /// The fingerprint by which rows know the form.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the page was open so long that its files are gone.
    pub fn is_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.made_at) > FORM_LIFE
    }
}
