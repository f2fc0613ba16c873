//! The queries about webhooks.

use async_graphql::{Context, ID, Object};
use entity::webhook_delivery::State;

use super::{
    delivery::{WebhookDelivery, WebhookDeliveryConnection},
    endpoint::{WebhookEndpoint, WebhookEndpointConnection},
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    graphql::{GlobalId, Session, connection::count, global_id::NodeType},
    store::PageAsk,
};

/// The queries about webhooks.
#[derive(Default)]
pub struct WebhookQuery;

/// Webhook endpoints and what was sent to them.
#[Object]
impl WebhookQuery {
    /// The team's webhook endpoints, the oldest first. Needs WEBHOOKS_WRITE.
    async fn webhook_endpoints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<WebhookEndpointConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        let session = Session::with_scope(ctx, Scope::WebhooksWrite)?;
        let page = session.store.webhook_endpoints(&ask).await?;
        let count = count(|store| async move { store.webhook_endpoint_count().await });
        Ok(WebhookEndpointConnection::new(
            page.map(WebhookEndpoint),
            count,
        ))
    }

    /// A webhook endpoint. Null when the team has none with this id. Needs WEBHOOKS_WRITE.
    async fn webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which endpoint.")] id: ID,
    ) -> ApiResult<Option<WebhookEndpoint>> {
        let session = Session::with_scope(ctx, Scope::WebhooksWrite)?;
        let Ok(id) = GlobalId::expect("id", &id, NodeType::WebhookEndpoint) else {
            return Ok(None);
        };
        let found = session.store.webhook_endpoints_by_id(&[id]).await?;
        Ok(found.get(&id).cloned().map(WebhookEndpoint))
    }

    /// What was sent or is to be sent to an endpoint, the newest first, of the last 30 days. Needs WEBHOOKS_WRITE.
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field"
    )]
    async fn webhook_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which endpoint.")] endpoint_id: ID,
        #[graphql(desc = "Only those that stand so.")] state: Option<State>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<WebhookDeliveryConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        let session = Session::with_scope(ctx, Scope::WebhooksWrite)?;
        let endpoint = GlobalId::expect("endpointId", &endpoint_id, NodeType::WebhookEndpoint).ok();
        let known = match endpoint {
            Some(id) => session.store.webhook_endpoints_by_id(&[id]).await?,
            None => Default::default(),
        };
        let Some(endpoint) = endpoint.filter(|id| known.contains_key(id)) else {
            let shown: String = endpoint_id.chars().take(60).collect();
            let text = "the team has no webhook endpoint with this id";
            return Err(Error::invalid("endpointId", shown, text).into());
        };
        let page = session
            .store
            .webhook_deliveries(endpoint, state, &ask)
            .await?;
        let count =
            count(move |store| async move { store.webhook_delivery_count(endpoint, state).await });
        Ok(WebhookDeliveryConnection::new(
            page.map(WebhookDelivery),
            count,
        ))
    }
}
