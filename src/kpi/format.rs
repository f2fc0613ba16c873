//! The `formatted` text of a value: which form of number a unit takes. The locale gives the form its looks.

use async_graphql::Enum;
use iso_currency::Currency;
use rust_decimal::Decimal;

use crate::{error::Result, locale::NumberFormats};

/// What a KPI's value measures, and so how it is written; the examples are English.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A number of things or people, such as clicks: `1,234,567`.
    Count,
    /// An amount of money: `$1,234.50`.
    Currency,
    /// A share as a fraction, 0.1235 being 12.35 %: `12.35%`.
    Rate,
    /// A multiple, such as revenue per unit of spend: `3.20×`.
    Ratio,
    /// A duration in seconds: `1m 5s`.
    Seconds,
    /// A signed score, such as NPS from −100 to 100: `+42`.
    Score,
    /// An amount of money per day: `$2,777.78/day`.
    CurrencyPerDay,
}

/// Writes `value` for people. Amounts of money are in `currency`, or numbers with two digits when there is none; a
/// [`Unit::Rate`] is given as a fraction.
pub fn format_value(
    value: Decimal,
    unit: Unit,
    currency: Option<Currency>,
    formats: &NumberFormats,
) -> Result<String> {
    match (unit, currency) {
        (Unit::Count, _) => formats.number(value, 0, 2),
        (Unit::Currency, Some(currency)) => formats.money(value, currency),
        (Unit::Rate, _) => formats.percent(value, 2),
        (Unit::Ratio, _) => Ok(format!("{}×", formats.number(value, 2, 2)?)),
        (Unit::Seconds, _) => formats.duration(value),
        (Unit::Score, _) => formats.signed(value, 0, 2),
        (Unit::CurrencyPerDay, Some(currency)) => formats.money_per_day(value, currency),
        (Unit::Currency | Unit::CurrencyPerDay, None) => formats.number(value, 2, 2),
    }
}

#[cfg(test)]
mod tests;
