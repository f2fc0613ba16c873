//! Writes what the demo team plans: channels, campaigns, budgets.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{budget, campaign, channel, values::RefEntity};

use super::{
    campaigns::{CAMPAIGNS, Campaign},
    chance::Chance,
    channels::Channel,
    money::{CURRENCY, DOLLAR},
    rhythm::{FIRST_DAY, at, level},
};
use crate::{
    error::Result,
    store::{RefKey, TeamWriter},
    time::DateRange,
};

/// The ids of the channels and campaigns.
pub struct Plan {
    channels: HashMap<Channel, i64>,
    campaigns: HashMap<&'static str, i64>,
}

/// How a person found the shop.
#[derive(Clone, Copy)]
pub struct Way {
    /// The campaign, where there was one.
    pub campaign: Option<&'static Campaign>,
    /// The channel.
    pub channel: Channel,
}

/// Every way that is open on a day, with its weight for buyers and for leads.
pub fn ways(day: NaiveDate) -> impl Iterator<Item = (Way, (u32, u32))> {
    let of_campaigns = CAMPAIGNS
        .iter()
        .filter(move |campaign| campaign.runs_on(day))
        .map(|campaign| {
            let way = Way {
                campaign: Some(campaign),
                channel: campaign.channel,
            };
            (way, campaign.weights)
        });
    let without = Channel::ALL.into_iter().map(|channel| {
        let way = Way {
            campaign: None,
            channel,
        };
        (way, channel.weights())
    });
    of_campaigns.chain(without)
}

impl Plan {
    /// Writes channels, campaigns and the budgets of the months that `months` touches.
    pub async fn write(writer: &TeamWriter, months: &[DateRange]) -> Result<Self> {
        let plan = Self {
            channels: Channel::ALL.map(|channel| (channel, writer.id())).into(),
            campaigns: CAMPAIGNS
                .iter()
                .map(|campaign| (campaign.key, writer.id()))
                .collect(),
        };
        let made = at(FIRST_DAY, 0, 0);
        let channels = Channel::ALL.map(|channel| channel::Model {
            team_id: 0,
            id: plan.channel(channel),
            name: channel.name().to_owned(),
            kind: channel.kind(),
            paid: channel.paid(),
            archived: false,
            created_at: made,
            updated_at: made,
            version: 1,
        });
        writer.insert::<channel::Entity>(channels.into()).await?;
        let campaigns = CAMPAIGNS.iter().map(|campaign| plan.campaign_row(campaign));
        writer
            .insert::<campaign::Entity>(campaigns.collect())
            .await?;
        let links = CAMPAIGNS
            .iter()
            .map(|campaign| (plan.campaign(campaign), plan.channel(campaign.channel)));
        writer.add_campaign_channels(links).await?;
        for campaign in &CAMPAIGNS {
            let key = RefKey {
                entity: RefEntity::Campaign,
                system: campaign.channel.system(),
            };
            let name = (campaign.key.to_owned(), plan.campaign(campaign));
            writer.link(key, [name]).await?;
            let budgets =
                planned(campaign, months)
                    .into_iter()
                    .map(|(days, amount)| budget::Model {
                        team_id: 0,
                        id: writer.id(),
                        campaign_id: plan.campaign(campaign),
                        starts_on: days.from,
                        ends_on: days.to,
                        amount,
                        currency: CURRENCY.to_owned(),
                    });
            writer
                .set_budgets(plan.campaign(campaign), budgets.collect())
                .await?;
        }
        Ok(plan)
    }

    /// A channel's id.
    pub fn channel(&self, channel: Channel) -> i64 {
        self.channels.get(&channel).copied().unwrap_or_default()
    }

    /// A campaign's id.
    pub fn campaign(&self, campaign: &Campaign) -> i64 {
        self.campaigns
            .get(campaign.key)
            .copied()
            .unwrap_or_default()
    }

    fn campaign_row(&self, campaign: &Campaign) -> campaign::Model {
        let made = at(FIRST_DAY, 0, 0);
        let (source, medium) = utm(campaign.channel);
        campaign::Model {
            team_id: 0,
            id: self.campaign(campaign),
            name: campaign.name.to_owned(),
            objective: campaign.objective,
            status: campaign.status,
            starts_on: campaign.flight.map(|(from, _)| from),
            ends_on: campaign.flight.map(|(_, to)| to),
            utm_source: Some(source.to_owned()),
            utm_medium: Some(medium.to_owned()),
            utm_campaign: Some(campaign.key.to_owned()),
            utm_term: None,
            utm_content: None,
            created_at: made,
            updated_at: made,
            version: 1,
        }
    }
}

/// The UTM source and medium of a channel's links.
pub fn utm(channel: Channel) -> (&'static str, &'static str) {
    match channel {
        Channel::GoogleAds => ("google", "cpc"),
        Channel::MetaAds => ("facebook", "paid-social"),
        Channel::LinkedInAds => ("linkedin", "paid-social"),
        Channel::Display => ("google", "display"),
        Channel::YouTube => ("youtube", "video"),
        Channel::Newsletter => ("newsletter", "email"),
        Channel::OrganicSearch => ("google", "organic"),
        Channel::OrganicSocial => ("instagram", "social"),
        Channel::Direct => ("(direct)", "(none)"),
        Channel::Referral => ("blog", "referral"),
        Channel::Partners => ("partner", "affiliate"),
    }
}

/// The days and micros of a campaign's budgets: one for its flight, or one for each month.
fn planned(campaign: &Campaign, months: &[DateRange]) -> Vec<(DateRange, i64)> {
    let Some(ads) = campaign.ads else {
        return Vec::new();
    };
    let spans = match campaign.flight {
        Some((from, to)) => vec![DateRange { from, to }],
        None => months.to_vec(),
    };
    spans
        .into_iter()
        .map(|days| {
            let busy: f64 = days.iter().map(|day| level(day, campaign.audience)).sum();
            // Nobody plans to the dollar, nor quite right.
            let care = Chance::of(days.from, campaign.key).between(0.93, 1.12);
            let fifties = (ads.spend * busy * care / 50.0).round() as i64;
            (days, fifties.max(1) * 50 * DOLLAR)
        })
        .collect()
}
