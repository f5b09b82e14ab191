//! Files on their way into a form: kept as they come in, so that none is in memory and none is lost to an error.

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::domain::form::{FILES_MAX, FILES_SIZE_MAX, FORM_LIFE};
use crate::domain::id::UploadId;
use crate::domain::report::CHUNK;
use crate::flows::House;
use crate::flows::form::Stamp;
use crate::store::{StoreError, Upload};

/// Bytes of all files that wait for their forms: strangers must not fill the disk.
const WAITING_MAX: u64 = 1_000_000_000;
/// A stamp is forgotten after this long: its page is old by then, and shown anew before it is taken.
const STAMP_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How often is looked for files that nobody came back for.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// The mark of the last look.
const SWEPT: &str = "uploads-swept";

/// Why a file was not attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAttached {
    TooMany,
    TooLarge,
    /// Too many files of other forms wait.
    NoRoom,
}

/// How many bytes may still be attached to a form, if one more file may be.
pub async fn room(house: &House, stamp: &Stamp) -> Result<Result<u64, NotAttached>, StoreError> {
    let attached = house.store.uploads_of(stamp.id()).await?;
    if attached.len() >= FILES_MAX {
        return Ok(Err(NotAttached::TooMany));
    }
    if house.store.bytes_uploaded().await? > WAITING_MAX {
        return Ok(Err(NotAttached::NoRoom));
    }
    let size: u64 = attached.iter().map(|file| file.size).sum();
    Ok(Ok(FILES_SIZE_MAX.saturating_sub(size)))
}

/// A file that comes in.
pub struct Incoming<'h> {
    house: &'h House,
    upload: Upload,
    hash: Sha256,
    waiting: Vec<u8>,
    chunk: i64,
    room: u64,
}

impl<'h> Incoming<'h> {
    /// A file of at most `room` bytes.
    pub fn new(house: &'h House, name: &str, media_type: &str, room: u64) -> Self {
        let upload = Upload {
            id: UploadId::new(house.now(), house.chance()),
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size: 0,
            sha256: [0; 32],
        };
        Self { house, upload, hash: Sha256::new(), waiting: Vec::new(), chunk: 0, room }
    }

    /// Takes the next bytes. Once the file is too large, what came of it is gone.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<Result<(), NotAttached>, StoreError> {
        self.upload.size += bytes.len() as u64;
        if self.upload.size > self.room {
            self.give_up().await?;
            return Ok(Err(NotAttached::TooLarge));
        }
        self.hash.update(bytes);
        self.waiting.extend_from_slice(bytes);
        while self.waiting.len() >= CHUNK {
            let rest = self.waiting.split_off(CHUNK);
            let full = std::mem::replace(&mut self.waiting, rest);
            self.write(&full).await?;
        }
        Ok(Ok(()))
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let now = self.house.now();
        let mut tx = self.house.store.begin().await?;
        tx.add_upload_chunk(&self.upload.id, self.chunk, bytes, now).await?;
        self.chunk += 1;
        tx.commit().await
    }

    async fn give_up(&mut self) -> Result<(), StoreError> {
        let mut tx = self.house.store.begin().await?;
        tx.drop_upload_chunks(&self.upload.id).await?;
        tx.commit().await
    }

    /// The file is whole: it belongs to the form now. Gives its SHA-256.
    pub async fn finish(mut self, stamp: &Stamp) -> Result<[u8; 32], StoreError> {
        self.upload.sha256 = self.hash.finalize().into();
        let now = self.house.now();
        let mut tx = self.house.store.begin().await?;
        if !self.waiting.is_empty() {
            tx.add_upload_chunk(&self.upload.id, self.chunk, &self.waiting, now).await?;
        }
        tx.finish_upload(stamp.id(), &self.upload, now).await?;
        tx.commit().await?;
        Ok(self.upload.sha256)
    }
}

/// Takes one file off a form.
pub async fn remove(house: &House, stamp: &Stamp, upload: &str) -> Result<(), StoreError> {
    let mut tx = house.store.begin().await?;
    tx.remove_upload(stamp.id(), &UploadId::from_row(upload)).await?;
    tx.commit().await
}

/// Removes the files of forms that nobody sent within a day; says how many.
pub async fn sweep(house: &House) -> Result<usize, StoreError> {
    let now = house.now();
    let last = house.store.marked(SWEPT).await?;
    if last.is_some_and(|last| last <= now && now < last + SWEEP_EVERY) {
        return Ok(0);
    }
    let mut tx = house.store.begin().await?;
    if !tx.move_mark(SWEPT, last, now).await? {
        return Ok(0);
    }
    let swept = tx.sweep_uploads(now - FORM_LIFE).await?;
    tx.forget_forms(now - STAMP_LIFE).await?;
    tx.commit().await?;
    Ok(usize::try_from(swept).unwrap_or(usize::MAX))
}
