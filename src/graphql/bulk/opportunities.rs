//! Deals of the sales pipeline, keyed by the source's deal ids.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use entity::values::Outcome;
use rust_decimal::Decimal;

use super::{Item, Naming, PerItem, PropertyInput, code, pairs};
use crate::{
    graphql::{
        external_ref::RefInput,
        scalars::{CurrencyCode, Date},
    },
    import::bulk::{Given, GivenText, Kind},
};

/// A deal as the source knows it now; what is left out is empty.
#[derive(InputObject)]
pub struct OpportunityUpsert {
    /// The source's id for it, 1 to 200 characters: the key.
    id: String,
    /// Whose. One that is named by a system and unknown is made. Null when nobody knows.
    customer: Option<RefInput>,
    /// When it was opened. Of both, `openedAt` counts.
    opened_on: Option<PerItem<Date>>,
    /// The instant at which it was opened, from which the day follows in the team's time zone.
    opened_at: Option<PerItem<DateTime<Utc>>>,
    /// When it was won or lost, which then is needed; of an open deal, when that is expected.
    closed_at: Option<PerItem<DateTime<Utc>>>,
    /// Whether it is won or lost. Default: OPEN.
    outcome: Option<Outcome>,
    /// The sales stage, at most 100 characters.
    stage: Option<String>,
    /// Its amount. Null when it is not known.
    amount: Option<PerItem<Decimal>>,
    /// The currency of the amounts. Default: the team's.
    currency: Option<CurrencyCode>,
    /// Further breakdowns by name, 2000 bytes in all as JSON.
    properties: Option<Vec<PropertyInput>>,
    /// When the source last changed it; an item older than what the source told before is skipped.
    source_updated_at: Option<PerItem<DateTime<Utc>>>,
}

impl Item for OpportunityUpsert {
    const KIND: Kind = Kind::Opportunities;
    const MUTATION: &'static str = "upsertOpportunities";

    fn given(self) -> Given {
        let row = Given::default();
        let row = match self.opened_at {
            Some(at) => row.with("opened_at", "openedAt", at),
            None => row.with("opened_at", "openedOn", self.opened_on),
        };
        row.with("deal_id", "id", self.id)
            .customer("lead_id", "customer", self.customer)
            .with("closed_at", "closedAt", self.closed_at)
            .with("outcome", "outcome", GivenText::choice(self.outcome))
            .with("stage", "stage", self.stage)
            .with("amount", "amount", self.amount)
            .with("currency", "currency", code(self.currency))
            .with_properties(pairs(self.properties))
            .with(
                "source_updated_at",
                "sourceUpdatedAt",
                self.source_updated_at,
            )
    }
}
