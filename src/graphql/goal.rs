//! Goals.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::goal::{self, BaselineSource, GoalKind};
use rust_decimal::Decimal;

use super::{
    GlobalId, Session,
    catalog::MetricDefinition,
    connection::connection,
    global_id::NodeType,
    goal_loaders::{GoalId, KeyResultsOf, RangeOf},
    goal_progress::{GoalProgress, GoalWarning, progress_of},
    goal_scope::GoalScope,
    list::most,
    scalars::{CurrencyCode, Date},
};
use crate::{
    auth::Scope as Right,
    error::{ApiResult, Error, Result},
    kpi::{
        by_name,
        format::format_value,
        goal::{Measured, Scope, history::GoalWarningCode, review::next_review},
        graphql_name, needs_money,
    },
    locale::{Language, NumberFormats},
    time::{DateRange, Grain},
};

/// A goal and what it asks of its metric.
#[derive(Clone)]
pub struct Goal {
    /// The row.
    pub row: goal::Model,
    /// What it asks; `None` for an objective without a metric.
    pub measured: Option<Measured>,
}

connection!(GoalConnection, GoalEdge, Goal, "goals");

impl Goal {
    /// The goal of a row.
    ///
    /// # Errors
    /// A row that this service did not write.
    pub fn of(row: goal::Model) -> Result<Self> {
        let measured = Measured::of(&row)?;
        Ok(Self { row, measured })
    }

    /// What it asks of its metric, if the caller may see its numbers.
    fn visible(&self, session: &Session) -> Option<&Measured> {
        let measured = self.measured.as_ref()?;
        (session.rights().money || !needs_money(measured.kpi)).then_some(measured)
    }
}

/// What a metric shall come to by a day, or an objective that its key results measure.
#[Object]
impl Goal {
    /// The goal's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Goal, self.row.id).into()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// A level at the deadline, or a sum over the window. Null for an objective without a metric.
    async fn kind(&self) -> Option<GoalKind> {
        self.row.kind
    }

    /// The metric. Null for an objective that only its key results measure.
    async fn metric(&self) -> Option<MetricDefinition> {
        let measured = self.measured.as_ref()?;
        Some(MetricDefinition::from(measured.kpi.definition()))
    }

    /// The facts that count.
    async fn scope(&self) -> ApiResult<GoalScope> {
        Ok(GoalScope::from(&Scope::from_json(&self.row.scope)?))
    }

    /// Where it starts from, in the metric's unit. Null for an objective without a metric, and for metrics of money
    /// without MONEY_READ.
    async fn baseline(&self, ctx: &Context<'_>) -> ApiResult<Option<Decimal>> {
        Ok(self.visible(Session::of(ctx)?).map(|goal| goal.baseline))
    }

    /// Where the baseline comes from. Null for an objective without a metric.
    async fn baseline_source(&self) -> Option<BaselineSource> {
        self.row.baseline_source
    }

    /// What it shall come to, in the metric's unit. Null for an objective without a metric, and for metrics of money
    /// without MONEY_READ.
    async fn target(&self, ctx: &Context<'_>) -> ApiResult<Option<Decimal>> {
        Ok(self.visible(Session::of(ctx)?).map(|goal| goal.target))
    }

    /// The currency of baseline and target. Null when they are no amounts.
    async fn currency(&self) -> Option<CurrencyCode> {
        self.row.currency.clone().map(CurrencyCode)
    }

    /// The size of the buckets whose values are levels: MONTH for leads a month. DAY for sums. Null for an objective
    /// without a metric.
    async fn grain(&self) -> Option<Grain> {
        self.measured.as_ref().map(|goal| goal.grain)
    }

    /// The first day that counts.
    async fn starts_on(&self) -> Date {
        Date(self.row.starts_on)
    }

    /// The last day that counts.
    async fn deadline(&self) -> Date {
        Date(self.row.deadline)
    }

    /// Who answers for it: a name, or the subject of a token.
    async fn owner(&self) -> &str {
        &self.row.owner
    }

    /// How often it is looked at again.
    async fn review_every(&self) -> ApiResult<Grain> {
        Ok(self.every()?)
    }

