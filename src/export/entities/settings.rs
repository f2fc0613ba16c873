//! Goals, benchmarks, and what else a team has set; and what its sources have delivered.

use entity::{
    alert_rule, benchmark, dashboard, experiment, experiment_variant, goal, metric_definition,
    source_load, values::RefEntity as R,
};
use sea_orm::ActiveEnum;

use super::{Column, Exported, money, open};
use crate::{
    auth::Scope,
    export::{Cell, names::Names},
    graphql::{GlobalId, NodeType},
    kpi::{Kpi, by_name, needs_money},
};

const METRICS: &[Scope] = &[Scope::MetricsRead];

/// A number that is kept as a text, unless it is of a metric of money and amounts may not be seen.
fn shown(number: Option<&str>, metric: Option<&str>, names: &Names) -> Cell {
    let of_money = metric.and_then(by_name::<Kpi>).is_none_or(needs_money);
    match number {
        Some(number) if names.money() || !of_money => match number.parse() {
            Ok(number) => Cell::Number(number),
            Err(_) => Cell::text(number),
        },
        _ => Cell::Null,
    }
}

impl Exported for goal::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const DAY: Option<goal::Column> = Some(goal::Column::Deadline);
    const ID: Option<(goal::Column, Option<NodeType>, Option<R>)> =
        Some((goal::Column::Id, Some(NodeType::Goal), None));
    const COLUMNS: &'static [Column<goal::Model>] = &[
        open("name", |row, _| Cell::text(row.name.as_str())),
        open("kind", |row, _| {
            Cell::of(row.kind, |kind| Cell::text(kind.to_value()))
        }),
        open("metric", |row, _| {
            Cell::of(row.metric.as_deref(), Cell::from)
        }),
        open("scope", |row, _| Cell::Json(row.scope.clone())),
        open("baseline", |row, names| {
            shown(row.baseline.as_deref(), row.metric.as_deref(), names)
        }),
        open("target", |row, names| {
            shown(row.target.as_deref(), row.metric.as_deref(), names)
        }),
        open("currency", |row, _| {
            Cell::of(row.currency.as_deref(), Cell::from)
        }),
        open("grain", |row, _| Cell::of(row.grain.as_deref(), Cell::from)),
        open("starts_on", |row, _| row.starts_on.into()),
        open("deadline", |row, _| row.deadline.into()),
        open("owner", |row, _| Cell::text(row.owner.as_str())),
        open("key_result_of", |row, _| {
            Cell::of(row.key_result_of, |id| {
                Cell::Text(GlobalId::new(NodeType::Goal, id).to_string())
            })
        }),
        open("review_every", |row, _| {
            Cell::text(row.review_every.as_str())
        }),
        open("archived", |row, _| Cell::Flag(row.archived)),
        open("kpigraph_created_at", |row, _| row.created_at.into()),
        open("kpigraph_updated_at", |row, _| row.updated_at.into()),
        open("kpigraph_version", |row, _| Cell::Int(row.version.into())),
    ];

    fn id(row: &goal::Model) -> i64 {
        row.id
    }
}

impl Exported for benchmark::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const DAY: Option<benchmark::Column> = Some(benchmark::Column::AsOf);
    const ID: Option<(benchmark::Column, Option<NodeType>, Option<R>)> =
        Some((benchmark::Column::Id, Some(NodeType::Benchmark), None));
    const COLUMNS: &'static [Column<benchmark::Model>] = &[
        open("metric", |row, _| Cell::text(row.metric.as_str())),
        open("industry", |row, _| Cell::text(row.industry.as_str())),
        open("p25", |row, names| {
            shown(row.p25.as_deref(), Some(&row.metric), names)
        }),
        open("p50", |row, names| {
            shown(Some(&row.p50), Some(&row.metric), names)
        }),
        open("p75", |row, names| {
            shown(row.p75.as_deref(), Some(&row.metric), names)
        }),
        open("currency", |row, _| {
            Cell::of(row.currency.as_deref(), Cell::from)
        }),
        open("source", |row, _| Cell::text(row.source.as_str())),
        open("as_of", |row, _| row.as_of.into()),
        open("kpigraph_created_at", |row, _| row.created_at.into()),
        open("kpigraph_updated_at", |row, _| row.updated_at.into()),
        open("kpigraph_version", |row, _| Cell::Int(row.version.into())),
    ];

    fn id(row: &benchmark::Model) -> i64 {
        row.id
    }
}

