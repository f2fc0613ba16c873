//! A delivery and its attempts as clients see them.

use std::collections::HashMap;

use async_graphql::{Context, ID, Json, Object, dataloader::Loader};
use chrono::{DateTime, Utc};
use entity::{
    webhook_attempt,
    webhook_delivery::{self, Failure, State},
};
use serde_json::Value;

use crate::{
    error::{ApiError, ApiResult, Error},
    graphql::{
        GlobalId, Session, connection::connection, global_id::NodeType, list::most,
        loaders::Loaders,
    },
};

/// A delivery of an event to an endpoint.
#[derive(Clone)]
pub struct WebhookDelivery(pub webhook_delivery::Model);

connection!(
    WebhookDeliveryConnection,
    WebhookDeliveryEdge,
    WebhookDelivery,
    "deliveries"
);

/// The attempts at a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptsOf(pub i64);

impl Loader<AttemptsOf> for Loaders {
    type Value = Vec<webhook_attempt::Model>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[AttemptsOf],
    ) -> Result<HashMap<AttemptsOf, Self::Value>, ApiError> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.store.webhook_attempts_of(&ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, attempts)| (AttemptsOf(id), attempts))
            .collect())
    }
}

/// An event on its way to an endpoint. It is kept for 30 days.
#[Object]
impl WebhookDelivery {
    /// The delivery's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::WebhookDelivery, self.0.id).into()
    }

    /// The endpoint that it is for.
    async fn endpoint_id(&self) -> ID {
        GlobalId::new(NodeType::WebhookEndpoint, self.0.endpoint_id).into()
    }

    /// The header `webhook-id`: the same in every attempt, by which a receiver knows repeats.
    async fn webhook_id(&self) -> &str {
        &self.0.webhook_id
    }

    /// The type of the event, such as `goal.status_changed`; `webhook.test` of one that was asked for as a test.
    async fn event_type(&self) -> &str {
        &self.0.event_type
    }

    /// The body that is sent.
    async fn payload(&self) -> ApiResult<Json<Value>> {
        let value = serde_json::from_str(&self.0.payload);
        Ok(Json(value.map_err(|error| {
            Error::Internal(format!("a payload that is no JSON: {error}"))
        })?))
    }

    /// How it stands.
    async fn state(&self) -> State {
        self.0.state
    }

    /// How many attempts were made, the one under way not counted.
    async fn attempt_count(&self) -> i32 {
        self.0.attempts
    }

    /// When it is tried next, or was due and is being tried. Null once it is delivered or failed for good.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        (self.0.state == State::Pending).then_some(self.0.next_attempt_at)
    }

    /// The HTTP status of the last answer. Null before it, and when the last attempt got none.
    async fn last_status(&self) -> Option<i32> {
        self.0.last_status
    }

    /// Why the last attempt failed. Null before it, and when it succeeded.
    async fn last_failure(&self) -> Option<Failure> {
        self.0.last_failure
    }

    /// The attempts, the first one first; at most the last 100.
    async fn attempts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<WebhookAttempt>> {
        let session = Session::of(ctx)?;
        let found = session.load.load_one(AttemptsOf(self.0.id)).await?;
        let attempts = found.unwrap_or_default();
        let skipped = attempts.len().saturating_sub(100);
        Ok(attempts
            .into_iter()
            .skip(skipped)
            .take(most(limit))
            .map(WebhookAttempt)
            .collect())
    }

    /// When the event happened.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was delivered or failed for good. Null while it is pending.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
}

/// An attempt at a delivery.
pub struct WebhookAttempt(webhook_attempt::Model);

/// One HTTP request to an endpoint, and what came back.
#[Object]
impl WebhookAttempt {
    /// Which attempt, from 1 on.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// When it began.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// How long it took, in milliseconds.
    async fn latency_ms(&self) -> i32 {
        self.0.latency_ms
    }

    /// The HTTP status of the answer. Null when there was none.
    async fn status(&self) -> Option<i32> {
        self.0.status
    }

    /// Why it failed. Null when it succeeded.
    async fn failure(&self) -> Option<Failure> {
        self.0.failure
    }

    /// The beginning of the answer's body, 1 KiB at most. Null when there was no answer.
    async fn response_head(&self) -> Option<&str> {
        self.0.response_head.as_deref()
    }
}
