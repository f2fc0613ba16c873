//! What a goal asks of its KPI, as the arithmetic takes it.

use entity::goal::{self, GoalKind};
use rust_decimal::Decimal;

use super::scope::Scope;
use crate::{
    error::{Error, Result},
    kpi::{Kpi, by_name, definition::Direction},
    time::{Bucket, Calendar, DateRange, Grain},
};

/// A KPI of some facts that shall come to a number by a day.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Measured {
    /// The KPI.
    pub kpi: Kpi,
    /// A level at the deadline, or a sum over the window.
    pub kind: GoalKind,
    /// The size of the buckets whose values are levels; days for sums.
    pub grain: Grain,
    /// Of which facts.
    pub scope: Scope,
    /// From the first day to the deadline, both included.
    pub window: DateRange,
    /// Where it starts from.
    pub baseline: Decimal,
    /// What it shall come to.
    pub target: Decimal,
}

/// On which side of the target a goal is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// The target or more.
    AtLeast,
    /// The target or less.
    AtMost,
}

impl Measured {
    /// What a stored goal asks; `None` for an objective that only its key results measure.
    ///
    /// # Errors
    /// A row that this service did not write.
    pub fn of(row: &goal::Model) -> Result<Option<Self>> {
        let broken =
            |what: &str| Error::Internal(format!("goal {}: {what} cannot be read", row.id));
        let number = |text: &Option<String>, what: &str| {
            text.as_deref()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| broken(what))
        };
        let Some(metric) = &row.metric else {
            return Ok(None);
        };
        Ok(Some(Self {
            kpi: by_name(metric).ok_or_else(|| broken("its metric"))?,
            kind: row.kind.ok_or_else(|| broken("its kind"))?,
            grain: row
                .grain
                .as_deref()
                .and_then(by_name)
                .ok_or_else(|| broken("its grain"))?,
            scope: Scope::from_json(&row.scope)?,
            window: DateRange::new(row.starts_on, row.deadline)
                .ok_or_else(|| broken("its window"))?,
            baseline: number(&row.baseline, "its baseline")?,
            target: number(&row.target, "its target")?,
        }))
    }

    /// On which side of its target the goal is reached: by the KPI's direction for sums, with the target's side of the
    /// baseline where the KPI has none; always by the target's side of the baseline for levels.
    pub fn aim(&self) -> Aim {
        let below = self.target < self.baseline;
        let at_most = match (self.kind, self.kpi.definition().direction) {
            (GoalKind::Accumulate, Direction::Higher) => false,
            (GoalKind::Accumulate, Direction::Lower) => true,
            _ => below,
        };
        if at_most { Aim::AtMost } else { Aim::AtLeast }
    }

    /// Whether the target lies on the side of the baseline that is worse for the KPI.
    pub fn aims_worse(&self) -> bool {
        match self.kpi.definition().direction {
            Direction::Higher => self.target < self.baseline,
            Direction::Lower => self.target > self.baseline,
            Direction::Neutral => false,
        }
    }
}

/// The first and the last bucket that lie wholly within some days.
pub fn whole_buckets(calendar: &Calendar, grain: Grain, days: DateRange) -> Option<(i32, i32)> {
    let range = |index| calendar.range(Bucket { grain, index });
    let mut first = calendar.bucket(grain, days.from).index;
    let mut last = calendar.bucket(grain, days.to).index;
    if range(first).from < days.from {
        first += 1;
    }
    if range(last).to > days.to {
        last -= 1;
    }
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::WeekStart;

    #[test]
    fn only_buckets_that_lie_wholly_within_count() {
        let calendar = Calendar {
            time_zone: chrono_tz::UTC,
            week_start: WeekStart::Monday,
            fiscal_year_start_month: 1,
        };
        let days = |from: &str, to: &str| {
            DateRange::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
        };
        let months = |from, to| {
            whole_buckets(&calendar, Grain::Month, days(from, to)).map(|(a, b)| {
                let label = |index| {
                    calendar.label(Bucket {
                        grain: Grain::Month,
                        index,
                    })
                };
                (label(a), label(b))
            })
        };
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(
            months("2026-01-01", "2026-03-31"),
            pair("2026-01", "2026-03")
        );
        assert_eq!(
            months("2026-01-02", "2026-03-30"),
            pair("2026-02", "2026-02")
        );
        assert_eq!(months("2026-01-02", "2026-02-27"), None);
        assert_eq!(months("2026-02-01", "2026-02-27"), None);
    }
}
