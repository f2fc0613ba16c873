//! Dashboards: the KPIs that an audience looks at.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::dashboard::{self, Audience};

use super::{
    Session,
    catalog::MetricDefinition,
    kpi_input::{KpiOptions, PeriodInput},
    list::{most, start},
    metrics_rows::MetricsConnection,
    payload::{Mistakes, Outcome, payload},
    period::Period,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    kpi::{
        Ask, Delivered, Kpi, KpiValue, Row,
        attribution::CreditingAsk,
        by_name,
        dashboard::{DashboardWarningCode, Finding, breakdown, lint, usual},
        definition::JourneyStage,
        graphql_name,
    },
    store::{PageAsk, measures::Cut},
    time::{CompareAsk, Grain, PeriodAsk, PeriodPreset},
};

/// The most KPIs that a dashboard can have.
const MOST_METRICS: usize = 20;

/// The KPIs that an audience looks at.
pub struct Dashboard {
    audience: Audience,
    kpis: Vec<Kpi>,
    version: i32,
    period: PeriodAsk,
    compare: Option<CompareAsk>,
    crediting: CreditingAsk,
    options: KpiOptions,
}

/// Something that speaks against a choice of KPIs.
#[derive(SimpleObject)]
pub struct DashboardWarning {
    /// The case, for programs.
    code: DashboardWarningCode,
    /// The metric that it is about. Null when it is about none.
    metric: Option<Kpi>,
    /// The stage of the journey that it is about. Null when it is about none.
    stage: Option<JourneyStage>,
    /// The case in words.
    message: String,
}

impl From<Finding> for DashboardWarning {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.code,
            metric: finding.metric,
            stage: finding.stage,
            message: finding.message,
        }
    }
}

/// The KPIs that an audience looks at, over the whole team and by what the audience breaks them down.
#[Object]
impl Dashboard {
    /// Who looks at it.
    async fn audience(&self) -> Audience {
        self.audience
    }

