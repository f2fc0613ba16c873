//! The arguments that decide how results are credited to touches.

use async_graphql::InputObject;
use entity::values::ChannelKind;

use crate::{
    error::{Error, Result},
    kpi::{
        DateBasis,
        attribution::{AttributionModel, CreditingAsk, Rules},
    },
};

/// How results are credited to the touches before them. What is left out is the team's setting.
#[derive(InputObject, Clone, Default)]
pub struct AttributionInput {
    /// By which model.
    pub model: Option<AttributionModel>,
    /// How many days before a result a touch still counts, 1 to 730.
    pub lookback_days: Option<i32>,
    /// After how many days TIME_DECAY halves a touch's weight, 0.01 to 365.
    pub half_life_days: Option<f64>,
    /// Touches through channels of these kinds get nothing.
    pub exclude_channels: Option<Vec<ChannelKind>>,
}

impl AttributionInput {
    /// The question as the engine takes it.
    pub fn checked(&self, field: &str, date_basis: Option<DateBasis>) -> Result<CreditingAsk> {
        let lookback = self.lookback_days;
        let half_life = self.half_life_days;
        Ok(CreditingAsk {
            model: self.model,
            lookback_days: lookback
                .map(|days| checked_lookback(&format!("{field}.lookbackDays"), days))
                .transpose()?,
            half_life_seconds: half_life
                .map(|days| checked_half_life(&format!("{field}.halfLifeDays"), days))
                .transpose()?,
            exclude_channels: self
                .exclude_channels
                .clone()
                .map(super::campaign_list::distinct),
            date_basis,
        })
    }
}

/// A lookback within its bounds.
pub fn checked_lookback(field: &str, days: i32) -> Result<u32> {
    let most = Rules::MOST_LOOKBACK_DAYS;
    match u32::try_from(days) {
        Ok(days) if (1..=most).contains(&days) => Ok(days),
        _ => Err(Error::invalid(
            field,
            days,
            &format!("1 to {most} are allowed"),
        )),
    }
}

/// A half-life within its bounds, in seconds.
pub fn checked_half_life(field: &str, days: f64) -> Result<u32> {
    if (0.01..=365.0).contains(&days) {
        return Ok((days * 86_400.0).round() as u32);
    }
    Err(Error::invalid(field, days, "0.01 to 365 are allowed"))
}
