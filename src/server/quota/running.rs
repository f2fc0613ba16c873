//! How many operations of each team run at once in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The operations that run.
#[derive(Clone, Default)]
pub struct Running(Arc<Mutex<HashMap<i64, usize>>>);

/// The place of one operation, until dropped.
pub struct Place {
    running: Running,
    team: i64,
}

impl Running {
    /// A place for an operation; `None` when so many of the team run already.
    pub fn enter(&self, team: i64, most: usize) -> Option<Place> {
        let mut teams = self.teams();
        let count = teams.entry(team).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place {
            running: self.clone(),
            team,
        })
    }

    fn teams(&self) -> MutexGuard<'_, HashMap<i64, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut teams = self.running.teams();
        if let Some(count) = teams.get_mut(&self.team) {
            *count -= 1;
            if *count == 0 {
                teams.remove(&self.team);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_has_so_many_places_and_gets_them_back() {
        let running = Running::default();
        let first = running.enter(1, 2).unwrap();
        let _second = running.enter(1, 2).unwrap();
        assert!(running.enter(1, 2).is_none());
        let other = running.enter(2, 2).unwrap();
        drop(first);
        assert!(running.enter(1, 1).is_none());
        assert!(running.enter(1, 2).is_some());
        drop(other);
        assert_eq!(running.teams().len(), 1);
    }
}
