//! Costs beside media, spread evenly over their days, keyed by the source's ids.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use entity::values::{CostAllocation, CostKind};
use rust_decimal::Decimal;

use super::{Item, Naming, PerItem, code};
use crate::{
    graphql::{
        external_ref::RefInput,
        scalars::{CurrencyCode, Date},
    },
    import::bulk::{Given, GivenText, Kind},
};

/// A cost as the source knows it now; what is left out is empty.
#[derive(InputObject)]
pub struct CostUpsert {
    /// The source's id for it, 1 to 200 characters: the key.
    id: String,
    /// What it is for, at most 200 characters. Default: the id.
    name: Option<String>,
    /// What kind of cost. Default: OTHER.
    kind: Option<CostKind>,
    /// Its first day.
    starts_on: PerItem<Date>,
    /// Its last day, included, at most 3660 days on. Default: the first day.
    ends_on: Option<PerItem<Date>>,
    /// The whole amount.
    amount: PerItem<Decimal>,
    /// The currency of the amounts. Default: the team's.
    currency: Option<CurrencyCode>,
    /// Whether it was spent to win customers. Default: false.
    acquisition: Option<bool>,
    /// The channel. A name that the source itself gives and that is unknown makes one.
    channel: Option<RefInput>,
    /// The campaign. A name that the source itself gives and that is unknown makes one.
    campaign: Option<RefInput>,
    /// How it is shared out when it names neither campaign nor channel. Default: NONE.
    allocation: Option<CostAllocation>,
    /// When the source last changed it; an item older than what the source told before is skipped.
    source_updated_at: Option<PerItem<DateTime<Utc>>>,
}

impl Item for CostUpsert {
    const KIND: Kind = Kind::Costs;
    const MUTATION: &'static str = "upsertCosts";

    fn given(self) -> Given {
        Given::default()
            .with("cost_id", "id", self.id)
            .with("name", "name", self.name)
            .with("kind", "kind", GivenText::choice(self.kind))
            .with("starts_on", "startsOn", self.starts_on)
            .with("ends_on", "endsOn", self.ends_on)
            .with("amount", "amount", self.amount)
            .with("currency", "currency", code(self.currency))
            .with("acquisition", "acquisition", self.acquisition)
            .channel("channel", "channel", self.channel)
            .campaign("campaign", "campaign", self.campaign)
            .with(
                "allocation",
                "allocation",
                GivenText::choice(self.allocation),
            )
            .with(
                "source_updated_at",
                "sourceUpdatedAt",
                self.source_updated_at,
            )
    }
}