    /// The next day of review: the last of the current week, month …, the deadline at the latest. Null when the
    /// deadline is over.
    async fn next_review_on(&self, ctx: &Context<'_>) -> ApiResult<Option<Date>> {
        let store = &Session::of(ctx)?.store;
        let calendar = store.calendar()?;
        let today = calendar.today(store.clock().now());
        let window = DateRange {
            from: self.row.starts_on,
            to: self.row.deadline,
        };
        Ok(next_review(&calendar, self.every()?, window, today).map(Date))
    }

    /// The goal that this one is a key result of. Null when it is none.
    async fn key_result_of(&self, ctx: &Context<'_>) -> ApiResult<Option<Goal>> {
        let Some(parent) = self.row.key_result_of else {
            return Ok(None);
        };
        let found = Session::of(ctx)?.load.load_one(GoalId(parent)).await?;
        Ok(found.map(Self::of).transpose()?)
    }

    /// The goals that are key results of this one, by deadline, without archived ones; at most 50.
    async fn key_results(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<Goal>> {
        let key = KeyResultsOf(self.row.id);
        let found = Session::of(ctx)?.load.load_one(key).await?;
        let rows = found.unwrap_or_default().into_iter().take(most(limit));
        Ok(rows.map(Self::of).collect::<Result<_>>()?)
    }

    /// How far it is. Needs METRICS_READ.
    async fn progress(&self, ctx: &Context<'_>) -> ApiResult<GoalProgress> {
        let session = Session::with_scope(ctx, Right::MetricsRead)?;
        Ok(GoalProgress {
            progress: progress_of(session, &self.row, self.measured.as_ref()).await?,
            as_of: session.store.clock().now(),
        })
    }

    /// What is remarkable about it; empty when nothing is, and for metrics of money without MONEY_READ.
    async fn warnings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<GoalWarning>> {
        let session = Session::with_scope(ctx, Right::MetricsRead)?;
        let Some(goal) = self.visible(session) else {
            return Ok(vec![]);
        };
        let range = session.load.load_one(RangeOf(goal.clone())).await?;
        // Their sentences are English.
        let formats = session.locale.numbers(Some(Language::English.tag()))?;
        let currency = self.row.currency.as_deref();
        let mut warnings = warnings(goal, currency, range.flatten(), &formats)?;
        warnings.truncate(most(limit));
        Ok(warnings)
    }

    /// Whether it was put away.
    async fn archived(&self) -> bool {
        self.row.archived
    }

    /// Counts up with every change; give it back when updating, so that no change of somebody else is overwritten.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When the goal was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.row.updated_at
    }
}

impl Goal {
    fn every(&self) -> Result<Grain> {
        by_name(&self.row.review_every).ok_or_else(|| {
            Error::Internal(format!("goal {}: its reviews cannot be read", self.row.id))
        })
    }
}

fn warnings(
    goal: &Measured,
    currency: Option<&str>,
    range: Option<(Decimal, Decimal)>,
    formats: &NumberFormats,
) -> Result<Vec<GoalWarning>> {
    let definition = goal.kpi.definition();
    let currency = currency.and_then(iso_currency::Currency::from_code);
    let shown = |value| format_value(value, definition.unit, currency, formats);
    let mut found = Vec::new();
    let mut warn = |code, message| found.push(GoalWarning { code, message });
    if let Some((least, most)) = range
        && !(least..=most).contains(&goal.target)
    {
        let what = match goal.kind {
            GoalKind::ReachLevel => format!("a {} of", graphql_name(goal.grain)),
            GoalKind::Accumulate => format!("{} days of", goal.window.days()),
        };
        warn(
            GoalWarningCode::TargetOutsideHistory,
            format!(
                "the target {} lies outside of what {what} {} came to in the 24 months before: {} to {}",
                shown(goal.target)?,
                graphql_name(goal.kpi),
                shown(least)?,
                shown(most)?
            ),
        );
    }
    if goal.aims_worse() {
        warn(
            GoalWarningCode::TargetInWorseDirection,
            format!(
                "the target {} is worse than the baseline {}",
                shown(goal.target)?,
                shown(goal.baseline)?
            ),
        );
    }
    if definition.vanity {
        warn(
            GoalWarningCode::VanityMetric,
            format!("{} is a vanity metric", graphql_name(goal.kpi)),
        );
    }
    Ok(found)
}
