//! Defining, changing and archiving the team's own metrics.

use async_graphql::{Context, ID, InputObject};
use entity::metric_definition;

use super::{
    GlobalId, Session,
    campaign_input::ArchiveInput,
    catalog::MetricDefinition,
    global_id::NodeType,
    payload::{Mistakes, Outcome, payload},
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    kpi::{
        Metric, TeamMetric,
        definition::{Cadence, Direction, JourneyStage},
        expression::Expression,
        format::Unit,
        graphql_name,
    },
    store::{TeamStore, TeamWriter},
};

/// The most metrics that a team can have without those put away.
const MOST_METRICS: usize = 200;
/// The most changes of one metric.
const MOST_VERSIONS: i32 = 1000;

/// A metric made of KPIs of the catalogue.
#[derive(InputObject)]
pub struct DefineMetricInput {
    /// Its name, 1 to 200 characters, unique among the team's metrics that are not put away.
    name: String,
    /// What it means, up to 2000 characters. Default: nothing.
    description: Option<String>,
    /// How it is computed: metric keys, numbers, `+ - * /` and parentheses, such as
    /// `(REVENUE - MARKETING_COST) / ORDERS`; up to 500 characters. It is computed from the sums of each group, never
    /// from averages. Units must go together; the unit of the result follows from them.
    expression: String,
    /// RATE or RATIO, where the result has no dimension, such as one count over another. Default: what follows from the
    /// expression.
    unit: Option<Unit>,
    /// Which way is better. Default: NEUTRAL.
    direction: Option<Direction>,
    /// Where in the customer's journey it belongs. Default: nowhere.
    stage: Option<JourneyStage>,
    /// How often it makes sense to look. Default: TACTICAL.
    cadence: Option<Cadence>,
}

/// Changes to a metric of the team. What is left out stays; the version before stays readable.
#[derive(InputObject)]
pub struct UpdateMetricInput {
    /// Which metric.
    id: ID,
    /// The version that the caller has read.
    version: i32,
    /// Its name, 1 to 200 characters, unique among the team's metrics that are not put away.
    name: Option<String>,
    /// What it means, up to 2000 characters.
    description: Option<String>,
    /// How it is computed; see `DefineMetricInput`.
    expression: Option<String>,
    /// RATE or RATIO, where the result has no dimension. Default: what it is if that still fits, else what follows from
    /// the expression.
    unit: Option<Unit>,
    /// Which way is better.
    direction: Option<Direction>,
    /// Where in the customer's journey it belongs.
    stage: Option<JourneyStage>,
    /// How often it makes sense to look.
    cadence: Option<Cadence>,
    /// Whether it is put away.
    archived: Option<bool>,
}

payload!(DefineMetricPayload, metric: MetricDefinition, "The metric. Null when there are mistakes.");
payload!(UpdateMetricPayload, metric: MetricDefinition, "The metric. Null when there are mistakes.");
payload!(ArchiveMetricPayload, metric: MetricDefinition, "The metric. Null when there are mistakes.");

/// Defines a metric.
pub async fn define(
    ctx: &Context<'_>,
    input: DefineMetricInput,
) -> ApiResult<Outcome<MetricDefinition>> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let writer = session.begin(ctx).await?;
    let now = session.store.clock().now();
    let mut row = metric_definition::Model {
        team_id: session.store.team().id,
        id: writer.id(),
        name: input.name,
        description: input.description.unwrap_or_default(),
        expression: input.expression.trim().to_owned(),
        unit: String::new(),
        direction: graphql_name(input.direction.unwrap_or(Direction::Neutral)),
        stage: input.stage.map(graphql_name),
        cadence: graphql_name(input.cadence.unwrap_or(Cadence::Tactical)),
        archived: false,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let mut mistakes = Mistakes::default();
    check(&writer, &mut row, input.unit, &mut mistakes).await?;
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    writer
        .insert::<metric_definition::Entity>(vec![row.clone()])
        .await?;
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(shown(&row)?))
}

/// Changes a metric.
pub async fn update(
    ctx: &Context<'_>,
    input: UpdateMetricInput,
) -> ApiResult<Outcome<MetricDefinition>> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(old) = known_metric(&writer, &input.id, input.version, &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    let mut row = old.clone();
    row.name = input.name.unwrap_or(row.name);
    row.description = input.description.unwrap_or(row.description);
    if let Some(expression) = input.expression {
        row.expression = expression.trim().to_owned();
    }
    row.direction = input.direction.map_or(row.direction, graphql_name);
    row.stage = input.stage.map(graphql_name).or(row.stage);
    row.cadence = input.cadence.map_or(row.cadence, graphql_name);
    row.archived = input.archived.unwrap_or(row.archived);
    check(&writer, &mut row, input.unit, &mut mistakes).await?;
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    save(session, writer, row, old).await
}

