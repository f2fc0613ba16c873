//! The mutations of webhooks.

use async_graphql::{Context, Object};

use super::{
    change::{
        self, DeleteWebhookEndpointInput, DeleteWebhookEndpointPayload, UpdateWebhookEndpointInput,
        UpdateWebhookEndpointPayload,
    },
    create::{
        self, CreateWebhookEndpointInput, CreateWebhookEndpointPayload, RotateWebhookSecretInput,
        RotateWebhookSecretPayload,
    },
    resend::{
        self, RedeliverWebhookInput, RedeliverWebhookPayload, SendTestWebhookInput,
        SendTestWebhookPayload,
    },
};
use crate::error::ApiResult;

/// The mutations of webhooks.
#[derive(Default)]
pub struct WebhookMutation;

/// Webhook endpoints and what is sent to them.
#[Object]
impl WebhookMutation {
    /// Makes a webhook endpoint; its secret is in the answer and nowhere else. Needs WEBHOOKS_WRITE.
    async fn create_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint.")] input: CreateWebhookEndpointInput,
    ) -> ApiResult<CreateWebhookEndpointPayload> {
        Box::pin(create::create(ctx, input)).await
    }

    /// Changes, enables or disables a webhook endpoint that is still at the version given; needs WEBHOOKS_WRITE.
    async fn update_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateWebhookEndpointInput,
    ) -> ApiResult<UpdateWebhookEndpointPayload> {
        Ok(Box::pin(change::update(ctx, input)).await?.into())
    }

    /// Deletes a webhook endpoint that is still at the version given, with its secrets and the log of its deliveries;
    /// needs WEBHOOKS_WRITE.
    async fn delete_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which endpoint.")] input: DeleteWebhookEndpointInput,
    ) -> ApiResult<DeleteWebhookEndpointPayload> {
        Ok(Box::pin(change::delete(ctx, input)).await?.into())
    }

    /// Gives a webhook endpoint a new secret, and lets the one so far sign beside it for a while; needs WEBHOOKS_WRITE.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which endpoint.")] input: RotateWebhookSecretInput,
    ) -> ApiResult<RotateWebhookSecretPayload> {
        Box::pin(create::rotate(ctx, input)).await
    }

    /// Sends the event `webhook.test` to an endpoint, whatever types it is told of; needs WEBHOOKS_WRITE.
    async fn send_test_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which endpoint.")] input: SendTestWebhookInput,
    ) -> ApiResult<SendTestWebhookPayload> {
        Ok(Box::pin(resend::test(ctx, input)).await?.into())
    }

    /// Sends a delivery again under its id, whatever became of it; its schedule begins anew. Needs WEBHOOKS_WRITE.
    async fn redeliver_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which delivery.")] input: RedeliverWebhookInput,
    ) -> ApiResult<RedeliverWebhookPayload> {
        Ok(Box::pin(resend::redeliver(ctx, input)).await?.into())
    }
}
