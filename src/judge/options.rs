//! What a judge may be asked to leave out or to be stricter about: for measuring what each kind of sign is worth.

/// From so many points on a project is surely the one.
const STRONG: f32 = 3.0;

/// How a judge weighs. The default is how Fingerpost does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Points from which on a candidate may be strong.
    pub strong: f32,
    /// Signs that count for nothing.
    pub without: Option<Family>,
}

impl Default for Options {
    fn default() -> Self {
        Self { strong: STRONG, without: None }
    }
}

impl Options {
    /// Whether signs of `family` count.
    pub fn counts(&self, family: Family) -> bool {
        self.without != Some(family)
    }
}

/// A kind of sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Package URLs, registries, repositories, import paths, classes and files.
    Technical,
    /// The words of a project's summary.
    Summary,
    /// The part of a name in its sentence.
    Roles,
    /// A version beside a name.
    Versions,
    /// That a name is only used, in the environment, in a signature, or an add-on's.
    Against,
    /// Another thing in the subject's place.
    Rival,
    /// That the subject has no name.
    Unnamed,
    /// That common words need support.
    CommonWords,
    /// That no other project is named.
    Sole,
    /// Further mentions.
    Repeats,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Technical,
        Self::Summary,
        Self::Roles,
        Self::Versions,
        Self::Against,
        Self::Rival,
        Self::Unnamed,
        Self::CommonWords,
        Self::Sole,
        Self::Repeats,
    ];
}
