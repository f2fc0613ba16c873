//! The attribution models and what else decides how conversions are credited.

use chrono::TimeDelta;
use entity::values::ChannelKind;

/// How a conversion is credited to the touches before it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    async_graphql::Enum,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttributionModel {
    /// All to the first touch.
    FirstTouch,
    /// All to the last touch.
    LastTouch,
    /// All to the last touch that is not direct; to the last one where all are.
    LastNonDirect,
    /// The same to every touch.
    Linear,
    /// The more to a touch, the closer it is: half as much for each half-life before the conversion.
    TimeDecay,
    /// 40 % to the first, 40 % to the last, 20 % to those between; of two touches half each.
    PositionBased,
    /// 30 % to the first touch, 30 % to that of becoming a lead, 30 % to that of becoming an opportunity, 10 % to the
    /// rest. A milestone without a touch leaves its share to the others in proportion.
    WShaped,
    /// To channels by how many conversions would be lost without them, from the transitions between channels in all
    /// journeys, converted or not. A channel's credit goes to its touches as LINEAR would divide it.
    Markov,
    /// To channels by their Shapley values: each journey alike to its distinct channels, a channel's part alike to its
    /// touches.
    Shapley,
}

/// How conversions are credited.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// By which model.
    pub model: AttributionModel,
    /// How many days before a conversion a touch still counts.
    pub lookback_days: u32,
    /// After how many seconds TIME_DECAY halves a touch's weight.
    pub half_life_seconds: u32,
    /// Touches through channels of these kinds get nothing.
    pub exclude_channels: Vec<ChannelKind>,
    /// Whether each conversion of a person ends a journey, so that earlier touches do not count for the next.
    pub restart: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            model: AttributionModel::LastNonDirect,
            lookback_days: 30,
            half_life_seconds: 7 * 86_400,
            exclude_channels: vec![],
            restart: false,
        }
    }
}

impl Rules {
    /// The longest lookback, in days.
    pub const MOST_LOOKBACK_DAYS: u32 = 730;

    /// The lookback as a time.
    pub fn lookback(&self) -> TimeDelta {
        TimeDelta::days(i64::from(self.lookback_days))
    }

    /// The half-life in days.
    pub fn half_life_days(&self) -> f64 {
        f64::from(self.half_life_seconds) / 86_400.0
    }
}
