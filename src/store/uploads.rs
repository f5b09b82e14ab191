//! Report forms: which were taken, and the files that wait with a form until it is.

use jiff::Timestamp;

use super::columns::{Columns, all, bigint, hex, one, plain};
use super::{Store, StoreError, Tx};
use crate::domain::id::{ArrivalId, UploadId};

/// A file that waits with its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: UploadId,
    pub name: String,
    /// As the browser claims it.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    pub sha256: [u8; 32],
}

/// A form that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenForm {
    pub arrival: ArrivalId,
    /// SHA-256 of all that was typed.
    pub words: [u8; 32],
}

impl Store {
    /// The form with that stamp, if it was taken. Stamps are given by their fingerprints, here and below.
    pub async fn taken_form(&self, stamp: &str) -> Result<Option<TakenForm>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query("SELECT arrival_id, words FROM forms WHERE stamp = $1").bind(stamp).fetch_optional(conn).await?,
            |row| Ok(TakenForm { arrival: ArrivalId::from_row(row.text("arrival_id")?), words: row.sha256("words")? }),
        ))
    }

    /// The files that wait with a form, in the order they came.
    pub async fn uploads_of(&self, stamp: &str) -> Result<Vec<Upload>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT id, name, media_type, size, sha256 FROM uploads WHERE stamp = $1 ORDER BY at, id",
            )
            .bind(stamp)
            .fetch_all(conn)
            .await?,
            upload,
        ))
    }

    /// The bytes of a file that waits.
    ///
    /// # Errors
    /// `Corrupt` if some of them are missing.
    pub async fn uploaded(&self, upload: &Upload) -> Result<Vec<u8>, StoreError> {
        let mut reader = self.reader().await?;
        let chunks: Vec<Vec<u8>> = either!(reader.conn(), conn => sqlx::query_scalar(
            "SELECT bytes FROM upload_chunks WHERE upload_id = $1 ORDER BY chunk",
        )
        .bind(upload.id.as_str())
        .fetch_all(conn)
        .await?);
        let bytes = chunks.concat();
        if bytes.len() as u64 == upload.size {
            Ok(bytes)
        } else {
            Err(StoreError::Corrupt(format!("upload {} has {} of {} bytes", upload.id, bytes.len(), upload.size)))
        }
    }

    /// Bytes of all files that wait, also of those that broke off.
    pub async fn bytes_uploaded(&self) -> Result<u64, StoreError> {
        let mut reader = self.reader().await?;
        let sum: i64 = either!(reader.conn(), conn => sqlx::query_scalar(
            "SELECT CAST(COALESCE(sum(size), 0) AS BIGINT) FROM upload_chunks",
        )
        .fetch_one(conn)
        .await?);
        Ok(u64::try_from(sum).unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Takes a form; `false` if one with that stamp was taken before.
    pub async fn take_form(
        &mut self,
        stamp: &str,
        words: &[u8; 32],
        arrival: &ArrivalId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO forms (stamp, words, arrival_id, taken_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (stamp) DO NOTHING",
        )
        .bind(stamp)
        .bind(hex(words))
        .bind(arrival.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Writes the next bytes of a file that comes in.
    pub async fn add_upload_chunk(
        &mut self,
        id: &UploadId,
        chunk: i64,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO upload_chunks (upload_id, chunk, bytes, size, at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id.as_str())
        .bind(chunk)
        .bind(bytes)
        .bind(bigint(bytes.len() as u64))
        .bind(now.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Attaches a file that came in whole to its form. The same file under the same name is there already: then
    /// its bytes go, and the answer is `false`.
    pub async fn finish_upload(&mut self, stamp: &str, upload: &Upload, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO uploads (id, stamp, name, media_type, size, sha256, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (stamp, name, sha256) DO NOTHING",
        )
        .bind(upload.id.as_str())
        .bind(stamp)
        .bind(plain(&upload.name))
        .bind(plain(&upload.media_type))
        .bind(bigint(upload.size))
        .bind(hex(&upload.sha256))
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        if rows == 0 {
            self.drop_upload_chunks(&upload.id).await?;
        }
        Ok(rows == 1)
    }

    /// Removes the bytes of a file that came in and is attached to nothing.
    pub async fn drop_upload_chunks(&mut self, id: &UploadId) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("DELETE FROM upload_chunks WHERE upload_id = $1")
            .bind(id.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Removes one file of a form; `false` if the form has no such file.
    pub async fn remove_upload(&mut self, stamp: &str, id: &UploadId) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query("DELETE FROM uploads WHERE stamp = $1 AND id = $2")
            .bind(stamp)
            .bind(id.as_str())
            .execute(conn)
            .await?
            .rows_affected());
        if rows == 1 {
            self.drop_upload_chunks(id).await?;
        }
        Ok(rows == 1)
    }

    /// Removes all files of a form.
    pub async fn remove_uploads_of(&mut self, stamp: &str) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "DELETE FROM upload_chunks WHERE upload_id IN (SELECT id FROM uploads WHERE stamp = $1)",
        )
        .bind(stamp)
        .execute(conn)
        .await
        .map(|_| ())?);
        either!(self.conn(), conn => sqlx::query("DELETE FROM uploads WHERE stamp = $1")
            .bind(stamp)
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Removes files that came before `before`; gives how many were attached to a form.
    pub async fn sweep_uploads(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let before = before.as_microsecond();
        let swept = either!(self.conn(), conn => sqlx::query("DELETE FROM uploads WHERE at < $1")
            .bind(before)
            .execute(conn)
            .await?
            .rows_affected());
        // Their bytes, and those of files that broke off.
        either!(self.conn(), conn => sqlx::query(
            "DELETE FROM upload_chunks WHERE at < $1 AND upload_id NOT IN (SELECT id FROM uploads)",
        )
        .bind(before)
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(swept)
    }

    /// Forgets the stamps of forms that were taken before `before`.
    pub async fn forget_forms(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query("DELETE FROM forms WHERE taken_at < $1")
            .bind(before.as_microsecond())
            .execute(conn)
            .await?
            .rows_affected()))
    }
}

fn upload(row: &impl Columns) -> Result<Upload, StoreError> {
    Ok(Upload {
        id: UploadId::from_row(row.text("id")?),
        name: row.text("name")?,
        media_type: row.text("media_type")?,
        size: row.size("size")?,
        sha256: row.sha256("sha256")?,
    })
}
