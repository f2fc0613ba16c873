//! Counts of distinct people, keyed by kind, days, channel, campaign, country and device.

use async_graphql::InputObject;
use entity::values::{Device, PeopleKind};

use super::{Item, Naming, PerItem};
use crate::{
    graphql::{external_ref::RefInput, scalars::Date},
    import::bulk::{Given, GivenText, Kind},
};

/// How many distinct people a source counted over some days in one breakdown.
#[derive(InputObject)]
pub struct PeopleCountUpsert {
    /// Which people.
    kind: PeopleKind,
    /// The first day.
    from: PerItem<Date>,
    /// The last day, included. Default: the first day.
    to: Option<PerItem<Date>>,
    /// The channel. A name that the source itself gives and that is unknown makes one.
    channel: Option<RefInput>,
    /// The campaign. A name that the source itself gives and that is unknown makes one.
    campaign: Option<RefInput>,
    /// The country, best as an ISO 3166 two-letter code; at most 64 characters.
    country: Option<String>,
    /// The kind of device.
    device: Option<Device>,
    /// How many.
    people: i64,
}

impl Item for PeopleCountUpsert {
    const KIND: Kind = Kind::PeopleCounts;
    const MUTATION: &'static str = "upsertPeopleCounts";

    fn given(self) -> Given {
        Given::default()
            .with("kind", "kind", GivenText::choice(Some(self.kind)))
            .with("from", "from", self.from)
            .with("to", "to", self.to)
            .channel("channel", "channel", self.channel)
            .campaign("campaign_id", "campaign", self.campaign)
            .with("country", "country", self.country)
            .with("device", "device", GivenText::choice(self.device))
            .with("people", "people", self.people)
    }
}
