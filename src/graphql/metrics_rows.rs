//! The rows of a `metrics` answer.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

use super::{
    GlobalId, Session,
    connection::PageInfo,
    global_id::NodeType,
    list::{most, start},
    loaders::{CampaignId, ChannelId, CustomerId},
    metrics_meta::MetricsMeta,
    node::Node,
    period::Period,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    kpi::{Ask, Kpi, KpiValue, Metric, Row, Table, graphql_name},
    store::{
        Page, PageAsk, TeamStore,
        measures::{Cut, Dimension, Key},
    },
    time::Bucket,
};

/// The answer to a `metrics` question: one page of its rows.
pub struct MetricsConnection {
    page: Page<MetricsRow>,
    total: usize,
    totals: Option<MetricsRow>,
    meta: MetricsMeta,
}

impl MetricsConnection {
    /// A page of a table's rows, which are in their final order.
    pub fn new(session: &Session, ask: Ask, table: Table, page: &PageAsk) -> ApiResult<Self> {
        let total = table.rows.len();
        let shape = Arc::new(Shape {
            cuts: ask.cuts,
            as_of: ask.as_of,
            metrics: ask.metrics,
        });
        let shaped = |row| MetricsRow {
            row,
            shape: shape.clone(),
        };
        let compared_to = match table.baseline {
            Some(days) => Some(Period::of_days(session, ask.as_of, days, None)?),
            None => None,
        };
        Ok(Self {
            page: Page::of_list(
                table.rows.into_iter().map(shaped).collect(),
                page,
                MetricsRow::cursor,
            )?,
            total,
            totals: table.totals.map(shaped),
            meta: MetricsMeta {
                period: Period(table.period),
                compared_to,
                cost: table.cost,
                warnings: table.warnings.into_iter().map(Into::into).collect(),
                freshness: table.loads.rows().iter().cloned().map(Into::into).collect(),
            },
        })
    }
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
    as_of: Option<DateTime<Utc>>,
    metrics: Vec<Metric>,
}

/// The values of one group.
pub struct MetricsRow {
    row: Row,
    shape: Arc<Shape>,
}

impl MetricsRow {
    fn cursor(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.row.key).unwrap_or_default())
    }

    fn value_of(&self, asked: impl Fn(&Metric) -> bool) -> Option<&KpiValue> {
        let place = self.shape.metrics.iter().position(asked)?;
        self.row.values.get(place)
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
    async fn dimensions(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<DimensionValue<'_>> {
        let parts = self.shape.cuts.iter().zip(&self.row.key);
        parts
            .take(most(limit))
            .map(|(cut, key)| DimensionValue { cut, key })
            .collect()
    }

    /// Whether the row stands for the groups that `top` did not single out: its dimensions have no keys but that of
    /// `per`.
    async fn is_others(&self) -> bool {
        self.row.is_others()
    }

    /// The values, in the order of `metrics` and then of `customMetrics`.
    async fn values(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> &[KpiValue] {
        start(&self.row.values, limit)
    }

    /// The value of one of the KPIs asked.
    async fn value(
        &self,
        #[graphql(desc = "One of the metrics asked.")] key: Kpi,
    ) -> ApiResult<&KpiValue> {
        let asked = |metric: &Metric| metric.kpi() == Some(key);
        let refusal =
            || Error::invalid("key", graphql_name(key), "it must be one of input.metrics");
        Ok(self.value_of(asked).ok_or_else(refusal)?)
    }

    /// The value of one of the metrics asked that the team defined.
    async fn custom_value(
        &self,
        #[graphql(desc = "One of the ids in `customMetrics`.")] id: ID,
    ) -> ApiResult<&KpiValue> {
        let known = GlobalId::expect("id", &id, NodeType::MetricDefinition)?;
        let asked = |metric: &Metric| matches!(metric, Metric::Team(own) if own.id == known);
        let refusal = || Error::invalid("id", id.as_str(), "it must be one of input.customMetrics");
        Ok(self.value_of(asked).ok_or_else(refusal)?)
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
            self.shape.as_of,
            calendar.range(bucket),
            Some(calendar.label(bucket)),
        )
        .map(Some)
    }
}

/// The value of one dimension.
pub struct DimensionValue<'a> {
    /// Which dimension.
    pub cut: &'a Cut,
    /// Its value.
    pub key: &'a Key,
}

impl<'a> DimensionValue<'a> {
    /// The value of a cut.
    pub fn new(cut: &'a Cut, key: &'a Key) -> Self {
        Self { cut, key }
    }

    /// The value for programs.
    pub fn key_text(&self, store: &TeamStore) -> Result<Option<String>> {
        Ok(match (self.cut, self.key) {
            (_, Key::None | Key::Others) => None,
            (_, Key::Text(text)) => Some(text.clone()),
            (cut, Key::Id(id)) => Some(GlobalId::new(node_type(cut.dimension()), *id).to_string()),
            (Cut::Time(grain) | Cut::Cohort(grain), Key::Bucket(index)) => {
                let bucket = Bucket {
                    grain: *grain,
                    index: *index,
                };
                Some(store.calendar()?.range(bucket).from.to_string())
            }
            (_, Key::Bucket(_)) => None,
        })
    }

    /// The value for people.
    pub async fn text(&self, session: &Session) -> ApiResult<String> {
        Ok(match (self.cut, self.key) {
            (_, Key::None) => "(none)".to_owned(),
            (_, Key::Others) => "(others)".to_owned(),
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
            (Cut::Time(grain) | Cut::Cohort(grain), Key::Bucket(index)) => {
                session.store.calendar()?.label(Bucket {
                    grain: *grain,
                    index: *index,
                })
            }
            (_, Key::Bucket(index)) => index.to_string(),
        })
    }
}

/// The value that a row has in one dimension.
#[Object]
impl DimensionValue<'_> {
    /// Which dimension.
    async fn dimension(&self) -> Dimension {
        self.cut.dimension()
    }

    /// The value: an id for CAMPAIGN, CHANNEL and CUSTOMER, the first day for TIME and COHORT, a text otherwise. Null for
    /// facts that name none and for groups that were not singled out.
    async fn key(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        Ok(self.key_text(&Session::of(ctx)?.store)?)
    }

    /// The value for people: a name, a month, `(none)`, `(others)`.
    async fn label(&self, ctx: &Context<'_>) -> ApiResult<String> {
        self.text(Session::of(ctx)?).await
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
