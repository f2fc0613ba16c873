//! The way of a file into the database and back, a part at a time.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::import_job;
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    store::{NewImport, TeamStore, TeamWriter},
};

/// The bytes of a part.
const CHUNK: usize = 1 << 20;
/// Parts per transaction.
const CHUNKS: usize = 4;

/// A file in the database, whose import is not yet in the queue.
pub struct StoredFile {
    /// The import.
    pub job: import_job::Model,
    /// SHA-256 of the file, in base64.
    pub hash: String,
}

/// How often a writer of the team is waited for: in all about five minutes.
const TURNS: u32 = 15;

/// Begins a transaction to take a file in, even while an import of the team is published; with a `claim` one that alone
/// may do what it says, or `None` when another one is doing it.
pub async fn begin_patiently(
    store: &TeamStore,
    operation: &str,
    claim: Option<&str>,
) -> Result<Option<TeamWriter>> {
    let mut turns = 0;
    loop {
        let begun = match claim {
            None => store.begin(operation).await.map(Some),
            Some(name) => store.begin_claiming(operation, false, name).await,
        };
        turns += 1;
        match begun {
            Err(Error::Busy(_)) if turns < TURNS => {}
            begun => return begun,
        }
    }
}

/// Stores a file for a new import. A file that is broken off is forgotten by and by.
///
/// # Errors
/// The file cannot be read, the import was broken off meanwhile, or the database failed.
pub async fn store_file(
    store: &TeamStore,
    operation: &str,
    new: NewImport,
    mut input: impl Read,
) -> Result<StoredFile> {
    let writer = begin(store, operation).await?;
    let mut job = writer.create_import(new).await?;
    writer.commit().await?;
    let mut hash = Sha256::new();
    let mut place = 0;
    loop {
        let mut chunks = Vec::with_capacity(CHUNKS);
        while chunks.len() < CHUNKS {
            let mut bytes = Vec::with_capacity(CHUNK);
            let mut part = input
                .by_ref()
                .take(u64::try_from(CHUNK).unwrap_or(u64::MAX));
            part.read_to_end(&mut bytes).map_err(unreadable)?;
            if bytes.is_empty() {
                break;
            }
            hash.update(&bytes);
            job.bytes += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            chunks.push(bytes);
        }
        if chunks.is_empty() {
            let hash = BASE64_URL_SAFE_NO_PAD.encode(hash.finalize());
            return Ok(StoredFile { job, hash });
        }
        let writer = begin(store, operation).await?;
        writer.expect_receiving(job.id).await?;
        for bytes in chunks {
            writer.add_import_chunk(job.id, place, bytes).await?;
            place += 1;
        }
        writer.commit().await?;
    }
}

async fn begin(store: &TeamStore, operation: &str) -> Result<TeamWriter> {
    let writer = begin_patiently(store, operation, None).await?;
    writer.ok_or_else(|| Error::Internal("a transaction that claims nothing was refused".into()))
}

/// Puts an import whose file is stored into the queue.
pub async fn queue_file(
    store: &TeamStore,
    operation: &str,
    stored: StoredFile,
) -> Result<import_job::Model> {
    let writer = begin(store, operation).await?;
    let job = writer.queue_import(stored.job).await?;
    writer.commit().await?;
    Ok(job)
}

/// Forgets an import whose file is stored and that nobody wants.
pub async fn forget_file(store: &TeamStore, operation: &str, import: i64) -> Result<()> {
    let writer = begin(store, operation).await?;
    writer.forget_import(import).await?;
    writer.commit().await
}

/// SHA-256 of a text, in base64.
pub fn digest(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// Fetches the file of an import into a nameless file of the folder, which goes with its handle.
pub(super) async fn fetch(store: &TeamStore, import: i64, folder: &Path) -> Result<File> {
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let mut file = tempfile::tempfile_in(folder).map_err(unwritable)?;
    let mut place = 0;
    while let Some(bytes) = store.import_chunk(import, place).await? {
        file.write_all(&bytes).map_err(unwritable)?;
        place += 1;
    }
    rewind(&mut file)?;
    Ok(file)
}

/// Goes back to the first byte.
pub(super) fn rewind(file: &mut File) -> Result<()> {
    file.seek(SeekFrom::Start(0)).map_err(unwritable)?;
    Ok(())
}

fn unreadable(error: std::io::Error) -> Error {
    Error::BadInput(format!("the file cannot be read: {error}"))
}

fn unwritable(error: std::io::Error) -> Error {
    Error::Internal(format!("a temporary file in the data folder: {error}"))
}
