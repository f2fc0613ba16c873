//! How many things a KPI's value rests on: a rate of three clicks says nothing.

use rust_decimal::Decimal;

use crate::{
    kpi::{Kpi, KpiValue, formula::Term},
    store::measures::{Measure, Scale},
};

/// The least number of impressions, clicks, visits ….
const LEAST_TRAFFIC: i64 = 30;
/// The least number of conversions, orders, customers, leads, deals ….
const LEAST_RESULTS: i64 = 5;

/// What a KPI's volume is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Volume {
    /// The lower part of the ratio.
    Denominator,
    /// The upper part, where the lower one is money.
    Numerator,
    /// The number itself.
    Value,
}

/// Amounts of money have no number that would be enough for every team.
const LEAST_AMOUNT: i64 = 0;

/// Whether a value and what was expected rest on enough; `least` takes the place of the KPI's usual number. Of what is
/// made of amounts alone it is an amount, and any is enough by default.
pub fn suffices(kpi: Kpi, value: &KpiValue, expected: Decimal, least: Option<Decimal>) -> bool {
    let (volume, usual) = volume(kpi);
    let least = least.unwrap_or(usual);
    let found = match volume {
        Volume::Denominator => value.denominator,
        Volume::Numerator => value.numerator,
        // What fell to nothing rests on what was expected.
        Volume::Value => value
            .value
            .ok()
            .map(|value| value.abs().max(expected.abs())),
    };
    found.map_or(least.is_zero(), |found| found >= least)
}

/// What the KPI's volume is read from, and how much is enough by default.
fn volume(kpi: Kpi) -> (Volume, Decimal) {
    let definition = kpi.definition();
    let counted = |measures: &[Measure]| {
        !measures.is_empty()
            && measures
                .iter()
                .all(|measure| measure.spec().scale != Scale::Money)
    };
    let (above, below) = parts(kpi);
    let (volume, measures) = match definition.is_ratio() {
        true if counted(&below) => (Volume::Denominator, below),
        true if counted(&above) => (Volume::Numerator, above),
        false if counted(&above) => (Volume::Value, above),
        true => return (Volume::Denominator, LEAST_AMOUNT.into()),
        false => return (Volume::Value, LEAST_AMOUNT.into()),
    };
    let results = measures
        .iter()
        .any(|measure| measure.counts_conversions() || measure.spec().fact.by_acquisition());
    let least = if results {
        LEAST_RESULTS
    } else {
        LEAST_TRAFFIC
    };
    (volume, least.into())
}

/// The measures in the upper and in the lower part of the KPI's formula. Formulas are sums over sums, so a measure that
/// alone is 1 shows where it stands.
fn parts(kpi: Kpi) -> (Vec<Measure>, Vec<Measure>) {
    let definition = kpi.definition();
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for (place, measure) in definition.measures.iter().enumerate() {
        let terms = definition.measures.iter().enumerate().map(|(at, other)| {
            let value = Decimal::from(u8::from(at == place));
            match other.spec().scale {
                Scale::Money => Term::money(value),
                _ => Term::count(value),
            }
        });
        let result = kpi.compute(terms.collect()).evaluate();
        let stands_in = |part: Option<Decimal>| part.is_some_and(|value| !value.is_zero());
        let whole = if definition.is_ratio() {
            result.numerator
        } else {
            result.value.ok()
        };
        if stands_in(whole) {
            above.push(*measure);
        }
        if stands_in(result.denominator) {
            below.push(*measure);
        }
    }
    (above, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_read_from_the_formulas() {
        for (kpi, expected, least) in [
            (Kpi::Ctr, Volume::Denominator, 30),
            (Kpi::Cpc, Volume::Denominator, 30),
            (Kpi::Cac, Volume::Denominator, 5),
            (Kpi::Cpa, Volume::Denominator, 5),
            (Kpi::WinRate, Volume::Denominator, 5),
            (Kpi::Sessions, Volume::Value, 30),
            (Kpi::Orders, Volume::Value, 5),
        ] {
            assert_eq!(volume(kpi), (expected, least.into()), "{kpi:?}");
        }
        for (kpi, expected) in [
            (Kpi::Spend, Volume::Value),
            (Kpi::Revenue, Volume::Value),
            (Kpi::Roas, Volume::Denominator),
        ] {
            assert_eq!(volume(kpi), (expected, 0.into()), "{kpi:?}");
        }
    }

    #[test]
    fn a_measure_above_and_below_stands_in_both_parts() {
        assert_eq!(
            parts(Kpi::WinRate),
            (
                vec![Measure::won_deals],
                vec![Measure::won_deals, Measure::lost_deals]
            )
        );
    }
}
