//! Whose turn it is to write.
//!
//! Writers wait here without a connection, rather than in the database with one each, so that readers find one.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Mutex as Lock, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// How long a writer waits for those before it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The queues of writers, one for each team, and how many may write at once.
pub struct Turns {
    teams: Mutex<HashMap<i64, Weak<Lock<()>>>>,
    writers: Arc<Semaphore>,
    /// Those who write rows by the thousand leave a place for others, if there is more than one.
    bulk: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Counts somebody among those who wait, until dropped.
pub struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The right to write for a team, until dropped.
pub struct Turn {
    _team: Option<OwnedMutexGuard<()>>,
    _places: Vec<OwnedSemaphorePermit>,
}

impl Turn {
    /// The right to write beside the queues, in other places.
    pub fn beside(places: Vec<OwnedSemaphorePermit>) -> Self {
        Self {
            _team: None,
            _places: places,
        }
    }
}

impl Turns {
    /// Queues that let so many teams write at once.
    pub fn new(at_once: usize) -> Self {
        Self {
            teams: Mutex::default(),
            writers: Arc::new(Semaphore::new(at_once)),
            bulk: Arc::new(Semaphore::new(at_once.saturating_sub(1).max(1))),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Counts the caller among those who wait, to write or to read.
    pub fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.waiting)
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Waits for the writers before this one; `bulk` is for rows by the thousand.
    pub async fn take(&self, team: i64, bulk: bool) -> Result<Turn> {
        let lock = self.of(team);
        let turn = async {
            let team = lock.lock_owned().await;
            let mut places = Vec::new();
            for queue in [bulk.then_some(&self.bulk), Some(&self.writers)] {
                let Some(queue) = queue else { continue };
                let place = queue.clone().acquire_owned().await;
                places.push(
                    place.map_err(|_| Error::Internal("the queue of writers is closed".into()))?,
                );
            }
            Ok(Turn {
                _team: Some(team),
                _places: places,
            })
        };
        let _waiting = self.wait();
        match tokio::time::timeout(PATIENCE, turn).await {
            Ok(turn) => turn,
            Err(_) => Err(Error::Busy(
                "others are writing, such as an import; nothing was written, try again later",
            )),
        }
    }

    fn of(&self, team: i64) -> Arc<Lock<()>> {
        let mut teams = self.teams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = teams.get(&team).and_then(Weak::upgrade) {
            return lock;
        }
        teams.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::new(Lock::new(()));
        teams.insert(team, Arc::downgrade(&lock));
        lock
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn writers_of_one_team_follow_one_another_and_those_of_two_do_not() {
        let turns = Turns::new(2);
        let first = turns.take(1, false).await.unwrap();
        let other = turns.take(2, false).await.unwrap();
        let mut third = Box::pin(turns.take(1, false));
        assert!((&mut third).now_or_never().is_none());
        assert_eq!(turns.waiting(), 1);
        assert!(matches!(third.await, Err(Error::Busy(_))));
        assert_eq!(turns.waiting(), 0);
        drop(first);
        turns.take(1, false).await.unwrap();
        drop(other);
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_write_at_once() {
        let turns = Turns::new(1);
        let first = turns.take(1, false).await.unwrap();
        assert!(matches!(turns.take(2, false).await, Err(Error::Busy(_))));
        drop(first);
        turns.take(2, true).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn loads_of_some_teams_leave_a_place_for_others() {
        let turns = Turns::new(3);
        let _loads = [
            turns.take(1, true).await.unwrap(),
            turns.take(2, true).await.unwrap(),
        ];
        assert!(matches!(turns.take(3, true).await, Err(Error::Busy(_))));
        turns.take(4, false).await.unwrap();
    }
}
