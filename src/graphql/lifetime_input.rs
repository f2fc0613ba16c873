//! The arguments of lifetime values.

use async_graphql::InputObject;
use rust_decimal::Decimal;

use super::kpi_input::PeriodInput;
use crate::{
    error::{Error, Result},
    kpi::lifetime::{Terms, ValueBasis},
    store::measures::Dimension,
    time::{PeriodAsk, PeriodPreset},
};

/// The months predicted where none are asked.
const MONTHS: i32 = 12;
/// The most months predicted.
const MOST_MONTHS: i32 = 120;
/// The discount per year where none is asked.
const RATE: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// By what customers are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum LifetimeSplit {
    /// The channel that acquired the customer.
    Channel,
    /// The campaign that acquired the customer.
    Campaign,
    /// The kind of the channel that acquired the customer.
    ChannelKind,
    /// The customer's country.
    Country,
}

impl LifetimeSplit {
    /// The dimension.
    pub fn dimension(self) -> Dimension {
        match self {
            Self::Channel => Dimension::Channel,
            Self::Campaign => Dimension::Campaign,
            Self::ChannelKind => Dimension::ChannelKind,
            Self::Country => Dimension::Country,
        }
    }
}

/// Whose lifetime value, over what time, of what.
#[derive(InputObject)]
pub struct LifetimeValueInput {
    /// Customers whose first order ever lies in these days are looked at, and their orders up to the last of the days,
    /// or up to the last day with orders delivered if that is earlier. Longer is better: models learn from who came
    /// back.
    period: PeriodInput,
    /// Months predicted from that last day on, 1 to 120. Default: 12.
    horizon_months: Option<i32>,
    /// Discount per year as a fraction, 0 to 1: at 0.1 a purchase a year from now counts 1 / 1.1. Default: 0.1.
    discount_rate: Option<Decimal>,
    /// Margin or revenue. Default: MARGIN, which is comparable with costs.
    basis: Option<ValueBasis>,
    /// Tell customers apart by this. Default: not at all.
    split_by: Option<LifetimeSplit>,
}

impl LifetimeValueInput {
    /// The period asked.
    pub fn period(&self) -> PeriodAsk {
        self.period.ask()
    }

    /// By what customers are told apart.
    pub fn by(&self) -> Option<Dimension> {
        self.split_by.map(LifetimeSplit::dimension)
    }

    /// What is predicted.
    pub fn terms(&self) -> Result<Terms> {
        terms("input", self.horizon_months, self.discount_rate, self.basis)
    }
}

/// What a customer's value is computed of.
#[derive(InputObject, Default, Clone)]
pub struct CustomerValueOptions {
    /// The model learns from customers whose first order ever lies in these days; orders up to the last of the days
    /// count. Default: all days that have data.
    period: Option<PeriodInput>,
    /// Months predicted from that last day on, 1 to 120. Default: 12.
    horizon_months: Option<i32>,
    /// Discount per year as a fraction, 0 to 1. Default: 0.1.
    discount_rate: Option<Decimal>,
    /// What `predicted`, `lifetimeValue` and `ltvToCac` are made of. Default: MARGIN.
    basis: Option<ValueBasis>,
}

impl CustomerValueOptions {
    /// The period asked.
    pub fn period(&self) -> PeriodAsk {
        self.period
            .as_ref()
            .map_or(PeriodAsk::Preset(PeriodPreset::AllTime), PeriodInput::ask)
    }

    /// What is predicted.
    pub fn terms(&self) -> Result<Terms> {
        terms(
            "options",
            self.horizon_months,
            self.discount_rate,
            self.basis,
        )
    }
}

fn terms(
    input: &str,
    months: Option<i32>,
    rate: Option<Decimal>,
    basis: Option<ValueBasis>,
) -> Result<Terms> {
    let months = months.unwrap_or(MONTHS);
    if !(1..=MOST_MONTHS).contains(&months) {
        return Err(Error::invalid(
            &format!("{input}.horizonMonths"),
            months,
            "1 to 120 are",
        ));
    }
    let rate = rate.unwrap_or(RATE);
    if !(Decimal::ZERO..=Decimal::ONE).contains(&rate) {
        return Err(Error::invalid(
            &format!("{input}.discountRate"),
            rate,
            "0 to 1 are",
        ));
    }
    Ok(Terms {
        months: months.unsigned_abs(),
        rate_per_year: rate.normalize(),
        basis: basis.unwrap_or_default(),
    })
}
