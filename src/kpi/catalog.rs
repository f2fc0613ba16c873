//! Every KPI, one entry each. An entry makes the enum value, the GraphQL field with its text, the list of measures to
//! read, the formula that is computed and the formula that is shown.

use rust_decimal::Decimal;

use super::{
    definition::{Cadence, Definition, Direction, JourneyStage},
    format::Unit,
    formula::{Formula, Term},
};
use crate::store::measures::Measure;

macro_rules! stage {
    (None) => {
        None
    };
    ($stage:ident) => {
        Some(JourneyStage::$stage)
    };
}

macro_rules! kpis {
    ($(
        $(#[doc = $doc:literal])+
        $kpi:ident $name:literal [$unit:ident $direction:ident $stage:ident $cadence:ident $($vanity:ident)?]
            = |$($measure:ident),+| $formula:expr;
    )*) => {
        /// The KPIs that can be asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, async_graphql::Enum)]
        #[graphql(name = "MetricKey")]
        pub enum Kpi { $($(#[doc = $doc])+ $kpi,)* }

        impl Kpi {
            /// Every KPI, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$kpi),*];

            /// What is said of the KPI.
            pub fn definition(self) -> &'static Definition {
                match self {
                    $(Self::$kpi => {
                        const DEFINITION: Definition = Definition {
                            kpi: Kpi::$kpi,
                            name: $name,
                            description: concat!($($doc, "\n"),+),
                            formula: stringify!($formula),
                            measures: &[$(Measure::$measure),+],
                            unit: Unit::$unit,
                            direction: Direction::$direction,
                            stage: stage!($stage),
                            cadence: Cadence::$cadence,
                            vanity: matches!(concat!($(stringify!($vanity))?).as_bytes(), b"vanity"),
                        };
                        &DEFINITION
                    })*
                }
            }

            /// Computes the formula from its measures' values, given in the order of [`Definition::measures`].
            pub fn compute(self, terms: Vec<Term>) -> Formula {
                let mut terms = terms.into_iter();
                let mut next = || terms.next().unwrap_or_else(|| Term::count(Decimal::ZERO));
                match self {
                    $(Self::$kpi => {
                        $(let $measure = next();)+
                        Formula::from($formula)
                    })*
                }
            }
        }
    };
}

kpis! {
    /// Money spent on advertising.
    Spend "Ad spend" [Currency Neutral None Operational] = |spend| spend;
    /// Advertising spend and all other marketing costs: agencies, tools, salaries, content.
    MarketingCost "Marketing cost" [Currency Neutral None Strategic] = |spend, other_costs| spend + other_costs;
    /// Times an ad was shown. A vanity metric unless awareness is the goal.
    Impressions "Impressions" [Count Higher Awareness Operational vanity] = |impressions| impressions;
    /// Clicks on ads.
    Clicks "Clicks" [Count Higher Consideration Operational] = |clicks| clicks;
    /// Visits to the web site.
    Sessions "Sessions" [Count Higher Awareness Operational] = |sessions| sessions;
    /// People who became a lead: first entries to the stage LEAD.
    Leads "Leads" [Count Higher Conversion Operational] = |leads| leads;
    /// People who became a marketing qualified lead: first entries to the stage MQL.
    Mqls "Marketing qualified leads" [Count Higher Conversion Tactical] = |mqls| mqls;
    /// Conversions, of all types unless filtered. As the platforms claim them, or as the team recorded them: see the
    /// basis.
    Conversions "Conversions" [Count Higher Conversion Operational] = |conversions| conversions;
    /// The value of the conversions, on the same basis.
    ConversionValue "Conversion value" [Currency Higher Conversion Operational] = |conversion_value| conversion_value;
    /// Orders, without test and cancelled ones.
    Orders "Orders" [Count Higher Conversion Operational] = |orders| orders;
    /// Net sales (gross less discount, tax and shipping) less the refunds paid in the period.
    Revenue "Revenue" [Currency Higher Conversion Strategic] = |net_sales, refunds| net_sales - refunds;
    /// Net sales less the refunds of these orders, less the cost of the goods. Null with MISSING_COST when the cost
    /// of goods of any order is unknown, because unknown is not zero.
    GrossMargin "Gross margin" [Currency Higher Conversion Strategic]
        = |net_sales, refunded_of_orders, goods_cost, orders_without_cost|
            (net_sales - refunded_of_orders - goods_cost).if_none(orders_without_cost);
    /// Distinct customers who ordered in the period.
    ActiveCustomers "Active customers" [Count Higher Loyalty Strategic] = |buyers| buyers;
    /// Customers whose first order ever lies in the period.
    NewCustomers "New customers" [Count Higher Conversion Strategic] = |new_customers| new_customers;
    /// Distinct customers who ordered in the period and had ordered before it.
    ReturningCustomers "Returning customers" [Count Higher Loyalty Strategic]
        = |buyers, new_buyers| buyers - new_buyers;
    /// Click-through rate: the share of impressions that were clicked.
    Ctr "Click-through rate" [Rate Higher Consideration Operational] = |clicks, impressions| clicks / impressions;
    /// Cost per click.
    Cpc "Cost per click" [Currency Lower Consideration Operational] = |spend, clicks| spend / clicks;
    /// Cost of a thousand impressions.
    Cpm "Cost per mille" [Currency Lower Awareness Operational] = |spend, impressions| spend * 1000 / impressions;
    /// Cost per conversion. A conversion may be a lead or an order; for the cost of a customer see CAC.
    Cpa "Cost per action" [Currency Lower Conversion Tactical] = |spend, conversions| spend / conversions;
    /// Ad spend per new lead, qualified or not.
    Cpl "Cost per lead" [Currency Lower Conversion Tactical] = |spend, leads| spend / leads;
    /// The share of visits in which a conversion happened.
    ConversionRate "Conversion rate" [Rate Higher Conversion Tactical]
        = |converted_sessions, sessions| converted_sessions / sessions;
    /// Conversions per click on ads. Can exceed 1, because one click can lead to several conversions.
    ClickConversionRate "Click conversion rate" [Rate Higher Conversion Tactical]
        = |conversions, clicks| conversions / clicks;
    /// Average order value: net sales less refunds per order that was not refunded whole. Refunds count on the day of
    /// their order.
    Aov "Average order value" [Currency Higher Conversion Tactical]
        = |net_sales, refunded_of_orders, kept_orders| (net_sales - refunded_of_orders) / kept_orders;
    /// Return on ad spend: conversion value per unit of ad spend, other costs left out.
    Roas "Return on ad spend" [Ratio Higher Conversion Tactical]
        = |conversion_value, spend| conversion_value / spend;
    /// Return on marketing investment: gross margin less all marketing cost, per unit of that cost. -1 is a total
    /// loss. Refunds count on the day of their order. Null with MISSING_COST when a cost of goods is unknown.
    Roi "Marketing ROI" [Rate Higher Conversion Strategic]
        = |net_sales, refunded_of_orders, goods_cost, orders_without_cost, spend, other_costs|
            ((net_sales - refunded_of_orders - goods_cost).if_none(orders_without_cost)
                - spend - other_costs) / (spend + other_costs);
    /// ROI on revenue instead of margin. It overstates the return, because the goods sold cost money too: prefer ROI.
    RoiRevenue "Revenue ROI" [Rate Higher Conversion Strategic]
        = |net_sales, refunded_of_orders, spend, other_costs|
            (net_sales - refunded_of_orders - spend - other_costs) / (spend + other_costs);
    /// Customer acquisition cost: ad spend and acquisition costs per new customer.
    Cac "Customer acquisition cost" [Currency Lower Conversion Strategic]
        = |spend, acquisition_costs, new_customers| (spend + acquisition_costs) / new_customers;
    /// Marketing efficiency ratio: all revenue per unit of all marketing cost, credited to nobody.
    Mer "Marketing efficiency ratio" [Ratio Higher Conversion Strategic]
        = |net_sales, refunds, spend, other_costs| (net_sales - refunds) / (spend + other_costs);
    /// All marketing cost per unit of revenue.
    CostToRevenue "Marketing cost to revenue" [Rate Lower Conversion Strategic]
        = |spend, other_costs, net_sales, refunds| (spend + other_costs) / (net_sales - refunds);
    /// The share of customers, of all who ever ordered by the end of the period, who ordered at least twice by then.
    RepeatPurchaseRate "Repeat purchase rate" [Rate Higher Loyalty Strategic]
        = |repeat_customers_to_date, customers_to_date| repeat_customers_to_date / customers_to_date;
    /// Opportunities won in the period.
    WonDeals "Deals won" [Count Higher Conversion Strategic] = |won_deals| won_deals;
    /// Opportunities lost in the period.
    LostDeals "Deals lost" [Count Lower Conversion Strategic] = |lost_deals| lost_deals;
    /// The amount of the opportunities won in the period.
    WonAmount "Amount won" [Currency Higher Conversion Strategic] = |won_amount| won_amount;
    /// The share of opportunities won, of all decided in the period. Open ones do not count.
    WinRate "Win rate" [Rate Higher Conversion Strategic] = |won_deals, lost_deals| won_deals / (won_deals + lost_deals);
    /// Opportunities won per new lead of the same period. Can exceed 1 when deals take long.
    LeadCloseRate "Lead close rate" [Rate Higher Conversion Strategic] = |won_deals, leads| won_deals / leads;
    /// The average amount of the opportunities won whose amount is known.
    AverageDealValue "Average deal value" [Currency Higher Conversion Strategic]
        = |won_amount, won_deals_with_amount| won_amount / won_deals_with_amount;
    /// Spend of campaigns with a budget over what even spending would have used by now; 1 is on plan, above is too
    /// fast. Only days that are over count. Null with ZERO_DENOMINATOR where no budget covers the period, with
    /// NO_DATA where no advertising was delivered.
    BudgetPacing "Budget pacing" [Ratio Neutral None Operational]
        = |budgeted_spend, budget_to_date| budgeted_spend / budget_to_date;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::measures::Scale;

    #[test]
    fn every_formula_yields_the_unit_it_claims() {
        for kpi in Kpi::ALL {
            let definition = kpi.definition();
            let ones = definition
                .measures
                .iter()
                .map(|measure| match measure.spec().scale {
                    Scale::Money => Term::money(Decimal::ONE),
                    _ => Term::count(Decimal::ONE),
                });
            let expected = i8::from(definition.unit == Unit::Currency);
            assert_eq!(
                kpi.compute(ones.collect()).money_power(),
                Some(expected),
                "{kpi:?}"
            );
        }
    }

    #[test]
    fn margin_roi_of_the_textbook_is_a_fifth_where_the_revenue_form_says_two() {
        // Spend 1 000, revenue 3 000, cost of goods 60 %.
        let money = |value: i64| Term::money(value.into());
        let none = || Term::count(Decimal::ZERO);
        let margin = Kpi::Roi.compute(vec![
            money(3000),
            money(0),
            money(1800),
            none(),
            money(1000),
            money(0),
        ]);
        let revenue = Kpi::RoiRevenue.compute(vec![money(3000), money(0), money(1000), money(0)]);
        assert_eq!(margin.evaluate().value, Ok(Decimal::new(2, 1)));
        assert_eq!(revenue.evaluate().value, Ok(Decimal::from(2)));
    }
}
