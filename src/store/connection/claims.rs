//! What only one transaction may do at a time, such as to answer a call of one idempotency key. Within a process the
//! names stand in a set; PostgreSQL's advisory locks tell other instances.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

type Names = Mutex<HashSet<(i64, String)>>;

/// The names that are taken in this process.
#[derive(Clone, Default)]
pub struct Claims(Arc<Names>);

/// A name that nobody else can take until this is dropped.
pub struct Claim {
    names: Arc<Names>,
    name: (i64, String),
}

impl Claims {
    /// Takes a name of a team, unless somebody has it.
    pub fn take(&self, team: i64, name: &str) -> Option<Claim> {
        let name = (team, name.to_owned());
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.clone()).then(|| Claim {
            names: self.0.clone(),
            name,
        })
    }
}

impl Claim {
    /// The two numbers by which PostgreSQL locks the name. Names that meet in them only exclude each other.
    pub fn lock_key(&self) -> (i32, i32) {
        let (team, name) = &self.name;
        let digest = Sha256::digest(format!("{team} {name}"));
        let part = |from: usize| {
            let mut bytes = [0; 4];
            bytes.copy_from_slice(&digest[from..from + 4]);
            i32::from_be_bytes(bytes)
        };
        (part(0), part(4))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_once_for_each_team_until_it_is_let_go() {
        let claims = Claims::default();
        let first = claims.take(1, "a").unwrap();
        assert!(claims.take(1, "a").is_none());
        let other = claims.take(2, "a").unwrap();
        assert_ne!(first.lock_key(), other.lock_key());
        drop(first);
        assert!(claims.take(1, "a").is_some());
    }
}
