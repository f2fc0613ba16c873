//! How many connections are open, together and of each team.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::limits::{CONNECTIONS, CONNECTIONS_OF_TEAM, CONNECTIONS_UNKNOWN};

/// The places that are taken.
#[derive(Clone, Default)]
pub struct Places(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    all: usize,
    unknown: usize,
    teams: HashMap<i64, usize>,
}

/// The place of one connection, until dropped.
pub struct Place {
    places: Places,
    team: Option<i64>,
}

impl Places {
    /// A place for a connection of which nobody knows yet whose it is; `None` when there are too many.
    pub fn enter(&self) -> Option<Place> {
        self.enter_beside(CONNECTIONS_UNKNOWN)
    }

    /// A place for a connection that has just told whose it is, beside however many that have not.
    pub fn enter_known(&self) -> Option<Place> {
        self.enter_beside(CONNECTIONS)
    }

    fn enter_beside(&self, unknown: usize) -> Option<Place> {
        let mut taken = self.taken();
        if taken.all >= CONNECTIONS || taken.unknown >= unknown {
            return None;
        }
        taken.all += 1;
        taken.unknown += 1;
        Some(Place {
            places: self.clone(),
            team: None,
        })
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.taken().all
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Counts the connection among those of its team; false when the team has too many.
    #[must_use]
    pub fn belongs_to(&mut self, team: i64) -> bool {
        let mut taken = self.places.taken();
        let of_team = taken.teams.entry(team).or_default();
        if self.team.is_some() || *of_team >= CONNECTIONS_OF_TEAM {
            return false;
        }
        *of_team += 1;
        taken.unknown -= 1;
        self.team = Some(team);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        let Some(team) = self.team else {
            taken.unknown -= 1;
            return;
        };
        if let Some(of_team) = taken.teams.get_mut(&team) {
            *of_team -= 1;
            if *of_team == 0 {
                taken.teams.remove(&team);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_has_so_many_places_and_gets_them_back() {
        let places = Places::default();
        let mut all: Vec<Place> = Vec::new();
        for _ in 0..CONNECTIONS_OF_TEAM {
            let mut place = places.enter().unwrap();
            assert!(place.belongs_to(1));
            all.push(place);
        }
        let mut more = places.enter().unwrap();
        assert!(!more.belongs_to(1));
        assert!(more.belongs_to(2));
        all.pop();
        assert!(places.enter().unwrap().belongs_to(1));
        drop((all, more));
        let taken = places.taken();
        assert_eq!((taken.all, taken.unknown, taken.teams.len()), (0, 0, 0));
    }

    #[test]
    fn those_who_do_not_say_who_they_are_are_bounded() {
        let places = Places::default();
        let all: Vec<_> = (0..CONNECTIONS_UNKNOWN)
            .map(|_| places.enter().unwrap())
            .collect();
        assert!(places.enter().is_none());
        assert!(places.enter_known().is_some());
        drop(all);
        assert!(places.enter().is_some());
    }
}
