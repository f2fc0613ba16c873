//! Making endpoints, and new secrets for them.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use entity::webhook_endpoint;

use super::{endpoint::WebhookEndpoint, event_type::WebhookEventType};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    graphql::{
        GlobalId, Session,
        global_id::NodeType,
        payload::{Mistakes, Outcome, UserError},
    },
    store::{MOST_ENDPOINTS, MOST_SECRETS, NewWebhookEndpoint, TeamStore},
    webhooks::{Reach, Secret, parse_url},
};

/// The longest description.
const LONGEST: usize = 200;
/// The usual overlap of a rotation, in hours.
const USUAL_OVERLAP: i32 = 24;
/// The longest overlap of a rotation, in hours: thirty days.
const LONGEST_OVERLAP: i32 = 720;

/// A new webhook endpoint.
#[derive(InputObject)]
pub struct CreateWebhookEndpointInput {
    /// Where deliveries are sent: an https URL of a host on the public internet, up to 2000 bytes, without user and
    /// fragment. The service's settings can allow other networks, there with http, too.
    url: String,
    /// What it is for, up to 200 characters. Default: empty.
    description: Option<String>,
    /// What it is told of. Default: every type, those to come included.
    event_types: Option<Vec<WebhookEventType>>,
}

/// Which endpoint gets a new secret.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// Which endpoint.
    id: ID,
    /// For how many hours more the secret so far signs beside the new one, 0 to 720. Default: 24.
    overlap_hours: Option<i32>,
}

/// The new endpoint, or the mistakes that kept it from being made.
#[derive(SimpleObject, Default)]
pub struct CreateWebhookEndpointPayload {
    /// The endpoint. Null when there are mistakes.
    webhook_endpoint: Option<WebhookEndpoint>,
    /// What the receiver verifies signatures with. It is shown here once and never again. Null when there are mistakes.
    secret: Option<String>,
    /// The mistakes; nothing was written when there are any.
    errors: Vec<UserError>,
}

/// The endpoint with its new secret, or the mistakes that kept it from changing.
#[derive(SimpleObject, Default)]
pub struct RotateWebhookSecretPayload {
    /// The endpoint. Null when there are mistakes.
    webhook_endpoint: Option<WebhookEndpoint>,
    /// The new secret. It is shown here once and never again. Null when there are mistakes.
    secret: Option<String>,
    /// Until when the secrets before sign, too. Null when there are mistakes.
    overlap_ends_at: Option<DateTime<Utc>>,
    /// The mistakes; nothing was written when there are any.
    errors: Vec<UserError>,
}

/// Makes an endpoint.
pub async fn create(
    ctx: &Context<'_>,
    input: CreateWebhookEndpointInput,
) -> ApiResult<CreateWebhookEndpointPayload> {
    let session = Session::with_scope(ctx, Scope::WebhooksWrite)?;
    let mut mistakes = Mistakes::default();
    let description = input.description.unwrap_or_default();
    check_description(&description, &mut mistakes);
    let url = checked_url(ctx, &input.url, &mut mistakes).await?;
    let refused = |mistakes: Mistakes| CreateWebhookEndpointPayload {
        errors: mistakes.into_errors(),
        ..Default::default()
    };
    let Some(url) = url.filter(|_| mistakes.is_empty()) else {
        return Ok(refused(mistakes));
    };
    let writer = session.begin(ctx).await?;
    if writer.webhook_endpoint_count().await? >= MOST_ENDPOINTS {
        let text = format!("input: the team has {MOST_ENDPOINTS} endpoints; no more are allowed");
        mistakes.invalid("input", text);
        return Ok(refused(mistakes));
    }
    let secret = generate()?;
    let new = NewWebhookEndpoint {
        url,
        description,
        types: kinds(input.event_types.unwrap_or_default()),
        secret: secret.reveal().to_owned(),
    };
    let endpoint = writer.create_webhook_endpoint(new).await?;
    writer.commit().await?;
    Ok(CreateWebhookEndpointPayload {
        webhook_endpoint: Some(WebhookEndpoint(endpoint)),
        secret: Some(secret.reveal().to_owned()),
        errors: vec![],
    })
}

