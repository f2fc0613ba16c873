//! Campaigns.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    campaign,
    values::{CampaignStatus, Objective, RefEntity},
};
use rust_decimal::Decimal;

use super::{
    GlobalId, Session,
    channel::{Channel, ChannelConnection},
    connection::{connection, count},
    external_ref::{ExternalRef, external_refs},
    global_id::NodeType,
    goal::GoalConnection,
    goal_list,
    kpi_input::{KpiOptions, PeriodInput},
    kpi_set::KpiSet,
    kpi_value::Money,
    list::start,
    loaders::{BudgetsOf, ChannelId, ChannelsOf, KpiRequest, KpisOf},
    scalars::Date,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    kpi::Kpi,
    store::{Page, PageAsk, measures::Dimension},
    time::PeriodAsk,
};

/// A campaign.
#[derive(Clone)]
pub struct Campaign(pub campaign::Model);

connection!(CampaignConnection, CampaignEdge, Campaign, "campaigns");

/// The tags on a campaign's links.
#[derive(SimpleObject, Clone)]
pub struct Utm {
    /// `utm_source`. Null when not set.
    source: Option<String>,
    /// `utm_medium`. Null when not set.
    medium: Option<String>,
    /// `utm_campaign`. Null when not set.
    campaign: Option<String>,
    /// `utm_term`. Null when not set.
    term: Option<String>,
    /// `utm_content`. Null when not set.
    content: Option<String>,
}

/// What a campaign may spend.
pub struct Budget {
    campaign: i64,
    rows: Vec<entity::budget::Model>,
}

/// The days that budgets are looked for in.
const PLANNABLE: (NaiveDate, NaiveDate) = match (
    NaiveDate::from_ymd_opt(2000, 1, 1),
    NaiveDate::from_ymd_opt(2099, 12, 31),
) {
    (Some(first), Some(last)) => (first, last),
    _ => (NaiveDate::MIN, NaiveDate::MAX),
};

/// A planned effort with an objective, a flight and a budget.
#[Object]
impl Campaign {
    /// The campaign's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Campaign, self.0.id).into()
    }

    /// The names that other systems have for the campaign.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ExternalRef>> {
        external_refs(ctx, RefEntity::Campaign, self.0.id, limit).await
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the campaign is for.
    async fn objective(&self) -> Objective {
        self.0.objective
    }

    /// Where it stands.
    async fn status(&self) -> CampaignStatus {
        self.0.status
    }

    /// The first day of its flight. Null when not planned.
    async fn starts_on(&self) -> Option<Date> {
        self.0.starts_on.map(Date)
    }

    /// The last day of its flight, included. Null when it has no end.
    async fn ends_on(&self) -> Option<Date> {
        self.0.ends_on.map(Date)
    }

    /// What it may spend. Null when no budget was set; needs MONEY_READ.
    async fn budget(&self, ctx: &Context<'_>) -> Option<ApiResult<Budget>> {
        let load = async {
            let session = Session::with_scope(ctx, Scope::MoneyRead)?;
            let rows = session.load.load_one(BudgetsOf(self.0.id)).await?;
            Ok(rows.map(|rows| Budget {
                campaign: self.0.id,
                rows,
            }))
        };
        load.await.transpose()
    }

    /// The tags on its links. Null when none is set.
    async fn utm(&self) -> Option<Utm> {
        let row = &self.0;
        let utm = Utm {
            source: row.utm_source.clone(),
            medium: row.utm_medium.clone(),
            campaign: row.utm_campaign.clone(),
            term: row.utm_term.clone(),
            content: row.utm_content.clone(),
        };
        [
            &utm.source,
            &utm.medium,
            &utm.campaign,
            &utm.term,
            &utm.content,
        ]
        .iter()
        .any(|tag| tag.is_some())
        .then_some(utm)
    }

    /// The channels it runs on, oldest first.
    async fn channels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<ChannelConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        let session = Session::of(ctx)?;
        let ids = session
            .load
            .load_one(ChannelsOf(self.0.id))
            .await?
            .unwrap_or_default();
        let mut found = session
            .load
            .load_many(ids.iter().map(|id| ChannelId(*id)))
            .await?;
        let channels: Vec<Channel> = ids
            .iter()
            .filter_map(|id| found.remove(&ChannelId(*id)).map(Channel))
            .collect();
        let total = channels.len() as u64;
        let page = Page::of_list(channels, &ask, |channel| {
            GlobalId::new(NodeType::Channel, channel.0.id).to_string()
        })?;
        Ok(ChannelConnection::new(
            page,
            count(move |_| async move { Ok(total) }),
        ))
    }

    /// Its KPIs in a period: only those selected are computed, for all campaigns of a list together.
    async fn kpis(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Over which days.")] period: PeriodInput,
        #[graphql(desc = "Comparison and basis.")] options: Option<KpiOptions>,
    ) -> ApiResult<KpiSet> {
        KpiSet::load(
            ctx,
            Dimension::Campaign,
            self.0.id,
            &period,
            options.as_ref(),
        )
        .await
    }

    /// The goals whose scope names the campaign, by deadline, without archived ones. Needs METRICS_READ.
    async fn goals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<GoalConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        goal_list::goals_of(ctx, self.0.id, ask).await
    }

    /// Counts up with every change; give it back when updating, so that no change of somebody else is overwritten.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When the campaign was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// What a campaign may spend, and how fast it does.
