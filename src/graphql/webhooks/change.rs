//! Changing, enabling and deleting endpoints.

use async_graphql::{Context, ID, InputObject};
use entity::webhook_endpoint::DisabledReason;

use super::{
    create::{check_description, checked_url, kinds, known_at},
    endpoint::WebhookEndpoint,
    event_type::WebhookEventType,
};
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        Session,
        payload::{Mistakes, Outcome, payload},
    },
};

/// Changes of a webhook endpoint; what is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateWebhookEndpointInput {
    /// Which endpoint.
    id: ID,
    /// The version that the caller has read.
    version: i32,
    /// Where deliveries are sent from now on, those that are pending included.
    url: Option<String>,
    /// What it is for, up to 200 characters.
    description: Option<String>,
    /// What it is told of from now on; every type when the list is empty.
    event_types: Option<Vec<WebhookEventType>>,
    /// Whether deliveries are sent. Those that are pending go on when it is enabled again.
    enabled: Option<bool>,
}

/// Which webhook endpoint to delete.
#[derive(InputObject)]
pub struct DeleteWebhookEndpointInput {
    /// The endpoint.
    id: ID,
    /// The version that the caller has read.
    version: i32,
}

payload!(UpdateWebhookEndpointPayload, webhook_endpoint: WebhookEndpoint, "The endpoint. Null when there are mistakes.");
payload!(DeleteWebhookEndpointPayload, webhook_endpoint: WebhookEndpoint, "The endpoint as it was. Null when there are mistakes.");

/// Changes an endpoint.
pub async fn update(
    ctx: &Context<'_>,
    input: UpdateWebhookEndpointInput,
) -> ApiResult<Outcome<WebhookEndpoint>> {
    let session = Session::with_scope(ctx, Scope::WebhooksWrite)?;
    let mut mistakes = Mistakes::default();
    if let Some(description) = &input.description {
        check_description(description, &mut mistakes);
    }
    // Before the transaction: a look-up may take a while.
    let url = match &input.url {
        Some(url) => checked_url(ctx, url, &mut mistakes).await?,
        None => None,
    };
    let writer = session.begin(ctx).await?;
    let mut row = match known_at(&writer, &input.id, input.version, &mut mistakes).await? {
        Ok(row) if mistakes.is_empty() => row,
        Ok(_) => return Ok(Err(mistakes)),
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    let now = writer.clock().now();
    let switched_on = input.enabled == Some(true) && !row.enabled;
    row.url = url.unwrap_or(row.url);
    row.description = input.description.unwrap_or(row.description);
    if let Some(types) = input.event_types {
        writer.set_webhook_types(&mut row, &kinds(types))?;
    }
    match input.enabled {
        Some(true) => (row.enabled, row.disabled_reason, row.disabled_at) = (true, None, None),
        Some(false) if row.enabled => {
            (row.enabled, row.disabled_reason) = (false, Some(DisabledReason::Manual));
            row.disabled_at = Some(now);
        }
        _ => {}
    }
    row.updated_at = now;
    row.version = input.version + 1;
    let stored = writer
        .update_webhook_endpoint(row.clone(), input.version, switched_on)
        .await?;
    if !stored {
        mistakes.conflict(input.version, row.version);
        return Ok(Err(mistakes));
    }
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(WebhookEndpoint(row)))
}

/// Deletes an endpoint with its secrets and deliveries.
pub async fn delete(
    ctx: &Context<'_>,
    input: DeleteWebhookEndpointInput,
) -> ApiResult<Outcome<WebhookEndpoint>> {
    let session = Session::with_scope(ctx, Scope::WebhooksWrite)?;
    let mut mistakes = Mistakes::default();
    let writer = session.begin(ctx).await?;
    let row = match known_at(&writer, &input.id, input.version, &mut mistakes).await? {
        Ok(row) => row,
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    writer.delete_webhook_endpoint(row.id).await?;
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(WebhookEndpoint(row)))
}
