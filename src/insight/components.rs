//! The KPIs that a KPI is made of, and what to do when one of them moves the wrong way.

use rust_decimal::Decimal;

use crate::kpi::{Kpi, Verdict};

/// The KPIs whose movement explains this one's, the most telling first; empty where none does.
pub fn components(kpi: Kpi) -> &'static [Kpi] {
    match kpi {
        Kpi::Cac | Kpi::Cpa => &[Kpi::ClickConversionRate, Kpi::Cpc],
        Kpi::Cpl => &[Kpi::Leads, Kpi::Cpc],
        Kpi::Cpc => &[Kpi::Ctr, Kpi::Cpm],
        Kpi::Cpm => &[Kpi::Impressions, Kpi::Spend],
        Kpi::Ctr => &[Kpi::Clicks, Kpi::Impressions],
        Kpi::Roas => &[Kpi::ClickConversionRate, Kpi::Cpc],
        Kpi::Roi | Kpi::RoiRevenue | Kpi::Mer | Kpi::CostToRevenue => {
            &[Kpi::Revenue, Kpi::MarketingCost]
        }
        Kpi::Spend | Kpi::BudgetPacing => &[Kpi::Cpc, Kpi::Clicks],
        Kpi::Clicks => &[Kpi::Ctr, Kpi::Impressions],
        Kpi::Conversions => &[Kpi::ClickConversionRate, Kpi::Clicks],
        Kpi::ConversionValue => &[Kpi::Conversions, Kpi::Roas],
        Kpi::ClickConversionRate => &[Kpi::Conversions, Kpi::Clicks],
        Kpi::Revenue | Kpi::GrossMargin => &[Kpi::Orders, Kpi::Aov],
        Kpi::Orders | Kpi::NewCustomers | Kpi::Leads => &[Kpi::ConversionRate, Kpi::Sessions],
        Kpi::WonAmount => &[Kpi::WonDeals, Kpi::AverageDealValue],
        _ => &[],
    }
}

/// The KPIs and all their components, each once, in the order of first mention.
pub fn with_components(kpis: &[Kpi]) -> Vec<Kpi> {
    let mut all: Vec<Kpi> = Vec::new();
    let parts = kpis.iter().flat_map(|kpi| components(*kpi)).copied();
    for kpi in kpis.iter().copied().chain(parts) {
        if !all.contains(&kpi) {
            all.push(kpi);
        }
    }
    all
}

/// Whether a relative change of a KPI is for the worse; changes of neutral KPIs never are.
pub fn is_worse(kpi: Kpi, change: Decimal) -> bool {
    kpi.definition().direction.verdict(change) == Verdict::Worse
}

/// What to look at first when a KPI moved the worse way.
pub fn advice(kpi: Kpi) -> &'static str {
    match kpi {
        Kpi::ClickConversionRate | Kpi::ConversionRate => {
            "review the landing page and the offer before the budget"
        }
        Kpi::Cpc => "review bids, keywords and audiences",
        Kpi::Ctr => "renew the ads and check whom they reach",
        Kpi::Cpm => "check the audience's size and who else bids for it",
        Kpi::Impressions | Kpi::Clicks | Kpi::Sessions => {
            "check that campaigns run and that tags count"
        }
        Kpi::Conversions | Kpi::Leads => "check the forms and whether conversions are recorded",
        Kpi::Orders => "check the shop's checkout and stock",
        Kpi::Aov | Kpi::AverageDealValue => "review prices, discounts and bundles",
        Kpi::Revenue => "find the channel or product that lost sales before cutting costs",
        Kpi::Roas => "move budget to what returns more",
        _ => "look at the largest driver first",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kpi_is_its_own_component() {
        for kpi in Kpi::ALL {
            assert!(!components(*kpi).contains(kpi), "{kpi:?}");
        }
    }

    #[test]
    fn components_are_asked_once() {
        assert_eq!(
            with_components(&[Kpi::Cac, Kpi::Cpc]),
            [
                Kpi::Cac,
                Kpi::Cpc,
                Kpi::ClickConversionRate,
                Kpi::Ctr,
                Kpi::Cpm
            ]
        );
    }

    #[test]
    fn a_falling_rate_and_a_rising_cost_are_worse() {
        let (up, down) = (Decimal::ONE, Decimal::NEGATIVE_ONE);
        assert!(is_worse(Kpi::Ctr, down) && !is_worse(Kpi::Ctr, up));
        assert!(is_worse(Kpi::Cpc, up) && !is_worse(Kpi::Cpc, down));
        assert!(!is_worse(Kpi::Spend, up) && !is_worse(Kpi::Ctr, Decimal::ZERO));
    }
}
