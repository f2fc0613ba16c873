//! The answer to a `metrics` question as the rows of a file.

use async_graphql::InputType;
use futures_util::future::try_join_all;
use serde_json::Value;

use super::{Session, metrics::answer, metrics_input::MetricsInput, metrics_rows::DimensionValue};
use crate::{
    error::{ApiResult, Error},
    export::Cell,
    kpi::{KpiValue, Metric, Row, graphql_name},
    store::measures::{Cut, Dimension},
};

/// The operation that checks a question, its variable `input`, by the rules of the schema. It reads no fact.
pub const CHECK: &str = "query ($input: MetricsInput!) { explainMetrics(input: $input) { cost } }";
/// Rows whose names are looked up together.
const CHUNK: usize = 1_000;

/// The rows of an answer with their keys, and the names of their columns.
pub struct MetricsFile {
    /// For each group its keys and names, for each metric its value and what goes with it.
    pub columns: Vec<String>,
    /// The rows, each with a key that no other has.
    pub rows: Vec<(Vec<String>, Vec<Cell>)>,
}

impl MetricsFile {
    /// Answers a question that was checked, given as the JSON of the field's argument `input`.
    pub async fn of(session: &Session, input: Value) -> ApiResult<Self> {
        let value = async_graphql::Value::from_json(input)
            .map_err(|error| Error::BadInput(format!("input: {error}")))?;
        let input = MetricsInput::parse(Some(value)).map_err(|error| {
            Error::BadInput(format!(
                "input: {}",
                error.into_server_error(Default::default()).message
            ))
        })?;
        let (ask, table) = answer(session, &input, false).await?;
        let (others, compared) = (ask.top.is_some(), ask.compare.is_some());
        let mut columns = Vec::new();
        for cut in &ask.cuts {
            let name = cut_name(cut);
            columns.extend([name.clone(), format!("{name}_label")]);
        }
        columns.extend(others.then(|| "is_others".to_owned()));
        for metric in &ask.metrics {
            let name = metric_name(metric);
            columns.extend([name.clone(), format!("{name}_undefined")]);
            if compared {
                let more = ["baseline", "absolute", "relative"];
                columns.extend(more.map(|part| format!("{name}_{part}")));
            }
        }
        columns.push("currency".to_owned());
        let mut rows = Vec::with_capacity(table.rows.len());
        for chunk in table.rows.chunks(CHUNK) {
            let cells = chunk.iter().map(|row| async {
                let mut cells = Vec::with_capacity(columns.len());
                for (cut, key) in ask.cuts.iter().zip(&row.key) {
                    let value = DimensionValue::new(cut, key);
                    cells.push(Cell::of(value.key_text(&session.store)?, Cell::Text));
                    cells.push(Cell::Text(value.text(session).await?));
                }
                cells.extend(others.then(|| Cell::Flag(row.is_others())));
                for value in &row.values {
                    push(&mut cells, value, compared);
                }
                cells.push(currency(row));
                let key = serde_json::to_string(&row.key)
                    .map_err(|error| Error::Internal(error.to_string()))?;
                ApiResult::Ok((vec![key], cells))
            });
            rows.extend(try_join_all(cells).await?);
        }
        Ok(Self { columns, rows })
    }
}

fn push(cells: &mut Vec<Cell>, value: &KpiValue, compared: bool) {
    cells.push(Cell::of(value.value.ok(), Cell::Number));
    let reason = value.value.err().map(|reason| graphql_name(reason.code()));
    cells.push(Cell::of(reason, Cell::text));
    if compared {
        let comparison = value.comparison.as_ref();
        let baseline = comparison.and_then(|comparison| comparison.baseline.value.ok());
        cells.extend([
            Cell::of(baseline, Cell::Number),
            Cell::of(value.absolute_change(), Cell::Number),
            Cell::of(value.relative_change(), Cell::Number),
        ]);
    }
}

/// The currency of a row's amounts.
fn currency(row: &Row) -> Cell {
    Cell::of(row.values.first(), |value| {
        Cell::text(value.currency.code())
    })
}

fn cut_name(cut: &Cut) -> String {
    match cut {
        Cut::Property(name) => format!("property_{name}"),
        other => match other.dimension() {
            Dimension::Time => "time".to_owned(),
            dimension => graphql_name(dimension).to_lowercase(),
        },
    }
}

fn metric_name(metric: &Metric) -> String {
    match metric {
        Metric::Kpi(kpi) => graphql_name(*kpi).to_lowercase(),
        Metric::Team(own) => own.name.clone(),
    }
}
