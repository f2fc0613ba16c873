//! The GraphQL schema: thin objects over the store's rows and the KPI engine's values.

mod acquisition;
mod api_key;
mod api_key_input;
mod attribution;
mod attribution_input;
mod attribution_settings;
mod audit;
mod benchmark;
mod bulk;
mod campaign;
mod campaign_budget;
mod campaign_input;
mod campaign_list;
mod catalog;
mod catalog_query;
mod changes;
mod channel;
mod channel_input;
mod cohorts;
mod connection;
mod cost;
mod customer;
mod customer_value;
mod dashboard;
mod external_ref;
mod figure;
mod funnel;
mod global_id;
mod goal;
mod goal_check;
mod goal_input;
mod goal_list;
mod goal_loaders;
mod goal_measure;
mod goal_progress;
mod goal_scope;
mod import;
mod import_mapping;
mod insight;
mod journey;
mod known_types;
mod kpi_input;
mod kpi_set;
mod kpi_value;
mod lifetime_input;
mod lifetime_value;
mod list;
mod live;
mod loaders;
mod metric_filter;
mod metric_input;
mod metric_order;
mod metrics;
mod metrics_file;
mod metrics_input;
mod metrics_meta;
mod metrics_plan;
mod metrics_rows;
mod mutation;
mod node;
mod order;
mod payload;
mod period;
mod privacy;
mod query;
mod refusal;
mod roots;
mod scalars;
mod session;
mod size;
mod team;
mod team_metric;
mod team_settings;
mod webhooks;

use std::sync::Arc;

use async_graphql::SchemaBuilder;

pub use cost::{CostPlan, Prices};
pub use global_id::{GlobalId, NodeType};
pub use import::{PLACEHOLDER as FILE_PLACEHOLDER, Uploaded, UploadedFile};
pub use known_types::KnownTypes;
pub use live::{Identity, Listener, LiveSchema, Question, TimeLimit, live_schema};
pub use metrics_file::{CHECK as METRICS_CHECK, MetricsFile};
pub use refusal::refusal;
pub use session::Session;
pub use size::{MaxSize, Whole};
// What requests carry is read here; fuzz/ reads it without a server.
#[doc(hidden)]
pub use {
    kpi_input::{CompareInput, PeriodInput},
    live::{EventCursor, after_event},
};

use crate::webhooks::Reach;

/// The schema of single requests. It has no extension, because any one costs half a request's time.
pub type Schema = async_graphql::Schema<roots::Query, roots::Mutation, live::Subscription>;

/// Builds the schema of single requests. A request needs a [`Session`] among its data;
/// webhook endpoints must be within `reach`.
pub fn schema(reach: Arc<Reach>) -> Schema {
    builder(reach).finish()
}

/// The same schema for requests whose answers may become large: these are watched while they grow.
pub fn watched_schema(reach: Arc<Reach>, most: MaxSize) -> Schema {
    builder(reach).extension(size::WatchSize(most)).finish()
}

fn builder(reach: Arc<Reach>) -> SchemaBuilder<roots::Query, roots::Mutation, live::Subscription> {
    Schema::build(
        roots::Query::default(),
        roots::Mutation::default(),
        live::Subscription,
    )
    .data(reach)
}