    /// Which KPIs.
    async fn metrics(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<MetricDefinition> {
        start(&self.kpis, limit)
            .iter()
            .map(|kpi| MetricDefinition::from(kpi.definition()))
            .collect()
    }

    /// Whether the team chose them; otherwise they are the usual ones.
    async fn chosen(&self) -> bool {
        self.version > 0
    }

    /// The days of the values.
    async fn period(&self, ctx: &Context<'_>) -> ApiResult<Period> {
        let store = &Session::of(ctx)?.store.reading(self.options.as_of)?;
        let calendar = store.calendar()?;
        let today = calendar.today(store.clock().now());
        let loads = match self.period {
            PeriodAsk::Preset(PeriodPreset::AllTime) => {
                Delivered::new(&store.source_loads().await?).all()
            }
            _ => None,
        };
        let complete = self.options.only_complete().then_some(None);
        let (period, _) = calendar.window(&self.period, None, complete, today, loads)?;
        Ok(Period(period))
    }

    /// The values over the whole team, in the order of `metrics`.
    async fn kpis(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<KpiValue>> {
        let session = Session::of(ctx)?;
        let table = self.ask(session, vec![])?.answer(&session.store).await?;
        let row = table.rows.into_iter().next();
        let mut values = row.map(|row| row.values).unwrap_or_default();
        values.truncate(most(limit));
        Ok(values)
    }

    /// The values by channel, for MANAGER by campaign, in the order of the first metric, the greatest first: sales by
    /// channel for an executive, the conversion rate of each campaign for a manager.
    async fn breakdown(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<MetricsConnection> {
        let page = PageAsk::new(first, after, last, before)?;
        let session = Session::of(ctx)?;
        let mut ask = self.ask(session, vec![Cut::By(breakdown(self.audience))])?;
        ask.totals = ctx.look_ahead().field("totals").exists();
        let mut table = ask.answer(&session.store).await?;
        let first = |row: &Row| row.values.first().and_then(|value| value.value.ok());
        // Rows come by their keys and the sort is stable; those without a value come last.
        table.rows.sort_by_key(|row| std::cmp::Reverse(first(row)));
        MetricsConnection::new(session, ask, table, &page)
    }

    /// What speaks against the choice: more than seven KPIs, a stage of the journey left out, vanity metrics.
    async fn lint(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<DashboardWarning> {
        lint(&self.kpis)
            .into_iter()
            .take(most(limit))
            .map(DashboardWarning::from)
            .collect()
    }

    /// Counts up with every choice; 0 where the team has not chosen yet. Give it back when choosing.
    async fn version(&self) -> i32 {
        self.version
    }
}

impl Dashboard {
    fn ask(&self, session: &Session, cuts: Vec<Cut>) -> ApiResult<Ask> {
        let kpis = self.kpis.iter().copied();
        Ok(Ask {
            cuts,
            compare: self.compare,
            basis: self.options.basis,
            as_of: self.options.as_of,
            crediting: self.crediting.clone(),
            currency: self.options.currency()?,
            only_complete: self.options.only_complete(),
            ..Ask::new(kpis, self.period, session.rights())
        })
    }

    fn new(
        audience: Audience,
        row: Option<&dashboard::Model>,
        period: Option<PeriodInput>,
        options: KpiOptions,
    ) -> ApiResult<Self> {
        let chosen = match row {
            Some(row) => read(row)?,
            None => vec![],
        };
        let kpis = match chosen.is_empty() {
            true => usual(audience).to_vec(),
            false => chosen,
        };
        let last_days = PeriodAsk::Trailing {
            count: 30,
            grain: Grain::Day,
            include_current: false,
        };
        Ok(Self {
            audience,
            kpis,
            version: row.map_or(0, |row| row.version),
            period: period.map_or(last_days, |period| period.ask()),
            compare: options.compare()?,
            crediting: options.crediting()?,
            options,
        })
    }
}

fn read(row: &dashboard::Model) -> ApiResult<Vec<Kpi>> {
    let keys: Vec<String> = serde_json::from_str(&row.metrics)
        .map_err(|_| Error::Internal(format!("a dashboard cannot be read: {}", row.metrics)))?;
    // A key that a later version no longer has is left out.
    Ok(keys.iter().filter_map(|key| by_name(key)).collect())
}

/// The dashboard of an audience.
pub async fn load(
    ctx: &Context<'_>,
    audience: Audience,
    period: Option<PeriodInput>,
    options: KpiOptions,
) -> ApiResult<Dashboard> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let row = session.store.dashboard(audience).await?;
    Dashboard::new(audience, row.as_ref(), period, options)
}

/// The KPIs that an audience shall look at.
#[derive(InputObject)]
pub struct SetDashboardInput {
    /// Who looks at it.
    audience: Audience,
    /// Which KPIs, up to 20, in this order; none of them twice. An empty list goes back to the usual ones.
    metrics: Vec<Kpi>,
    /// The version that the caller has read; 0 where the team has not chosen yet.
    version: i32,
}

payload!(SetDashboardPayload, dashboard: Dashboard, "The dashboard. Null when there are mistakes.");

/// Chooses the KPIs of an audience.
pub async fn set(ctx: &Context<'_>, input: SetDashboardInput) -> ApiResult<Outcome<Dashboard>> {
    let session = Session::with_scope(ctx, Scope::GoalsWrite)?;
    session.caller.require(Scope::MetricsRead)?;
    let writer = session.begin(ctx).await?;
    let before = writer.dashboard(input.audience).await?;
    let mut mistakes = Mistakes::default();
    let current = before.as_ref().map_or(0, |row| row.version);
    if current != input.version {
        mistakes.conflict(input.version, current);
    }
    let given = input.metrics.len();
    if given > MOST_METRICS {
        let text = format!("input.metrics: {given} were given; at most {MOST_METRICS} are allowed");
        mistakes.invalid("input.metrics", text);
    }
    for (place, kpi) in input.metrics.iter().enumerate() {
        if input.metrics[..place].contains(kpi) {
            let path = format!("input.metrics[{place}]");
            let text = format!("{path}: {} is listed already", graphql_name(*kpi));
            mistakes.invalid(&path, text);
        }
    }
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    let keys: Vec<String> = input.metrics.iter().map(|kpi| graphql_name(*kpi)).collect();
    let now = session.store.clock().now();
    let row = dashboard::Model {
        team_id: session.store.team().id,
        audience: input.audience,
        metrics: serde_json::to_string(&keys).unwrap_or_default(),
        created_at: before.map_or(now, |row| row.created_at),
        updated_at: now,
        version: current + 1,
    };
    writer.set_dashboard(row.clone()).await?;
    writer.commit().await?;
    Dashboard::new(input.audience, Some(&row), None, KpiOptions::default()).map(Ok)
}
