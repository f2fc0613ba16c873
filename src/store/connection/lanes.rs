//! The connections, each with a memory of what it was last taken for.
//!
//! Telling PostgreSQL whose rows to show is a round trip. Each of its connections stands in a lane of its own, and a
//! statement takes the lane that was last used for the same purpose, if that is free: most statements of a request, and
//! of a team, find everything said already.

#![expect(
    clippy::disallowed_types,
    reason = "the store is the module that holds connections"
)]

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, TransactionOptions, TransactionTrait,
};

use super::purpose::{Purpose, Said};

/// All lanes of a database. SQLite has one, in which all of its connections are: nothing is said to them.
#[derive(Clone)]
pub struct Lanes {
    all: Arc<[Way]>,
    /// The lanes that nobody is in; who was there last stands last.
    free: Arc<Mutex<Vec<usize>>>,
    connections: usize,
}

/// A pool of one connection, or of all where there are no lanes, and what was said to it.
struct Way {
    database: DatabaseConnection,
    said: Said,
}

/// A lane that nobody else is in until this is dropped.
pub struct Lane {
    database: DatabaseConnection,
    said: Said,
    place: Option<usize>,
    free: Arc<Mutex<Vec<usize>>>,
}

impl Lanes {
    /// One lane for each pool, with what its hooks note; of so many connections in all.
    pub fn new(pools: Vec<(DatabaseConnection, Said)>, connections: usize) -> Self {
        let all: Vec<Way> = pools
            .into_iter()
            .map(|(database, said)| Way { database, said })
            .collect();
        assert!(!all.is_empty(), "a database has a connection");
        Self {
            free: Arc::new(Mutex::new((0..all.len()).rev().collect())),
            all: all.into(),
            connections,
        }
    }

    /// How many connections there are in all of them.
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// A free lane, the one that was last used for the same if possible. On PostgreSQL who asks has a permit, so that one
    /// is free, unless there is one connection for all; SQLite has one lane for everybody.
    pub fn take(&self, purpose: &Purpose) -> Lane {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = free
            .iter()
            .rposition(|place| self.all[*place].said.is(purpose));
        let place = match fitting {
            Some(at) => Some(free.remove(at)),
            None => free.pop(),
        };
        drop(free);
        Lane {
            database: self.all[place.unwrap_or(0)].database.clone(),
            said: self.all[place.unwrap_or(0)].said.clone(),
            place,
            free: self.free.clone(),
        }
    }

    /// Any of the pools, to ask what is the same for all.
    pub fn any(&self) -> &DatabaseConnection {
        &self.all[0].database
    }

    /// Which of the two databases this is.
    pub fn backend(&self) -> DbBackend {
        self.any().get_database_backend()
    }

    /// All pools, to be closed.
    pub fn databases(&self) -> impl Iterator<Item = &DatabaseConnection> {
        self.all.iter().map(|way| &way.database)
    }
}

impl Lane {
    /// Where statements of this lane go.
    pub fn database(&self) -> &DatabaseConnection {
        &self.database
    }

    /// Nobody waits any more for the statement that runs here.
    pub fn give_up(&self) {
        self.said.give_up();
    }

    /// Begins a transaction. Where that is given up, PostgreSQL's connection is not used again; SQLite's library takes the
    /// transaction back by itself.
    pub async fn begin(
        &self,
        purpose: Purpose,
        options: TransactionOptions,
    ) -> Result<DatabaseTransaction, DbErr> {
        let begin = self.database.begin_with_options(options);
        let transaction = purpose.beginning(begin).await?;
        self.said.has_begun();
        Ok(transaction)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            free.push(place);
        }
    }
}
