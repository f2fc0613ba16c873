//! What a controlled experiment has shown: rates with Wilson intervals, differences to the control with Newcombe's
//! interval (his method 10, of two Wilson intervals) and a two-sided p-value (z-test of two proportions, pooled).

use rust_decimal::{Decimal, prelude::FromPrimitive};
use statrs::distribution::{ContinuousCDF, Normal};

/// Decimal places of everything that is estimated here.
const PLACES: u32 = 9;
/// The least expected number of conversions, and of exposures without one, for the normal approximation to hold.
const LEAST_EXPECTED: f64 = 5.0;

/// How often something was shown, and how often that converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Shown to so many.
    pub exposures: i64,
    /// So many of them converted.
    pub conversions: i64,
}

/// From where to where a true value lies, with some confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: Decimal,
    /// The upper end.
    pub high: Decimal,
}

/// A variant beside the control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The variant's rate less the control's.
    pub absolute: Decimal,
    /// The same as a fraction of the control's rate; none when that is zero.
    pub relative: Option<Decimal>,
    /// Where the true difference lies.
    pub interval: Interval,
    /// How likely a difference at least as large is by chance alone; none when nobody or everybody converted.
    pub p_value: Option<Decimal>,
    /// Whether the samples are too small for the p-value to be trusted.
    pub sample_too_small: bool,
}

/// How many standard deviations a two-sided interval of this confidence (between 0 and 1) reaches to each side.
pub fn deviations(confidence: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + confidence / 2.0)
}

impl Counts {
    /// The share of exposures that converted; none without exposures.
    pub fn rate(self) -> Option<Decimal> {
        let rate = Decimal::from(self.conversions).checked_div(self.exposures.into())?;
        Some(rate.round_dp(15).normalize())
    }

    /// Wilson's interval of the rate; none without exposures.
    pub fn interval(self, deviations: f64) -> Option<Interval> {
        let (low, high) = self.wilson(deviations)?;
        interval(low, high)
    }

    fn share(self) -> Option<f64> {
        (self.exposures > 0).then(|| self.conversions as f64 / self.exposures as f64)
    }

    fn wilson(self, z: f64) -> Option<(f64, f64)> {
        let share = self.share()?;
        let (exposures, square) = (self.exposures as f64, z * z);
        let middle = share + square / (2.0 * exposures);
        let spread =
            z * (share * (1.0 - share) / exposures + square / (4.0 * exposures * exposures)).sqrt();
        let whole = 1.0 + square / exposures;
        Some((
            ((middle - spread) / whole).max(0.0),
            ((middle + spread) / whole).min(1.0),
        ))
    }
}

/// Sets a variant beside the control; none when one of them has no exposures.
pub fn compare(control: Counts, variant: Counts, deviations: f64) -> Option<Difference> {
    let (of_control, of_variant) = (control.share()?, variant.share()?);
    let (low, high) = control.wilson(deviations)?;
    let (low_variant, high_variant) = variant.wilson(deviations)?;
    let difference = of_variant - of_control;
    let below = (of_variant - low_variant).hypot(high - of_control);
    let above = (high_variant - of_variant).hypot(of_control - low);
    let absolute = variant.rate()?.checked_sub(control.rate()?)?;
    let pooled = (control.conversions as f64 + variant.conversions as f64)
        / (control.exposures as f64 + variant.exposures as f64);
    let expected = [control, variant].map(|counts| {
        let exposures = counts.exposures as f64;
        (exposures * pooled).min(exposures * (1.0 - pooled))
    });
    let relative = absolute.checked_div(control.rate()?);
    Some(Difference {
        absolute: absolute.normalize(),
        relative: relative.map(|relative| relative.round_dp(PLACES).normalize()),
        interval: interval(difference - below, difference + above)?,
        p_value: p_value(control, variant, difference, pooled),
        sample_too_small: expected.iter().any(|count| *count < LEAST_EXPECTED),
    })
}

fn p_value(control: Counts, variant: Counts, difference: f64, pooled: f64) -> Option<Decimal> {
    let each = 1.0 / control.exposures as f64 + 1.0 / variant.exposures as f64;
    let error = (pooled * (1.0 - pooled) * each).sqrt();
    if error == 0.0 {
        return None;
    }
    let beyond = Normal::standard().sf((difference / error).abs());
    decimal((2.0 * beyond).min(1.0))
}

fn interval(low: f64, high: f64) -> Option<Interval> {
    Some(Interval {
        low: decimal(low)?,
        high: decimal(high)?,
    })
}

