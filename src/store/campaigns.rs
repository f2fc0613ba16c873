//! Campaigns: lists, filters, orders, writes.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{budget, budget_day, campaign, campaign_channel, values::CampaignStatus};
use sea_orm::{
    ColumnTrait,
    sea_query::{Condition, Expr, SimpleExpr},
};

use super::{
    Page, PageAsk, PageCursor, Scoped, TeamStore, TeamWriter,
    page::{Sort, SortValue},
    split_evenly, sql,
};
use crate::{error::Result, time::DateRange};

/// Which campaigns are asked; what is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct CampaignFilter {
    /// Part of the name, ASCII letters in either case.
    pub name_contains: Option<String>,
    /// One of these states; without it all but the archived.
    pub status: Option<Vec<CampaignStatus>>,
    /// Runs on this channel.
    pub channel: Option<i64>,
    /// In flight on a day from this one on.
    pub runs_from: Option<NaiveDate>,
    /// In flight on a day up to this one.
    pub runs_to: Option<NaiveDate>,
}

/// By what campaigns are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CampaignSort {
    /// By when they were made.
    #[default]
    Created,
    /// By name, byte by byte.
    Name,
    /// By the first day of the flight; those without one come first.
    StartsOn,
}

/// An order of campaigns.
#[derive(Clone, Copy, Debug, Default)]
pub struct CampaignOrder {
    /// By what.
    pub by: CampaignSort,
    /// The greatest first.
    pub descending: bool,
}

impl TeamStore {
    /// Real campaigns: without the one that stands for "none".
    fn campaigns_matching(&self, filter: &CampaignFilter) -> Scoped<'_, campaign::Entity> {
        let mut select = self
            .select::<campaign::Entity>()
            .filter(campaign::Column::Id.gt(0));
        select = match &filter.status {
            Some(states) => select.filter(campaign::Column::Status.is_in(states.iter().copied())),
            None => select.filter(campaign::Column::Status.ne(CampaignStatus::Archived)),
        };
        if let Some(part) = &filter.name_contains {
            let name = Expr::col(campaign::Column::Name);
            select = select.filter(sql::contains(self.backend(), name, part));
        }
        if let Some(channel) = filter.channel {
            let on_channel = self.column_where::<campaign_channel::Entity>(
                campaign_channel::Column::CampaignId,
                campaign_channel::Column::ChannelId.eq(channel),
            );
            select = select.filter(campaign::Column::Id.in_subquery(on_channel));
        }
        if let Some(from) = filter.runs_from {
            select = select.filter(
                Condition::any()
                    .add(campaign::Column::EndsOn.is_null())
                    .add(campaign::Column::EndsOn.gte(from)),
            );
        }
        if let Some(to) = filter.runs_to {
            select = select.filter(
                Condition::any()
                    .add(campaign::Column::StartsOn.is_null())
                    .add(campaign::Column::StartsOn.lte(to)),
            );
        }
        select
    }

    /// One page of campaigns.
    pub async fn campaigns(
        &self,
        filter: &CampaignFilter,
        order: CampaignOrder,
        ask: &PageAsk,
    ) -> Result<Page<campaign::Model>> {
        let backend = self.backend();
        let (expr, cursor): (Option<SimpleExpr>, fn(&campaign::Model) -> PageCursor) =
            match order.by {
                CampaignSort::Created => (None, |row| PageCursor::new(SortValue::Id, row.id)),
                CampaignSort::Name => (
                    Some(sql::bytewise(backend, Expr::col(campaign::Column::Name))),
                    |row| PageCursor::new(SortValue::Text(row.name.clone()), row.id),
                ),
                CampaignSort::StartsOn => (
                    Some(sql::or_first_day(Expr::col(campaign::Column::StartsOn))),
                    |row| {
                        PageCursor::new(
                            SortValue::Day(row.starts_on.unwrap_or(sql::FIRST_DAY)),
                            row.id,
                        )
                    },
                ),
            };
        let kind = match order.by {
            CampaignSort::Created => SortValue::Id,
            CampaignSort::Name => SortValue::Text(String::new()),
            CampaignSort::StartsOn => SortValue::Day(sql::FIRST_DAY),
        };
        let id = Expr::col(campaign::Column::Id);
        self.campaigns_matching(filter)
            .page(
                ask,
                Sort {
                    expr,
                    id,
                    descending: order.descending,
                    kind,
                    cursor,
                },
            )
            .await
    }

    /// How many campaigns match.
    pub async fn campaign_count(&self, filter: &CampaignFilter) -> Result<u64> {
        self.campaigns_matching(filter).count().await
    }

    /// The ids of all campaigns that match, oldest first.
    pub async fn campaign_ids(&self, filter: &CampaignFilter) -> Result<Vec<i64>> {
        self.campaigns_matching(filter)
            .ids(campaign::Column::Id)
            .await
    }

    /// These campaigns.
    pub async fn campaigns_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, campaign::Model>> {
        let mut found = self
            .by_ids::<campaign::Entity>(campaign::Column::Id, ids, |row| row.id)
            .await?;
        found.remove(&0);
        Ok(found)
    }

    /// The budgets of each of these campaigns, by their first day.
    pub async fn budgets_of(&self, ids: &[i64]) -> Result<HashMap<i64, Vec<budget::Model>>> {
        let mut rows = self
            .select::<budget::Entity>()
            .filter(budget::Column::CampaignId.is_in(ids.iter().copied()))
            .all()
            .await?;
        rows.sort_by_key(|row| (row.starts_on, row.id));
        let mut found: HashMap<i64, Vec<budget::Model>> = HashMap::new();
        for row in rows {
            found.entry(row.campaign_id).or_default().push(row);
        }
        Ok(found)
    }

    /// The ids of the channels of each of these campaigns, oldest channel first.
    pub async fn channel_ids_of(&self, campaigns: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
        let rows = self
            .select::<campaign_channel::Entity>()
            .filter(campaign_channel::Column::CampaignId.is_in(campaigns.iter().copied()))
            .all()
            .await?;
        let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
        for row in rows {
            found
                .entry(row.campaign_id)
                .or_default()
                .push(row.channel_id);
        }
        found.values_mut().for_each(|ids| ids.sort_unstable());
        Ok(found)
    }
}

