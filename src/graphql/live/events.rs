//! What subscriptions tell: the event with its cursor, and the node that it is about, read when the event is told.

use std::sync::Arc;

use async_graphql::{Context, Object};
use chrono::{DateTime, NaiveDate, Utc};
use entity::values::LifecycleStage;

use super::cursor::EventCursor;
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        Session,
        catalog::MetricDefinition,
        customer::Customer,
        goal::Goal,
        goal_loaders::GoalId,
        insight::{alert_rule::AlertRule, anomaly, place},
        list::most,
        metrics_meta::SourceFreshness,
        scalars::Date,
    },
    kpi::{Kpi, goal::GoalStatus},
    live::Told,
};

/// Where and when an event happened.
#[derive(Clone, Copy)]
pub struct Happened {
    /// The place among the team's events.
    pub seq: i64,
    /// The instant.
    pub at: DateTime<Utc>,
}

/// A goal that stands otherwise than when it was last looked at.
pub struct GoalStatusEvent {
    /// Where and when.
    pub happened: Happened,
    /// The goal.
    pub goal: i64,
    /// Where it stood.
    pub from: Option<GoalStatus>,
    /// Where it stands.
    pub to: GoalStatus,
}

/// A goal that stands otherwise than when it was last looked at.
#[Object]
impl GoalStatusEvent {
    /// The event's place; give it as `after` to go on from here.
    async fn cursor(&self) -> String {
        EventCursor(self.happened.seq).to_string()
    }

    /// When it was found out.
    async fn at(&self) -> DateTime<Utc> {
        self.happened.at
    }

    /// Where the goal stood before. Null when it had not been looked at yet.
    async fn from(&self) -> Option<GoalStatus> {
        self.from
    }

    /// Where it stood then.
    async fn to(&self) -> GoalStatus {
        self.to
    }

    /// The goal as it is now. Null when it is gone.
    async fn goal(&self, ctx: &Context<'_>) -> ApiResult<Option<Goal>> {
        let session = Session::with_scope(ctx, Scope::MetricsRead)?;
        let row = session.load.load_one(GoalId(self.goal)).await?;
        Ok(row.map(Goal::of).transpose()?)
    }
}

/// A KPI that is out of the ordinary, or that breaks a rule.
pub struct AnomalyEvent {
    /// Where and when.
    pub happened: Happened,
    /// The rule that it breaks.
    pub rule: Option<i64>,
    /// The KPI.
    pub kpi: Kpi,
    /// What its figure is of.
    pub scope: String,
    /// The last day of its bucket.
    pub day: NaiveDate,
    /// The anomaly's id.
    pub anomaly: Option<String>,
}

/// A KPI that is out of the ordinary, or that breaks an alert rule.
#[Object]
impl AnomalyEvent {
    /// The event's place; give it as `after` to go on from here.
    async fn cursor(&self) -> String {
        EventCursor(self.happened.seq).to_string()
    }

    /// When it was found out.
    async fn at(&self) -> DateTime<Utc> {
        self.happened.at
    }

    /// Which KPI.
    async fn metric(&self) -> MetricDefinition {
        MetricDefinition::from(self.kpi.definition())
    }

    /// What the figure is of, such as `CHANNEL Search`; empty for the whole team.
    async fn scope(&self) -> &str {
        &self.scope
    }

    /// The last day of the figure's bucket.
    async fn day(&self) -> Date {
        Date(self.day)
    }

    /// The alert rule that it breaks. Null when no rule but the service's own search found it, and when the rule is
    /// gone.
    async fn rule(&self, ctx: &Context<'_>) -> ApiResult<Option<AlertRule>> {
        let session = Session::with_scope(ctx, Scope::MetricsRead)?;
        let Some(id) = self.rule else {
            return Ok(None);
        };
        let row = session.store.alert_rules_by_id(&[id]).await?.remove(&id);
        Ok(row.map(AlertRule::of).transpose()?)
    }

    /// The anomaly, as the facts of now show it. Null when they make it ordinary, and for rules that look at a value or
    /// at its change.
    async fn anomaly(&self, ctx: &Context<'_>) -> ApiResult<Option<anomaly::Anomaly>> {
        let session = Session::with_scope(ctx, Scope::MetricsRead)?;
        let team = session.store.team().id;
        let Some(place) = self.anomaly.as_deref().and_then(|id| place(id, team)) else {
            return Ok(None);
        };
        let found = session.load.load_one(place).await?;
        Ok(found.map(|found| anomaly::Anomaly::new(found, team)))
    }
}

/// A source of which facts were written.
pub struct DataRefreshEvent {
    /// Where and when.
    pub happened: Happened,
    /// The source.
    pub source: String,
    /// The first day written.
    pub from: Option<NaiveDate>,
    /// The last day written.
    pub to: Option<NaiveDate>,
}

/// A source of which facts were written.
#[Object]
impl DataRefreshEvent {
    /// The event's place; give it as `after` to go on from here.
    async fn cursor(&self) -> String {
        EventCursor(self.happened.seq).to_string()
    }

    /// When they were written.
    async fn at(&self) -> DateTime<Utc> {
        self.happened.at
    }

    /// The source.
    async fn source(&self) -> &str {
        &self.source
    }

    /// The first day of what was written. Null when nothing dated was.
    async fn from(&self) -> Option<Date> {
        self.from.map(Date)
    }

    /// The last day of what was written. Null when nothing dated was.
    async fn to(&self) -> Option<Date> {
        self.to.map(Date)
    }

    /// What the source has delivered by now, one entry for each kind of fact.
    async fn freshness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<SourceFreshness>> {
        let session = Session::with_scope(ctx, Scope::MetricsRead)?;
        let loads = session.store.source_loads().await?;
        let own = loads.into_iter().filter(|load| load.source == self.source);
        Ok(own.take(most(limit)).map(Into::into).collect())
    }
}

/// A customer who entered a stage.
pub struct CustomerStageEvent {
    /// Where and when.
    pub happened: Happened,
    /// The stage.
    pub stage: LifecycleStage,
    /// The event, by which the customer is known.
    pub told: Arc<Told>,
}

/// A customer who entered a stage.
#[Object]
impl CustomerStageEvent {
    /// The event's place; give it as `after` to go on from here.
    async fn cursor(&self) -> String {
        EventCursor(self.happened.seq).to_string()
    }

    /// When that was written.
    async fn at(&self) -> DateTime<Utc> {
        self.happened.at
    }

    /// The stage.
    async fn stage(&self) -> LifecycleStage {
        self.stage
    }

    /// The customer as it is now. Null when it is gone.
    async fn customer(&self, ctx: &Context<'_>) -> ApiResult<Option<Customer>> {
        let session = Session::with_scope(ctx, Scope::CustomersRead)?;
        let row = self.told.customer(&session.store).await?;
        Ok(row.map(Customer))
    }
}
