//! The queries.

use async_graphql::{Context, ID, Object};
use entity::{dashboard::Audience, values::ChannelKind};

use super::{
    Session,
    api_key::{ApiKeyConnection, api_keys},
    attribution::{self, AttributionReport, AttributionReportInput},
    audit::{AuditEntryConnection, AuditLogFilter, audit_log},
    campaign::CampaignConnection,
    campaign_list::{self, CampaignFilter, CampaignOrder},
    channel::{Channel, ChannelConnection},
    cohorts::{self, CohortInput, CohortTable},
    connection::count,
    customer::{Customer, CustomerConnection},
    dashboard::{self, Dashboard},
    funnel::{self, Funnel, FunnelInput},
    goal::GoalConnection,
    goal_list,
    insight::{
        alert_rule::{AlertRuleConnection, alert_rules},
        anomaly::{AnomaliesInput, AnomalyConnection, anomalies},
        drivers::{DriverReport, DriversInput, drivers},
        experiment::{ExperimentConnection, experiments},
    },
    kpi_input::{KpiOptions, PeriodInput},
    kpi_set::prefetch,
    lifetime_input::LifetimeValueInput,
    lifetime_value::{LifetimeValue, lifetime_value},
    metrics::{explain, metrics},
    metrics_input::MetricsInput,
    metrics_plan::MetricsPlan,
    metrics_rows::MetricsConnection,
    node::{Node, node},
    team::Viewer,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    kpi::goal::GoalStatus,
    store::{ChannelFilter, CustomerFilter, PageAsk, measures::Dimension},
};

/// The queries of rows, KPIs and reports. Their futures are boxed: the resolver of the type would otherwise hold room
/// for the largest of them, several times over, on a worker's stack.
#[derive(Default)]
pub struct MainQuery;

#[Object]
impl MainQuery {
    /// Who calls, and for which team.
    async fn viewer(&self) -> Viewer {
        Viewer
    }