impl TeamWriter {
    /// Stores a campaign's new state if it still has the version that the caller knows; false when it moved on.
    pub async fn update_campaign(&self, row: campaign::Model, known_version: i32) -> Result<bool> {
        let id = (campaign::Column::Id, row.id);
        let version = (campaign::Column::Version, known_version);
        self.update_versioned::<campaign::Entity>(row, id, version)
            .await
    }

    /// Makes these the channels of a campaign.
    pub async fn set_campaign_channels(&self, campaign: i64, channels: &[i64]) -> Result<()> {
        self.delete::<campaign_channel::Entity>(campaign_channel::Column::CampaignId.eq(campaign))
            .await?;
        self.add_campaign_channels(channels.iter().map(|channel| (campaign, *channel)))
            .await
    }

    /// Adds channels to campaigns; pairs that exist stay as they are.
    pub async fn add_campaign_channels(
        &self,
        pairs: impl IntoIterator<Item = (i64, i64)>,
    ) -> Result<()> {
        let team_id = self.team().id;
        let rows = pairs
            .into_iter()
            .map(|(campaign_id, channel_id)| campaign_channel::Model {
                team_id,
                campaign_id,
                channel_id,
            })
            .collect();
        self.upsert::<campaign_channel::Entity>(rows).await
    }

    /// Makes these the budgets of a campaign, in place of all that it had. Their days must not overlap.
    pub async fn set_budgets(&self, campaign: i64, budgets: Vec<budget::Model>) -> Result<()> {
        self.delete::<budget_day::Entity>(budget_day::Column::CampaignId.eq(campaign))
            .await?;
        self.delete::<budget::Entity>(budget::Column::CampaignId.eq(campaign))
            .await?;
        let mut days = Vec::new();
        for budget in &budgets {
            let Some(range) = DateRange::new(budget.starts_on, budget.ends_on) else {
                continue;
            };
            days.extend(split_evenly(budget.amount, range).map(|(day, amount)| {
                budget_day::Model {
                    team_id: budget.team_id,
                    campaign_id: campaign,
                    day,
                    budget_id: budget.id,
                    amount,
                    currency: budget.currency.clone(),
                }
            }));
        }
        self.insert::<budget::Entity>(budgets).await?;
        self.insert::<budget_day::Entity>(days).await
    }
}
