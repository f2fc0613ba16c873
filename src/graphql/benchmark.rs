//! Benchmarks: what others in a trade come to, as the team found it. The service brings none of its own.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::benchmark;
use rust_decimal::Decimal;

use super::{
    GlobalId, Session,
    catalog::MetricDefinition,
    global_id::NodeType,
    goal_check::number,
    payload::{Mistakes, Outcome, payload},
    scalars::{CurrencyCode, Date},
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    kpi::{
        Kpi,
        benchmark::{MOST_BENCHMARKS, disorder, is_money},
        by_name, graphql_name, needs_money,
    },
    store::{TeamStore, TeamWriter},
    time::Industry,
};

/// A benchmark.
pub struct Benchmark {
    row: benchmark::Model,
    metric: Kpi,
}

/// What others in an industry come to in a metric: quarters of them lie below `p25`, halves below `p50`.
#[Object]
impl Benchmark {
    /// The benchmark's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Benchmark, self.row.id).into()
    }

    /// The metric.
    async fn metric(&self) -> MetricDefinition {
        MetricDefinition::from(self.metric.definition())
    }

    /// The industry, as the team named it.
    async fn industry(&self) -> &str {
        &self.row.industry
    }

    /// A quarter of them lies below. Null when it is not known, and for metrics of money without MONEY_READ.
    async fn p25(&self, ctx: &Context<'_>) -> ApiResult<Option<Decimal>> {
        self.visible(ctx, self.row.p25.as_deref())
    }

    /// Half of them lies below: what comparisons are made with. Null for metrics of money without MONEY_READ.
    async fn p50(&self, ctx: &Context<'_>) -> ApiResult<Option<Decimal>> {
        self.visible(ctx, Some(&self.row.p50))
    }

    /// Three quarters of them lie below. Null when it is not known, and for metrics of money without MONEY_READ.
    async fn p75(&self, ctx: &Context<'_>) -> ApiResult<Option<Decimal>> {
        self.visible(ctx, self.row.p75.as_deref())
    }

    /// The currency of amounts. Null when they are none.
    async fn currency(&self) -> Option<CurrencyCode> {
        self.row.currency.clone().map(CurrencyCode)
    }

    /// Where the figures come from.
    async fn source(&self) -> &str {
        &self.row.source
    }

    /// The day that the figures are of.
    async fn as_of(&self) -> Date {
        Date(self.row.as_of)
    }

    /// Counts up with every change; give it back when updating.
    async fn version(&self) -> i32 {
        self.row.version
    }
}

impl Benchmark {
    /// The benchmark that a row tells of.
    pub fn of(row: benchmark::Model) -> Result<Self> {
        let metric = by_name(&row.metric)
            .ok_or_else(|| Error::Internal(format!("a benchmark of {}", row.metric)))?;
        Ok(Self { row, metric })
    }

    fn visible(&self, ctx: &Context<'_>, text: Option<&str>) -> ApiResult<Option<Decimal>> {
        let shown = Session::of(ctx)?.rights().money || !needs_money(self.metric);
        Ok(text.filter(|_| shown).and_then(|text| text.parse().ok()))
    }
}

/// The benchmarks of a metric, the newest first.
pub async fn benchmarks(
    ctx: &Context<'_>,
    metric: Kpi,
    industry: Option<&str>,
) -> ApiResult<Vec<Benchmark>> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let rows = session
        .store
        .benchmarks(&[graphql_name(metric)], industry)
        .await?;
    Ok(rows.into_iter().map(Benchmark::of).collect::<Result<_>>()?)
}

/// A benchmark, or changes to one. What is left out of changes stays; null clears what may be empty.
#[derive(InputObject)]
pub struct SetBenchmarkInput {
    /// Which benchmark to change; left out to make one.
    id: Option<ID>,
    /// The version that the caller has read; needed with `id`.
    version: Option<i32>,
    /// The metric; needed for a new one, and not changed later.
    metric: Option<Kpi>,
    /// The industry, 1 to 120 bytes; needed for a new one.
    industry: Option<String>,
    /// A quarter of them lies below, in the metric's unit (rates are fractions of 1).
    p25: MaybeUndefined<Decimal>,
    /// Half of them lies below; needed for a new one.
    p50: Option<Decimal>,
    /// Three quarters of them lie below.
    p75: MaybeUndefined<Decimal>,
    /// Where the figures come from, such as a report and its page, 1 to 500 characters; needed for a new one.
    source: Option<String>,
    /// The day that the figures are of; needed for a new one.
    as_of: Option<Date>,
}

/// A benchmark to remove.
#[derive(InputObject)]
pub struct DeleteBenchmarkInput {
    /// Which benchmark.
    id: ID,
    /// The version that the caller has read.
    version: i32,
}

payload!(SetBenchmarkPayload, benchmark: Benchmark, "The benchmark. Null when there are mistakes.");
payload!(DeleteBenchmarkPayload, benchmark: Benchmark, "The benchmark that is gone. Null when there are mistakes.");

