//! Which teams are to be looked at, and when: some time after the last of many changes, but not put off for ever; and
//! rarely where a look takes long.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

/// So long nothing must have changed before a team is looked at.
const QUIET: Duration = Duration::from_secs(2);
/// So long a look is put off at most.
const MOST: Duration = Duration::from_secs(30);
/// A team is left alone for so many times as long as the last look took: a tenth of the time goes into looking at most.
const REST: u32 = 9;

/// The teams to be looked at.
#[derive(Default)]
pub struct Due {
    wanted: HashMap<i64, Wanted>,
    /// Until when teams are left alone.
    resting: HashMap<i64, Instant>,
}

struct Wanted {
    since: Instant,
    at: Instant,
}

impl Due {
    /// Something changed in a team now.
    pub fn changed(&mut self, team: i64, now: Instant) {
        let wanted = self.wanted.entry(team).or_insert(Wanted {
            since: now,
            at: now + QUIET,
        });
        wanted.at = (now + QUIET).min(wanted.since + MOST);
    }

    /// A team is to be looked at, unless it is anyway.
    pub fn at(&mut self, team: i64, at: Instant) {
        let wanted = Wanted { since: at, at };
        self.wanted.entry(team).or_insert(wanted);
    }

    /// The next team, and when.
    pub fn next(&self) -> Option<(Instant, i64)> {
        let when = |team: &i64, wanted: &Wanted| match self.resting.get(team) {
            Some(until) => wanted.at.max(*until),
            None => wanted.at,
        };
        self.wanted
            .iter()
            .map(|(team, wanted)| (when(team, wanted), *team))
            .min()
    }

    /// A team is being looked at.
    pub fn begun(&mut self, team: i64) {
        self.wanted.remove(&team);
    }

    /// A team was looked at from an instant until now.
    pub fn done(&mut self, team: i64, begun: Instant, now: Instant) {
        self.resting.retain(|_, until| *until > now);
        self.resting.insert(team, now + (now - begun) * REST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_changes_are_one_look_that_is_not_put_off_for_ever() {
        let start = Instant::now();
        let mut due = Due::default();
        due.changed(1, start);
        assert_eq!(due.next(), Some((start + QUIET, 1)));
        for second in 1..60 {
            due.changed(1, start + Duration::from_secs(second));
        }
        assert_eq!(due.next(), Some((start + MOST, 1)));
        due.at(2, start);
        due.at(1, start);
        assert_eq!(due.next(), Some((start, 2)));
        due.begun(2);
        due.begun(1);
        assert_eq!(due.next(), None);
    }

    #[tokio::test]
    async fn a_look_that_took_long_is_followed_by_a_rest() {
        let begun = Instant::now();
        let done = begun + Duration::from_secs(4);
        let mut due = Due::default();
        due.done(1, begun, done);
        due.changed(1, done);
        assert_eq!(due.next(), Some((done + Duration::from_secs(36), 1)));
        due.changed(2, done);
        assert_eq!(due.next(), Some((done + QUIET, 2)));
    }
}