/// Puts a metric away.
pub async fn archive(
    ctx: &Context<'_>,
    input: ArchiveInput,
) -> ApiResult<Outcome<MetricDefinition>> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(old) = known_metric(&writer, &input.id, input.version, &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    let row = metric_definition::Model {
        archived: true,
        ..old.clone()
    };
    save(session, writer, row, old).await
}

async fn save(
    session: &Session,
    writer: TeamWriter,
    mut row: metric_definition::Model,
    old: metric_definition::Model,
) -> ApiResult<Outcome<MetricDefinition>> {
    let (id, known_version) = (old.id, old.version);
    row.version = known_version + 1;
    row.updated_at = session.store.clock().now();
    if !writer.update_metric(row.clone(), old).await? {
        let mut mistakes = Mistakes::default();
        let current = writer.metrics_by_id(&[id]).await?.remove(&id);
        mistakes.conflict(known_version, current.map_or(0, |row| row.version));
        return Ok(Err(mistakes));
    }
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(shown(&row)?))
}

fn shown(row: &metric_definition::Model) -> Result<MetricDefinition, Error> {
    Ok(MetricDefinition::from(Metric::Team(
        TeamMetric::of(row)?.into(),
    )))
}

/// The metric with this id, if it is still at this version.
async fn known_metric(
    store: &TeamStore,
    id: &ID,
    version: i32,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<metric_definition::Model>> {
    let found = match GlobalId::expect("input.id", id, NodeType::MetricDefinition) {
        Ok(id) => store.metrics_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    match found {
        None => mistakes.not_found("input.id", "input.id: there is no metric with this id"),
        Some(row) if row.version != version => mistakes.conflict(version, row.version),
        Some(row) => return Ok(Some(row)),
    }
    Ok(None)
}

/// Checks a metric before it is saved, and gives it its unit.
async fn check(
    store: &TeamStore,
    row: &mut metric_definition::Model,
    unit: Option<Unit>,
    mistakes: &mut Mistakes,
) -> ApiResult<()> {
    mistakes.check_name("input.name", &row.name, 200);
    let length = row.description.chars().count();
    if length > 2000 {
        mistakes.invalid(
            "input.description",
            format!("input.description: {length} characters were given; at most 2000 are allowed"),
        );
    }
    if row.version >= MOST_VERSIONS {
        mistakes.invalid(
            "input.id",
            format!("input.id: the metric was changed {MOST_VERSIONS} times; define a new one"),
        );
    }
    match Expression::parse(&row.expression) {
        Err(error) => {
            mistakes.invalid("input.expression", format!("input.expression: {error}"));
        }
        Ok(expression) => {
            let inferred = expression
                .unit()
                .map_err(|error| Error::Internal(error.to_string()))?;
            check_unit(row, inferred, unit, mistakes);
        }
    }
    let others: Vec<_> = store.metric_definitions(false).await?;
    let others: Vec<_> = others.iter().filter(|other| other.id != row.id).collect();
    if !row.archived && others.iter().any(|other| other.name == row.name) {
        mistakes.taken(
            "input.name",
            "input.name: another metric of the team has this name",
        );
    }
    if !row.archived && others.len() >= MOST_METRICS {
        mistakes.invalid(
            "input.name",
            format!("input.name: the team has {MOST_METRICS} metrics; put one away first"),
        );
    }
    Ok(())
}

/// The unit inferred, or the other of RATE and RATIO where that is asked.
fn check_unit(
    row: &mut metric_definition::Model,
    inferred: Unit,
    asked: Option<Unit>,
    mistakes: &mut Mistakes,
) {
    let plain = |unit: Unit| matches!(unit, Unit::Rate | Unit::Ratio);
    let stored = [Unit::Rate, Unit::Ratio];
    let stored = stored
        .into_iter()
        .find(|unit| graphql_name(*unit) == row.unit);
    match asked {
        Some(unit) if unit != inferred && !(plain(unit) && plain(inferred)) => {
            mistakes.invalid(
                "input.unit",
                format!(
                    "input.unit: '{}' is not allowed; the expression gives {}{}",
                    graphql_name(unit),
                    graphql_name(inferred),
                    if plain(inferred) {
                        ", and RATE or RATIO may be chosen"
                    } else {
                        ""
                    }
                ),
            );
        }
        Some(unit) => row.unit = graphql_name(unit),
        None if plain(inferred) && stored.is_some() => {}
        None => row.unit = graphql_name(inferred),
    }
}
