//! Alert rules and where they stand.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::alert_rule::{self, AlertCondition, AlertOp};
use rust_decimal::Decimal;

use super::AlertStateOf;
use crate::{
    auth::Scope,
    error::{ApiResult, Result},
    graphql::{
        GlobalId, Session,
        catalog::MetricDefinition,
        connection::{connection, count},
        global_id::NodeType,
        list::most,
        metrics_rows::DimensionValue,
        period::Period,
    },
    insight::{
        alert::{Condition, Rule, State},
        stored_rule::rule_of,
    },
    kpi::KpiValue,
    store::{Page, PageAsk},
    time::{Bucket, Grain},
};

/// An alert rule.
pub struct AlertRule {
    row: alert_rule::Model,
    rule: Rule,
}

impl AlertRule {
    /// The rule of a row.
    pub fn of(row: alert_rule::Model) -> Result<Self> {
        let rule = rule_of(&row)?;
        Ok(Self { row, rule })
    }
}

connection!(AlertRuleConnection, AlertRuleEdge, AlertRule, "alert rules");

/// Answers `alertRules`.
pub async fn alert_rules(
    ctx: &Context<'_>,
    enabled: Option<bool>,
    ask: PageAsk,
) -> ApiResult<AlertRuleConnection> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let page = session.store.alert_rules(enabled, &ask).await?;
    let rows = page.rows.into_iter();
    let page = Page {
        rows: rows
            .map(|(cursor, row)| Ok((cursor, AlertRule::of(row)?)))
            .collect::<Result<_>>()?,
        has_next: page.has_next,
        has_previous: page.has_previous,
    };
    let count = count(move |store| async move { store.alert_rule_count(enabled).await });
    Ok(AlertRuleConnection::new(page, count))
}

/// A rule that says when a KPI needs attention.
#[Object]
impl AlertRule {
    /// The rule's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::AlertRule, self.row.id).into()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Which KPI it watches.
    async fn metric(&self) -> MetricDefinition {
        MetricDefinition::from(self.rule.kpi.definition())
    }

    /// Of which facts: one value in each of these dimensions; of all when empty.
    async fn scope(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<DimensionValue<'_>> {
        let parts = self.rule.scope.0.iter();
        parts
            .take(most(limit))
            .map(|(cut, key)| DimensionValue::new(cut, key))
            .collect()
    }

    /// The size of the buckets that it looks at.
    async fn grain(&self) -> Grain {
        self.rule.grain
    }

    /// What it looks at.
    async fn condition(&self) -> AlertCondition {
        self.row.condition
    }

    /// How that stands to the threshold when the rule fires. Null with the condition ANOMALY.
    async fn op(&self) -> Option<AlertOp> {
        self.row.op
    }

    /// The threshold: a value of the KPI with the condition VALUE, a fraction with CHANGE. Null with ANOMALY.
    async fn threshold(&self) -> Option<Decimal> {
        match self.rule.condition {
            Condition::Value(_, threshold) | Condition::Change(_, threshold) => Some(threshold),
            Condition::Anomaly => None,
        }
    }

    /// How much a value must rest on for the rule to fire: a ratio's denominator, a count itself; amounts of money need
    /// none. When null, anomalies need the KPI's usual number and other conditions nothing.
    async fn min_volume(&self) -> Option<i32> {
        self.row.min_volume
    }

    /// Whether it is in use.
    async fn enabled(&self) -> bool {
        self.row.enabled
    }

    /// Where it stands now, computed when asked: in the last bucket that is over and that every source needed has
    /// delivered. KPIs that count only days that are over, such as BUDGET_PACING, are looked at while the bucket is
    /// under way. Null for rules that are not in use.
    async fn state(&self, ctx: &Context<'_>) -> ApiResult<Option<AlertState>> {
        if !self.row.enabled {
            return Ok(None);
        }
        let session = Session::of(ctx)?;
        let key = AlertStateOf(self.row.clone());
        Ok(session.load.load_one(key).await?.map(AlertState))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }

    /// When it was changed last.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.row.updated_at
    }

    /// The number to give back when changing it.
    async fn version(&self) -> i32 {
        self.row.version
    }
}

/// Where an alert rule stands.
pub struct AlertState(State);

impl AlertState {
    fn period(ctx: &Context<'_>, bucket: Bucket) -> ApiResult<Period> {
        Period::of_bucket(Session::of(ctx)?, bucket)
    }
}

/// Where an alert rule stands.
#[Object]
impl AlertState {
    /// Whether it fires. What has no value or rests on too little fires nothing. Null when the caller may not read the
    /// value.
    async fn firing(&self) -> Option<bool> {
        self.0.firing
    }

    /// The value that it looks at.
    async fn observed(&self) -> &KpiValue {
        &self.0.observed
    }

    /// The bucket of that value.
    async fn bucket(&self, ctx: &Context<'_>) -> ApiResult<Period> {
        Self::period(ctx, self.0.bucket)
    }

    /// The first bucket of the unbroken run in which it fires, looked for up to 12 buckets back. Null when it does not
    /// fire.
    async fn since(&self, ctx: &Context<'_>) -> ApiResult<Option<Period>> {
        self.0
            .since
            .map(|bucket| Self::period(ctx, bucket))
            .transpose()
    }
}