    /// The row with this id. Null when there is none in the caller's team: ids of other teams answer like unknown
    /// ones.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that an earlier answer gave.")] id: ID,
    ) -> ApiResult<Option<Node>> {
        Box::pin(node(Session::of(ctx)?, &id)).await
    }

    /// The rows with these ids, in their order; null where there is none in the caller's team.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to 100 ids that earlier answers gave.")] ids: Vec<ID>,
    ) -> ApiResult<Vec<Option<Node>>> {
        if ids.len() > 100 {
            return Err(Error::Limit(format!("ids: {} asked; at most 100", ids.len())).into());
        }
        let session = Session::of(ctx)?;
        futures_util::future::try_join_all(ids.iter().map(|id| node(session, id))).await
    }

    /// The team's campaigns; archived ones only when their status is asked for.
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field"
    )]
    async fn campaigns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which campaigns.")] filter: Option<CampaignFilter>,
        #[graphql(desc = "In which order. Default: oldest first.")] order_by: Option<CampaignOrder>,
    ) -> ApiResult<CampaignConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        Box::pin(campaign_list::campaigns(
            ctx,
            filter.unwrap_or_default(),
            order_by,
            ask,
        ))
        .await
    }

    /// The team's channels, by name.
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field"
    )]
    async fn channels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "Part of the name; ASCII letters match in either case.")]
        name_contains: Option<String>,
        #[graphql(desc = "One of these kinds.")] kind: Option<Vec<ChannelKind>>,
        #[graphql(desc = "Archived channels too. Default: false.")] archived: Option<bool>,
    ) -> ApiResult<ChannelConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        let session = Session::with_scope(ctx, Scope::CampaignsRead)?;
        let filter = ChannelFilter {
            name_contains,
            kind: kind.map(campaign_list::distinct),
            archived: archived.unwrap_or(false),
        };
        let page = session.store.channels(&filter, &ask).await?.map(Channel);
        let ids: Vec<i64> = page.rows.iter().map(|(_, channel)| channel.0.id).collect();
        Box::pin(prefetch(ctx, Dimension::Channel, &ids)).await?;
        let count = count(move |store| {
            let filter = filter.clone();
            async move { store.channel_count(&filter).await }
        });
        Ok(ChannelConnection::new(page, count))
    }

    /// The team's customers, oldest record first.
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which customers.")] filter: Option<super::customer::CustomerFilterInput>,
    ) -> ApiResult<CustomerConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        let session = Session::with_scope(ctx, Scope::CustomersRead)?;
        let filter: CustomerFilter = filter.unwrap_or_default().columns(session)?;
        let page = session.store.customers(&filter, &ask).await?.map(Customer);
        let ids: Vec<i64> = page
            .rows
            .iter()
            .map(|(_, customer)| customer.0.id)
            .collect();
        Box::pin(prefetch(ctx, Dimension::Customer, &ids)).await?;
        let count = count(move |store| {
            let filter = filter.clone();
            async move { store.customer_count(&filter).await }
        });
        Ok(CustomerConnection::new(page, count))
    }

    /// What a `metrics` question would read and cost. No fact is read for it, only which days the sources have
    /// delivered.
    async fn explain_metrics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What would be asked.")] input: MetricsInput,
    ) -> ApiResult<MetricsPlan> {
        Box::pin(explain(ctx, &input)).await
    }

    /// Any KPIs, grouped by any dimensions: the general door beside `kpis` on campaigns, channels, customers and the
    /// team. Both give the same numbers.
    async fn metrics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked.")] input: MetricsInput,
        #[graphql(desc = "How many rows from the start, 1 to 1000. Default: 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 1 to 1000.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<MetricsConnection> {
        // A year of days is what a chart needs.
        let page = PageAsk::within(1000, 100, first, after, last, before)?;
        Box::pin(metrics(ctx, &input, page)).await
    }

    /// How the customers of each week, month … of first order fared since: who came back, what they brought.
    async fn cohorts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked.")] input: CohortInput,
    ) -> ApiResult<CohortTable> {
        Box::pin(cohorts::cohorts(ctx, &input)).await
    }

    /// How many of the people who entered a stage in a period reached the next ones since, and how long they took.
    async fn funnel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked.")] input: FunnelInput,
    ) -> ApiResult<Funnel> {
        Box::pin(funnel::funnel(ctx, &input)).await
    }

    /// What the customers of a period brought, are expected to bring, and cost: lifetime value per acquiring channel
    /// or campaign beside the cost of acquisition.
    async fn lifetime_value(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked.")] input: LifetimeValueInput,
    ) -> ApiResult<LifetimeValue> {
        Box::pin(lifetime_value(ctx, &input)).await
    }

    /// What is out of the ordinary in the last complete bucket, computed when asked: values far from the median of the
    /// eight buckets before (for days, of the same weekday). The latest first, then the most unusual.
    async fn anomalies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which values to judge.")] input: Option<AnomaliesInput>,
    ) -> ApiResult<AnomalyConnection> {
        let page = PageAsk::new(first, after, last, before)?;
        Box::pin(anomalies(ctx, input.unwrap_or_default(), page)).await
    }

    /// Why a KPI changed: what its components did, and what each segment contributed by its own rate and by its weight.
    async fn drivers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which change to explain.")] input: DriversInput,
    ) -> ApiResult<DriverReport> {
        Box::pin(drivers(ctx, input)).await
    }

    /// The team's alert rules, the oldest first.
    async fn alert_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those in use, or not in use.")] enabled: Option<bool>,
    ) -> ApiResult<AlertRuleConnection> {
        let page = PageAsk::new(first, after, last, before)?;
        Box::pin(alert_rules(ctx, enabled, page)).await
    }

    /// The team's experiments, those that began last first.
    async fn experiments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<ExperimentConnection> {
        let page = PageAsk::new(first, after, last, before)?;
        Box::pin(experiments(ctx, page)).await
    }

    /// The KPIs that an audience looks at: those that the team chose for it, or the usual ones. Needs METRICS_READ.
    async fn dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who looks at it.")] audience: Audience,
        #[graphql(desc = "Over which days. Default: the last 30 days that are over.")]
        period: Option<PeriodInput>,
        #[graphql(desc = "Comparison and basis.")] options: Option<KpiOptions>,
    ) -> ApiResult<Dashboard> {
        Box::pin(dashboard::load(
            ctx,
            audience,
            period,
            options.unwrap_or_default(),
        ))
        .await
    }

    /// The team's goals, by deadline; archived ones only when asked for. Needs METRICS_READ.
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field"
    )]
    async fn goals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those that stand so.")] status: Option<GoalStatus>,
        #[graphql(desc = "Archived goals too. Default: false.")] archived: Option<bool>,
    ) -> ApiResult<GoalConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        Box::pin(goal_list::goals(
            ctx,
            status,
            archived.unwrap_or(false),
            ask,
        ))
        .await
    }

    /// Which touches brought the conversions or orders, by several attribution models side by side, beside what was
    /// spent and what the platforms claim.
    async fn attribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked.")] input: AttributionReportInput,
    ) -> ApiResult<AttributionReport> {
        Box::pin(attribution::report(ctx, &input)).await
    }
    /// The team's API keys, the newest first, revoked ones included. Needs TEAM_ADMIN.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<ApiKeyConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        Box::pin(api_keys(ctx, ask)).await
    }

    /// Who changed what, the newest first. Needs TEAM_ADMIN and MONEY_READ.
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which entries.")] filter: Option<AuditLogFilter>,
    ) -> ApiResult<AuditEntryConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        Box::pin(audit_log(ctx, filter.unwrap_or_default(), ask)).await
    }
}
