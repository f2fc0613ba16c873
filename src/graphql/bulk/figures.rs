//! Daily figures that others count for the team, keyed by figure, day, channel, campaign, country and properties.

use async_graphql::InputObject;
use rust_decimal::Decimal;

use super::{Item, Naming, PerItem, PropertyInput, code, pairs};
use crate::{
    graphql::{
        external_ref::RefInput,
        scalars::{CurrencyCode, Date},
    },
    import::bulk::{Given, Kind},
};

/// A figure of a day in one breakdown, as the source counts it now.
#[derive(InputObject)]
pub struct FigureUpsert {
    /// Which figure, by the name that imports of figures know it by.
    figure: String,
    /// The day, as the source cuts it.
    date: PerItem<Date>,
    /// The channel. A name that the source itself gives and that is unknown makes one.
    channel: Option<RefInput>,
    /// The campaign. A name that the source itself gives and that is unknown makes one.
    campaign: Option<RefInput>,
    /// The country, best as an ISO 3166 two-letter code; at most 64 characters.
    country: Option<String>,
    /// Its value.
    value: PerItem<Decimal>,
    /// The currency of the amounts. Default: the team's.
    currency: Option<CurrencyCode>,
    /// Further breakdowns by name, such as the ad set; they are part of the key. 2000 bytes in all as JSON.
    properties: Option<Vec<PropertyInput>>,
}

impl Item for FigureUpsert {
    const KIND: Kind = Kind::Figures;
    const MUTATION: &'static str = "upsertFigures";

    fn given(self) -> Given {
        Given::default()
            .with("figure", "figure", self.figure)
            .with("date", "date", self.date)
            .channel("channel", "channel", self.channel)
            .campaign("campaign_id", "campaign", self.campaign)
            .with("country", "country", self.country)
            .with("value", "value", self.value)
            .with("currency", "currency", code(self.currency))
            .with_properties(pairs(self.properties))
    }
}
