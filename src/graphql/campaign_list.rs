//! The list of campaigns: filters and orders, by columns and by KPI values.

use async_graphql::{Context, Enum, ID, InputObject, OneofObject};
use entity::values::{Basis, CampaignStatus};
use rust_decimal::Decimal;

use super::{
    GlobalId, Session,
    campaign::{Campaign, CampaignConnection},
    connection::count,
    global_id::NodeType,
    kpi_input::PeriodInput,
    kpi_set::prefetch,
    loaders::KpiRequest,
    metric_order::{NullsOrder, SortDirection},
    scalars::Date,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    kpi::{Ask, Kpi},
    store::{
        CampaignOrder as StoreOrder, CampaignSort, Page, PageAsk,
        measures::{Cut, Dimension, Filter, Key},
    },
};

/// Which campaigns are asked. Parts that are left out do not narrow.
#[derive(InputObject, Clone, Default)]
pub struct CampaignFilter {
    /// Part of the name; ASCII letters match in either case.
    name_contains: Option<String>,
    /// One of these states. Default: all but ARCHIVED.
    status: Option<Vec<CampaignStatus>>,
    /// Runs on this channel.
    channel: Option<ID>,
    /// In flight on this day or later.
    runs_from: Option<Date>,
    /// In flight on this day or earlier.
    runs_to: Option<Date>,
    /// A KPI of the campaign in a period has a value in a range. Campaigns without a value do not pass.
    kpi: Option<CampaignKpiFilter>,
}

/// A bound on a KPI of the campaign.
#[derive(InputObject, Clone)]
pub struct CampaignKpiFilter {
    /// Which KPI.
    metric: Kpi,
    /// Over which days.
    period: PeriodInput,
    /// On whose word conversions rest. Default: the team's setting.
    basis: Option<Basis>,
    /// At least this.
    at_least: Option<Decimal>,
    /// At most this.
    at_most: Option<Decimal>,
}

/// By what campaigns are ordered; ties are broken by age.
#[derive(OneofObject, Clone)]
pub enum CampaignOrder {
    /// By a field.
    Field(CampaignFieldOrder),
    /// By a KPI's value.
    Kpi(CampaignKpiOrder),
}

/// An order by a field.
#[derive(InputObject, Clone)]
pub struct CampaignFieldOrder {
    /// Which field.
    by: CampaignOrderField,
    /// Which way. Default: ASC.
    direction: Option<SortDirection>,
}

/// A field that campaigns can be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CampaignOrderField {
    /// When it was made.
    CreatedAt,
    /// The name, byte by byte.
    Name,
    /// The first day of the flight.
    StartsOn,
}

/// An order by a KPI's value.
#[derive(InputObject, Clone)]
pub struct CampaignKpiOrder {
    /// Which KPI.
    metric: Kpi,
    /// Over which days.
    period: PeriodInput,
    /// On whose word conversions rest. Default: the team's setting.
    basis: Option<Basis>,
    /// Which way. Default: DESC.
    direction: Option<SortDirection>,
    /// Where campaigns without a value go. Default: LAST.
    nulls: Option<NullsOrder>,
}

/// One page of campaigns, with the KPIs that it selects already computed.
pub async fn campaigns(
    ctx: &Context<'_>,
    filter: CampaignFilter,
    order: Option<CampaignOrder>,
    ask: PageAsk,
) -> ApiResult<CampaignConnection> {
    let session = Session::with_scope(ctx, Scope::CampaignsRead)?;
    let columns = filter.columns()?;
    let by_kpi = matches!(order, Some(CampaignOrder::Kpi(_))) || filter.kpi.is_some();
    let (page, total) = if by_kpi {
        let ids = ordered_by_kpi(session, &filter, order.as_ref()).await?;
        let total = ids.len() as u64;
        let page = Page::of_list(ids, &ask, |id| {
            GlobalId::new(NodeType::Campaign, *id).to_string()
        })?;
        let shown: Vec<i64> = page.rows.iter().map(|(_, id)| *id).collect();
        let mut found = session.store.campaigns_by_id(&shown).await?;
        let rows = page
            .rows
            .into_iter()
            .filter_map(|(cursor, id)| Some((cursor, Campaign(found.remove(&id)?))));
        (
            Page {
                rows: rows.collect(),
                has_next: page.has_next,
                has_previous: page.has_previous,
            },
            Some(total),
        )
    } else {
        let page = session
            .store
            .campaigns(&columns, field_order(order.as_ref()), &ask)
            .await?;
        (page.map(Campaign), None)
    };
    let ids: Vec<i64> = page
        .rows
        .iter()
        .map(|(_, campaign)| campaign.0.id)
        .collect();
    prefetch(ctx, Dimension::Campaign, &ids).await?;
    let count = count(move |store| {
        let columns = columns.clone();
        async move {
            match total {
                Some(total) => Ok(total),
                None => store.campaign_count(&columns).await,
            }
        }
    });
    Ok(CampaignConnection::new(page, count))
}

