//! What the figures of a benchmark may be, whichever way they come in.

use rust_decimal::Decimal;

use super::{Kpi, format::Unit};

/// The most benchmarks of one metric.
pub const MOST_BENCHMARKS: usize = 100;
/// The most digits after the point of a number that people set.
pub const MOST_PLACES: u32 = 12;
const MOST: i64 = 1_000_000_000_000;

/// What keeps a number from being kept and computed with.
pub fn out_of_range(value: Decimal) -> Option<String> {
    let most = Decimal::from(MOST);
    let fits = value.abs() <= most && value.normalize().scale() <= MOST_PLACES;
    (!fits).then(|| format!("up to {most} with {MOST_PLACES} decimal places is allowed"))
}

/// The first of the quartiles, each with its name, that lies below the one before it; with the reason.
pub fn disorder<'a>(
    quartiles: impl IntoIterator<Item = (&'a str, Option<Decimal>)>,
) -> Option<(&'a str, String)> {
    let known = quartiles.into_iter();
    let known = known.filter_map(|(name, value)| Some((name, value?)));
    let known: Vec<(&str, Decimal)> = known.collect();
    known.windows(2).find_map(|pair| match pair {
        [(below, less), (above, more)] if less > more => {
            Some((*above, format!("{more} lies below {below}, {less}")))
        }
        _ => None,
    })
}

/// Whether a metric is an amount of money, and its benchmarks have a currency.
pub fn is_money(metric: Kpi) -> bool {
    matches!(
        metric.definition().unit,
        Unit::Currency | Unit::CurrencyPerDay
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_rise() {
        let told = |p25: Option<i64>, p50: i64, p75: Option<i64>| {
            let number = |value: Option<i64>| value.map(Decimal::from);
            disorder([
                ("p25", number(p25)),
                ("p50", number(Some(p50))),
                ("p75", number(p75)),
            ])
        };
        assert_eq!(told(Some(1), 2, Some(3)), None);
        assert_eq!(told(None, 2, None), None);
        assert_eq!(told(Some(2), 2, Some(2)), None);
        assert_eq!(told(Some(3), 2, None).unwrap().0, "p50");
        let (name, reason) = told(None, 2, Some(1)).unwrap();
        assert_eq!((name, reason.as_str()), ("p75", "1 lies below p50, 2"));
    }

    #[test]
    fn numbers_have_an_end_and_twelve_places() {
        assert_eq!(out_of_range(Decimal::new(5, 12)), None);
        assert!(out_of_range(Decimal::new(5, 13)).is_some());
        assert_eq!(out_of_range(Decimal::new(50, 13)), None);
        assert!(out_of_range(Decimal::from(MOST + 1)).is_some());
    }
}
