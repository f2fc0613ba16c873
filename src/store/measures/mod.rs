//! Measures: the sums and counts that KPIs are made of, each read from one fact table.
//!
//! A scan reads all measures asked of one fact with one grouped statement. Sums leave here as whole numbers; ratios
//! are made elsewhere, from sums.

mod dimension;
mod fact;
mod filter;
mod scan;

use entity::values::Basis;

pub use dimension::{Cut, Dimension};
pub use fact::Fact;
pub use filter::{Filter, Predicate, PredicateOp};
pub use scan::{Key, MOST_GROUPS, Scan, ScanRow, Span};

/// How a measure behaves when parts are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum Additivity {
    /// Parts add up over every dimension and over time.
    Additive,
    /// Adds up over everything but time, where the last value stands.
    SemiAdditive,
    /// Counts distinct people: never added up, always counted again.
    Distinct,
    /// Neither: computed from parts that add up.
    NonAdditive,
}

/// What a measure's whole numbers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Things.
    Count,
    /// Millionths of things: platforms claim fractions of conversions.
    Millionths,
    /// Micros of the fact's currency.
    Money,
}

/// A measure's definition.
pub struct MeasureSpec {
    /// The fact table that it is read from.
    pub fact: Fact,
    /// The aggregate, over the fact under the name `f`.
    sql: &'static str,
    /// What the result counts.
    pub scale: Scale,
    /// Whether it counts distinct people.
    pub distinct: bool,
    /// Whether it counts everything up to the end of the period rather than what lies in it.
    pub to_date: bool,
    /// Whether a team that never loaded the fact simply has none of it, as with costs and refunds.
    pub optional: bool,
    /// Whether only days that are over count.
    pub elapsed: bool,
}