/// Makes or changes a benchmark.
pub async fn set(ctx: &Context<'_>, input: SetBenchmarkInput) -> ApiResult<Outcome<Benchmark>> {
    let session = Session::with_scope(ctx, Scope::GoalsWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let before = match &input.id {
        Some(id) => match known(&writer, id, input.version, &mut mistakes).await? {
            Some(row) => Some(row),
            None => return Ok(Err(mistakes)),
        },
        None => {
            mistakes.check_no_version(input.version);
            None
        }
    };
    let is_new = before.is_none();
    let mut row = before.unwrap_or_else(|| fresh(session, writer.id()));
    for (field, given) in [
        ("metric", input.metric.is_some()),
        ("industry", input.industry.is_some()),
        ("p50", input.p50.is_some()),
        ("source", input.source.is_some()),
        ("asOf", input.as_of.is_some()),
    ] {
        if is_new && !given {
            let path = format!("input.{field}");
            mistakes.invalid(&path, format!("{path}: a new benchmark needs it"));
        }
    }
    match input.metric {
        Some(metric) if is_new => row.metric = graphql_name(metric),
        Some(metric) if graphql_name(metric) != row.metric => {
            let text = format!(
                "input.metric: the benchmark is of {}; make another",
                row.metric
            );
            mistakes.invalid("input.metric", text);
        }
        _ => {}
    }
    if let Some(industry) = input.industry {
        if industry.trim().is_empty() || Industry::from(&industry).is_err() {
            let bytes = industry.len();
            let text = format!(
                "input.industry: {bytes} bytes were given; 1 to 120, not blank, are allowed"
            );
            mistakes.invalid("input.industry", text);
        }
        row.industry = industry;
    }
    if let Some(source) = input.source {
        mistakes.check_name("input.source", &source, 500);
        row.source = source;
    }
    row.as_of = input.as_of.map_or(row.as_of, |day| day.0);
    set_number(&mut row.p25, "p25", input.p25, &mut mistakes);
    set_number(&mut row.p75, "p75", input.p75, &mut mistakes);
    if let Some(median) = input.p50 {
        row.p50 = number("p50", median, &mut mistakes).to_string();
    }
    check_order(&row, &mut mistakes);
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    check_others(&writer, &row, is_new, &mut mistakes).await?;
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    let has_currency = by_name::<Kpi>(&row.metric).is_some_and(is_money);
    row.currency = has_currency.then(|| session.store.team().currency.clone());
    if is_new {
        writer
            .insert::<benchmark::Entity>(vec![row.clone()])
            .await?;
    } else {
        let known_version = row.version;
        row.version += 1;
        row.updated_at = session.store.clock().now();
        if !writer.update_benchmark(row.clone(), known_version).await? {
            return Err(Error::Internal("a benchmark moved within its transaction".into()).into());
        }
    }
    writer.commit().await?;
    Ok(Ok(Benchmark::of(row)?))
}

/// Removes a benchmark.
pub async fn delete(
    ctx: &Context<'_>,
    input: DeleteBenchmarkInput,
) -> ApiResult<Outcome<Benchmark>> {
    let session = Session::with_scope(ctx, Scope::GoalsWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(row) = known(&writer, &input.id, Some(input.version), &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    delete_known(writer, row).await.map(Ok)
}

async fn delete_known(writer: TeamWriter, row: benchmark::Model) -> ApiResult<Benchmark> {
    if !writer.delete_benchmark(row.id, row.version).await? {
        return Err(Error::Internal("a benchmark moved within its transaction".into()).into());
    }
    writer.commit().await?;
    Ok(Benchmark::of(row)?)
}

async fn known(
    store: &TeamStore,
    id: &ID,
    version: Option<i32>,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<benchmark::Model>> {
    let found = match GlobalId::expect("input.id", id, NodeType::Benchmark) {
        Ok(id) => store.benchmarks_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    match (found, version) {
        (None, _) => {
            mistakes.not_found("input.id", "input.id: there is no benchmark with this id");
        }
        (Some(_), None) => mistakes.invalid(
            "input.version",
            "input.version: it is needed to change a benchmark",
        ),
        (Some(row), Some(version)) if row.version != version => {
            mistakes.conflict(version, row.version);
        }
        (Some(row), Some(_)) => return Ok(Some(row)),
    }
    Ok(None)
}

fn fresh(session: &Session, id: i64) -> benchmark::Model {
    let now = session.store.clock().now();
    benchmark::Model {
        team_id: session.store.team().id,
        id,
        metric: String::new(),
        industry: String::new(),
        p25: None,
        p50: String::new(),
        p75: None,
        currency: None,
        source: String::new(),
        as_of: now.date_naive(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

fn set_number(
    field: &mut Option<String>,
    name: &str,
    change: MaybeUndefined<Decimal>,
    mistakes: &mut Mistakes,
) {
    match change {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => *field = None,
        MaybeUndefined::Value(value) => *field = Some(number(name, value, mistakes).to_string()),
    }
}

fn check_order(row: &benchmark::Model, mistakes: &mut Mistakes) {
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    let quartiles = [
        ("p25", number(row.p25.as_deref())),
        ("p50", number(Some(&row.p50))),
        ("p75", number(row.p75.as_deref())),
    ];
    if let Some((above, reason)) = disorder(quartiles) {
        let path = format!("input.{above}");
        mistakes.invalid(&path, format!("{path}: {reason}"));
    }
}

/// Checks that there is no other such benchmark, and room for this one.
async fn check_others(
    store: &TeamStore,
    row: &benchmark::Model,
    is_new: bool,
    mistakes: &mut Mistakes,
) -> ApiResult<()> {
    let others = store
        .benchmarks(std::slice::from_ref(&row.metric), None)
        .await?;
    let same = |other: &benchmark::Model| {
        other.id != row.id
            && (&other.industry, other.as_of, &other.source)
                == (&row.industry, row.as_of, &row.source)
    };
    if others.iter().any(same) {
        let text =
            "input.source: there is a benchmark of this metric, industry, day and source already";
        mistakes.taken("input.source", text);
    }
    if is_new && others.len() >= MOST_BENCHMARKS {
        let text = format!(
            "input.metric: the team has {MOST_BENCHMARKS} benchmarks of it, which is the most"
        );
        mistakes.invalid("input.metric", text);
    }
    Ok(())
}
