//! An endpoint as clients see it.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, dataloader::Loader};
use chrono::{DateTime, Utc};
use entity::{
    webhook_endpoint::{self, DisabledReason},
    webhook_health,
};

use super::event_type::WebhookEventType;
use crate::{
    error::{ApiError, ApiResult},
    graphql::{GlobalId, Session, connection::connection, global_id::NodeType, loaders::Loaders},
    store::types_of,
};

/// A webhook endpoint.
#[derive(Clone)]
pub struct WebhookEndpoint(pub webhook_endpoint::Model);

connection!(
    WebhookEndpointConnection,
    WebhookEndpointEdge,
    WebhookEndpoint,
    "webhook endpoints"
);

/// How deliveries to an endpoint fare.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HealthOf(pub i64);

impl Loader<HealthOf> for Loaders {
    type Value = webhook_health::Model;
    type Error = ApiError;

    async fn load(&self, keys: &[HealthOf]) -> Result<HashMap<HealthOf, Self::Value>, ApiError> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.store.webhook_health_of(&ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, health)| (HealthOf(id), health))
            .collect())
    }
}

impl WebhookEndpoint {
    async fn health(&self, ctx: &Context<'_>) -> ApiResult<Option<webhook_health::Model>> {
        Session::of(ctx)?.load.load_one(HealthOf(self.0.id)).await
    }
}

/// An address of another system that is told of events by signed HTTP requests. Its secrets were shown once and cannot
/// be read again.
#[Object]
impl WebhookEndpoint {
    /// The endpoint's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::WebhookEndpoint, self.0.id).into()
    }

    /// Where deliveries are sent.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// What it is for; may be empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What it is told of; every type, those to come included, when empty.
    async fn event_types(&self) -> Vec<WebhookEventType> {
        let types = types_of(&self.0).into_iter();
        types.filter_map(WebhookEventType::of).collect()
    }

    /// Whether deliveries are sent. While they are not, no new ones are made, and those that are pending wait.
    async fn enabled(&self) -> bool {
        self.0.enabled
    }

    /// Why it is disabled. Null while it is enabled.
    async fn disabled_reason(&self) -> Option<DisabledReason> {
        self.0.disabled_reason
    }

    /// Since when it is disabled. Null while it is enabled.
    async fn disabled_at(&self) -> Option<DateTime<Utc>> {
        self.0.disabled_at
    }

    /// The first of the failed attempts since the last one that succeeded. Null when none failed since. After 5 days
    /// of nothing but failures the endpoint is disabled.
    async fn failing_since(&self, ctx: &Context<'_>) -> ApiResult<Option<DateTime<Utc>>> {
        Ok(self
            .health(ctx)
            .await?
            .and_then(|health| health.failing_since))
    }

    /// When it last took a delivery. Null when it never did.
    async fn last_success_at(&self, ctx: &Context<'_>) -> ApiResult<Option<DateTime<Utc>>> {
        Ok(self
            .health(ctx)
            .await?
            .and_then(|health| health.last_success_at))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// The number of its state, for changes.
    async fn version(&self) -> i32 {
        self.0.version
    }
}
