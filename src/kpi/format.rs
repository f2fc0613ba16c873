//! The `formatted` text of a value: English, and the only place where numbers are rounded (half to even).

use async_graphql::Enum;
use iso_currency::Currency;
use rust_decimal::{Decimal, RoundingStrategy};

/// What a KPI's value measures, and so how it is written.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A number of things or people, such as clicks: `1,234,567`.
    Count,
    /// An amount of money: `USD 1,234.50`.
    Currency,
    /// A share as a fraction, 0.1235 being 12.35 %: `12.35%`.
    Rate,
    /// A multiple, such as revenue per unit of spend: `3.20×`.
    Ratio,
    /// A duration in seconds: `1m 05s`.
    Seconds,
    /// A signed score, such as NPS from −100 to 100: `+42`.
    Score,
    /// An amount of money per day: `USD 2,777.78/day`.
    CurrencyPerDay,
}

/// Writes `value` for people. Money is preceded by the code of `currency` and has its minor digits (JPY none);
/// without a currency it has two digits and no code. A [`Unit::Rate`] is given as a fraction.
pub fn format_value(value: Decimal, unit: Unit, currency: Option<Currency>) -> String {
    match unit {
        Unit::Count => number(value, 0, 2),
        Unit::Currency => money(value, currency),
        Unit::Rate => format!(
            "{}%",
            number(value.saturating_mul(Decimal::ONE_HUNDRED), 2, 2)
        ),
        Unit::Ratio => format!("{}×", number(value, 2, 2)),
        Unit::Seconds => duration(value),
        Unit::Score => {
            let text = number(value, 0, 2);
            let positive = !text.starts_with('-') && text != "0";
            if positive { format!("+{text}") } else { text }
        }
        Unit::CurrencyPerDay => format!("{}/day", money(value, currency)),
    }
}

fn money(value: Decimal, currency: Option<Currency>) -> String {
    let digits = currency
        .and_then(|currency| currency.exponent())
        .map_or(2, usize::from);
    let text = number(value, digits, digits);
    match (currency, text.strip_prefix('-')) {
        (None, _) => text,
        (Some(currency), None) => format!("{} {text}", currency.code()),
        (Some(currency), Some(amount)) => format!("-{} {amount}", currency.code()),
    }
}

fn duration(value: Decimal) -> String {
    let total = round(value, 0);
    let sign = if total.is_sign_negative() { "-" } else { "" };
    let (minute, hour) = (Decimal::from(60), Decimal::from(3600));
    let total = total.abs();
    let hours = (total / hour).trunc();
    let minutes = (total % hour / minute).trunc();
    let seconds = total % minute;
    if !hours.is_zero() {
        format!(
            "{sign}{}h {minutes:0>2}m {seconds:0>2}s",
            number(hours, 0, 0)
        )
    } else if !minutes.is_zero() {
        format!("{sign}{minutes}m {seconds:0>2}s")
    } else {
        format!("{sign}{seconds}s")
    }
}

/// Thousands separated by commas, with at least `min` and at most `max` digits after the point.
fn number(value: Decimal, min: usize, max: usize) -> String {
    let mut rounded = round(value, max);
    let digits = min.max(rounded.scale() as usize);
    let sign = if rounded.is_sign_negative() { "-" } else { "" };
    rounded.set_sign_positive(true);
    let text = format!("{rounded:.digits$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3 + 2);
    grouped.push_str(sign);
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

/// Rounds half to even; the result has no trailing zeros and no negative zero.
fn round(value: Decimal, digits: usize) -> Decimal {
    value
        .round_dp_with_strategy(digits as u32, RoundingStrategy::MidpointNearestEven)
        .normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str, unit: Unit) -> String {
        format_value(value.parse().unwrap(), unit, Some(Currency::USD))
    }

    #[test]
    fn counts_are_grouped_and_fractional_only_when_needed() {
        assert_eq!(written("1234567", Unit::Count), "1,234,567");
        assert_eq!(written("0", Unit::Count), "0");
        assert_eq!(written("999", Unit::Count), "999");
        assert_eq!(written("-1000.00", Unit::Count), "-1,000");
        assert_eq!(written("1234.5", Unit::Count), "1,234.5");
        assert_eq!(written("1234.567", Unit::Count), "1,234.57");
    }

    #[test]
    fn money_has_its_code_and_the_minor_digits_of_its_currency() {
        let money =
            |value: &str, currency| format_value(value.parse().unwrap(), Unit::Currency, currency);
        assert_eq!(money("1234.5", Some(Currency::USD)), "USD 1,234.50");
        assert_eq!(money("-3", Some(Currency::USD)), "-USD 3.00");
        assert_eq!(money("1234.5", Some(Currency::JPY)), "JPY 1,234");
        assert_eq!(money("1.2345", Some(Currency::KWD)), "KWD 1.234");
        assert_eq!(money("1234.5", None), "1,234.50");
        assert_eq!(
            written("2777.7777", Unit::CurrencyPerDay),
            "USD 2,777.78/day"
        );
    }

    #[test]
    fn rounding_is_half_to_even() {
        assert_eq!(written("0.125", Unit::Currency), "USD 0.12");
        assert_eq!(written("0.135", Unit::Currency), "USD 0.14");
        assert_eq!(written("2.5", Unit::Seconds), "2s");
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!(written("-0.001", Unit::Currency), "USD 0.00");
        assert_eq!(written("-0.001", Unit::Score), "0");
        assert_eq!(written("0.001", Unit::Score), "0");
        assert_eq!(written("-0.4", Unit::Seconds), "0s");
    }

    #[test]
    fn rates_are_percentages_and_ratios_are_multiples() {
        assert_eq!(written("0.123456", Unit::Rate), "12.35%");
        assert_eq!(written("1", Unit::Rate), "100.00%");
        assert_eq!(written("-0.05", Unit::Rate), "-5.00%");
        assert_eq!(written("3.2", Unit::Ratio), "3.20×");
        assert_eq!(written("1234.5", Unit::Ratio), "1,234.50×");
    }

    #[test]
    fn durations_show_the_parts_that_matter() {
        assert_eq!(written("0", Unit::Seconds), "0s");
        assert_eq!(written("42", Unit::Seconds), "42s");
        assert_eq!(written("65", Unit::Seconds), "1m 05s");
        assert_eq!(written("59.6", Unit::Seconds), "1m 00s");
        assert_eq!(written("3605", Unit::Seconds), "1h 00m 05s");
        assert_eq!(written("-65", Unit::Seconds), "-1m 05s");
    }

    #[test]
    fn scores_always_show_their_sign() {
        assert_eq!(written("42", Unit::Score), "+42");
        assert_eq!(written("-3", Unit::Score), "-3");
        assert_eq!(written("0.35", Unit::Score), "+0.35");
    }

    #[test]
    fn the_largest_numbers_do_not_panic() {
        for unit in [
            Unit::Count,
            Unit::Currency,
            Unit::Rate,
            Unit::Ratio,
            Unit::Seconds,
            Unit::Score,
            Unit::CurrencyPerDay,
        ] {
            format_value(Decimal::MAX, unit, Some(Currency::USD));
            format_value(Decimal::MIN, unit, None);
        }
    }
}