impl Exported for metric_definition::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const ID: Option<(metric_definition::Column, Option<NodeType>, Option<R>)> = Some((
        metric_definition::Column::Id,
        Some(NodeType::MetricDefinition),
        None,
    ));
    const COLUMNS: &'static [Column<metric_definition::Model>] = &[
        open("name", |row, _| Cell::text(row.name.as_str())),
        open("description", |row, _| Cell::text(row.description.as_str())),
        open("expression", |row, _| Cell::text(row.expression.as_str())),
        open("unit", |row, _| Cell::text(row.unit.as_str())),
        open("direction", |row, _| Cell::text(row.direction.as_str())),
        open("stage", |row, _| Cell::of(row.stage.as_deref(), Cell::from)),
        open("cadence", |row, _| Cell::text(row.cadence.as_str())),
        open("archived", |row, _| Cell::Flag(row.archived)),
        open("kpigraph_created_at", |row, _| row.created_at.into()),
        open("kpigraph_updated_at", |row, _| row.updated_at.into()),
        open("kpigraph_version", |row, _| Cell::Int(row.version.into())),
    ];

    fn id(row: &metric_definition::Model) -> i64 {
        row.id
    }
}

impl Exported for alert_rule::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const ID: Option<(alert_rule::Column, Option<NodeType>, Option<R>)> =
        Some((alert_rule::Column::Id, Some(NodeType::AlertRule), None));
    const COLUMNS: &'static [Column<alert_rule::Model>] = &[
        open("name", |row, _| Cell::text(row.name.as_str())),
        open("metric", |row, _| Cell::text(row.metric.as_str())),
        open("scope", |row, _| Cell::Json(row.scope.clone())),
        open("grain", |row, _| Cell::text(row.grain.as_str())),
        open("condition", |row, _| Cell::text(row.condition.to_value())),
        open("op", |row, _| {
            Cell::of(row.op, |op| Cell::text(op.to_value()))
        }),
        open("threshold", |row, _| Cell::of(row.threshold, Cell::micros)),
        open("min_volume", |row, _| {
            Cell::of(row.min_volume, |count| Cell::Int(count.into()))
        }),
        open("enabled", |row, _| Cell::Flag(row.enabled)),
        open("kpigraph_created_at", |row, _| row.created_at.into()),
        open("kpigraph_updated_at", |row, _| row.updated_at.into()),
        open("kpigraph_version", |row, _| Cell::Int(row.version.into())),
    ];

    fn id(row: &alert_rule::Model) -> i64 {
        row.id
    }
}

impl Exported for experiment::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const DAY: Option<experiment::Column> = Some(experiment::Column::StartsOn);
    const ID: Option<(experiment::Column, Option<NodeType>, Option<R>)> =
        Some((experiment::Column::Id, Some(NodeType::Experiment), None));
    const COLUMNS: &'static [Column<experiment::Model>] = &[
        open("name", |row, _| Cell::text(row.name.as_str())),
        open("hypothesis", |row, _| {
            Cell::of(row.hypothesis.as_deref(), Cell::from)
        }),
        open("starts_on", |row, _| row.starts_on.into()),
        open("ends_on", |row, _| Cell::of(row.ends_on, Cell::from)),
        open("kpigraph_created_at", |row, _| row.created_at.into()),
        open("kpigraph_updated_at", |row, _| row.updated_at.into()),
        open("kpigraph_version", |row, _| Cell::Int(row.version.into())),
    ];

    fn id(row: &experiment::Model) -> i64 {
        row.id
    }
}

impl Exported for experiment_variant::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const COLUMNS: &'static [Column<experiment_variant::Model>] = &[
        open("experiment_id", |row, _| {
            Cell::Text(GlobalId::new(NodeType::Experiment, row.experiment_id).to_string())
        }),
        open("place", |row, _| Cell::Int(row.place.into())),
        open("name", |row, _| Cell::text(row.name.as_str())),
        open("exposures", |row, _| Cell::Int(row.exposures)),
        open("conversions", |row, _| Cell::Int(row.conversions)),
        money("value", |row, _| Cell::of(row.value, Cell::micros)),
        open("currency", |row, _| Cell::text(row.currency.as_str())),
    ];
}

impl Exported for dashboard::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const COLUMNS: &'static [Column<dashboard::Model>] = &[
        open("audience", |row, _| Cell::text(row.audience.to_value())),
        open("metrics", |row, _| Cell::Json(row.metrics.clone())),
        open("kpigraph_created_at", |row, _| row.created_at.into()),
        open("kpigraph_updated_at", |row, _| row.updated_at.into()),
        open("kpigraph_version", |row, _| Cell::Int(row.version.into())),
    ];
}

impl Exported for source_load::Entity {
    const SCOPES: &'static [Scope] = METRICS;
    const SOURCE: Option<source_load::Column> = Some(source_load::Column::Source);
    const COLUMNS: &'static [Column<source_load::Model>] = &[
        open("source", |row, _| Cell::text(row.source.as_str())),
        open("fact", |row, _| Cell::text(row.fact.as_str())),
        open("data_from", |row, _| Cell::of(row.data_from, Cell::from)),
        open("data_through", |row, _| {
            Cell::of(row.data_through, Cell::from)
        }),
        open("loaded_at", |row, _| row.loaded_at.into()),
        open("restated_from", |row, _| {
            Cell::of(row.restated_from, Cell::from)
        }),
        open("spans", |row, _| Cell::Json(row.spans.clone())),
    ];
}
