//! Days of mailings, keyed by day, channel, campaign, country, device and properties.

use async_graphql::InputObject;
use entity::values::Device;

use super::{Item, Naming, PerItem, PropertyInput, pairs};
use crate::{
    graphql::{external_ref::RefInput, scalars::Date},
    import::bulk::{Given, GivenText, Kind},
};

/// A day of mailings in one breakdown, as the source counts it now; figures left out are 0.
#[derive(InputObject)]
pub struct EmailDayUpsert {
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
    /// Mails sent.
    sent: Option<i64>,
    /// Mails delivered.
    delivered: Option<i64>,
    /// Mails opened at least once.
    unique_opens: Option<i64>,
    /// Those of them that a machine opened.
    machine_opens: Option<i64>,
    /// Mails clicked at least once.
    unique_clicks: Option<i64>,
    /// Readers who left.
    unsubscribes: Option<i64>,
    /// Mails that came back.
    bounces: Option<i64>,
    /// Mails reported as spam.
    complaints: Option<i64>,
    /// Further breakdowns by name, such as the ad set; they are part of the key. 2000 bytes in all as JSON.
    properties: Option<Vec<PropertyInput>>,
}

impl Item for EmailDayUpsert {
    const KIND: Kind = Kind::EmailDays;
    const MUTATION: &'static str = "upsertEmailDays";

    fn given(self) -> Given {
        Given::default()
            .with("date", "date", self.date)
            .channel("channel", "channel", self.channel)
            .campaign("campaign_id", "campaign", self.campaign)
            .with("country", "country", self.country)
            .with("device", "device", GivenText::choice(self.device))
            .with("sent", "sent", self.sent)
            .with("delivered", "delivered", self.delivered)
            .with("unique_opens", "uniqueOpens", self.unique_opens)
            .with("machine_opens", "machineOpens", self.machine_opens)
            .with("unique_clicks", "uniqueClicks", self.unique_clicks)
            .with("unsubscribes", "unsubscribes", self.unsubscribes)
            .with("bounces", "bounces", self.bounces)
            .with("complaints", "complaints", self.complaints)
            .with_properties(pairs(self.properties))
    }
}
