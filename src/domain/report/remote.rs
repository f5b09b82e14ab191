//! What an HTML mail would have had its reader's program fetch from elsewhere, which we never do: whoever fetches it
//! tells its owner that, when and where the mail was read.

/// How many remote parts a mail names, each of them once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Remote {
    pub images: u64,
    /// Style sheets, fonts, frames, sounds and the like.
    pub others: u64,
}

impl Remote {
    /// "2 remote images not loaded"; none where there is nothing to load.
    pub fn not_loaded(self) -> Option<String> {
        let counted = |count: u64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let what = match (self.images, self.others) {
            (0, 0) => return None,
            (images, 0) => counted(images, "remote image"),
            (0, others) => counted(others, "remote file"),
            (images, others) => {
                format!("{} and {}", counted(images, "remote image"), counted(others, "other remote file"))
            }
        };
        Some(format!("{what} not loaded"))
    }
}

impl std::ops::Add for Remote {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { images: self.images + other.images, others: self.others + other.others }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_loaded_is_said_in_the_singular_and_the_plural() {
        for (images, others, words) in [
            (0, 0, None),
            (1, 0, Some("1 remote image not loaded")),
            (2, 0, Some("2 remote images not loaded")),
            (0, 1, Some("1 remote file not loaded")),
            (1, 1, Some("1 remote image and 1 other remote file not loaded")),
            (2, 3, Some("2 remote images and 3 other remote files not loaded")),
        ] {
            assert_eq!(Remote { images, others }.not_loaded().as_deref(), words);
        }
    }
}
