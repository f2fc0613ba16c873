//! How many connections are open, together and of each team.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use super::limits::{CONNECTIONS, CONNECTIONS_OF_TEAM, CONNECTIONS_UNKNOWN};
use crate::server::seats::{Held, Seats};

/// The places that are taken.
#[derive(Clone, Default)]
pub struct Places {
    taken: Arc<Mutex<Taken>>,
    teams: Seats,
}

#[derive(Default)]
struct Taken {
    all: usize,
    /// Those of whom nobody knows yet whose they are, in the order in which they came.
    unknown: BTreeMap<u64, CancellationToken>,
    came: u64,
}

/// The place of one connection, until dropped.
pub struct Place {
    places: Places,
    /// Its number among the unknown.
    number: u64,
    /// Cancelled when it must give way to others.
    gives_way: CancellationToken,
    /// Once it is known whose it is.
    of_team: Option<Held>,
}

impl Places {
    /// A place for a connection of which nobody knows yet whose it is; `None` when there are too many of all. Where too
    /// many are unknown the one that has not said for the longest time whose it is gives way, so that silent ones keep
    /// nobody out.
    pub fn enter(&self) -> Option<Place> {
        let mut taken = self.taken();
        if taken.all >= CONNECTIONS {
            return None;
        }
        if taken.unknown.len() >= CONNECTIONS_UNKNOWN
            && let Some((_, longest)) = taken.unknown.pop_first()
        {
            longest.cancel();
        }
        taken.all += 1;
        taken.came += 1;
        let (number, gives_way) = (taken.came, CancellationToken::new());
        taken.unknown.insert(number, gives_way.clone());
        Some(Place {
            places: self.clone(),
            number,
            gives_way,
            of_team: None,
        })
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.taken().all
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Counts the connection among those of its team; false when the team has too many.
    #[must_use]
    pub fn belongs_to(&mut self, team: i64) -> bool {
        if self.of_team.is_some() {
            return false;
        }
        self.of_team = self.places.teams.take(team, 1, CONNECTIONS_OF_TEAM);
        if self.of_team.is_some() {
            self.places.taken().unknown.remove(&self.number);
        }
        self.of_team.is_some()
    }

    /// Resolves when the connection must give way, because it did not say in time whose it is.
    pub fn gives_way(&self) -> impl Future<Output = ()> + use<> {
        self.gives_way.clone().cancelled_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        taken.unknown.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

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
        assert_eq!((taken.all, taken.unknown.len()), (0, 0));
        assert_eq!((places.teams.of(1), places.teams.of(2)), (0, 0));
    }

    #[test]
    fn who_does_not_say_who_it_is_gives_way_to_others() {
        let places = Places::default();
        let mut all: Vec<_> = (0..CONNECTIONS_UNKNOWN)
            .map(|_| places.enter().unwrap())
            .collect();
        assert!(all[0].belongs_to(1));
        let another = places.enter().unwrap();
        assert!(all.iter().all(|place| !place.gives_way.is_cancelled()));
        let last = places.enter().unwrap();
        let given: Vec<_> = all
            .iter()
            .map(|place| place.gives_way.is_cancelled())
            .collect();
        assert!(given[1] && !given[0] && given[2..].iter().all(|gives_way| !gives_way));
        assert!(all[0].gives_way().now_or_never().is_none());
        drop((all, another, last));
        assert_eq!((places.open(), places.taken().unknown.len()), (0, 0));
    }
}