macro_rules! measures {
    ($($(#[doc = $doc:literal])+ $name:ident: $scale:ident $($flag:ident)* = $fact:ident, $sql:literal;)*) => {
        /// A sum or count over one fact table, named as formulas name it.
        #[expect(non_camel_case_types, reason = "formulas name measures in snake case, and these are those names")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure { $($(#[doc = $doc])+ $name,)* }

        impl Measure {
            /// The measure's definition.
            pub fn spec(self) -> MeasureSpec {
                match self {
                    $(Self::$name => {
                        #[allow(unused_mut, reason = "most measures have no flag")]
                        let mut spec = MeasureSpec {
                            fact: Fact::$fact,
                            sql: $sql,
                            scale: Scale::$scale,
                            distinct: false,
                            to_date: false,
                            optional: false,
                            elapsed: false,
                        };
                        $(spec.$flag = true;)*
                        spec
                    })*
                }
            }

            /// The name under which formulas know the measure.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

measures! {
    /// Advertising spend.
    spend: Money = Ads, "SUM(f.spend)";
    /// Times an ad was shown.
    impressions: Count = Ads, "SUM(f.impressions)";
    /// Clicks on ads.
    clicks: Count = Ads, "SUM(f.clicks)";
    /// Conversions that the platforms claim.
    conversions: Millionths = Ads, "SUM(f.conversions)";
    /// The value of the conversions that the platforms claim.
    conversion_value: Money = Ads, "SUM(f.conversion_value)";

    /// Visits to the site.
    sessions: Count = Web, "SUM(f.sessions)";
    /// Visits in which a conversion happened.
    converted_sessions: Count = Web, "SUM(f.converted_sessions)";

    /// Orders, without test and cancelled ones.
    orders: Count = Orders, "COUNT(*)";
    /// Net order value before refunds.
    net_sales: Money = Orders, "SUM(f.net)";
    /// What the orders' own refunds took back of their net value, whenever they happened. What was given back beyond
    /// it was tax and shipping.
    refunded_of_orders: Money = Orders, "SUM(CASE WHEN f.refunded > f.net THEN f.net ELSE f.refunded END)";
    /// Orders that were not refunded whole.
    kept_orders: Count = Orders, "SUM(CASE WHEN f.refunded >= f.net AND f.net > 0 THEN 0 ELSE 1 END)";
    /// Cost of the goods sold.
    goods_cost: Money = Orders, "SUM(f.cost_of_goods)";
    /// Orders whose cost of goods is unknown.
    orders_without_cost: Count = Orders, "SUM(CASE WHEN f.cost_of_goods IS NULL THEN 1 ELSE 0 END)";
    /// Distinct customers who ordered.
    buyers: Count distinct = Orders, "COUNT(DISTINCT f.customer_id)";
    /// Distinct customers who ordered on the day of their first order.
    new_buyers: Count distinct = Orders,
        "COUNT(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM customer x WHERE x.team_id = f.team_id \
         AND x.id = f.customer_id AND x.first_order_day = f.day) THEN f.customer_id END)";
    /// Refunds paid, on the day they were paid.
    refunds: Money optional = Refunds, "SUM(f.amount)";

    /// Customers whose first order ever lies in the period.
    new_customers: Count = FirstOrders, "COUNT(*)";
    /// Customers with at least one order by the end of the period.
    customers_to_date: Count to_date = FirstOrders, "COUNT(*)";
    /// Customers with at least two orders by the end of the period.
    repeat_customers_to_date: Count to_date = SecondOrders, "COUNT(*)";

    /// First entries to the stage LEAD.
    leads: Count = Stages, "SUM(CASE WHEN f.stage = 'LEAD' THEN 1 ELSE 0 END)";
    /// First entries to the stage MQL.
    mqls: Count = Stages, "SUM(CASE WHEN f.stage = 'MQL' THEN 1 ELSE 0 END)";

    /// Opportunities won.
    won_deals: Count = ClosedDeals, "SUM(CASE WHEN f.outcome = 'WON' THEN 1 ELSE 0 END)";
    /// Opportunities lost.
    lost_deals: Count = ClosedDeals, "SUM(CASE WHEN f.outcome = 'LOST' THEN 1 ELSE 0 END)";
    /// The amount of the opportunities won.
    won_amount: Money = ClosedDeals, "SUM(CASE WHEN f.outcome = 'WON' THEN f.amount ELSE 0 END)";
    /// Opportunities won whose amount is known.
    won_deals_with_amount: Count = ClosedDeals,
        "SUM(CASE WHEN f.outcome = 'WON' AND f.amount IS NOT NULL THEN 1 ELSE 0 END)";

    /// Conversions that the team recorded itself.
    recorded_conversions: Count = Conversions, "COUNT(*)";
    /// The value of the conversions that the team recorded itself.
    recorded_conversion_value: Money = Conversions, "SUM(f.value)";

    /// Marketing costs other than media, as far as their days are over.
    other_costs: Money optional elapsed = Costs, "SUM(f.amount)";
    /// Those of them that serve to win customers.
    acquisition_costs: Money optional elapsed = Costs, "SUM(CASE WHEN i.acquisition THEN f.amount ELSE 0 END)";

    /// Spend of campaigns on days for which they have a budget, as far as the days are over.
    budgeted_spend: Money elapsed = BudgetedAds, "SUM(f.spend)";
    /// What even spending of the budgets would have used on the days that are over.
    budget_to_date: Money elapsed = Budgets, "SUM(f.amount)";
}

impl Measure {
    /// Whether it counts conversions, which have types, or their value.
    pub fn counts_conversions(self) -> bool {
        matches!(
            self,
            Self::conversions
                | Self::conversion_value
                | Self::recorded_conversions
                | Self::recorded_conversion_value
        )
    }

    /// How parts of the measure can be put together.
    pub fn additivity(self) -> Additivity {
        let spec = self.spec();
        if spec.distinct {
            Additivity::Distinct
        } else if spec.to_date {
            Additivity::SemiAdditive
        } else {
            Additivity::Additive
        }
    }

    /// The measure that takes this one's place when results are not taken from the platforms.
    pub fn under(self, basis: Basis) -> Self {
        match (self, basis) {
            (_, Basis::PlatformReported) => self,
            (Self::conversions, _) => Self::recorded_conversions,
            (Self::conversion_value, _) => Self::recorded_conversion_value,
            _ => self,
        }
    }

    fn sql(self) -> &'static str {
        self.spec().sql
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_up_to_a_date_is_never_money() {
        // Sums to date are accumulated over buckets, which loses the days that exchange rates need.
        for kpi in crate::kpi::Kpi::ALL {
            for measure in kpi.definition().measures {
                let spec = measure.spec();
                assert!(!spec.to_date || spec.scale == Scale::Count, "{measure:?}");
            }
        }
    }
}
