//! What each customer bought up to a day, one row per customer, and the margin of customers by month.

use chrono::NaiveDate;
use sea_orm::{
    DbBackend, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, JoinType, Query, SelectStatement, SimpleExpr},
};

use super::{TeamStore, measures::Dimension};
use crate::{
    error::{Error, Result},
    store::measures::Key,
    time::DateRange,
};

/// The most customers that one answer may look at: more are an error, never cut off silently.
pub const MOST_CUSTOMERS: usize = 200_000;

/// Net order value less what the order's refunds took back of it.
const REVENUE: &str = "(CASE WHEN f.refunded > f.net THEN 0 ELSE f.net - f.refunded END)";
const COST: &str = "COALESCE(f.cost_of_goods, 0)";
const REPEAT: &str = "f.day > c.first_order_day";

/// Whose purchases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Customers whose first order ever lies in these days; orders up to the last of them count.
    FirstOrderedIn(DateRange),
    /// These customers, and their orders up to this day.
    These(Vec<i64>, NaiveDate),
}

/// Sums of amounts, in micros of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Net order value less refunds of the same orders.
    pub revenue: i64,
    /// The same without the day of the first order.
    pub repeat_revenue: i64,
    /// Cost of goods, as far as it is known.
    pub cost: i64,
    /// The same without the day of the first order.
    pub repeat_cost: i64,
}

/// A customer's purchases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchases {
    /// The customer.
    pub customer: i64,
    /// Who or what acquired the customer, where that was asked.
    pub segment: Key,
    /// The day of the first order ever.
    pub first_day: NaiveDate,
    /// The day of the last order that counts.
    pub last_day: NaiveDate,
    /// Distinct days with an order.
    pub days: i64,
    /// Orders.
    pub orders: i64,
    /// Orders whose cost of goods is unknown.
    pub orders_without_cost: i64,
    /// Orders in other currencies than the one asked.
    pub foreign_orders: i64,
    /// Amounts in the currency asked.
    pub own: Sums,
}

/// What a customer bought on one day in another currency than the one asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignPurchases {
    /// The customer.
    pub customer: i64,
    /// The currency.
    pub currency: String,
    /// The day.
    pub day: NaiveDate,
    /// Amounts in that currency.
    pub sums: Sums,
}

