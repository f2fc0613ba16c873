//! Days of advertising, keyed by day, campaign, channel, country, device and properties.

use async_graphql::InputObject;
use entity::values::Device;
use rust_decimal::Decimal;

use super::{Item, Naming, PerItem, PropertyInput, code, pairs};
use crate::{
    graphql::{
        external_ref::RefInput,
        scalars::{CurrencyCode, Date},
    },
    import::bulk::{Given, GivenText, Kind},
};

/// A day of one campaign in one breakdown, as the source counts it now; figures left out are 0.
#[derive(InputObject)]
pub struct AdDayUpsert {
    /// The day, as the source cuts it.
    date: PerItem<Date>,
    /// The campaign. A name that the source itself gives and that is unknown makes one.
    campaign: RefInput,
    /// What a campaign that is made is called, at most 300 characters. Default: the source's name for it.
    campaign_name: Option<String>,
    /// The channel. A name that the source itself gives and that is unknown makes one.
    channel: Option<RefInput>,
    /// The country, best as an ISO 3166 two-letter code; at most 64 characters.
    country: Option<String>,
    /// The kind of device.
    device: Option<Device>,
    /// The currency of the amounts, part of the key when it is not the team's. Default: the team's.
    currency: Option<CurrencyCode>,
    /// What it cost.
    spend: Option<PerItem<Decimal>>,
    /// How often ads were shown.
    impressions: Option<i64>,
    /// Clicks.
    clicks: Option<i64>,
    /// Views of videos.
    video_views: Option<i64>,
    /// Seconds that videos were watched.
    watch_seconds: Option<i64>,
    /// Reactions, comments, shares.
    engagements: Option<i64>,
    /// Conversions that the platform claims.
    platform_conversions: Option<PerItem<Decimal>>,
    /// The value that the platform claims.
    platform_conversion_value: Option<PerItem<Decimal>>,
    /// Further breakdowns by name, such as the ad set; they are part of the key. 2000 bytes in all as JSON.
    properties: Option<Vec<PropertyInput>>,
}

impl Item for AdDayUpsert {
    const KIND: Kind = Kind::AdDays;
    const MUTATION: &'static str = "upsertAdDays";

    fn given(self) -> Given {
        Given::default()
            .with("date", "date", self.date)
            .campaign("campaign_id", "campaign", Some(self.campaign))
            .with("campaign_name", "campaignName", self.campaign_name)
            .channel("channel", "channel", self.channel)
            .with("country", "country", self.country)
            .with("device", "device", GivenText::choice(self.device))
            .with("currency", "currency", code(self.currency))
            .with("spend", "spend", self.spend)
            .with("impressions", "impressions", self.impressions)
            .with("clicks", "clicks", self.clicks)
            .with("video_views", "videoViews", self.video_views)
            .with("watch_seconds", "watchSeconds", self.watch_seconds)
            .with("engagements", "engagements", self.engagements)
            .with(
                "conversions",
                "platformConversions",
                self.platform_conversions,
            )
            .with(
                "conversion_value",
                "platformConversionValue",
                self.platform_conversion_value,
            )
            .with_properties(pairs(self.properties))
    }
}
