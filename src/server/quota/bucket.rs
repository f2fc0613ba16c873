//! A leaky bucket, as pure arithmetic: it fills at a rate up to its size, and requests take points out of it.

use std::time::Duration;

/// How fast a bucket fills and how much fits into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Points that fit.
    pub size: i64,
    /// Points that come back each second.
    pub per_second: i64,
}

impl Rate {
    /// This share of it, in percent, a point at least.
    pub fn percent(self, percent: i64) -> Self {
        let of = |points: i64| (points.saturating_mul(percent) / 100).max(1);
        Self {
            size: of(self.size),
            per_second: of(self.per_second),
        }
    }

    /// How long it takes to fill in so many points; a second at least.
    pub fn time_for(self, points: i64) -> Duration {
        let seconds = points
            .max(1)
            .unsigned_abs()
            .div_ceil(self.per_second.max(1).unsigned_abs());
        Duration::from_secs(seconds)
    }
}

/// A bucket of this process alone. Times count from any fixed instant.
#[derive(Debug)]
pub struct Bucket {
    rate: Rate,
    points: f64,
    at: Duration,
}

impl Bucket {
    /// A full bucket.
    pub fn full(rate: Rate, now: Duration) -> Self {
        Self {
            rate,
            points: as_float(rate.size),
            at: now,
        }
    }

    /// Takes points out; what is left.
    ///
    /// # Errors
    /// How long it takes until there are so many.
    pub fn take(&mut self, points: i64, now: Duration) -> Result<i64, Duration> {
        let wanted = as_float(points.min(self.rate.size));
        let passed = now.saturating_sub(self.at).as_secs_f64();
        let filled = self.points + passed * as_float(self.rate.per_second);
        self.points = filled.min(as_float(self.rate.size));
        self.at = self.at.max(now);
        if self.points < wanted {
            return Err(self.rate.time_for(as_points((wanted - self.points).ceil())));
        }
        self.points -= wanted;
        Ok(as_points(self.points))
    }

    /// Gives points back, or takes them when they are negative: a bucket can owe some.
    pub fn give_back(&mut self, points: i64) {
        let points = self.points + as_float(points);
        self.points = points.clamp(-as_float(self.rate.size), as_float(self.rate.size));
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "points of a bucket are far below 2^52"
)]
fn as_float(points: i64) -> f64 {
    points as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "points of a bucket are far below 2^52, and a fraction of a point is none"
)]
fn as_points(points: f64) -> i64 {
    points as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        size: 100,
        per_second: 10,
    };

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn it_empties_and_fills_again_and_says_how_long_that_takes() {
        let mut bucket = Bucket::full(RATE, at(0));
        assert_eq!(bucket.take(60, at(0)), Ok(40));
        assert_eq!(bucket.take(60, at(0)), Err(at(2000)));
        assert_eq!(bucket.take(60, at(1999)), Err(at(1000)));
        assert_eq!(bucket.take(60, at(2000)), Ok(0));
        assert_eq!(bucket.take(100, at(60_000)), Ok(0));
    }

    #[test]
    fn fractions_of_a_point_are_not_lost() {
        let mut bucket = Bucket::full(RATE, at(0));
        bucket.take(100, at(0)).unwrap();
        for milli in 1..100 {
            assert!(bucket.take(1, at(milli)).is_err());
        }
        assert_eq!(bucket.take(1, at(101)), Ok(0));
    }

    #[test]
    fn what_was_not_used_comes_back_and_what_was_used_beyond_is_owed() {
        let mut bucket = Bucket::full(RATE, at(0));
        bucket.take(100, at(0)).unwrap();
        bucket.give_back(70);
        assert_eq!(bucket.take(50, at(0)), Ok(20));
        bucket.give_back(-40);
        assert_eq!(bucket.take(10, at(0)), Err(at(3000)));
        bucket.give_back(1_000_000);
        assert_eq!(bucket.take(100, at(0)), Ok(0));
    }

    #[test]
    fn what_never_fits_takes_a_whole_bucket() {
        let mut bucket = Bucket::full(RATE, at(0));
        assert_eq!(bucket.take(5_000, at(0)), Ok(0));
    }

    #[test]
    fn a_share_of_a_rate_is_a_point_at_least() {
        assert_eq!(
            RATE.percent(50),
            Rate {
                size: 50,
                per_second: 5
            }
        );
        assert_eq!(
            RATE.percent(1),
            Rate {
                size: 1,
                per_second: 1
            }
        );
    }
}