impl CampaignFilter {
    fn columns(&self) -> ApiResult<crate::store::CampaignFilter> {
        let channel = match &self.channel {
            Some(id) => Some(GlobalId::expect("filter.channel", id, NodeType::Channel)?),
            None => None,
        };
        Ok(crate::store::CampaignFilter {
            name_contains: self.name_contains.clone(),
            status: self.status.clone().map(distinct),
            channel,
            runs_from: self.runs_from.map(|day| day.0),
            runs_to: self.runs_to.map(|day| day.0),
        })
    }
}

/// Each of the values once.
pub fn distinct<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}

fn field_order(order: Option<&CampaignOrder>) -> StoreOrder {
    let Some(CampaignOrder::Field(order)) = order else {
        return StoreOrder::default();
    };
    StoreOrder {
        by: match order.by {
            CampaignOrderField::CreatedAt => CampaignSort::Created,
            CampaignOrderField::Name => CampaignSort::Name,
            CampaignOrderField::StartsOn => CampaignSort::StartsOn,
        },
        descending: order.direction == Some(SortDirection::Desc),
    }
}

/// All campaigns that pass the filter, in order. Values of all of them are needed to know which come first.
async fn ordered_by_kpi(
    session: &Session,
    filter: &CampaignFilter,
    order: Option<&CampaignOrder>,
) -> ApiResult<Vec<i64>> {
    session.caller.require(Scope::MetricsRead)?;
    let mut ids = match order {
        Some(CampaignOrder::Field(_)) => {
            return Err(Error::BadInput(
                "filter.kpi and orderBy.field: a filter by a KPI goes with an order by a KPI or with none".into(),
            )
            .into());
        }
        _ => session.store.campaign_ids(&filter.columns()?).await?,
    };
    if let Some(bound) = &filter.kpi {
        let values = kpi_values(session, &ids, bound.metric, &bound.period, bound.basis).await?;
        let passes = |value: &Decimal| {
            bound.at_least.is_none_or(|least| *value >= least)
                && bound.at_most.is_none_or(|most| *value <= most)
        };
        ids.retain(|id| values.get(id).is_some_and(passes));
    }
    if let Some(CampaignOrder::Kpi(order)) = order {
        let values = kpi_values(session, &ids, order.metric, &order.period, order.basis).await?;
        let direction = order.direction.unwrap_or(SortDirection::Desc);
        let nulls = order.nulls.unwrap_or(NullsOrder::Last);
        ids.sort_by(|a, b| {
            direction
                .compare(nulls, values.get(a), values.get(b))
                .then(a.cmp(b))
        });
    }
    Ok(ids)
}

async fn kpi_values(
    session: &Session,
    ids: &[i64],
    kpi: Kpi,
    period: &PeriodInput,
    basis: Option<Basis>,
) -> ApiResult<std::collections::HashMap<i64, Decimal>> {
    let ask = KpiRequest {
        basis,
        ..KpiRequest::new([kpi], period.ask())
    };
    let groups = ids.iter().map(|id| vec![Key::Id(*id)]).collect();
    let cuts = vec![Cut::By(Dimension::Campaign)];
    let plan = ask
        .plan(&session.store, cuts, Filter::Everything, session.rights())
        .await?;
    let table = Ask {
        groups: Some(groups),
        ..plan
    }
    .answer(&session.store)
    .await?;
    let value = |row: &crate::kpi::Row| match row.key[..] {
        [Key::Id(id)] => Some((id, row.values.first()?.value.ok()?)),
        _ => None,
    };
    Ok(table.rows.iter().filter_map(value).collect())
}
