//! Contacts of customers with campaigns and channels, keyed by the source's ids.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use entity::values::TouchKind;
use rust_decimal::Decimal;

use super::{Item, Naming, PerItem, PropertyInput, code, pairs};
use crate::{
    graphql::{external_ref::RefInput, scalars::CurrencyCode},
    import::bulk::{Given, GivenText, Kind},
};

/// A contact as the source knows it now; what is left out is empty.
#[derive(InputObject)]
pub struct TouchpointUpsert {
    /// The source's id for it, 1 to 200 characters: the key.
    id: String,
    /// Whose. One that is named by a system and unknown is made.
    customer: RefInput,
    /// When it was.
    occurred_at: PerItem<DateTime<Utc>>,
    /// The channel. A name that the source itself gives and that is unknown makes one.
    channel: Option<RefInput>,
    /// The campaign. A name that the source itself gives and that is unknown makes one.
    campaign: Option<RefInput>,
    /// What kind of contact. Default: CLICK.
    kind: Option<TouchKind>,
    /// Tag of the link: who sent the visitor, at most 200 characters.
    utm_source: Option<String>,
    /// Tag of the link: by which means, at most 200 characters.
    utm_medium: Option<String>,
    /// Tag of the link: for which campaign, at most 200 characters.
    utm_campaign: Option<String>,
    /// The page that the visitor came from, at most 1000 characters.
    referrer: Option<String>,
    /// Whether the contact is a conversion too, under the same id; false takes that back. What is known stays when it
    /// is left out.
    converted: Option<bool>,
    /// The value of the conversion. Null when it has none.
    value: Option<PerItem<Decimal>>,
    /// The currency of the amounts. Default: the team's.
    currency: Option<CurrencyCode>,
    /// Further breakdowns by name, 2000 bytes in all as JSON.
    properties: Option<Vec<PropertyInput>>,
    /// When the source last changed it; an item older than what the source told before is skipped.
    source_updated_at: Option<PerItem<DateTime<Utc>>>,
}

impl Item for TouchpointUpsert {
    const KIND: Kind = Kind::Touchpoints;
    const MUTATION: &'static str = "upsertTouchpoints";

    fn given(self) -> Given {
        Given::default()
            .with("touch_id", "id", self.id)
            .customer("customer_id", "customer", Some(self.customer))
            .with("occurred_at", "occurredAt", self.occurred_at)
            .channel("channel", "channel", self.channel)
            .campaign("campaign", "campaign", self.campaign)
            .with("kind", "kind", GivenText::choice(self.kind))
            .with("utm_source", "utmSource", self.utm_source)
            .with("utm_medium", "utmMedium", self.utm_medium)
            .with("utm_campaign", "utmCampaign", self.utm_campaign)
            .with("referrer", "referrer", self.referrer)
            .with("is_conversion", "converted", self.converted)
            .with("value", "value", self.value)
            .with("currency", "currency", code(self.currency))
            .with_properties(pairs(self.properties))
            .with(
                "source_updated_at",
                "sourceUpdatedAt",
                self.source_updated_at,
            )
    }
}
