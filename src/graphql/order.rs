//! Orders.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use entity::orders;

use super::{
    GlobalId, connection::connection, global_id::NodeType, kpi_value::Money, scalars::Date,
};

/// An order.
#[derive(Clone)]
pub struct Order(pub orders::Model);

connection!(OrderConnection, OrderEdge, Order, "orders");

impl Order {
    fn money(&self, micros: i64) -> Money {
        Money::of_micros(micros, &self.0.currency)
    }
}

/// A purchase.
#[Object]
impl Order {
    /// The order's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Order, self.0.id).into()
    }

    /// When it was placed.
    async fn ordered_at(&self) -> DateTime<Utc> {
        self.0.ordered_at
    }

    /// The day in the team's time zone on which it was placed.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// The status as delivered, in lower case.
    async fn status(&self) -> &str {
        &self.0.status
    }

    /// Whether KPIs count it: test and cancelled orders do not count.
    async fn counted(&self) -> bool {
        self.0.counted
    }

    /// The price before anything is taken off.
    async fn gross(&self) -> Money {
        self.money(self.0.gross)
    }

    /// What was taken off.
    async fn discount(&self) -> Money {
        self.money(self.0.discount)
    }

    /// Tax within the gross price.
    async fn tax(&self) -> Money {
        self.money(self.0.tax)
    }

    /// Shipping within the gross price.
    async fn shipping(&self) -> Money {
        self.money(self.0.shipping)
    }

    /// Gross less discount, tax and shipping.
    async fn net(&self) -> Money {
        self.money(self.0.net)
    }

    /// Cost of the goods. Null when unknown.
    async fn cost_of_goods(&self) -> Option<Money> {
        self.0.cost_of_goods.map(|cost| self.money(cost))
    }

    /// What was given back of it so far.
    async fn refunded(&self) -> Money {
        self.money(self.0.refunded)
    }
}
