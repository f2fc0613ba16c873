//! The SQL of dimensions: their expressions in one statement, and what is joined for them.

use sea_orm::{
    DbBackend,
    sea_query::{Expr, JoinType, SelectStatement, SimpleExpr},
};

use super::{Cut, Dimension, Fact, fact::join};
use crate::{
    store::sql,
    time::{Calendar, Grain},
};

/// The property of customers that CUSTOMER_SEGMENT tells.
const SEGMENT: &str = "segment";

/// Builds the expressions of dimensions for one statement, and joins what they need, each table once.
pub(super) struct Dimensions<'a> {
    pub fact: Fact,
    pub backend: DbBackend,
    pub calendar: &'a Calendar,
    customer_joined: bool,
    channel_joined: bool,
    campaign_joined: bool,
}

impl<'a> Dimensions<'a> {
    pub fn new(fact: Fact, backend: DbBackend, calendar: &'a Calendar) -> Self {
        Self {
            fact,
            backend,
            calendar,
            customer_joined: fact.has_customer(),
            channel_joined: false,
            campaign_joined: false,
        }
    }

    /// The expression of a cut's key; `None` when the fact lacks the dimension.
    pub fn key(&mut self, cut: &Cut, select: &mut SelectStatement) -> Option<SimpleExpr> {
        match cut {
            Cut::Time(grain) => Some(self.bucket(*grain, Expr::cust(self.fact.day()))),
            Cut::Cohort(grain) => {
                let day = self.expr(Dimension::Cohort, None, select)?;
                Some(self.bucket(*grain, day))
            }
            Cut::Age(grain) => {
                let days = [self.fact.event_day(), self.fact.day()];
                Some(self.difference(days.map(|day| self.bucket(*grain, Expr::cust(day)))))
            }
            Cut::Property(name) => self.expr(Dimension::Property, Some(name), select),
            Cut::By(dimension) => self.expr(*dimension, None, select),
        }
    }

    /// The expression of a dimension other than time.
    pub fn expr(
        &mut self,
        dimension: Dimension,
        property: Option<&str>,
        select: &mut SelectStatement,
    ) -> Option<SimpleExpr> {
        let column = dimension.column(self.fact)?;
        if column.of_customer && !self.customer_joined {
            let on = match self.fact {
                Fact::Refunds => "c.id = o.customer_id",
                _ => "c.id = f.customer_id",
            };
            join(select, JoinType::LeftJoin, "customer", "c", on);
            self.customer_joined = true;
        }
        Some(match dimension {
            Dimension::ChannelKind => {
                if !self.channel_joined {
                    let on = format!("h.id = {} AND h.id <> 0", column.sql);
                    self.join_by(select, "channel", "h", on);
                    self.channel_joined = true;
                }
                Expr::cust("h.kind")
            }
            Dimension::Objective => {
                self.join_campaign(column.sql, select);
                Expr::cust("p.objective")
            }
            Dimension::Source | Dimension::Medium | Dimension::UtmCampaign
                if self.fact != Fact::Touches =>
            {
                self.join_campaign(column.sql, select);
                Expr::cust(match dimension {
                    Dimension::Source => "p.utm_source",
                    Dimension::Medium => "p.utm_medium",
                    _ => "p.utm_campaign",
                })
            }
            Dimension::Property => sql::json_text(self.backend, Expr::cust(column.sql), property?),
            Dimension::CustomerSegment => {
                sql::json_text(self.backend, Expr::cust(column.sql), SEGMENT)
            }
            _ => Expr::cust(column.sql),
        })
    }

    /// The expression as filters take it. SQLite would otherwise begin with all customers of the campaigns and go
    /// through their orders of all times, rather than begin with the days asked.
    pub fn filtered(
        &mut self,
        dimension: Dimension,
        property: Option<&str>,
        select: &mut SelectStatement,
    ) -> Option<SimpleExpr> {
        let expr = self.expr(dimension, property, select)?;
        let of_customer = dimension.column(self.fact)?.of_customer;
        let unindexed = of_customer && dimension.is_id() && self.backend == DbBackend::Sqlite;
        Some(if unindexed {
            Expr::cust_with_exprs("+?", [expr])
        } else {
            expr
        })
    }

    /// The name of the campaign or channel, for filters on names.
    pub fn name(
        &mut self,
        dimension: Dimension,
        select: &mut SelectStatement,
    ) -> Option<SimpleExpr> {
        let column = dimension.column(self.fact)?.sql;
        self.expr(dimension, None, select)?;
        match dimension {
            Dimension::Campaign => {
                self.join_campaign(column, select);
                Some(Expr::cust("p.name"))
            }
            Dimension::Channel => {
                self.expr(Dimension::ChannelKind, None, select)?;
                Some(Expr::cust("h.name"))
            }
            _ => None,
        }
    }

    fn join_campaign(&mut self, column: &'static str, select: &mut SelectStatement) {
        if !self.campaign_joined {
            self.join_by(
                select,
                "campaign",
                "p",
                format!("p.id = {column} AND p.id <> 0"),
            );
            self.campaign_joined = true;
        }
    }

    fn join_by(
        &self,
        select: &mut SelectStatement,
        table: &'static str,
        alias: &'static str,
        on: String,
    ) {
        select.join_as(
            JoinType::LeftJoin,
            table,
            alias,
            Expr::cust(format!("{alias}.team_id = f.team_id AND {on}")),
        );
    }

    fn difference(&self, of: [SimpleExpr; 2]) -> SimpleExpr {
        let template = match self.backend {
            DbBackend::Postgres => "($1 - $2)",
            _ => "(? - ?)",
        };
        Expr::cust_with_exprs(template, of)
    }

    /// The index of the bucket that a day lies in, by the calendar's own rules.
    fn bucket(&self, grain: Grain, day: SimpleExpr) -> SimpleExpr {
        let divided = |index: SimpleExpr, offset: i32, by: i32| {
            Expr::cust_with_exprs(
                if self.backend == DbBackend::Postgres {
                    "(($1 - $2) / $3)"
                } else {
                    "((? - ?) / ?)"
                },
                [
                    index,
                    Expr::cust(offset.to_string()),
                    Expr::cust(by.to_string()),
                ],
            )
        };
        let month = || sql::month_index(self.backend, day.clone());
        let fiscal_offset = self.calendar.fiscal_offset();
        match grain {
            Grain::Day => sql::epoch_day(self.backend, day),
            Grain::Week => divided(
                sql::epoch_day(self.backend, day),
                self.calendar.week_offset(),
                7,
            ),
            Grain::Month => month(),
            Grain::Quarter => divided(month(), 0, 3),
            Grain::Year => divided(month(), 0, 12),
            Grain::FiscalQuarter => divided(month(), fiscal_offset, 3),
            Grain::FiscalYear => divided(month(), fiscal_offset, 12),
        }
    }
}
