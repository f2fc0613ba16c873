//! Orders, keyed by the source's order ids.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use entity::values::Device;
use rust_decimal::Decimal;

use super::{Item, Naming, PerItem, PropertyInput, code, pairs};
use crate::{
    graphql::{external_ref::RefInput, scalars::CurrencyCode},
    import::bulk::{Given, GivenText, Kind},
};

/// An order as the source knows it now; what is left out is empty.
#[derive(InputObject)]
pub struct OrderUpsert {
    /// The source's id for it, 1 to 200 characters: the key.
    id: String,
    /// Whose. One that is named by a system and unknown is made. Null when nobody knows.
    customer: Option<RefInput>,
    /// When it was placed.
    ordered_at: PerItem<DateTime<Utc>>,
    /// What counts as revenue: the amount without discount, tax and shipping. `net` or `gross` is needed.
    net: Option<PerItem<Decimal>>,
    /// The amount before discount, with tax and shipping.
    gross: Option<PerItem<Decimal>>,
    /// The discount within `gross`. Default: 0.
    discount: Option<PerItem<Decimal>>,
    /// The tax within `gross`. Default: 0.
    tax: Option<PerItem<Decimal>>,
    /// The shipping within `gross`. Default: 0.
    shipping: Option<PerItem<Decimal>>,
    /// What the goods cost. Null when it is not known.
    cost_of_goods: Option<PerItem<Decimal>>,
    /// The currency of the amounts. Default: the team's.
    currency: Option<CurrencyCode>,
    /// The state of the order, at most 40 characters; cancelled, void, failed, test and draft orders count in no KPI.
    /// Default: completed.
    status: Option<String>,
    /// The country, best as an ISO 3166 two-letter code; at most 64 characters.
    country: Option<String>,
    /// The kind of device.
    device: Option<Device>,
    /// Further breakdowns by name, 2000 bytes in all as JSON.
    properties: Option<Vec<PropertyInput>>,
    /// When the source last changed it; an item older than what the source told before is skipped.
    source_updated_at: Option<PerItem<DateTime<Utc>>>,
}

impl Item for OrderUpsert {
    const KIND: Kind = Kind::Orders;
    const MUTATION: &'static str = "upsertOrders";

    fn given(self) -> Given {
        Given::default()
            .with("order_id", "id", self.id)
            .customer("customer_id", "customer", self.customer)
            .with("ordered_at", "orderedAt", self.ordered_at)
            .with("amount", "net", self.net)
            .with("gross", "gross", self.gross)
            .with("discount", "discount", self.discount)
            .with("tax", "tax", self.tax)
            .with("shipping", "shipping", self.shipping)
            .with("cost_of_goods", "costOfGoods", self.cost_of_goods)
            .with("currency", "currency", code(self.currency))
            .with("status", "status", self.status)
            .with("country", "country", self.country)
            .with("device", "device", GivenText::choice(self.device))
            .with_properties(pairs(self.properties))
            .with(
                "source_updated_at",
                "sourceUpdatedAt",
                self.source_updated_at,
            )
    }
}
