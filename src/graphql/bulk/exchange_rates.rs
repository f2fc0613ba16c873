//! Exchange rates of days, keyed by day and pair of currencies.

use async_graphql::InputObject;
use rust_decimal::Decimal;

use super::{Item, PerItem, code};
use crate::{
    graphql::scalars::{CurrencyCode, Date},
    import::bulk::{Given, Kind},
};

/// What one unit of a currency is worth in another on a day.
#[derive(InputObject)]
pub struct ExchangeRateUpsert {
    /// The day.
    date: PerItem<Date>,
    /// The currency that is exchanged.
    from: CurrencyCode,
    /// The currency that it is exchanged to. Default: the team's.
    to: Option<CurrencyCode>,
    /// How many units of `to` one of `from` is worth, above 0, to nine digits after the point.
    rate: PerItem<Decimal>,
}

impl Item for ExchangeRateUpsert {
    const KIND: Kind = Kind::FxRates;
    const MUTATION: &'static str = "upsertExchangeRates";

    fn given(self) -> Given {
        Given::default()
            .with("date", "date", self.date)
            .with("from", "from", self.from.0)
            .with("to", "to", code(self.to))
            .with("rate", "rate", self.rate)
    }
}
