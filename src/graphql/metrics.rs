//! `metrics`: any KPIs over any groups.

use async_graphql::{Context, Object, SimpleObject};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

use super::{
    GlobalId, Session,
    connection::PageInfo,
    global_id::NodeType,
    loaders::{CampaignId, ChannelId, CustomerId},
    metrics_input::{Fill, MetricOrder, MetricsInput, NullsOrder, OrderTarget, SortDirection},
    period::Period,
    query::Node,
    scalars::Date,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    kpi::{Ask, Kpi, KpiValue, Row, Table},
    store::{
        Page, PageAsk,
        measures::{Cut, Dimension, Filter, Key},
    },
    time::Bucket,
};

/// The most KPIs of one question.
const MOST_METRICS: usize = 40;
/// The most levels of grouping.
const MOST_CUTS: usize = 4;

/// The answer to a `metrics` question: one page of its rows.
pub struct MetricsConnection {
    page: Page<MetricsRow>,
    total: usize,
    totals: Option<MetricsRow>,
    meta: MetricsMeta,
}

/// Answers a `metrics` question.
pub async fn metrics(
    ctx: &Context<'_>,
    input: &MetricsInput,
    page: PageAsk,
) -> ApiResult<MetricsConnection> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let totals = ctx.look_ahead().field("totals").exists();
    let ask = question(session, input, totals)?;
    let Table {
        mut rows,
        totals,
        period,
        baseline,
        loads,
    } = ask.answer(&session.store).await?;
    sort(
        &mut rows,
        &ask,
        input.order_by.as_deref().unwrap_or_default(),
    )?;
    let total = rows.len();
    let shape = std::sync::Arc::new(Shape {
        cuts: ask.cuts,
        kpis: ask.kpis,
    });
    let rows = rows
        .into_iter()
        .map(|row| MetricsRow {
            row,
            shape: shape.clone(),
        })
        .collect();
    let totals = totals.map(|row| MetricsRow {
        row,
        shape: shape.clone(),
    });
    let freshness = loads
        .into_iter()
        .map(|load| SourceFreshness {
            source: load.source,
            fact: load.fact,
            last_loaded_at: load.loaded_at,
            data_from: load.data_from.map(Date),
            data_through: load.data_through.map(Date),
        })
        .collect();
    let compared_to = match baseline {
        Some(days) => Some(Period::of_days(session, days, None)?),
        None => None,
    };
    Ok(MetricsConnection {
        page: Page::of_list(rows, &page, MetricsRow::cursor)?,
        total,
        totals,
        meta: MetricsMeta {
            period: Period(period),
            compared_to,
            freshness,
        },
    })
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
    let mut kpis = Vec::new();
    for kpi in &input.metrics {
        if !kpis.contains(kpi) {
            kpis.push(*kpi);
        }
    }
    if !(1..=MOST_METRICS).contains(&kpis.len()) {
        return Err(Error::Limit(format!(
            "input.metrics: {} asked; 1 to {MOST_METRICS} are allowed",
            kpis.len()
        )));
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
                filter.filter("input.filter")
            })?,
        basis: options.basis,
        groups: None,
        fill: input.fill != Some(Fill::None),
        totals,
        money: session.may_read_money(),
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
                Error::invalid(field, format!("{kpi:?}"), "it must be one of input.metrics")
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
                            format!("{dimension:?}"),
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

/// One page of rows, by the Relay specification, with totals.
#[Object]
impl MetricsConnection {
    /// The rows with their cursors.
    async fn edges(&self) -> Vec<MetricsEdge<'_>> {
        self.page
            .rows
            .iter()
            .map(|(cursor, node)| MetricsEdge { cursor, node })
            .collect()
    }

    /// The rows alone.
    async fn nodes(&self) -> Vec<&MetricsRow> {
        self.page.rows.iter().map(|(_, row)| row).collect()
    }

    /// Where the page lies among all rows.
    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.page)
    }

    /// How many rows there are in all.
    async fn total_count(&self) -> usize {
        self.total
    }

    /// The values over all facts, computed from the facts and not from the rows; only when selected.
    async fn totals(&self) -> Option<&MetricsRow> {
        self.totals.as_ref()
    }

    /// The period, and what the sources have delivered.
    async fn meta(&self) -> &MetricsMeta {
        &self.meta
    }
}

/// A row and its place.
pub struct MetricsEdge<'a> {
    cursor: &'a str,
    node: &'a MetricsRow,
}

/// A row and its place among all rows.
#[Object]
impl MetricsEdge<'_> {
    /// The row's place, for `after` and `before`.
    async fn cursor(&self) -> &str {
        self.cursor
    }

    /// The row.
    async fn node(&self) -> &MetricsRow {
        self.node
    }
}

struct Shape {
    cuts: Vec<Cut>,
    kpis: Vec<Kpi>,
}

/// The values of one group.
pub struct MetricsRow {
    row: Row,
    shape: std::sync::Arc<Shape>,
}

impl MetricsRow {
    fn cursor(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.row.key).unwrap_or_default())
    }

    fn time_bucket(&self) -> Option<Bucket> {
        self.shape
            .cuts
            .iter()
            .zip(&self.row.key)
            .find_map(|(cut, key)| match (cut, key) {
                (Cut::Time(grain), Key::Bucket(index)) => Some(Bucket {
                    grain: *grain,
                    index: *index,
                }),
                _ => None,
            })
    }
}

