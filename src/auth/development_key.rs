//! A secret in the data directory that signs tokens while no issuer is configured.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::DecodingKey;
use secrecy::{ExposeSecret, SecretSlice};

use super::{ClaimNames, Role, Scopes, Signer, TeamSlug};
use crate::time::Clock;

pub(super) const ISSUER: &str = "kpigraph-development";
pub(super) const AUDIENCE: &str = "kpigraph";

const FILE: &str = "development.key";
const KEY_BYTES: usize = 32;

/// The secret that signs tokens in development: 32 random bytes.
#[derive(Debug, Clone)]
pub struct DevelopmentKey(SecretSlice<u8>);

/// The development key cannot be read or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevelopmentKeyError {
    /// The file or its directory cannot be read or written.
    #[error("cannot read or make the development key {path}: {source}")]
    File {
        /// The key's file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// The file holds something else.
    #[error(
        "the development key {0} is not {KEY_BYTES} bytes long; remove the file to get a new key"
    )]
    Damaged(PathBuf),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes for the development key: {0}")]
    Random(getrandom::Error),
}

impl DevelopmentKey {
    /// Reads `<data_dir>/development.key`, or makes it, readable by its owner only.
    /// Of several processes that make it at the same time, all end with the same key.
    pub fn load_or_create(data_dir: &Path) -> Result<Self, DevelopmentKeyError> {
        let path = data_dir.join(FILE);
        let failed = |source| DevelopmentKeyError::File {
            path: path.clone(),
            source,
        };
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_directory(data_dir).map_err(failed)?;
                let mut key = [0; KEY_BYTES];
                getrandom::fill(&mut key).map_err(DevelopmentKeyError::Random)?;
                let mut suffix = [0; 9];
                getrandom::fill(&mut suffix).map_err(DevelopmentKeyError::Random)?;
                let draft = data_dir.join(format!("{FILE}.{}", URL_SAFE_NO_PAD.encode(suffix)));
                publish(&draft, &path, &key).map_err(failed)?;
                Self::checked(fs::read(&path).map_err(failed)?, path)
            }
            Ok(bytes) => Self::checked(bytes, path),
            Err(error) => Err(failed(error)),
        }
    }

    /// A token of this key, with the default claim names, and when it ends.
    /// It lives `ttl` from now on; `scopes` can only narrow the role's.
    pub fn mint(
        &self,
        clock: &Clock,
        team: &TeamSlug,
        role: Role,
        scopes: Option<Scopes>,
        ttl: TimeDelta,
        subject: &str,
    ) -> (String, DateTime<Utc>) {
        self.signer(ClaimNames::default())
            .mint(clock, team, role, scopes, ttl, subject)
    }

    pub(super) fn signer(&self, claims: ClaimNames) -> Signer {
        Signer::new(ISSUER, AUDIENCE, self.0.expose_secret(), claims)
    }

    pub(super) fn decoding_key(&self) -> DecodingKey {
        DecodingKey::from_secret(self.0.expose_secret())
    }

    fn checked(bytes: Vec<u8>, path: PathBuf) -> Result<Self, DevelopmentKeyError> {
        if bytes.len() != KEY_BYTES {
            return Err(DevelopmentKeyError::Damaged(path));
        }
        Ok(Self(SecretSlice::from(bytes)))
    }
}

fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Writes the key under another name and links it into place: the file is complete from its first moment on,
/// and the link fails if another process was first.
fn publish(draft: &Path, path: &Path, key: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.write(true).create_new(true).open(draft)?;
    let linked = file
        .write_all(key)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(draft, path));
    fs::remove_file(draft)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = dir.path().join("deep/data");
        let first = DevelopmentKey::load_or_create(&data_dir).unwrap();
        let second = DevelopmentKey::load_or_create(&data_dir).unwrap();
        assert_eq!(first.0.expose_secret(), second.0.expose_secret());
        assert_ne!(first.0.expose_secret(), [0; KEY_BYTES]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(data_dir.join(FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn creators_at_the_same_time_end_with_the_same_key() {
        for _ in 0..20 {
            let dir = tempfile::tempdir().unwrap();
            let keys: Vec<Vec<u8>> = std::thread::scope(|scope| {
                let load = || {
                    DevelopmentKey::load_or_create(dir.path())
                        .unwrap()
                        .0
                        .expose_secret()
                        .to_vec()
                };
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(load)).collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            });
            assert!(keys.iter().all(|key| *key == keys[0]));
            assert_eq!(
                fs::read_dir(dir.path()).unwrap().count(),
                1,
                "no draft stays behind"
            );
        }
    }

    #[test]
    fn a_damaged_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), b"short").unwrap();
        let error = DevelopmentKey::load_or_create(dir.path())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("is not 32 bytes long") && !error.contains("short"),
            "{error}"
        );
    }

    #[test]
    fn debug_output_hides_the_key() {
        assert!(format!("{:?}", DevelopmentKey(vec![7; 32].into())).contains("REDACTED"));
    }
}
