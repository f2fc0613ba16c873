//! What cohorts of customers brought in each month after their first order.

use chrono::NaiveDate;
use sea_orm::{
    QueryResult,
    sea_query::{Alias, Expr, ExprTrait},
};

use super::{
    TeamStore,
    measures::{Dimension, Key},
    purchases::{Whose, group, purchases_of, segment, segment_key},
    sql,
};
use crate::{
    error::{Error, Result},
    store::measures::MOST_GROUPS,
};

/// The margin of customers with the same segment and month of first order in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CohortMargin {
    /// The segment, where customers are told apart.
    pub segment: Key,
    /// The month of their first order, as the calendar numbers months.
    pub first_month: i32,
    /// The month of the orders.
    pub month: i32,
    /// The orders' currency.
    pub currency: String,
    /// The orders' day, where days were kept apart.
    pub day: Option<NaiveDate>,
    /// Net order value less refunds of the same orders and the known cost of goods, in micros of the currency.
    pub margin: i64,
    /// Orders whose cost of goods is unknown.
    pub orders_without_cost: i64,
}

impl TeamStore {
    /// Margins by month, of orders in `currency` added up or of all others apart for each day.
    pub async fn cohort_margins(
        &self,
        whose: &Whose,
        by: Option<Dimension>,
        currency: &str,
        foreign: bool,
    ) -> Result<Vec<CohortMargin>> {
        let mut select = purchases_of(self.backend(), whose);
        let in_currency = Expr::cust("f.currency");
        select.and_where(if foreign {
            in_currency.ne(currency)
        } else {
            in_currency.eq(currency)
        });
        if let Some(by) = by {
            let key = segment(&mut select, by);
            group(&mut select, key, "segment");
        }
        let month = |day: &'static str| sql::month_index(self.backend(), Expr::cust(day));
        group(&mut select, month("c.first_order_day"), "first_month");
        group(&mut select, month("f.day"), "order_month");
        group(&mut select, Expr::cust("f.currency"), "order_currency");
        if foreign {
            group(&mut select, Expr::cust("f.day"), "order_day");
        }
        let margin = "CAST(SUM(CASE WHEN f.refunded > f.net THEN 0 ELSE f.net - f.refunded END \
             - COALESCE(f.cost_of_goods, 0)) AS BIGINT)";
        let unknown = "CAST(SUM(CASE WHEN f.cost_of_goods IS NULL THEN 1 ELSE 0 END) AS BIGINT)";
        select
            .expr_as(Expr::cust(margin), Alias::new("margin"))
            .expr_as(Expr::cust(unknown), Alias::new("orders_without_cost"))
            .limit(MOST_GROUPS as u64 + 1);
        let rows = self.rows_of_f(select).await?;
        if rows.len() > MOST_GROUPS {
            return Err(Error::Limit(format!(
                "the payback of this period has over {MOST_GROUPS} groups; ask a shorter period"
            )));
        }
        let read = |row: &QueryResult| {
            Ok(CohortMargin {
                segment: match by {
                    Some(by) => segment_key(row, by)?,
                    None => Key::None,
                },
                first_month: row.try_get("", "first_month")?,
                month: row.try_get("", "order_month")?,
                currency: row.try_get("", "order_currency")?,
                day: match foreign {
                    true => Some(row.try_get("", "order_day")?),
                    false => None,
                },
                margin: row.try_get("", "margin")?,
                orders_without_cost: row.try_get("", "orders_without_cost")?,
            })
        };
        rows.iter().map(read).collect()
    }
}
