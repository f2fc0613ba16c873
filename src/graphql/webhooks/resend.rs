//! Sending by hand: a test event, or a delivery once more.

use async_graphql::{Context, ID, InputObject};

use super::{create::known, delivery::WebhookDelivery};
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        GlobalId, Session,
        global_id::NodeType,
        payload::{Mistakes, Outcome, payload},
    },
};

/// Which endpoint to try.
#[derive(InputObject)]
pub struct SendTestWebhookInput {
    /// The endpoint; it must be enabled.
    id: ID,
}

/// What to send again.
#[derive(InputObject)]
pub struct RedeliverWebhookInput {
    /// The delivery; its endpoint must be enabled.
    id: ID,
}

payload!(SendTestWebhookPayload, webhook_delivery: WebhookDelivery, "The delivery, which is sent at once. Null when there are mistakes.");
payload!(RedeliverWebhookPayload, webhook_delivery: WebhookDelivery, "The delivery, which is sent at once. Null when there are mistakes.");

/// Sends an event without meaning.
pub async fn test(
    ctx: &Context<'_>,
    input: SendTestWebhookInput,
) -> ApiResult<Outcome<WebhookDelivery>> {
    let session = Session::with_scope(ctx, Scope::WebhooksWrite)?;
    let mut mistakes = Mistakes::default();
    let writer = session.begin(ctx).await?;
    let Some(endpoint) = known(&writer, &input.id, &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    if !endpoint.enabled {
        mistakes.invalid("input.id", DISABLED);
        return Ok(Err(mistakes));
    }
    let delivery = writer.test_webhook(endpoint.id).await?;
    writer.commit().await?;
    session.store.wake_webhooks();
    Ok(Ok(WebhookDelivery(delivery)))
}

/// Sends a delivery again, whatever became of it.
pub async fn redeliver(
    ctx: &Context<'_>,
    input: RedeliverWebhookInput,
) -> ApiResult<Outcome<WebhookDelivery>> {
    let session = Session::with_scope(ctx, Scope::WebhooksWrite)?;
    let mut mistakes = Mistakes::default();
    let writer = session.begin(ctx).await?;
    let found = match GlobalId::expect("input.id", &input.id, NodeType::WebhookDelivery) {
        Ok(id) => writer.webhook_deliveries_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    let Some(delivery) = found else {
        let text = "input.id: there is no delivery with this id; they are kept for 30 days";
        mistakes.not_found("input.id", text);
        return Ok(Err(mistakes));
    };
    let endpoint = delivery.endpoint_id;
    let endpoints = writer.webhook_endpoints_by_id(&[endpoint]).await?;
    if !endpoints.get(&endpoint).is_some_and(|row| row.enabled) {
        mistakes.invalid("input.id", DISABLED);
        return Ok(Err(mistakes));
    }
    let Some(delivery) = writer.redeliver_webhook(delivery.id).await? else {
        return Ok(Err(mistakes));
    };
    writer.commit().await?;
    session.store.wake_webhooks();
    session.forget_loaded();
    Ok(Ok(WebhookDelivery(delivery)))
}

const DISABLED: &str = "input.id: the endpoint is disabled; enable it by updateWebhookEndpoint";