/// Gives an endpoint a new secret.
pub async fn rotate(
    ctx: &Context<'_>,
    input: RotateWebhookSecretInput,
) -> ApiResult<RotateWebhookSecretPayload> {
    let session = Session::with_scope(ctx, Scope::WebhooksWrite)?;
    let mut mistakes = Mistakes::default();
    let hours = input.overlap_hours.unwrap_or(USUAL_OVERLAP);
    if !(0..=LONGEST_OVERLAP).contains(&hours) {
        let text =
            format!("input.overlapHours: {hours} was given; 0 to {LONGEST_OVERLAP} are allowed");
        mistakes.invalid("input.overlapHours", text);
    }
    let writer = session.begin(ctx).await?;
    let endpoint = known(&writer, &input.id, &mut mistakes).await?;
    if let Some(endpoint) = endpoint.filter(|_| mistakes.is_empty()) {
        let overlap = TimeDelta::hours(hours.into());
        let secret = generate()?;
        let text = secret.reveal().to_owned();
        if writer
            .rotate_webhook_secret(endpoint.id, text, overlap)
            .await?
        {
            let end = writer.clock().now() + overlap;
            writer.commit().await?;
            return Ok(RotateWebhookSecretPayload {
                webhook_endpoint: Some(WebhookEndpoint(endpoint)),
                secret: Some(secret.reveal().to_owned()),
                overlap_ends_at: Some(end),
                errors: vec![],
            });
        }
        let text = format!(
            "input.id: {MOST_SECRETS} secrets of the endpoint still sign; wait until one has ended"
        );
        mistakes.invalid("input.id", text);
    }
    Ok(RotateWebhookSecretPayload {
        errors: mistakes.into_errors(),
        ..Default::default()
    })
}

fn generate() -> ApiResult<Secret> {
    let secret = Secret::generate();
    Ok(secret.map_err(|error| Error::Internal(format!("no random bytes can be had: {error}")))?)
}

/// The kinds of events of these types, each once.
pub(super) fn kinds(types: Vec<WebhookEventType>) -> Vec<entity::event::Kind> {
    let mut kinds = Vec::new();
    for kind in types.into_iter().map(WebhookEventType::kind) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

pub(super) fn check_description(description: &str, mistakes: &mut Mistakes) {
    let length = description.chars().count();
    if length > LONGEST {
        let text = format!(
            "input.description: {length} characters were given; up to {LONGEST} are allowed"
        );
        mistakes.invalid("input.description", text);
    }
}

/// The URL in its normal form, if deliveries may be sent there now.
pub(super) async fn checked_url(
    ctx: &Context<'_>,
    url: &str,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<String>> {
    let reach = ctx.data_opt::<Arc<Reach>>();
    let reach = reach.ok_or_else(|| Error::Internal("a schema without a reach".into()))?;
    let checked = match parse_url(url) {
        Ok(url) => match reach.check(&url).await {
            Ok(()) => Ok(url.into()),
            Err(refused) => Err(refused.to_string()),
        },
        Err(problem) => Err(problem),
    };
    Ok(match checked {
        Ok(url) => Some(url),
        Err(problem) => {
            let shown: String = url.chars().take(100).collect();
            let text = format!("input.url: '{shown}' is not allowed; {problem}");
            mistakes.invalid("input.url", text);
            None
        }
    })
}

/// The endpoint with this id.
pub(super) async fn known(
    store: &TeamStore,
    id: &ID,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<webhook_endpoint::Model>> {
    let found = match GlobalId::expect("input.id", id, NodeType::WebhookEndpoint) {
        Ok(id) => store.webhook_endpoints_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    if found.is_none() {
        let text = "input.id: there is no webhook endpoint with this id";
        mistakes.not_found("input.id", text);
    }
    Ok(found)
}

/// The endpoint with this id, if it is still at this version.
pub(super) async fn known_at(
    store: &TeamStore,
    id: &ID,
    version: i32,
    mistakes: &mut Mistakes,
) -> ApiResult<Outcome<webhook_endpoint::Model>> {
    Ok(match known(store, id, mistakes).await? {
        Some(row) if row.version == version => Ok(row),
        found => {
            if let Some(row) = found {
                mistakes.conflict(version, row.version);
            }
            Err(std::mem::take(mistakes))
        }
    })
}