#[Object]
impl Budget {
    /// The sum of the campaign's budgets.
    async fn total(&self) -> Money {
        let total = self.rows.iter().map(|row| row.amount).sum();
        Money::of_micros(total, self.rows.first().map_or("", |row| &row.currency))
    }

    /// What was spent on the days that a budget covers, today left out. Null when no advertising was delivered.
    async fn spent(&self, ctx: &Context<'_>) -> ApiResult<Option<Money>> {
        let value = self.pacing_value(ctx).await?;
        let currency = value.currency.code().to_owned();
        Ok(value.numerator.map(|amount| Money { amount, currency }))
    }

    /// Spend over what even spending would have used by now: 1 is on plan, above is too fast. Null before the first
    /// day is over.
    async fn pacing(&self, ctx: &Context<'_>) -> ApiResult<Option<Decimal>> {
        Ok(self.pacing_value(ctx).await?.value.ok())
    }

    /// The days and amounts that make up the total.
    async fn parts(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<BudgetPart> {
        let part = |row: &entity::budget::Model| BudgetPart {
            starts_on: Date(row.starts_on),
            ends_on: Date(row.ends_on),
            amount: Money::of_micros(row.amount, &row.currency),
        };
        start(&self.rows, limit).iter().map(part).collect()
    }
}

/// An amount for some days.
#[derive(SimpleObject)]
pub struct BudgetPart {
    /// The first day.
    starts_on: Date,
    /// The last day, included.
    ends_on: Date,
    /// The amount.
    amount: Money,
}

impl Budget {
    async fn pacing_value(&self, ctx: &Context<'_>) -> ApiResult<crate::kpi::KpiValue> {
        let session = Session::with_scope(ctx, Scope::MetricsRead)?;
        // Budgets can lie before and after all facts, so the question is put for all days that anyone can plan.
        let period = PeriodAsk::Range {
            from: PLANNABLE.0,
            to: PLANNABLE.1,
        };
        let ask = KpiRequest::new([Kpi::BudgetPacing], period);
        let key = KpisOf {
            dimension: Dimension::Campaign,
            id: self.campaign,
            ask,
        };
        let answer = session.load.load_one(key).await?;
        answer
            .and_then(|answer| answer.row.values.first().cloned())
            .ok_or_else(|| Error::Internal("no pacing".into()).into())
    }
}
