//! When a delivery that failed is tried again.

use chrono::{DateTime, TimeDelta, Utc};

/// The pauses before each attempt after the first, as the specification's example has them: over three days in all.
const PAUSES: [TimeDelta; 9] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::hours(20),
    TimeDelta::hours(24),
];
/// The longest pause that an endpoint can ask for.
const LONGEST_ASKED: TimeDelta = TimeDelta::hours(24);
/// By how many percent a pause grows at most, at random, so that retries do not all come at once.
const JITTER: u32 = 20;

/// For how long every attempt must have failed before an endpoint is disabled.
pub const FAILING_FOR: TimeDelta = TimeDelta::days(5);
/// How long deliveries are kept to be read and sent again.
pub const KEPT_FOR: TimeDelta = TimeDelta::days(30);

/// When to try again after `tries` failures of this round, the last of them now; `None` when that was the last attempt.
/// An endpoint's wish can only put it off, by a day at most. `random` may be any number.
pub fn next(
    tries: i32,
    now: DateTime<Utc>,
    asked: Option<TimeDelta>,
    random: u32,
) -> Option<DateTime<Utc>> {
    let place = usize::try_from(tries).ok()?.checked_sub(1)?;
    let pause = *PAUSES.get(place)?;
    // In thousandths of the jitter.
    let share = i64::from(random % 1_001) * i64::from(JITTER);
    let jittered = pause + TimeDelta::milliseconds(pause.num_milliseconds() * share / 100_000);
    let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
    Some(now + jittered.max(asked))
}

/// The pause that a `Retry-After` header asks for: seconds, or an instant. `None` when it is malformed or over.
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return Some(TimeDelta::seconds(seconds.into()));
    }
    let at = DateTime::parse_from_rfc2822(header).ok()?.to_utc();
    Some(at - now).filter(|pause| *pause > TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn pause(tries: i32, asked: Option<TimeDelta>, random: u32) -> Option<i64> {
        next(tries, now(), asked, random).map(|at| (at - now()).num_seconds())
    }

    #[test]
    fn ten_attempts_span_more_than_three_days_and_then_it_is_over() {
        let pauses: Vec<i64> = (1..).map_while(|tries| pause(tries, None, 0)).collect();
        assert_eq!(
            pauses,
            [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
        );
        assert_eq!(pauses.iter().sum::<i64>(), 272_105, "75:35:05");
        assert_eq!((pause(10, None, 0), pause(0, None, 0)), (None, None));
    }

    #[test]
    fn pauses_grow_by_a_fifth_at_most() {
        assert_eq!(pause(2, None, 1_000), Some(360));
        assert_eq!(pause(2, None, 500), Some(330));
        for random in [1, 77, 4_000_000_000, u32::MAX] {
            assert!((86_400..=103_680).contains(&pause(9, None, random).unwrap()));
        }
    }

    #[test]
    fn an_endpoint_can_put_an_attempt_off_but_not_bring_it_forward_nor_put_it_off_for_ever() {
        assert_eq!(pause(1, Some(TimeDelta::seconds(90)), 0), Some(90));
        assert_eq!(pause(2, Some(TimeDelta::seconds(90)), 0), Some(300));
        assert_eq!(pause(1, Some(TimeDelta::days(400)), 0), Some(86_400));
    }

    #[test]
    fn the_header_is_read_as_seconds_or_an_instant() {
        assert_eq!(retry_after("120", now()), Some(TimeDelta::seconds(120)));
        let at = "Mon, 15 Jun 2026 12:10:00 GMT";
        assert_eq!(retry_after(at, now()), Some(TimeDelta::minutes(10)));
        for bad in [
            "-1",
            "soon",
            "",
            "Mon, 15 Jun 2026 11:00:00 GMT",
            "99999999999",
        ] {
            assert_eq!(retry_after(bad, now()), None, "{bad}");
        }
    }
}
