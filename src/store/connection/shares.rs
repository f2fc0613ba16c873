//! How many of the readers' connections a team takes at once: not all of them where there are several, so that the
//! statements of others find one however much the team asks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::Semaphore;

/// The shares of all teams that are at work.
#[derive(Clone)]
pub(super) struct Shares {
    each: usize,
    /// By their slugs, which are known before anything is read.
    teams: Arc<Mutex<HashMap<String, Weak<Semaphore>>>>,
}

impl Shares {
    /// Three quarters of the readers' connections for each team.
    pub fn of(readers: usize) -> Self {
        Self {
            each: (readers * 3 / 4).max(1),
            teams: Arc::default(),
        }
    }

    /// What a team may take; all of its requests have the same.
    pub fn of_team(&self, slug: &str) -> Arc<Semaphore> {
        let mut teams = self.teams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = teams.get(slug).and_then(Weak::upgrade) {
            return share;
        }
        teams.retain(|_, share| share.strong_count() > 0);
        let share = Arc::new(Semaphore::new(self.each));
        teams.insert(slug.to_owned(), Arc::downgrade(&share));
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_never_takes_all_connections_and_shares_with_itself_alone() {
        for (readers, each) in [(1, 1), (2, 1), (4, 3), (8, 6)] {
            assert_eq!(Shares::of(readers).each, each);
        }
        let shares = Shares::of(4);
        let first = shares.of_team("one");
        assert!(Arc::ptr_eq(&first, &shares.of_team("one")));
        let other = shares.of_team("two");
        assert!(!Arc::ptr_eq(&first, &other));
        drop((first, other));
        let _third = shares.of_team("three");
        assert_eq!(shares.teams.lock().unwrap().len(), 1);
    }
}
