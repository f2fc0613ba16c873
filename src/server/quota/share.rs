//! This process's share of a bucket that all instances have in common: points are leased in the database by the handful,
//! so that most requests cost no statement.

use std::time::Duration;

use super::bucket::Rate;

/// A bucket is leased in so many parts. More parts share it out more evenly, and cost more statements.
const PARTS: i64 = 50;
/// How long leased points may lie about. What lapses fills in again in the database.
const LAPSES: Duration = Duration::from_secs(5);
/// How long an empty bucket is not asked again.
const EMPTY: Duration = Duration::from_millis(250);

/// Leased points. Times count from any fixed instant.
#[derive(Debug)]
pub struct Share {
    rate: Rate,
    points: i64,
    leased: Duration,
    empty_until: Duration,
    /// What was left in the database after the last lease.
    left: i64,
}

/// What a share can say to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The points are taken, and so many are left here and in the database.
    Done(i64),
    /// So many points must be leased first.
    Lease(i64),
    /// There are none; some are for certain after this time.
    Wait(Duration),
}

impl Share {
    /// A share without points.
    pub fn empty(rate: Rate) -> Self {
        Self {
            rate,
            points: 0,
            leased: Duration::ZERO,
            empty_until: Duration::ZERO,
            left: rate.size,
        }
    }

    /// Takes points out, if they are here.
    pub fn take(&mut self, points: i64, now: Duration) -> Taken {
        let wanted = points.min(self.rate.size);
        if self.points > 0 && now.saturating_sub(self.leased) > LAPSES {
            self.points = 0;
        }
        if self.points >= wanted {
            self.points -= wanted;
            return Taken::Done(self.points.saturating_add(self.left));
        }
        let missing = wanted - self.points;
        if now < self.empty_until {
            return Taken::Wait(self.rate.time_for(missing));
        }
        Taken::Lease(missing.max(self.rate.size / PARTS))
    }

    /// Adds what was leased of what was asked for.
    pub fn add(&mut self, asked: i64, granted: i64, left: i64, now: Duration) {
        self.points = self.points.saturating_add(granted);
        self.leased = now;
        self.left = left;
        if granted < asked {
            self.empty_until = now + EMPTY;
        }
    }

    /// Gives points back, or takes them when they are negative: a share can owe some.
    pub fn give_back(&mut self, points: i64) {
        let points = self.points.saturating_add(points);
        self.points = points.clamp(-self.rate.size, self.rate.size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        size: 1000,
        per_second: 100,
    };

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn points_are_leased_by_the_handful_and_then_taken_without_asking() {
        let mut share = Share::empty(RATE);
        assert_eq!(share.take(3, at(0)), Taken::Lease(20));
        share.add(20, 20, 980, at(0));
        assert_eq!(share.take(3, at(0)), Taken::Done(997));
        assert_eq!(share.take(17, at(0)), Taken::Done(980));
        assert_eq!(share.take(300, at(0)), Taken::Lease(300));
    }

    #[test]
    fn an_empty_bucket_is_not_asked_again_at_once() {
        let mut share = Share::empty(RATE);
        share.add(500, 100, 0, at(0));
        assert_eq!(share.take(500, at(10)), Taken::Wait(at(4000)));
        assert_eq!(share.take(100, at(10)), Taken::Done(0));
        assert_eq!(share.take(500, at(250)), Taken::Lease(500));
    }

    #[test]
    fn points_that_lie_about_lapse_but_debts_do_not() {
        let mut share = Share::empty(RATE);
        share.add(20, 20, 980, at(0));
        assert_eq!(share.take(5, at(5001)), Taken::Lease(20));
        share.give_back(-30);
        assert_eq!(share.take(5, at(60_000)), Taken::Lease(35));
    }

    #[test]
    fn what_never_fits_takes_a_whole_bucket() {
        let mut share = Share::empty(RATE);
        assert_eq!(share.take(50_000, at(0)), Taken::Lease(1000));
    }
}
