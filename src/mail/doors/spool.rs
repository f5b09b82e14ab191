//! Where a message waits while it comes in: small ones in memory, large ones in a file that goes away by itself.

use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use crate::domain::report::{CHUNK, Raw};

/// Spool files are called `incoming-PID-N`; the process id tells whose they are after a crash.
const PREFIX: &str = "incoming-";

/// What goes to the file at once when a message is large.
const BATCH: usize = 64 * 1024;

/// A file that is removed when this is dropped.
#[derive(Debug)]
pub struct SpoolFile(PathBuf);

impl Drop for SpoolFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, "a spool file could not be removed; the next start does it");
        }
    }
}

/// A message on its way in.
#[derive(Debug)]
pub struct Body {
    folder: PathBuf,
    /// Bytes that are not in the file.
    buffer: Vec<u8>,
    file: Option<(File, SpoolFile)>,
    size: u64,
}

impl Body {
    /// An empty message that will go to a file in `folder` when it gets large.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), buffer: Vec::new(), file: None, size: 0 }
    }

    /// Adds bytes; call `settle` at least every few `CHUNK`s, or they pile up in memory.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        self.size += bytes.len() as u64;
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Moves to the file what need not be in memory.
    pub async fn settle(&mut self) -> io::Result<()> {
        let threshold = if self.file.is_some() { BATCH } else { CHUNK + 1 };
        if self.buffer.len() < threshold {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(create(&self.folder).await?);
        }
        self.write_out().await
    }

    /// The whole message, whose first bytes are overwritten by `head`: room left for what is known only at the end.
    ///
    /// The file lives as long as the guard that comes with it.
    pub async fn finish(mut self, head: &[u8]) -> io::Result<(Raw, Option<SpoolFile>)> {
        assert!(head.len() as u64 <= self.size, "room for the head was left");
        if self.file.is_none() {
            self.buffer[..head.len()].copy_from_slice(head);
            return Ok((Raw::Memory(self.buffer), None));
        }
        self.write_out().await?;
        let (mut file, guard) = self.file.take().expect("the message has a file");
        file.seek(SeekFrom::Start(0)).await?;
        file.write_all(head).await?;
        file.flush().await?;
        Ok((Raw::Spooled { path: guard.0.clone(), size: self.size }, Some(guard)))
    }

    async fn write_out(&mut self) -> io::Result<()> {
        if let Some((file, _)) = &mut self.file {
            file.write_all(&self.buffer).await?;
            file.flush().await?; // tokio reports the failure of a write with the next call
            self.buffer.clear();
        }
        Ok(())
    }
}

/// Makes a new file that only we may read.
async fn create(folder: &Path) -> io::Result<(File, SpoolFile)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let name = format!("{PREFIX}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = folder.join(name);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await {
            Ok(file) => return Ok((file, SpoolFile(path))),
            // Left by a process of the same id that crashed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Removes what crashed processes left in `folder`; returns how many files. Call before any door opens.
///
/// Their messages were never acknowledged, so their senders still have them. A file of a process that runs
/// (`fingerpost ingest` beside `serve`) stays.
pub fn remove_leftovers(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if owner(&entry.file_name().to_string_lossy()).is_some_and(is_gone) {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// The process id in the name of a spool file.
fn owner(name: &str) -> Option<u32> {
    let (pid, _) = name.strip_prefix(PREFIX)?.split_once('-')?;
    pid.parse().ok()
}

/// Our own id counts as gone: we have not opened a door yet, so the file is that of an earlier container's process 1.
fn is_gone(pid: u32) -> bool {
    pid == std::process::id() || !Path::new("/proc").join(pid.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    async fn body_of(folder: &Path, size: usize) -> Body {
        let mut body = Body::new(folder);
        for piece in vec![b'a'; size].chunks(10_000) {
            body.push(piece);
            body.settle().await.unwrap();
        }
        body
    }

    #[tokio::test]
    async fn up_to_one_chunk_a_message_stays_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let (raw, guard) = body_of(folder.path(), CHUNK).await.finish(b"head").await.unwrap();
        let Raw::Memory(bytes) = raw else { panic!("{raw:?}") };
        assert_eq!((bytes.len(), &bytes[..5]), (CHUNK, &b"heada"[..]));
        assert!(guard.is_none());
    }

    #[tokio::test]
    async fn a_larger_one_is_a_private_file_that_goes_with_its_guard() {
        let folder = tempfile::tempdir().unwrap();
        let (raw, guard) = body_of(folder.path(), CHUNK + 1).await.finish(b"head").await.unwrap();
        let Raw::Spooled { path, size } = raw else { panic!("{raw:?}") };
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!((bytes.len() as u64, size, &bytes[..5]), (CHUNK as u64 + 1, CHUNK as u64 + 1, &b"heada"[..]));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        drop(guard);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_message_that_is_given_up_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        drop(body_of(folder.path(), 3 * CHUNK).await);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn leftovers_of_dead_processes_are_removed_and_other_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let parent = std::os::unix::process::parent_id();
        let names = ["incoming-4194999-0".to_owned(), format!("incoming-{parent}-0"), "fingerpost.db".to_owned()];
        for name in &names {
            std::fs::write(folder.path().join(name), b"x").unwrap();
        }
        assert_eq!(remove_leftovers(folder.path()).unwrap(), 1);
        assert!(!folder.path().join(&names[0]).exists());
    }
}
