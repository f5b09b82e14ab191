//! The key file: 32 bytes from which every address and link is made, kept outside the database.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER_PERMISSIVE;

use crate::domain::address::InstanceKey;
use crate::world::dice::{Dice, roll};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("the key file {path} may be read by others (mode {mode:04o}). Run: chmod 600 {path}")]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error(
        "the key file {0} does not hold 64 hex digits. Restore it from a backup; \
         if there is none, remove it: a new one is made, and all links sent so far stop working"
    )]
    NotAKey(PathBuf),
    #[error(
        "the key file {path} cannot be {done}: {error}. Give this user the right to, or name another with --key-file"
    )]
    Io { path: PathBuf, done: &'static str, error: io::Error },
}

/// Reads the key, or makes one from `dice` where there is no file.
///
/// A new file has mode 0600 and is on disk, whole, when this returns; two processes that start at
/// once get the same key.
pub fn load_or_create_key(path: &Path, dice: &dyn Dice) -> Result<InstanceKey, KeyFileError> {
    if let Some(key) = load_key(path)? {
        return Ok(key);
    }
    match create(path, dice) {
        Ok(()) => {}
        // Another process was faster; its key counts.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(KeyFileError::Io { path: path.to_owned(), done: "made", error }),
    }
    load_key(path)?.ok_or_else(|| KeyFileError::NotAKey(path.to_owned()))
}

/// Reads the key, or finds that there is none.
pub fn load_key(path: &Path) -> Result<Option<InstanceKey>, KeyFileError> {
    let unreadable = |error| KeyFileError::Io { path: path.to_owned(), done: "read", error };
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o7777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    if mode & 0o077 != 0 {
        return Err(KeyFileError::ReadableByOthers { path: path.to_owned(), mode });
    }
    let text = fs::read(path).map_err(unreadable)?;
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim_ascii()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.map(|bytes| Some(InstanceKey::new(bytes))).ok_or_else(|| KeyFileError::NotAKey(path.to_owned()))
}

/// Writes a new key beside `path` and links it into place: a crash leaves no half-written key, and a
/// link, unlike a rename, never replaces the key of another process.
fn create(path: &Path, dice: &dyn Dice) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = HEXLOWER_PERMISSIVE.encode(&roll::<8>(dice));
    let draft = folder.join(format!(".fingerpost-key-{name}"));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file
        .write_all(format!("{}\n", HEXLOWER_PERMISSIVE.encode(&roll::<32>(dice))).as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    written?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Purpose;
    use crate::world::dice::{SeededDice, SystemDice};

    /// What tells keys apart without showing them.
    fn mark(key: &InstanceKey) -> String {
        key.token(Purpose::StatusLink, "row", 0).fingerprint()
    }

    #[test]
    fn a_missing_key_is_made_once_for_this_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fingerpost.key");
        let made = load_or_create_key(&path, &SeededDice::new(1)).unwrap();
        let read = load_or_create_key(&path, &SeededDice::new(2)).unwrap();
        assert_eq!(mark(&made), mark(&read));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the draft is gone");
    }

    #[test]
    fn processes_that_start_at_once_have_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fingerpost.key");
        let start = || mark(&load_or_create_key(&path, &SystemDice::default()).unwrap());
        let marks: Vec<String> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(marks.iter().all(|mark| *mark == marks[0]));
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_the_command_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fingerpost.key");
        load_or_create_key(&path, &SeededDice::new(1)).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = load_or_create_key(&path, &SeededDice::new(1)).unwrap_err().to_string();
            assert!(error.contains(&format!("(mode {mode:04o}). Run: chmod 600 ")), "{error}");
        }
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fingerpost.key");
        for content in ["", "abc", &"g".repeat(64), &"a".repeat(62), &"a".repeat(66)] {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let error = load_or_create_key(&path, &SeededDice::new(1)).unwrap_err();
            assert!(matches!(error, KeyFileError::NotAKey(_)), "{content}: {error}");
            assert!(content.is_empty() || !error.to_string().contains(content), "the error shows no key");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = load_or_create_key(&folder.path().join("no/fingerpost.key"), &SeededDice::new(1)).unwrap_err();
        assert!(error.to_string().contains("no/fingerpost.key cannot be made"), "{error}");
    }
}
