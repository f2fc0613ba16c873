//! What later money is worth today, and the value of a customer under contract in closed form.

use rust_decimal::Decimal;

use super::bgnbd::{BgNbd, Customer};

/// Weeks of a month, as the field counts them.
pub const WEEKS_PER_MONTH: f64 = 4.345;
/// Decimal places of a value in closed form.
const PLACES: u32 = 15;

/// Purchase days expected in the next months, each month's worth less by the discount: `rate_per_year` 0.1 means that
/// a purchase a year from now counts `1 / 1.1`. A month counts as if all of it came at its end.
pub fn discounted_purchases(
    model: &BgNbd,
    customer: impl Into<Customer>,
    months: u32,
    rate_per_year: f64,
) -> f64 {
    let customer = customer.into();
    let (mut before, mut total) = (0.0, 0.0);
    for month in 1..=months {
        let month = f64::from(month);
        let by_then = model.expected(customer, WEEKS_PER_MONTH * month);
        total += (by_then - before) / (1.0 + rate_per_year).powf(month / 12.0);
        before = by_then;
    }
    total
}

/// When the first margin of a contract comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstMargin {
    /// A period from now, if the customer stays.
    AfterOnePeriod,
    /// Now, for certain.
    Now,
}

/// The value of a customer under contract: `m·r / (1 + d - r)` for a margin `m` per period, retention `r` and discount
/// `d` per period, both fractions; one `m` more when the first margin comes now. `None` when the sum has no end
/// (`d = 0`, `r = 1`) or is no number.
pub fn contractual(
    margin: Decimal,
    retention: Decimal,
    discount: Decimal,
    first: FirstMargin,
) -> Option<Decimal> {
    let shrinks = Decimal::ONE.checked_add(discount)?.checked_sub(retention)?;
    if shrinks <= Decimal::ZERO {
        return None;
    }
    let later = margin.checked_mul(retention)?.checked_div(shrinks)?;
    let value = match first {
        FirstMargin::AfterOnePeriod => later,
        FirstMargin::Now => later.checked_add(margin)?,
    };
    Some(value.round_dp(PLACES).normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(margin: i64, retention: &str, discount: &str, first: FirstMargin) -> Option<String> {
        let [retention, discount] = [retention, discount].map(|text| text.parse().unwrap());
        contractual(margin.into(), retention, discount, first)
            .map(|value| value.round_dp(2).to_string())
    }

    #[test]
    fn a_contract_is_worth_what_the_textbook_says() {
        let value = |first| value(100, "0.8", "0.1", first);
        assert_eq!(value(FirstMargin::AfterOnePeriod).unwrap(), "266.67");
        assert_eq!(value(FirstMargin::Now).unwrap(), "366.67");
    }

    #[test]
    fn a_sum_without_end_has_no_value() {
        for first in [FirstMargin::AfterOnePeriod, FirstMargin::Now] {
            assert_eq!(value(100, "1", "0", first), None);
            assert_eq!(value(100, "1.2", "0.1", first), None);
        }
        assert_eq!(
            value(100, "0", "0", FirstMargin::AfterOnePeriod).unwrap(),
            "0"
        );
    }

    #[test]
    fn without_a_discount_purchases_are_those_expected() {
        let model = BgNbd {
            r: 0.243,
            alpha: 4.414,
            a: 0.793,
            b: 2.426,
        };
        let customer = Customer {
            x: 2.0,
            t_x: 30.43,
            t: 38.86,
        };
        let expected = model.expected(customer, 12.0 * WEEKS_PER_MONTH);
        assert!((discounted_purchases(&model, customer, 12, 0.0) - expected).abs() < 1e-12);
        // All within the first year, so between the present and the value a year off.
        let discounted = discounted_purchases(&model, customer, 12, 0.1);
        assert!(expected / 1.1 < discounted && discounted < expected);
    }
}
