//! Whether a value is out of the ordinary: a robust rule that can be redone by hand.

use rust_decimal::Decimal;

use crate::{
    kpi::{Kpi, Verdict},
    time::Grain,
};

/// How many earlier buckets a value is measured by.
pub const HISTORY: i32 = 8;
/// How many of them must have a value.
const LEAST_HISTORY: usize = 5;
/// The robust score from which a value is an anomaly: 3.5.
const LEAST_SCORE: Decimal = Decimal::from_parts(35, 0, 0, false, 1);
/// The change as a fraction of the median from which a value is an anomaly: 0.2.
const LEAST_CHANGE: Decimal = Decimal::from_parts(2, 0, 0, false, 1);
/// Makes the median absolute deviation of a normal distribution its standard deviation: 1.4826.
const NORMAL: Decimal = Decimal::from_parts(14_826, 0, 0, false, 4);
/// Decimal places of scores and changes.
const PLACES: u32 = 6;

/// What was expected of a value, and how it stands to that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// The median of the history.
    pub median: Decimal,
    /// At or below this the value is an anomaly.
    pub low: Decimal,
    /// At or above this the value is an anomaly.
    pub high: Decimal,
    /// The distance from the median in robust standard deviations, never negative; none where the history does not
    /// vary (its median absolute deviation is zero).
    pub score: Option<Decimal>,
    /// The distance from the median as a fraction of its size.
    pub relative: Decimal,
    /// Whether it is an anomaly.
    pub fires: bool,
}

/// The indexes of the buckets that the bucket `index` is measured by, the latest first: those of the same weekday for
/// days, the ones before for coarser grains.
pub fn history(grain: Grain, index: i32) -> impl Iterator<Item = i32> {
    let step = if grain == Grain::Day { 7 } else { 1 };
    (1..=HISTORY).map(move |back| index - back * step)
}

/// Judges a value by its history. `None` where the history is too short (fewer than five values) or its median is
/// zero, so that no relative change can be told.
pub fn judge(observed: Decimal, history: &[Decimal]) -> Option<Judgement> {
    if history.len() < LEAST_HISTORY {
        return None;
    }
    let median = median(history.to_vec())?;
    let distances = history
        .iter()
        .map(|value| value.checked_sub(median).map(|distance| distance.abs()))
        .collect::<Option<Vec<_>>>()?;
    let deviation = NORMAL.checked_mul(self::median(distances)?)?;
    let distance = observed.checked_sub(median)?;
    let relative = distance.checked_div(median.abs())?;
    let margin = deviation
        .checked_mul(LEAST_SCORE)?
        .max(median.abs().checked_mul(LEAST_CHANGE)?);
    let score = distance.abs().checked_div(deviation);
    Some(Judgement {
        median: median.normalize(),
        low: median.checked_sub(margin)?.normalize(),
        high: median.checked_add(margin)?.normalize(),
        score: score.map(rounded),
        relative: rounded(relative),
        fires: distance.abs() >= margin,
    })
}

/// Whether a departure from what was expected is better or worse for this KPI.
pub fn verdict(kpi: Kpi, judgement: &Judgement) -> Verdict {
    kpi.definition().direction.verdict(judgement.relative)
}

fn rounded(value: Decimal) -> Decimal {
    value.round_dp(PLACES).normalize()
}

