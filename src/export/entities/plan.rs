//! Campaigns and channels, what they may cost, what they publish.

use entity::{
    budget, campaign, campaign_channel, channel, content_item, cost_item, values::RefEntity as R,
};
use sea_orm::ActiveEnum;

use super::{Column, Exported, money, open};
use crate::{auth::Scope, export::Cell, graphql::NodeType};

const CAMPAIGNS: &[Scope] = &[Scope::CampaignsRead];
const BUDGETS: &[Scope] = &[Scope::CampaignsRead, Scope::MoneyRead];
const METRICS: &[Scope] = &[Scope::MetricsRead];

impl Exported for campaign::Entity {
    const SCOPES: &'static [Scope] = CAMPAIGNS;
    const ID: Option<(campaign::Column, Option<NodeType>, Option<R>)> = Some((
        campaign::Column::Id,
        Some(NodeType::Campaign),
        Some(R::Campaign),
    ));
    const COLUMNS: &'static [Column<campaign::Model>] = &[
        open("campaign_id", |row, names| {
            names.place(R::Campaign, row.id, None)
        }),
        open("name", |row, _| Cell::text(row.name.as_str())),
        open("objective", |row, _| Cell::text(row.objective.to_value())),
        open("status", |row, _| Cell::text(row.status.to_value())),
        open("starts_on", |row, _| Cell::of(row.starts_on, Cell::from)),
        open("ends_on", |row, _| Cell::of(row.ends_on, Cell::from)),
        open("utm_source", |row, _| {
            Cell::of(row.utm_source.as_deref(), Cell::from)
        }),
        open("utm_medium", |row, _| {
            Cell::of(row.utm_medium.as_deref(), Cell::from)
        }),
        open("utm_campaign", |row, _| {
            Cell::of(row.utm_campaign.as_deref(), Cell::from)
        }),
        open("utm_term", |row, _| {
            Cell::of(row.utm_term.as_deref(), Cell::from)
        }),
        open("utm_content", |row, _| {
            Cell::of(row.utm_content.as_deref(), Cell::from)
        }),
        open("kpigraph_created_at", |row, _| row.created_at.into()),
        open("kpigraph_updated_at", |row, _| row.updated_at.into()),
        open("kpigraph_version", |row, _| Cell::Int(row.version.into())),
    ];

    fn id(row: &campaign::Model) -> i64 {
        row.id
    }
}

impl Exported for channel::Entity {
    const SCOPES: &'static [Scope] = CAMPAIGNS;
    const ID: Option<(channel::Column, Option<NodeType>, Option<R>)> = Some((
        channel::Column::Id,
        Some(NodeType::Channel),
        Some(R::Channel),
    ));
    const COLUMNS: &'static [Column<channel::Model>] = &[
        open("channel", |row, names| {
            names.place(R::Channel, row.id, None)
        }),
        open("name", |row, _| Cell::text(row.name.as_str())),
        open("kind", |row, _| Cell::text(row.kind.to_value())),
        open("paid", |row, _| Cell::Flag(row.paid)),
        open("archived", |row, _| Cell::Flag(row.archived)),
        open("kpigraph_created_at", |row, _| row.created_at.into()),
        open("kpigraph_updated_at", |row, _| row.updated_at.into()),
        open("kpigraph_version", |row, _| Cell::Int(row.version.into())),
    ];

    fn id(row: &channel::Model) -> i64 {
        row.id
    }
}

impl Exported for campaign_channel::Entity {
    const SCOPES: &'static [Scope] = CAMPAIGNS;
    const COLUMNS: &'static [Column<campaign_channel::Model>] = &[
        open("campaign_id", |row, names| {
            names.place(R::Campaign, row.campaign_id, None)
        }),
        open("campaign_name", |row, names| {
            names.title(R::Campaign, row.campaign_id)
        }),
        open("channel", |row, names| {
            names.place(R::Channel, row.channel_id, None)
        }),
        open("channel_name", |row, names| {
            names.title(R::Channel, row.channel_id)
        }),
    ];

    fn refers(row: &campaign_channel::Model) -> Vec<(R, i64)> {
        vec![(R::Campaign, row.campaign_id), (R::Channel, row.channel_id)]
    }
}

impl Exported for budget::Entity {
    const SCOPES: &'static [Scope] = BUDGETS;
    const DAY: Option<budget::Column> = Some(budget::Column::StartsOn);
    const COLUMNS: &'static [Column<budget::Model>] = &[
        open("campaign_id", |row, names| {
            names.place(R::Campaign, row.campaign_id, None)
        }),
        open("campaign_name", |row, names| {
            names.title(R::Campaign, row.campaign_id)
        }),
        open("starts_on", |row, _| row.starts_on.into()),
        open("ends_on", |row, _| row.ends_on.into()),
        open("amount", |row, _| Cell::micros(row.amount)),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
    ];

    fn refers(row: &budget::Model) -> Vec<(R, i64)> {
        vec![(R::Campaign, row.campaign_id)]
    }
}

impl Exported for cost_item::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const DAY: Option<cost_item::Column> = Some(cost_item::Column::StartsOn);
    const ID: Option<(cost_item::Column, Option<NodeType>, Option<R>)> =
        Some((cost_item::Column::Id, None, Some(R::CostItem)));
    const COLUMNS: &'static [Column<cost_item::Model>] = &[
        open("cost_id", |row, names| names.name(R::CostItem, row.id)),
        open("name", |row, _| Cell::text(row.name.as_str())),
        open("kind", |row, _| Cell::text(row.kind.to_value())),
        open("starts_on", |row, _| row.starts_on.into()),
        open("ends_on", |row, _| row.ends_on.into()),
        money("amount", |row, _| Cell::micros(row.amount)),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
        open("acquisition", |row, _| Cell::Flag(row.acquisition)),
        open("campaign", |row, names| {
            names.place(R::Campaign, row.campaign_id, None)
        }),
        open("channel", |row, names| {
            names.place(R::Channel, row.channel_id, None)
        }),
        open("allocation", |row, _| Cell::text(row.allocation.to_value())),
    ];

    fn id(row: &cost_item::Model) -> i64 {
        row.id
    }

    fn refers(row: &cost_item::Model) -> Vec<(R, i64)> {
        vec![(R::Campaign, row.campaign_id), (R::Channel, row.channel_id)]
    }
}

impl Exported for content_item::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const DAY: Option<content_item::Column> = Some(content_item::Column::Day);
    const ID: Option<(content_item::Column, Option<NodeType>, Option<R>)> =
        Some((content_item::Column::Id, None, Some(R::ContentItem)));
    const COLUMNS: &'static [Column<content_item::Model>] = &[
        open("content_id", |row, names| {
            names.name(R::ContentItem, row.id)
        }),
        open("title", |row, _| Cell::text(row.title.as_str())),
        open("kind", |row, _| Cell::text(row.kind.as_str())),
        open("url", |row, _| Cell::of(row.url.as_deref(), Cell::from)),
        open("published_at", |row, _| row.published_at.into()),
        open("channel", |row, names| {
            names.place(R::Channel, row.channel_id, None)
        }),
        open("campaign", |row, names| {
            names.place(R::Campaign, row.campaign_id, None)
        }),
        open("kpigraph_day", |row, _| row.day.into()),
    ];

    fn id(row: &content_item::Model) -> i64 {
        row.id
    }

    fn refers(row: &content_item::Model) -> Vec<(R, i64)> {
        vec![(R::Campaign, row.campaign_id), (R::Channel, row.channel_id)]
    }
}