impl TeamStore {
    /// The purchases of customers, in the order of their ids. `by` is an acquiring dimension or the country.
    pub async fn purchases(
        &self,
        whose: &Whose,
        by: Option<Dimension>,
        currency: &str,
    ) -> Result<Vec<Purchases>> {
        let mut select = purchases_of(self.backend(), whose);
        group(&mut select, Expr::cust("f.customer_id"), "customer");
        group(&mut select, Expr::cust("c.first_order_day"), "first_day");
        if let Some(by) = by {
            let key = segment(&mut select, by);
            group(&mut select, key, "segment");
        }
        let own = |amount: SimpleExpr| -> SimpleExpr {
            Expr::case(Expr::cust("f.currency").eq(currency), amount)
                .finally(0_i64)
                .into()
        };
        let unknown = "CASE WHEN f.cost_of_goods IS NULL THEN 1 ELSE 0 END";
        let foreign = Expr::case(Expr::cust("f.currency").ne(currency), 1_i64).finally(0_i64);
        select
            .expr_as(Expr::cust("MAX(f.day)"), Alias::new("last_day"))
            .expr_as(Expr::cust("COUNT(DISTINCT f.day)"), Alias::new("days"))
            .expr_as(Expr::cust("COUNT(*)"), Alias::new("orders"))
            .expr_as(sum(Expr::cust(unknown)), Alias::new("orders_without_cost"))
            .expr_as(sum(foreign.into()), Alias::new("foreign_orders"));
        for (name, amount) in amounts() {
            select.expr_as(sum(own(Expr::cust(amount))), Alias::new(name));
        }
        select
            .order_by_expr(Expr::cust("f.customer_id"), sea_orm::Order::Asc)
            .limit(MOST_CUSTOMERS as u64 + 1);
        let rows = self.rows_of_f(select).await?;
        if rows.len() > MOST_CUSTOMERS {
            return Err(Error::Limit(format!(
                "the period has over {MOST_CUSTOMERS} customers with a first order; ask a shorter one"
            )));
        }
        let read = |row: &QueryResult| {
            Ok(Purchases {
                customer: row.try_get("", "customer")?,
                segment: match by {
                    Some(by) => segment_key(row, by)?,
                    None => Key::None,
                },
                first_day: row.try_get("", "first_day")?,
                last_day: row.try_get("", "last_day")?,
                days: row.try_get("", "days")?,
                orders: row.try_get("", "orders")?,
                orders_without_cost: row.try_get("", "orders_without_cost")?,
                foreign_orders: row.try_get("", "foreign_orders")?,
                own: Sums::read(row)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// The same customers' purchases in other currencies, apart for each day, to convert each at its own rate.
    pub async fn foreign_purchases(
        &self,
        whose: &Whose,
        currency: &str,
    ) -> Result<Vec<ForeignPurchases>> {
        let mut select = purchases_of(self.backend(), whose);
        select.and_where(Expr::cust("f.currency").ne(currency));
        group(&mut select, Expr::cust("f.customer_id"), "customer");
        group(&mut select, Expr::cust("f.currency"), "order_currency");
        group(&mut select, Expr::cust("f.day"), "order_day");
        for (name, amount) in amounts() {
            select.expr_as(sum(Expr::cust(amount)), Alias::new(name));
        }
        let rows = self.rows_of_f(select).await?;
        let read = |row: &QueryResult| {
            Ok(ForeignPurchases {
                customer: row.try_get("", "customer")?,
                currency: row.try_get("", "order_currency")?,
                day: row.try_get("", "order_day")?,
                sums: Sums::read(row)?,
            })
        };
        let mut found = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        found.sort_by(|one, other| {
            (one.customer, one.day, &one.currency).cmp(&(
                other.customer,
                other.day,
                &other.currency,
            ))
        });
        Ok(found)
    }
}

impl Sums {
    fn read(row: &QueryResult) -> Result<Self> {
        Ok(Self {
            revenue: row.try_get("", "revenue")?,
            repeat_revenue: row.try_get("", "repeat_revenue")?,
            cost: row.try_get("", "cost")?,
            repeat_cost: row.try_get("", "repeat_cost")?,
        })
    }
}

/// Amounts of one order under the names of their sums.
fn amounts() -> [(&'static str, String); 4] {
    let repeat = |amount: &str| format!("CASE WHEN {REPEAT} THEN {amount} ELSE 0 END");
    [
        ("revenue", REVENUE.to_owned()),
        ("repeat_revenue", repeat(REVENUE)),
        ("cost", COST.to_owned()),
        ("repeat_cost", repeat(COST)),
    ]
}

/// A sum of BIGINT is NUMERIC on PostgreSQL.
fn sum(amount: SimpleExpr) -> SimpleExpr {
    amount.sum().cast_as("bigint")
}

/// The orders `f` that count, each with its customer `c`.
pub(super) fn purchases_of(backend: DbBackend, whose: &Whose) -> SelectStatement {
    let mut select = Query::select();
    select
        .from_as("orders", "f")
        .join_as(
            JoinType::InnerJoin,
            "customer",
            "c",
            Expr::cust("c.team_id = f.team_id AND c.id = f.customer_id"),
        )
        .and_where(Expr::cust("f.counted"));
    match whose {
        Whose::FirstOrderedIn(days) => {
            // SQLite would otherwise begin with these customers and go through the orders of all days again for each.
            let first = match backend {
                DbBackend::Sqlite => Expr::cust("+c.first_order_day"),
                _ => Expr::cust("c.first_order_day"),
            };
            select
                .and_where(first.between(days.from, days.to))
                .and_where(Expr::cust("f.day").between(days.from, days.to));
        }
        Whose::These(customers, last) => {
            select
                .and_where(Expr::cust("f.customer_id").is_in(customers.iter().copied()))
                .and_where(Expr::cust("f.day").lte(*last));
        }
    }
    select
}

/// The key by which customers are told apart.
pub(super) fn segment(select: &mut SelectStatement, by: Dimension) -> SimpleExpr {
    match by {
        Dimension::Campaign => Expr::cust("c.acquired_campaign_id"),
        Dimension::ChannelKind => {
            select.join_as(
                JoinType::LeftJoin,
                "channel",
                "h",
                Expr::cust("h.team_id = f.team_id AND h.id = c.acquired_channel_id AND h.id <> 0"),
            );
            Expr::cust("h.kind")
        }
        Dimension::Country => Expr::cust("c.country"),
        _ => Expr::cust("c.acquired_channel_id"),
    }
}

pub(super) fn segment_key(row: &QueryResult, by: Dimension) -> Result<Key> {
    Ok(if by.is_id() {
        match row.try_get::<Option<i64>>("", "segment")? {
            // The campaign and the channel 0 stand for "none".
            None | Some(0) => Key::None,
            Some(id) => Key::Id(id),
        }
    } else {
        match row.try_get::<Option<String>>("", "segment")? {
            None => Key::None,
            Some(text) if text.is_empty() => Key::None,
            Some(text) => Key::Text(text),
        }
    })
}

/// Selects an expression under a name and groups by it.
pub(super) fn group(select: &mut SelectStatement, expr: SimpleExpr, name: &'static str) {
    select.expr_as(expr, Alias::new(name));
    select.add_group_by([Expr::col(Alias::new(name))]);
}
