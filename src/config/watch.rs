//! Notices that `projects.toml` has changed.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::config::faults::ConfigError;
use crate::config::policy;
use crate::domain::directory::Directory;

/// The policy file, and how it looked when it was last read.
#[derive(Debug)]
pub struct PolicyFile {
    path: PathBuf,
    /// `None` before the first reading, `Some(None)` if there was no file.
    seen: Option<Option<Look>>,
}

/// What a change shows in. The inode tells of a file moved into place in the same second and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Look {
    fn of(metadata: &Metadata) -> Self {
        Self { inode: metadata.ino(), length: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}

impl PolicyFile {
    /// Watches the file at `path`; the first `reload` reads it.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), seen: None }
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file if it looks different from when it was last read, else `None`: cheap enough to ask every 2 s.
    ///
    /// With faults the caller goes on with the directory it has; they come once, until the file
    /// changes again. A file that is gone is a fault too.
    pub fn reload(&mut self) -> Option<Result<Directory, ConfigError>> {
        (self.seen != Some(self.look())).then(|| self.reload_now())
    }

    /// Reads the file whether it has changed or not: for SIGHUP.
    pub fn reload_now(&mut self) -> Result<Directory, ConfigError> {
        // Looked at before it is read: a change in between is read again, not missed.
        self.seen = Some(self.look());
        policy::load(&self.path)
    }

    fn look(&self) -> Option<Look> {
        std::fs::metadata(&self.path).ok().map(|metadata| Look::of(&metadata))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const ONE: &str = include_str!("starting/projects.toml");

    fn policy_file() -> (tempfile::TempDir, PolicyFile) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("projects.toml"), ONE).unwrap();
        let file = PolicyFile::at(folder.path().join("projects.toml"));
        (folder, file)
    }

    #[test]
    fn the_file_is_read_at_first_and_then_only_when_it_has_changed_or_is_asked_for() {
        let (_folder, mut file) = policy_file();
        assert!(matches!(file.reload(), Some(Ok(_))));
        assert!(file.reload().is_none());
        assert!(file.reload_now().is_ok(), "SIGHUP");

        fs::write(file.path(), format!("{ONE}\n[[project]]\nid = \"two\"\nname = \"Two\"\n")).unwrap();
        assert_eq!(file.reload().unwrap().unwrap().projects.len(), 2);
        assert!(file.reload().is_none());
    }

    #[test]
    fn a_file_moved_into_place_is_noticed_even_if_it_is_as_long_and_as_old() {
        let (folder, mut file) = policy_file();
        file.reload();
        let times = fs::metadata(file.path()).unwrap().modified().unwrap();
        let other = folder.path().join("other.toml");
        fs::write(&other, ONE.replace("exproj", "exproi")).unwrap();
        fs::File::options().write(true).open(&other).unwrap().set_modified(times).unwrap();
        fs::rename(&other, file.path()).unwrap();
        assert_eq!(file.reload().unwrap().unwrap().projects[0].aliases, ["exproi"]);
    }

    #[test]
    fn faults_and_a_file_that_is_gone_are_told_once() {
        let (_folder, mut file) = policy_file();
        file.reload();
        fs::write(file.path(), "nonsense").unwrap();
        assert!(matches!(file.reload(), Some(Err(_))));
        assert!(file.reload().is_none());

        fs::remove_file(file.path()).unwrap();
        assert!(matches!(file.reload(), Some(Err(_))));
        assert!(file.reload().is_none());

        fs::write(file.path(), ONE).unwrap();
        assert!(matches!(file.reload(), Some(Ok(_))));
    }
}
