//! Days of social accounts, keyed by day, channel, campaign, country, device and properties.

use async_graphql::InputObject;
use entity::values::Device;

use super::{Item, Naming, PerItem, PropertyInput, pairs};
use crate::{
    graphql::{external_ref::RefInput, scalars::Date},
    import::bulk::{Given, GivenText, Kind},
};

/// A day of an account in one breakdown, as the source counts it now; figures left out are 0.
#[derive(InputObject)]
pub struct SocialDayUpsert {
    /// The day, as the source cuts it.
    date: PerItem<Date>,
    /// The channel. A name that the source itself gives and that is unknown makes one.
    channel: Option<RefInput>,
    /// The campaign. A name that the source itself gives and that is unknown makes one.
    campaign: Option<RefInput>,
    /// The country, best as an ISO 3166 two-letter code; at most 64 characters.
    country: Option<String>,
    /// The kind of device.
    device: Option<Device>,
    /// Followers at the end of the day.
    followers: Option<i64>,
    /// Followers won.
    followers_gained: Option<i64>,
    /// Followers lost.
    followers_lost: Option<i64>,
    /// Mentions by others.
    mentions: Option<i64>,
    /// Reactions, comments, shares.
    engagements: Option<i64>,
    /// How often posts were shown.
    impressions: Option<i64>,
    /// Likes.
    likes: Option<i64>,
    /// Shares.
    shares: Option<i64>,
    /// Further breakdowns by name, such as the ad set; they are part of the key. 2000 bytes in all as JSON.
    properties: Option<Vec<PropertyInput>>,
}

impl Item for SocialDayUpsert {
    const KIND: Kind = Kind::SocialDays;
    const MUTATION: &'static str = "upsertSocialDays";

    fn given(self) -> Given {
        Given::default()
            .with("date", "date", self.date)
            .channel("channel", "channel", self.channel)
            .campaign("campaign_id", "campaign", self.campaign)
            .with("country", "country", self.country)
            .with("device", "device", GivenText::choice(self.device))
            .with("followers", "followers", self.followers)
            .with("followers_gained", "followersGained", self.followers_gained)
            .with("followers_lost", "followersLost", self.followers_lost)
            .with("mentions", "mentions", self.mentions)
            .with("engagements", "engagements", self.engagements)
            .with("impressions", "impressions", self.impressions)
            .with("likes", "likes", self.likes)
            .with("shares", "shares", self.shares)
            .with_properties(pairs(self.properties))
    }
}
