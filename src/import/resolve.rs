//! Names of campaigns, channels and customers become ids; what is met first is created.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{
    campaign, channel, customer,
    values::{CampaignStatus, Objective, RefEntity},
};

use super::{channel_kind, session::Session};
use crate::error::Result;

/// So many names of campaigns, of channels, and of pairs of both are remembered from batch to batch.
pub(super) const MOST_REMEMBERED: usize = 50_000;

/// Whether a campaign that the source has not named yet may be one of the same name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CampaignMatch {
    /// Only the source's own ids tell campaigns apart, as in figures of advertising platforms.
    ById,
    /// The file writes an id or a name.
    ByIdOrName,
}

impl Session<'_> {
    /// Forgets between batches what would become too much to hold.
    pub fn forget_between_batches(&mut self) {
        for names in [&mut self.campaigns, &mut self.channels] {
            if names.len() > MOST_REMEMBERED {
                names.clear();
            }
        }
        // Only calls are told of every customer that they made; a file's may be millions.
        if self.tally.fates.is_none() {
            self.made.clear();
        }
    }

    /// The id of a campaign that was resolved; 0, which stands for none, for a blank.
    pub fn campaign(&self, name: &str) -> i64 {
        self.campaigns.get(name).copied().unwrap_or(0)
    }

    /// The id of a channel that was resolved; 0, which stands for none, for a blank.
    pub fn channel(&self, name: &str) -> i64 {
        self.channels.get(name).copied().unwrap_or(0)
    }

    /// Finds or creates the channels and campaigns of rows, given as the channel and the campaign's id or name.
    pub async fn resolve_places<'n>(
        &mut self,
        places: impl Iterator<Item = (&'n str, &'n str)> + Clone,
        advertising: bool,
    ) -> Result<()> {
        let channels = places.clone().map(|(channel, _)| channel);
        self.resolve_channels(channels, advertising).await?;
        let campaigns = places.map(|(_, campaign)| (campaign, campaign));
        self.resolve_campaigns(campaigns, CampaignMatch::ByIdOrName)
            .await
    }

    /// Finds or creates campaigns, given as the source's id and the name. Blank ids are passed over.
    pub async fn resolve_campaigns<'n>(
        &mut self,
        wanted: impl IntoIterator<Item = (&'n str, &'n str)>,
        matching: CampaignMatch,
    ) -> Result<()> {
        let mut missing: BTreeMap<&str, &str> = BTreeMap::new();
        for (id, name) in wanted {
            if !id.is_empty() && !self.campaigns.contains_key(id) {
                missing.entry(id).or_insert(name);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let key = self.key(RefEntity::Campaign);
        let ids: Vec<&str> = missing.keys().copied().collect();
        let known = self.writer.resolve(key, &ids).await?;
        missing.retain(|id, _| !known.contains_key(*id));
        self.campaigns.extend(known);
        let named = match matching {
            CampaignMatch::ById => HashMap::new(),
            CampaignMatch::ByIdOrName => {
                let names: Vec<&str> = missing.values().copied().collect();
                self.writer.campaigns_named(&names).await?
            }
        };
        let now = self.writer.clock().now();
        let mut rows = Vec::new();
        let mut links = Vec::new();
        for (external, name) in missing {
            let id = named.get(name).copied().unwrap_or_else(|| {
                let id = self.writer.id();
                rows.push(campaign::Model {
                    team_id: self.team_id(),
                    id,
                    name: name.to_owned(),
                    objective: Objective::Sales,
                    status: CampaignStatus::Active,
                    starts_on: None,
                    ends_on: None,
                    utm_source: None,
                    utm_medium: None,
                    utm_campaign: None,
                    utm_term: None,
                    utm_content: None,
                    created_at: now,
                    updated_at: now,
                    version: 1,
                });
                id
            });
            links.push((external.to_owned(), id));
        }
        self.campaigns.extend(links.iter().cloned());
        self.writer.insert::<campaign::Entity>(rows).await?;
        self.writer.link(key, links).await
    }

    /// Finds or creates channels. Blank names are passed over.
    pub async fn resolve_channels<'n>(
        &mut self,
        wanted: impl IntoIterator<Item = &'n str>,
        advertising: bool,
    ) -> Result<()> {
        let missing: BTreeSet<&str> = wanted
            .into_iter()
            .filter(|name| !name.is_empty() && !self.channels.contains_key(*name))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let key = self.key(RefEntity::Channel);
        let names: Vec<&str> = missing.into_iter().collect();
        let known = self.writer.resolve(key, &names).await?;
        let missing: Vec<&str> = names
            .into_iter()
            .filter(|name| !known.contains_key(*name))
            .collect();
        self.channels.extend(known);
        let named = self.writer.channels_named(&missing).await?;
        let now = self.writer.clock().now();
        let mut rows = Vec::new();
        let mut links = Vec::new();
        for name in missing {
            let id = named.get(name).copied().unwrap_or_else(|| {
                let id = self.writer.id();
                let (kind, paid) = channel_kind::guess(name, advertising);
                rows.push(channel::Model {
                    team_id: self.team_id(),
                    id,
                    name: name.to_owned(),
                    kind,
                    paid,
                    archived: false,
                    created_at: now,
                    updated_at: now,
                    version: 1,
                });
                id
            });
            links.push((name.to_owned(), id));
        }
        self.channels.extend(links.iter().cloned());
        self.writer.insert::<channel::Entity>(rows).await?;
        self.writer.link(key, links).await
    }

    /// Finds or creates customers and gives their ids by the source's ids. Blank ids are passed over.
    pub async fn resolve_customers<'n>(
        &mut self,
        wanted: impl IntoIterator<Item = &'n str>,
    ) -> Result<HashMap<String, i64>> {
        let wanted = wanted.into_iter().map(|name| (name, None)).collect();
        self.resolve_people(wanted).await
    }

    /// A customer of whom nothing is known yet.
    pub fn new_customer(&self, id: i64) -> customer::Model {
        let now = self.writer.clock().now();
        customer::Model {
            team_id: self.team_id(),
            id,
            email: None,
            name: None,
            country: None,
            lifecycle: None,
            acquired_campaign_id: None,
            acquired_channel_id: None,
            acquired_at: None,
            first_order_day: None,
            second_order_day: None,
            source_updated_at: None,
            properties: "{}".into(),
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}
