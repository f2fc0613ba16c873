//! Conversions that the team recorded itself, keyed by the source's ids.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{Item, Naming, PerItem, code};
use crate::{
    graphql::{external_ref::RefInput, scalars::CurrencyCode},
    import::bulk::{Given, Kind},
};

/// A conversion as the source knows it now; what is left out is empty.
#[derive(InputObject)]
pub struct ConversionUpsert {
    /// The source's id for it, 1 to 200 characters: the key.
    id: String,
    /// Whose. One that is named by a system and unknown is made. Null when nobody knows.
    customer: Option<RefInput>,
    /// What kind of conversion, at most 100 characters. Default: conversion.
    kind: Option<String>,
    /// When it was.
    occurred_at: PerItem<DateTime<Utc>>,
    /// Its value. Null when it has none.
    value: Option<PerItem<Decimal>>,
    /// The currency of the amounts. Default: the team's.
    currency: Option<CurrencyCode>,
    /// When the source last changed it; an item older than what the source told before is skipped.
    source_updated_at: Option<PerItem<DateTime<Utc>>>,
}

impl Item for ConversionUpsert {
    const KIND: Kind = Kind::Conversions;
    const MUTATION: &'static str = "upsertConversions";

    fn given(self) -> Given {
        Given::default()
            .with("conversion_id", "id", self.id)
            .customer("customer_id", "customer", self.customer)
            .with("type", "kind", self.kind)
            .with("occurred_at", "occurredAt", self.occurred_at)
            .with("value", "value", self.value)
            .with("currency", "currency", code(self.currency))
            .with(
                "source_updated_at",
                "sourceUpdatedAt",
                self.source_updated_at,
            )
    }
}
