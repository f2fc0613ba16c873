//! What later money is worth today.

use super::bgnbd::{BgNbd, Customer};

/// Weeks of a month, as the field counts them.
pub const WEEKS_PER_MONTH: f64 = 4.345;

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

#[cfg(test)]
mod tests {
    use super::*;

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
