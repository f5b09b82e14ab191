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
    if let Some(key) = load(path)? {
        return Ok(key);
    }
    match create(path, dice) {
        Ok(()) => {}
        // Another process was faster; its key counts.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(KeyFileError::Io { path: path.to_owned(), done: "made", error }),
    }
    load(path)?.ok_or_else(|| KeyFileError::NotAKey(path.to_owned()))
}

fn load(path: &Path) -> Result<Option<InstanceKey>, KeyFileError> {
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