/// The middle value, or the mean of the two in the middle.
fn median(mut values: Vec<Decimal>) -> Option<Decimal> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *values.get(values.len() / 2 - 1)?;
    lower.checked_add(upper)?.checked_div(Decimal::TWO)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimals(values: &[&str]) -> Vec<Decimal> {
        values.iter().map(|value| value.parse().unwrap()).collect()
    }

    fn told(observed: &str, history: &[&str]) -> Judgement {
        judge(observed.parse().unwrap(), &decimals(history)).unwrap()
    }

    #[test]
    fn the_score_is_the_one_computed_by_hand() {
        // Median (10 + 12) / 2 = 11; distances 1 1 1 1 3 3 5 7, their median (1 + 3) / 2 = 2; 3.5 × 1.4826 × 2 =
        // 10.3782; 30 lies (30 - 11) / 2.9652 = 6.407662 deviations away.
        let judged = told("30", &["10", "12", "10", "12", "8", "14", "6", "18"]);
        assert_eq!(judged.median, Decimal::from(11));
        assert_eq!(judged.low.to_string(), "0.6218");
        assert_eq!(judged.high.to_string(), "21.3782");
        assert_eq!(judged.score.unwrap().to_string(), "6.407662");
        assert_eq!(judged.relative.to_string(), "1.727273");
        assert!(judged.fires);
        assert!(!told("21", &["10", "12", "10", "12", "8", "14", "6", "18"]).fires);
    }

    #[test]
    fn a_high_score_with_a_small_change_does_not_fire() {
        // MAD 1: 110 is 6.7 deviations from 100, but only 10 % away; 120 is at the 20 %.
        let steady = ["100", "100", "101", "99", "101", "99", "102", "98"];
        let small = told("110", &steady);
        assert!(small.score.unwrap() > LEAST_SCORE && !small.fires);
        assert!(told("120", &steady).fires);
        assert!(!told("119.99", &steady).fires);
        assert!(told("80", &steady).fires);
    }

    #[test]
    fn where_the_history_does_not_vary_the_change_alone_decides() {
        let still = ["5"; 8];
        let judged = told("6", &still);
        assert_eq!((judged.score, judged.fires), (None, true));
        assert!(!told("5.9", &still).fires);
        assert!(!told("5", &still).fires);
    }

    #[test]
    fn too_short_a_history_and_a_median_of_zero_judge_nothing() {
        assert_eq!(judge(Decimal::TEN, &decimals(&["1"; 4])), None);
        assert!(judge(Decimal::TEN, &decimals(&["1"; 5])).is_some());
        assert_eq!(judge(Decimal::TEN, &decimals(&["0"; 8])), None);
        assert_eq!(judge(Decimal::MAX, &[Decimal::MIN; 8]), None, "no panic");
    }

    #[test]
    fn days_are_measured_by_their_weekday_and_weeks_by_those_before() {
        assert_eq!(history(Grain::Day, 100).last(), Some(44));
        assert_eq!(history(Grain::Week, 100).last(), Some(92));
        assert_eq!(history(Grain::Month, 100).next(), Some(99));
    }

    #[test]
    fn a_rising_cost_is_worse_a_falling_one_better() {
        let history = ["100"; 8];
        assert_eq!(verdict(Kpi::Cac, &told("150", &history)), Verdict::Worse);
        assert_eq!(verdict(Kpi::Cac, &told("50", &history)), Verdict::Better);
        assert_eq!(verdict(Kpi::Ctr, &told("50", &history)), Verdict::Worse);
        assert_eq!(verdict(Kpi::Spend, &told("50", &history)), Verdict::Neutral);
    }

    proptest! {
        #[test]
        fn the_order_of_the_history_does_not_matter(
            mut values in proptest::collection::vec(1_i64..1_000_000, 5..=8), observed in 0_i64..2_000_000,
        ) {
            let judged = |values: &[i64]| {
                judge(observed.into(), &values.iter().copied().map(Decimal::from).collect::<Vec<_>>())
            };
            let before = judged(&values);
            values.reverse();
            prop_assert_eq!(before, judged(&values));
            values.sort_unstable();
            prop_assert_eq!(before, judged(&values));
        }

        #[test]
        fn what_fires_lies_outside_the_range_and_nothing_else_does(
            values in proptest::collection::vec(1_i64..1_000, 5..=8), observed in 0_i64..3_000,
        ) {
            let history: Vec<Decimal> = values.into_iter().map(Decimal::from).collect();
            let observed = Decimal::from(observed);
            let judged = judge(observed, &history).unwrap();
            prop_assert_eq!(judged.fires, observed <= judged.low || observed >= judged.high);
            let scored = judged.score.is_none_or(|score| score >= LEAST_SCORE);
            // Scores are rounded: leave out what lies at the edge.
            if judged.score.is_none_or(|score| (score - LEAST_SCORE).abs() > Decimal::new(1, 5)) {
                prop_assert_eq!(judged.fires, scored && judged.relative.abs() >= LEAST_CHANGE);
            }
        }
    }
}
