//! What teams hold of something that is bounded, such as running operations, until they let go of it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What is held.
#[derive(Clone, Default)]
pub struct Seats(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    all: usize,
    teams: HashMap<i64, usize>,
}

/// What one holds, until dropped.
pub struct Held {
    seats: Seats,
    team: i64,
    amount: usize,
}

impl Seats {
    /// Takes this much for a team; `None` when the team would hold more than `most`.
    pub fn take(&self, team: i64, amount: usize, most: usize) -> Option<Held> {
        self.take_within(team, amount, (most, usize::MAX))
    }

    /// Takes this much for a team; `None` when the team would hold more than the first, or all teams together more than
    /// the second.
    pub fn take_within(&self, team: i64, amount: usize, most: (usize, usize)) -> Option<Held> {
        let mut taken = self.taken();
        let of_team = taken.teams.get(&team).copied().unwrap_or_default() + amount;
        if of_team > most.0 || taken.all + amount > most.1 {
            return None;
        }
        taken.all += amount;
        taken.teams.insert(team, of_team);
        Some(Held {
            seats: self.clone(),
            team,
            amount,
        })
    }

    /// How much a team holds.
    pub fn of(&self, team: i64) -> usize {
        self.taken().teams.get(&team).copied().unwrap_or_default()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.all -= self.amount;
        if let Some(of_team) = taken.teams.get_mut(&self.team) {
            *of_team -= self.amount;
            if *of_team == 0 {
                taken.teams.remove(&self.team);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_holds_so_much_and_may_take_it_again_once_it_let_go() {
        let seats = Seats::default();
        let first = seats.take(1, 1, 2).unwrap();
        let _second = seats.take(1, 1, 2).unwrap();
        assert!(seats.take(1, 1, 2).is_none());
        let other = seats.take(2, 2, 2).unwrap();
        drop(first);
        assert!(seats.take(1, 2, 2).is_none());
        assert!(seats.take_within(1, 1, (2, 3)).is_none());
        assert!(seats.take_within(1, 1, (2, 4)).is_some());
        assert_eq!((seats.of(1), seats.of(2)), (1, 2));
        drop(other);
        let taken = seats.taken();
        assert_eq!((taken.all, taken.teams.len()), (1, 1));
    }
}
