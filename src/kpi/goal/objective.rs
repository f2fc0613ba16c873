//! Objectives without a KPI of their own: as far as their key results are on average.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    measured::{Aim, Measured},
    progress::{GoalStatus, Progress, share, status},
};
use entity::goal::GoalKind;

/// What a key result contributes to its objective.
pub struct KeyResult {
    /// How far it is, 0 to 1.
    pub attained: Decimal,
    /// How far it should be, 0 to 1.
    pub expected: Decimal,
}

impl KeyResult {
    /// The contribution of a goal; `None` where its progress is unknown. It never counts for more than the whole of
    /// itself, so that one runaway success does not hide failures. A cap counts as kept as expected while no more was
    /// used than expected, and for as much less as it was passed by.
    pub fn of(goal: Option<&Measured>, progress: &Progress) -> Option<Self> {
        let (attained, expected) = (progress.attained?, progress.expected?);
        let cap =
            goal.is_some_and(|goal| goal.kind == GoalKind::Accumulate && goal.aim() == Aim::AtMost);
        let attained = if cap && attained > expected {
            share(expected.saturating_mul(expected), attained)?
        } else if cap {
            expected
        } else {
            attained
        };
        Some(Self {
            attained: attained.clamp(Decimal::ZERO, Decimal::ONE),
            expected,
        })
    }
}

/// The progress of an objective on a day: the means over those of its key results that are known.
pub fn progress(
    from: NaiveDate,
    deadline: NaiveDate,
    today: NaiveDate,
    parts: &[KeyResult],
) -> Progress {
    let mean = |value: fn(&KeyResult) -> Decimal| {
        let total = parts
            .iter()
            .map(value)
            .fold(Decimal::ZERO, Decimal::saturating_add);
        share(total, Decimal::from(parts.len()))
    };
    let (attained, expected) = (mean(|part| part.attained), mean(|part| part.expected));
    let status = match (attained, expected) {
        _ if today < from => GoalStatus::NotStarted,
        (Some(attained), Some(expected)) => status(false, attained, expected, today > deadline),
        _ => GoalStatus::Unknown,
    };
    Progress {
        current: None,
        through: None,
        attained,
        expected,
        expected_from: None,
        projected: None,
        status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(attained: &str, expected: &str) -> KeyResult {
        KeyResult {
            attained: attained.parse().unwrap(),
            expected: expected.parse().unwrap(),
        }
    }

    fn on(today: &str, parts: &[KeyResult]) -> (Option<String>, GoalStatus) {
        let day = |text: &str| text.parse().unwrap();
        let found = progress(day("2026-01-01"), day("2026-06-30"), day(today), parts);
        (found.attained.map(|share| share.to_string()), found.status)
    }

    #[test]
    fn an_objective_is_as_far_as_its_key_results_on_average() {
        let parts = [part("0.2", "0.5"), part("0.8", "0.5")];
        assert_eq!(
            on("2026-04-01", &parts),
            (Some("0.5".into()), GoalStatus::OnTrack)
        );
        assert_eq!(on("2026-07-01", &parts).1, GoalStatus::Missed);
        assert_eq!(on("2025-12-31", &parts).1, GoalStatus::NotStarted);
        assert_eq!(on("2026-04-01", &[]), (None, GoalStatus::Unknown));
    }
}
