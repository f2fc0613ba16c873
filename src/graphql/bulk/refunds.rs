//! Money given back for orders of the same source, keyed by the source's refund ids.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{Item, PerItem, code};
use crate::{
    graphql::scalars::CurrencyCode,
    import::bulk::{Given, Kind},
};

/// A refund as the source knows it now.
#[derive(InputObject)]
pub struct RefundUpsert {
    /// The source's id for it, 1 to 200 characters: the key.
    id: String,
    /// The source's id of the order, which must have come before.
    order_id: String,
    /// When it was given back.
    refunded_at: PerItem<DateTime<Utc>>,
    /// How much.
    amount: PerItem<Decimal>,
    /// The currency, which must be the order's. Default: the team's.
    currency: Option<CurrencyCode>,
    /// When the source last changed it; an item older than what the source told before is skipped.
    source_updated_at: Option<PerItem<DateTime<Utc>>>,
}

impl Item for RefundUpsert {
    const KIND: Kind = Kind::Refunds;
    const MUTATION: &'static str = "upsertRefunds";

    fn given(self) -> Given {
        Given::default()
            .with("refund_id", "id", self.id)
            .with("order_id", "orderId", self.order_id)
            .with("refunded_at", "refundedAt", self.refunded_at)
            .with("amount", "amount", self.amount)
            .with("currency", "currency", code(self.currency))
            .with(
                "source_updated_at",
                "sourceUpdatedAt",
                self.source_updated_at,
            )
    }
}
