//! Documents that clients name instead of sending them: trusted ones from a file or folder, and those a client of the
//! team has sent before with their SHA-256 (automatic persisted queries).

use std::{
    collections::HashMap,
    io::{Error as IoError, Result as IoResult},
    mem,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::operation::Asked;
use crate::{
    config::Settings,
    error::{Error, Result},
};

/// Bytes of all remembered documents together.
const REMEMBERED: usize = 16 * 1024 * 1024;
/// Bytes of those that one team's clients sent.
const OF_A_TEAM: usize = REMEMBERED / 4;
/// The largest document that is remembered, in bytes.
const LARGEST: usize = 64 * 1024;
/// More bytes than `max_document_bytes` can be set to.
const NEVER_ALLOWED: usize = 1 << 20;

/// The documents that can be named.
pub struct Documents {
    /// By their names, and by the SHA-256 of their texts.
    trusted: HashMap<String, Arc<str>>,
    only_trusted: bool,
    remembered: Mutex<Remembered>,
}

/// What clients sent, in two generations: once the younger of a team, or of all, is full, it replaces the older.
#[derive(Default)]
struct Remembered {
    young: HashMap<i64, Sent>,
    old: HashMap<i64, Sent>,
}

/// What the clients of a team sent, by its SHA-256.
#[derive(Default)]
struct Sent {
    texts: HashMap<String, Arc<str>>,
    bytes: usize,
}

impl Documents {
    /// Reads the trusted documents.
    ///
    /// # Errors
    /// When they cannot be read, or when nothing else is accepted and there are none.
    pub fn new(settings: &Settings) -> IoResult<Self> {
        let trusted = match settings.trusted_documents.as_str() {
            "none" => HashMap::new(),
            place => read(Path::new(place)).map_err(|error| {
                IoError::other(format!("setting trusted_documents = {place}: {error}"))
            })?,
        };
        if settings.only_trusted_documents && trusted.is_empty() {
            let message =
                "setting only_trusted_documents = true: trusted_documents names no document";
            return Err(IoError::other(message));
        }
        Ok(Self {
            trusted,
            only_trusted: settings.only_trusted_documents,
            remembered: Mutex::default(),
        })
    }

    /// Puts the document in its place when only its name was sent.
    ///
    /// # Errors
    /// When nobody knows the name, the name is not that of the text, or the text is not trusted and must be.
    pub fn complete(&self, asked: &mut Asked, team: i64) -> Result<()> {
        let named = asked.document.take();
        let trusted = named.as_ref().and_then(|name| self.trusted.get(name));
        if let (Some(text), true) = (trusted, asked.query.is_empty()) {
            asked.query = text.to_string();
            return Ok(());
        }
        if self.only_trusted {
            return match self.trusted.contains_key(&hash(&asked.query)) {
                true => Ok(()),
                false => Err(Error::UntrustedDocument),
            };
        }
        let Some(name) = named else {
            return Ok(());
        };
        // What no setting allows is refused for its size.
        if asked.query.len() > NEVER_ALLOWED {
            return Ok(());
        }
        let is_named = asked.query.is_empty() || hash(&asked.query) == name;
        let mut remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if asked.query.is_empty() {
            let found = remembered.find(team, &name);
            asked.query = found.ok_or(Error::UnknownDocument)?.to_string();
        } else if !is_named {
            let message = "extensions.persistedQuery: sha256Hash is not the SHA-256 of the query";
            return Err(Error::BadInput(message.into()));
        } else {
            remembered.keep(team, &name, &asked.query);
        }
        Ok(())
    }
}

impl Remembered {
    fn find(&mut self, team: i64, name: &str) -> Option<Arc<str>> {
        let young = self.young.get(&team);
        if let Some(text) = young.and_then(|sent| sent.texts.get(name)) {
            return Some(text.clone());
        }
        let text = self.old.get_mut(&team)?.texts.remove(name)?;
        self.keep(team, name, &text);
        Some(text)
    }

    fn keep(&mut self, team: i64, name: &str, text: &str) {
        let bytes = text.len() + 200;
        let young = self.young.get(&team);
        if text.len() > LARGEST || young.is_some_and(|sent| sent.texts.contains_key(name)) {
            return;
        }
        let of_all: usize = self.young.values().map(|sent| sent.bytes).sum();
        let sent = self.young.entry(team).or_default();
        if sent.bytes + bytes > OF_A_TEAM / 2 {
            let full = mem::take(sent);
            let of_old: usize = self.old.values().map(|sent| sent.bytes).sum();
            if of_old + full.bytes > REMEMBERED / 2 {
                self.old.clear();
            }
            self.old.insert(team, full);
        } else if of_all + bytes > REMEMBERED / 2 {
            self.old = mem::take(&mut self.young);
        }
        let sent = self.young.entry(team).or_default();
        sent.bytes += bytes;
        sent.texts.insert(name.to_owned(), text.into());
    }
}

/// The SHA-256 of a document, in lower-case hexadecimal digits.
pub(super) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The documents of a folder's `.graphql` files, or of a JSON file that names them.
fn read(place: &Path) -> IoResult<HashMap<String, Arc<str>>> {
    let mut texts: Vec<(Option<String>, String)> = Vec::new();
    if place.is_dir() {
        for entry in std::fs::read_dir(place)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "graphql") {
                texts.push((None, std::fs::read_to_string(path)?));
            }
        }
    } else {
        let named: HashMap<String, String> =
            serde_json::from_str(&std::fs::read_to_string(place)?)?;
        texts.extend(named.into_iter().map(|(name, text)| (Some(name), text)));
    }
    let mut trusted = HashMap::new();
    for (name, text) in texts {
        let text: Arc<str> = text.into();
        trusted.insert(hash(&text), text.clone());
        if let Some(name) = name {
            let name = name.strip_prefix("sha256:").unwrap_or(&name).to_owned();
            trusted.insert(name, text);
        }
    }
    Ok(trusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_what_clients_compute() {
        assert_eq!(
            hash("{__typename}"),
            "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"
        );
    }

    fn bytes(remembered: &Remembered) -> usize {
        let all = remembered.young.values().chain(remembered.old.values());
        let texts = all.flat_map(|sent| sent.texts.values());
        texts.map(|text| text.len()).sum()
    }

    #[test]
    fn what_is_remembered_is_bounded_and_what_is_used_stays() {
        let mut remembered = Remembered::default();
        let text = "x".repeat(LARGEST);
        for number in 0..1_000 {
            remembered.keep(1, &number.to_string(), &text);
            assert!(remembered.find(1, "0").is_some());
            assert!(bytes(&remembered) <= OF_A_TEAM);
        }
        assert!(remembered.find(1, "1").is_none());
        assert!(remembered.find(2, "0").is_none());
        remembered.keep(1, "large", &"x".repeat(LARGEST + 1));
        assert!(remembered.find(1, "large").is_none());
        for team in 2..1_000 {
            for number in 0..40 {
                remembered.keep(team, &number.to_string(), &text);
            }
            assert!(bytes(&remembered) <= REMEMBERED);
        }
    }

    #[test]
    fn one_team_does_not_push_out_the_documents_of_another() {
        let mut remembered = Remembered::default();
        remembered.keep(1, "mine", "{ __typename }");
        for number in 0..10_000 {
            remembered.keep(2, &number.to_string(), &"x".repeat(LARGEST));
        }
        assert!(remembered.find(1, "mine").is_some());
    }
}
