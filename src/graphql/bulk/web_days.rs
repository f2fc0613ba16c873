//! Days of the web site, keyed by day, channel, campaign, country, device, landing page and properties.

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

/// A day of visits in one breakdown, as the source counts it now; figures left out are 0.
#[derive(InputObject)]
pub struct WebDayUpsert {
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
    /// The page on which visits began, at most 500 characters.
    landing_page: Option<String>,
    /// Visits.
    sessions: i64,
    /// Visits with some interest.
    engaged_sessions: Option<i64>,
    /// Visits with a conversion.
    converted_sessions: Option<i64>,
    /// Pages seen.
    pageviews: Option<i64>,
    /// Seconds of interest.
    engagement_seconds: Option<i64>,
    /// Conversions as the source defines them.
    key_events: Option<i64>,
    /// What visits brought as the source counts it.
    revenue: Option<PerItem<Decimal>>,
    /// The currency of the revenue, part of the key when it is not the team's. Default: the team's.
    currency: Option<CurrencyCode>,
    /// Further breakdowns by name, such as the ad set; they are part of the key. 2000 bytes in all as JSON.
    properties: Option<Vec<PropertyInput>>,
}

impl Item for WebDayUpsert {
    const KIND: Kind = Kind::WebDays;
    const MUTATION: &'static str = "upsertWebDays";

    fn given(self) -> Given {
        Given::default()
            .with("date", "date", self.date)
            .channel("channel", "channel", self.channel)
            .campaign("campaign_id", "campaign", self.campaign)
            .with("country", "country", self.country)
            .with("device", "device", GivenText::choice(self.device))
            .with("landing_page", "landingPage", self.landing_page)
            .with("sessions", "sessions", self.sessions)
            .with("engaged_sessions", "engagedSessions", self.engaged_sessions)
            .with(
                "converted_sessions",
                "convertedSessions",
                self.converted_sessions,
            )
            .with("pageviews", "pageviews", self.pageviews)
            .with(
                "engagement_seconds",
                "engagementSeconds",
                self.engagement_seconds,
            )
            .with("key_events", "keyEvents", self.key_events)
            .with("revenue", "revenue", self.revenue)
            .with("currency", "currency", code(self.currency))
            .with_properties(pairs(self.properties))
    }
}