fn decimal(value: f64) -> Option<Decimal> {
    Some(Decimal::from_f64(value)?.round_dp(PLACES).normalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(conversions: i64, exposures: i64) -> Counts {
        Counts {
            exposures,
            conversions,
        }
    }

    fn assert_near(value: Decimal, expected: &str, within: &str) {
        let expected: Decimal = expected.parse().unwrap();
        let within: Decimal = within.parse().unwrap();
        assert!(
            (value - expected).abs() <= within,
            "{value} is not {expected}"
        );
    }

    const HALF_OF_FOURTH_PLACE: &str = "0.00005";

    #[test]
    fn wilson_s_intervals_are_the_published_ones() {
        // R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998)
        // 857-872, table I, method 3.
        for (conversions, exposures, low, high) in [
            (81, 263, "0.2553", "0.3662"),
            (15, 148, "0.0624", "0.1605"),
            (0, 20, "0", "0.1611"),
            (1, 29, "0.0061", "0.1718"),
        ] {
            let interval = counts(conversions, exposures)
                .interval(deviations(0.95))
                .unwrap();
            assert_near(interval.low, low, HALF_OF_FOURTH_PLACE);
            assert_near(interval.high, high, HALF_OF_FOURTH_PLACE);
        }
        assert_eq!(counts(0, 0).interval(1.96), None);
    }

    #[test]
    fn newcombe_s_intervals_are_the_published_ones() {
        // R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in
        // Medicine 17 (1998) 873-890, table II, method 10: 56/70 - 48/80, 9/10 - 3/10, 6/7 - 2/7.
        for (variant, control, low, high) in [
            (counts(56, 70), counts(48, 80), "0.0524", "0.3339"),
            (counts(9, 10), counts(3, 10), "0.1705", "0.8090"),
            (counts(6, 7), counts(2, 7), "0.0582", "0.8062"),
        ] {
            let told = compare(control, variant, deviations(0.95)).unwrap();
            assert_near(told.interval.low, low, HALF_OF_FOURTH_PLACE);
            assert_near(told.interval.high, high, HALF_OF_FOURTH_PLACE);
        }
    }

    #[test]
    fn the_p_value_is_that_of_an_independent_computation() {
        // Python's statistics.NormalDist: pooled .11, z = .02 / sqrt(.11 × .89 × 2/1000) = 1.42931, p = .15291.
        let told = compare(counts(100, 1_000), counts(120, 1_000), deviations(0.95)).unwrap();
        assert_eq!(told.absolute.to_string(), "0.02");
        assert_eq!(told.relative.unwrap().to_string(), "0.2");
        assert_near(told.p_value.unwrap(), "0.152917782", "0.000000001");
        assert!(!told.sample_too_small);
    }

    #[test]
    fn small_samples_and_certain_outcomes_are_flagged() {
        let z = deviations(0.95);
        assert!(
            compare(counts(1, 20), counts(3, 20), z)
                .unwrap()
                .sample_too_small
        );
        let nobody = compare(counts(0, 50), counts(0, 50), z).unwrap();
        assert_eq!((nobody.p_value, nobody.relative), (None, None));
        assert!(nobody.sample_too_small);
        assert_eq!(compare(counts(0, 0), counts(1, 2), z), None);
    }

    #[test]
    fn more_confidence_reaches_further() {
        assert_near(
            Decimal::from_f64(deviations(0.95)).unwrap(),
            "1.959963985",
            "0.000000001",
        );
        assert_near(
            Decimal::from_f64(deviations(0.99)).unwrap(),
            "2.575829304",
            "0.000000001",
        );
    }

    proptest! {
        #[test]
        fn estimates_lie_in_their_intervals_and_turning_the_variants_round_turns_the_sign(
            a in (1_i64..5_000, 0.0_f64..=1.0), b in (1_i64..5_000, 0.0_f64..=1.0),
        ) {
            let counted = |(exposures, share): (i64, f64)| counts((exposures as f64 * share) as i64, exposures);
            let (a, b, z) = (counted(a), counted(b), deviations(0.95));
            let within = |value: Decimal, interval: Interval| {
                let slack = Decimal::new(1, 8);
                interval.low - slack <= value && value <= interval.high + slack
            };
            prop_assert!(within(a.rate().unwrap(), a.interval(z).unwrap()));
            let (there, back) = (compare(a, b, z).unwrap(), compare(b, a, z).unwrap());
            prop_assert!(within(there.absolute, there.interval));
            prop_assert_eq!(there.absolute, -back.absolute);
            prop_assert_eq!(there.p_value, back.p_value);
            prop_assert!((there.interval.low + back.interval.high).abs() <= Decimal::new(1, 8));
        }
    }
}