/// One group and its values.
#[Object]
impl MetricsRow {
    /// What the row stands for, in the order of `groupBy`; empty for totals.
    async fn dimensions(&self) -> Vec<DimensionValue<'_>> {
        let parts = self.shape.cuts.iter().zip(&self.row.key);
        parts
            .map(|(cut, key)| DimensionValue { cut, key })
            .collect()
    }

    /// The values, in the order of `metrics`.
    async fn values(&self) -> &[KpiValue] {
        &self.row.values
    }

    /// The value of one of the KPIs asked.
    async fn value(
        &self,
        #[graphql(desc = "One of the metrics asked.")] key: Kpi,
    ) -> ApiResult<&KpiValue> {
        let place = self.shape.kpis.iter().position(|kpi| *kpi == key);
        match place.and_then(|place| self.row.values.get(place)) {
            Some(value) => Ok(value),
            None => {
                Err(
                    Error::invalid("key", format!("{key:?}"), "it must be one of input.metrics")
                        .into(),
                )
            }
        }
    }

    /// The days of the row's time bucket. Null when TIME is not grouped by.
    async fn bucket(&self, ctx: &Context<'_>) -> ApiResult<Option<Period>> {
        let Some(bucket) = self.time_bucket() else {
            return Ok(None);
        };
        let session = Session::of(ctx)?;
        let calendar = session.store.calendar()?;
        Period::of_days(
            session,
            calendar.range(bucket),
            Some(calendar.label(bucket)),
        )
        .map(Some)
    }
}

/// The value of one dimension.
pub struct DimensionValue<'a> {
    cut: &'a Cut,
    key: &'a Key,
}

/// The value that a row has in one dimension.
#[Object]
impl DimensionValue<'_> {
    /// Which dimension.
    async fn dimension(&self) -> Dimension {
        self.cut.dimension()
    }

    /// The value: an id for CAMPAIGN, CHANNEL and CUSTOMER, the first day for TIME, a text otherwise. Null for facts
    /// that name none.
    async fn key(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        Ok(match (self.cut, self.key) {
            (_, Key::None) => None,
            (_, Key::Text(text)) => Some(text.clone()),
            (cut, Key::Id(id)) => Some(GlobalId::new(node_type(cut.dimension()), *id).to_string()),
            (Cut::Time(grain), Key::Bucket(index)) => {
                let calendar = Session::of(ctx)?.store.calendar()?;
                Some(
                    calendar
                        .range(Bucket {
                            grain: *grain,
                            index: *index,
                        })
                        .from
                        .to_string(),
                )
            }
            (_, Key::Bucket(_)) => None,
        })
    }

    /// The value for people: a name, a month, `(none)`.
    async fn label(&self, ctx: &Context<'_>) -> ApiResult<String> {
        let session = Session::of(ctx)?;
        Ok(match (self.cut, self.key) {
            (_, Key::None) => "(none)".to_owned(),
            (_, Key::Text(text)) => text.clone(),
            (Cut::By(Dimension::Campaign), Key::Id(id)) => session
                .load
                .load_one(CampaignId(*id))
                .await?
                .map_or_else(String::new, |row| row.name),
            (Cut::By(Dimension::Channel), Key::Id(id)) => session
                .load
                .load_one(ChannelId(*id))
                .await?
                .map_or_else(String::new, |row| row.name),
            (cut, Key::Id(id)) => GlobalId::new(node_type(cut.dimension()), *id).to_string(),
            (Cut::Time(grain), Key::Bucket(index)) => session.store.calendar()?.label(Bucket {
                grain: *grain,
                index: *index,
            }),
            (_, Key::Bucket(index)) => index.to_string(),
        })
    }

    /// The campaign, channel or customer itself. Null for other dimensions and for facts that name none.
    async fn node(&self, ctx: &Context<'_>) -> ApiResult<Option<Node>> {
        let session = Session::of(ctx)?;
        let Key::Id(id) = self.key else {
            return Ok(None);
        };
        Ok(match self.cut.dimension() {
            Dimension::Campaign => {
                session.caller.require(Scope::CampaignsRead)?;
                session
                    .load
                    .load_one(CampaignId(*id))
                    .await?
                    .map(|row| super::campaign::Campaign(row).into())
            }
            Dimension::Channel => {
                session.caller.require(Scope::CampaignsRead)?;
                session
                    .load
                    .load_one(ChannelId(*id))
                    .await?
                    .map(|row| super::channel::Channel(row).into())
            }
            Dimension::Customer => {
                session.caller.require(Scope::CustomersRead)?;
                session
                    .load
                    .load_one(CustomerId(*id))
                    .await?
                    .map(|row| super::customer::Customer(row).into())
            }
            _ => None,
        })
    }
}

fn node_type(dimension: Dimension) -> NodeType {
    match dimension {
        Dimension::Campaign => NodeType::Campaign,
        Dimension::Channel => NodeType::Channel,
        _ => NodeType::Customer,
    }
}

/// What stands behind the values.
#[derive(SimpleObject)]
pub struct MetricsMeta {
    /// The days asked.
    period: Period,
    /// The days compared with. Null when no comparison was asked.
    compared_to: Option<Period>,
    /// What each source has delivered, and when last.
    freshness: Vec<SourceFreshness>,
}

/// What one source has delivered of one kind of fact.
#[derive(SimpleObject)]
pub struct SourceFreshness {
    /// The source.
    source: String,
    /// The kind of fact, such as `ad_day` or `orders`.
    fact: String,
    /// When it delivered last.
    last_loaded_at: DateTime<Utc>,
    /// The first day delivered. Null when nothing dated was.
    data_from: Option<Date>,
    /// The last day delivered. Null when nothing dated was.
    data_through: Option<Date>,
}
