//! `metrics`: any KPIs over any groups.

use async_graphql::Context;

use super::{
    Session,
    metrics_input::{Fill, MetricOrder, MetricsInput, NullsOrder, OrderTarget, SortDirection},
    metrics_rows::MetricsConnection,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    kpi::{Ask, Kpi, Row, graphql_name},
    store::{
        PageAsk,
        measures::{Cut, Filter, Key},
    },
};

/// The most KPIs of one question.
const MOST_METRICS: usize = 40;
/// The most orders of rows.
const MOST_ORDERS: usize = 10;
/// The most levels of grouping.
const MOST_CUTS: usize = 4;

/// Answers a `metrics` question.
pub async fn metrics(
    ctx: &Context<'_>,
    input: &MetricsInput,
    page: PageAsk,
) -> ApiResult<MetricsConnection> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let totals = ctx.look_ahead().field("totals").exists();
    let ask = question(session, input, totals)?;
    let mut table = ask.answer(&session.store).await?;
    let orders = input.order_by.as_deref().unwrap_or_default();
    sort(&mut table.rows, &ask, orders)?;
    MetricsConnection::new(session, ask, table, &page)
}

fn question(session: &Session, input: &MetricsInput, totals: bool) -> Result<Ask> {
    let cuts: Vec<Cut> = input
        .group_by
        .iter()
        .flatten()
        .enumerate()
        .map(|(place, group)| group.cut(place))
        .collect::<Result<_>>()?;
    if cuts.len() > MOST_CUTS {
        return Err(Error::Limit(format!(
            "input.groupBy: {} levels asked; at most {MOST_CUTS}",
            cuts.len()
        )));
    }
    if let Some(twice) = cuts
        .iter()
        .enumerate()
        .find(|(place, cut)| cuts[..*place].contains(cut))
    {
        return Err(Error::BadInput(format!(
            "input.groupBy[{}]: this is grouped by already",
            twice.0
        )));
    }
    if cuts
        .iter()
        .filter(|cut| matches!(cut, Cut::Time(_)))
        .count()
        > 1
    {
        return Err(Error::BadInput(
            "input.groupBy: TIME can be grouped by once".into(),
        ));
    }
    let orders = input.order_by.as_ref().map_or(0, Vec::len);
    if orders > MOST_ORDERS {
        return Err(Error::Limit(format!(
            "input.orderBy: {orders} given; at most {MOST_ORDERS}"
        )));
    }
    let asked = input.metrics.len();
    if !(1..=MOST_METRICS).contains(&asked) {
        return Err(Error::Limit(format!(
            "input.metrics: {asked} asked; 1 to {MOST_METRICS} are allowed"
        )));
    }
    let mut kpis = Vec::new();
    for kpi in &input.metrics {
        if !kpis.contains(kpi) {
            kpis.push(*kpi);
        }
    }
    let options = input.options.clone().unwrap_or_default();
    Ok(Ask {
        kpis,
        cuts,
        period: input.period.ask(),
        compare: options.compare()?,
        filter: input
            .filter
            .as_ref()
            .map_or(Ok(Filter::Everything), |filter| {
                filter.checked("input.filter")
            })?,
        basis: options.basis,
        crediting: options.crediting()?,
        groups: None,
        fill: input.fill != Some(Fill::None),
        totals,
        rights: session.rights(),
        as_of: options.as_of,
    })
}

fn sort(rows: &mut [Row], ask: &Ask, orders: &[MetricOrder]) -> Result<()> {
    enum By {
        Value(usize),
        Delta(usize),
        Key(usize),
    }
    let kpi = |kpi: Kpi, field: &str| {
        ask.kpis
            .iter()
            .position(|asked| *asked == kpi)
            .ok_or_else(|| {
                Error::invalid(field, graphql_name(kpi), "it must be one of input.metrics")
            })
    };
    let mut keys = Vec::new();
    for (place, order) in orders.iter().enumerate() {
        let field = format!("input.orderBy[{place}].by");
        let by = match order.by {
            OrderTarget::Metric(metric) => By::Value(kpi(metric, &field)?),
            OrderTarget::Delta(_) if ask.compare.is_none() => {
                return Err(Error::BadInput(format!(
                    "{field}.delta: it needs options.compareTo"
                )));
            }
            OrderTarget::Delta(metric) => By::Delta(kpi(metric, &field)?),
            OrderTarget::Dimension(dimension) => By::Key(
                ask.cuts
                    .iter()
                    .position(|cut| cut.dimension() == dimension)
                    .ok_or_else(|| {
                        Error::invalid(
                            &field,
                            graphql_name(dimension),
                            "it must be in input.groupBy",
                        )
                    })?,
            ),
        };
        let direction = order.direction.unwrap_or(SortDirection::Desc);
        keys.push((by, direction, order.nulls.unwrap_or(NullsOrder::Last)));
    }
    // Rows come ordered by key, and the sort is stable, so ties stay in that order.
    rows.sort_by(|a, b| {
        keys.iter().fold(
            std::cmp::Ordering::Equal,
            |order, (by, direction, nulls)| {
                order.then_with(|| match by {
                    By::Value(at) => direction.compare(
                        *nulls,
                        a.values[*at].value.ok(),
                        b.values[*at].value.ok(),
                    ),
                    By::Delta(at) => direction.compare(
                        *nulls,
                        a.values[*at].absolute_change(),
                        b.values[*at].absolute_change(),
                    ),
                    By::Key(at) => {
                        let key =
                            |row: &Row| Some(row.key[*at].clone()).filter(|key| *key != Key::None);
                        direction.compare(*nulls, key(a), key(b))
                    }
                })
            },
        )
    });
    Ok(())
}
