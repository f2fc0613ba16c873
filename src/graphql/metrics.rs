//! `metrics`: any KPIs over any groups; and `explainMetrics`, which tells what that would read.

use async_graphql::Context;

use super::{
    Session, metric_order,
    metrics_input::{Fill, MetricsInput},
    metrics_plan::MetricsPlan,
    metrics_rows::MetricsConnection,
    team_metric::TeamMetrics,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    kpi::{Ask, Metric, Table},
    store::{
        PageAsk,
        measures::{Cut, Filter},
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
    let (ask, table) = answer(session, input, totals).await?;
    MetricsConnection::new(session, ask, table, &page)
}

/// The question of an input, and all rows of its answer in their order.
pub async fn answer(session: &Session, input: &MetricsInput, totals: bool) -> Result<(Ask, Table)> {
    let team = TeamMetrics::read(&session.store, &input.team_metrics()?).await?;
    let ask = question(session, input, totals, &team)?;
    let mut table = ask.answer(&session.store).await?;
    let orders = input.order_by.as_deref().unwrap_or_default();
    metric_order::sort(&mut table.rows, &ask, orders, &team)?;
    Ok((ask, table))
}

/// Tells what a `metrics` question would read, without reading it.
pub async fn explain(ctx: &Context<'_>, input: &MetricsInput) -> ApiResult<MetricsPlan> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let team = TeamMetrics::read(&session.store, &input.team_metrics()?).await?;
    let ask = question(session, input, false, &team)?;
    // An order that could not be kept is refused here, too.
    let orders = input.order_by.as_deref().unwrap_or_default();
    metric_order::sort(&mut [], &ask, orders, &team)?;
    MetricsPlan::new(session, ask.as_of, ask.explain(&session.store).await?)
}

fn question(
    session: &Session,
    input: &MetricsInput,
    totals: bool,
    team: &TeamMetrics,
) -> Result<Ask> {
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
    let custom = input.custom_metrics.as_deref().unwrap_or_default();
    let asked = input.metrics.len() + custom.len();
    if !(1..=MOST_METRICS).contains(&asked) {
        return Err(Error::Limit(format!(
            "input.metrics: {asked} asked with those of customMetrics; 1 to {MOST_METRICS} are allowed"
        )));
    }
    let mut metrics: Vec<Metric> = Vec::with_capacity(asked);
    let own = custom.iter().enumerate();
    let own = own.map(|(place, id)| team.get(&format!("input.customMetrics[{place}]"), id));
    let of_catalogue = input.metrics.iter().map(|kpi| Ok(Metric::Kpi(*kpi)));
    for metric in of_catalogue.chain(own) {
        let metric = metric?;
        if !metrics.contains(&metric) {
            metrics.push(metric);
        }
    }
    let having = input.having.as_ref();
    let having = having
        .map(|having| having.having("input.having", team))
        .transpose()?;
    let top = match &input.top {
        Some(top) => Some(top.top(&cuts, team.by(top)?)?),
        None => None,
    };
    let options = input.options.clone().unwrap_or_default();
    Ok(Ask {
        metrics,
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
        currency: options.currency()?,
        only_complete: options.only_complete(),
        having,
        top,
        groups: None,
        fill: input.fill != Some(Fill::None),
        totals,
        rights: session.rights(),
        as_of: options.as_of,
    })
}
