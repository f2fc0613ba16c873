//! The demo team's people: who they are, where they live, how they came.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    customer, touchpoint,
    values::{LifecycleStage, TouchKind},
};

use super::{
    chance::Chance,
    channels::Channel,
    daily::COUNTRIES,
    plan::{Plan, Way, utm, ways},
    rhythm::{Audience, at},
};

const FIRST_NAMES: [&str; 24] = [
    "Ada", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Hugo", "Ida", "James", "Karla",
    "Leo", "Maya", "Noah", "Olivia", "Paul", "Quinn", "Rosa", "Sam", "Tessa", "Uma", "Victor",
    "Wanda", "Zoe",
];
const LAST_NAMES: [&str; 24] = [
    "Adler", "Baker", "Carter", "Dietz", "Ellis", "Fischer", "Grant", "Hart", "Iverson", "Jansen",
    "Keller", "Lang", "Mason", "Novak", "Owens", "Parker", "Quist", "Reed", "Stone", "Turner",
    "Unger", "Vogel", "Walsh", "Young",
];

/// A person as known on the day of the first contact.
pub struct Person {
    name: String,
    email: String,
    audience: Audience,
    way: Way,
    came_at: DateTime<Utc>,
    /// Where the person lives.
    pub country: &'static str,
}

impl Person {
    /// The `index`th buyer or lead of a day.
    pub fn of(day: NaiveDate, audience: Audience, index: u64) -> Self {
        let mut chance = Chance::of(day, &format!("person {audience:?} {index}"));
        let first = chance.pick(&FIRST_NAMES);
        let last = chance.pick(&LAST_NAMES);
        let group = match audience {
            Audience::Consumers => 'c',
            Audience::Companies => 'b',
        };
        let (date, number) = (day.format("%y%m%d"), index + 1);
        let email = format!("{first}.{last}.{date}{group}{number}@example.com").to_lowercase();
        let open: Vec<(Way, u32)> = ways(day)
            .map(|(way, (buyers, leads))| match audience {
                Audience::Consumers => (way, buyers),
                Audience::Companies => (way, leads),
            })
            .collect();
        let way = chance.weighted(&open).unwrap_or(Way {
            campaign: None,
            channel: Channel::Direct,
        });
        let countries = COUNTRIES.map(|(country, share)| (country, (share * 100.0) as u32));
        Self {
            name: format!("{first} {last}"),
            email,
            audience,
            way,
            came_at: at(day, 6 + chance.below(11), chance.below(3_600)),
            country: chance.weighted(&countries).unwrap_or("US"),
        }
    }

    /// The person's row under this id.
    pub fn row(&self, plan: &Plan, id: i64) -> customer::Model {
        let segment = match self.audience {
            Audience::Consumers => r#"{"segment":"consumer"}"#,
            Audience::Companies => r#"{"segment":"business"}"#,
        };
        customer::Model {
            team_id: 0,
            id,
            email: Some(self.email.clone()),
            name: Some(self.name.clone()),
            country: Some(self.country.to_owned()),
            lifecycle: Some(LifecycleStage::Visitor),
            acquired_campaign_id: self.way.campaign.map(|campaign| plan.campaign(campaign)),
            acquired_channel_id: Some(plan.channel(self.way.channel)),
            acquired_at: Some(self.came_at),
            first_order_day: None,
            second_order_day: None,
            source_updated_at: None,
            properties: segment.to_owned(),
            created_at: self.came_at,
            updated_at: self.came_at,
            version: 1,
        }
    }

    /// The first contact, which acquired the person.
    pub fn first_touch(&self, plan: &Plan, id: i64, customer: i64) -> touchpoint::Model {
        let kind = match self.way.channel {
            Channel::Newsletter => TouchKind::Email,
            channel if channel.paid() => TouchKind::Click,
            _ => TouchKind::Visit,
        };
        let (source, medium) = utm(self.way.channel);
        touchpoint::Model {
            team_id: 0,
            id,
            customer_id: customer,
            occurred_at: self.came_at,
            day: self.came_at.date_naive(),
            kind,
            campaign_id: self.way.campaign.map(|campaign| plan.campaign(campaign)),
            channel_id: Some(plan.channel(self.way.channel)),
            utm_source: Some(source.to_owned()),
            utm_medium: Some(medium.to_owned()),
            utm_campaign: self.way.campaign.map(|campaign| campaign.key.to_owned()),
            referrer: None,
            properties: "{}".to_owned(),
        }
    }

    /// A later contact that no campaign brought about.
    pub fn later_touch(
        plan: &Plan,
        id: i64,
        customer: i64,
        (kind, channel): (TouchKind, Channel),
        occurred_at: DateTime<Utc>,
    ) -> touchpoint::Model {
        touchpoint::Model {
            team_id: 0,
            id,
            customer_id: customer,
            occurred_at,
            day: occurred_at.date_naive(),
            kind,
            campaign_id: None,
            channel_id: Some(plan.channel(channel)),
            utm_source: None,
            utm_medium: None,
            utm_campaign: None,
            referrer: None,
            properties: "{}".to_owned(),
        }
    }
}
