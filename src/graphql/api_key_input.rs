//! Making, rotating and revoking API keys.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use entity::api_key;

use super::{
    GlobalId, Session,
    api_key::ApiKey,
    global_id::NodeType,
    payload::{Mistakes, Outcome, UserError, payload},
};
use crate::{
    auth::{ApiKeySecret, Scope, Scopes},
    error::ApiResult,
    store::{NewApiKey, RotatedApiKey, TeamStore, scopes_of},
};

/// The usual overlap of a rotation, in hours.
const USUAL_OVERLAP: i32 = 24;
/// The longest overlap of a rotation, in hours: thirty days.
const LONGEST_OVERLAP: i32 = 720;

/// A new API key.
#[derive(InputObject)]
pub struct CreateApiKeyInput {
    /// Its name, 1 to 200 characters, such as that of the program that will use it.
    name: String,
    /// What it may do: one of the caller's own scopes or several.
    scopes: Vec<Scope>,
    /// When it ends. Default: never.
    expires_at: Option<DateTime<Utc>>,
}

/// Which key gets a new secret.
#[derive(InputObject)]
pub struct RotateApiKeyInput {
    /// Which key.
    id: ID,
    /// For how many hours more the secret so far is good, 0 to 720. Default: 24.
    overlap_hours: Option<i32>,
}

/// Which key ends.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// Which key.
    id: ID,
}

/// The new key, or the mistakes that kept it from being made.
#[derive(SimpleObject, Default)]
pub struct CreateApiKeyPayload {
    /// The key. Null when there are mistakes.
    api_key: Option<ApiKey>,
    /// What the program sends as `Authorization: Bearer …`. It is shown here once and never again. Null when there are
    /// mistakes.
    secret: Option<String>,
    /// The mistakes; nothing was written when there are any.
    errors: Vec<UserError>,
}

/// The key with its new secret, or the mistakes that kept it from changing.
#[derive(SimpleObject, Default)]
pub struct RotateApiKeyPayload {
    /// The key as it is now. Null when there are mistakes.
    api_key: Option<ApiKey>,
    /// The new secret. It is shown here once and never again. Null when there are mistakes.
    secret: Option<String>,
    /// The mistakes; nothing was written when there are any.
    errors: Vec<UserError>,
}

payload!(RevokeApiKeyPayload, api_key: ApiKey, "The key. Null when there are mistakes.");

/// A key and the secret that is shown with it.
type Shown = Outcome<(api_key::Model, ApiKeySecret)>;

macro_rules! shown_once {
    ($($payload:ident),+) => {
        $(impl From<Shown> for $payload {
            fn from(outcome: Shown) -> Self {
                match outcome {
                    Ok((key, secret)) => Self {
                        api_key: Some(ApiKey(key)),
                        secret: Some(secret.reveal().to_owned()),
                        errors: vec![],
                    },
                    Err(mistakes) => Self {
                        errors: mistakes.into_errors(),
                        ..Self::default()
                    },
                }
            }
        })+
    };
}
shown_once!(CreateApiKeyPayload, RotateApiKeyPayload);

/// Makes a key.
pub async fn create(ctx: &Context<'_>, input: CreateApiKeyInput) -> ApiResult<Shown> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let mut mistakes = Mistakes::default();
    mistakes.check_name("input.name", &input.name, 200);
    let scopes: Scopes = input.scopes.iter().copied().collect();
    if scopes.is_empty() {
        mistakes.invalid("input.scopes", "input.scopes: at least one is needed");
    }
    check_own("input.scopes", session, scopes, &mut mistakes);
    if let Some(end) = input.expires_at.filter(|end| !is_ahead(session, *end)) {
        let text = format!(
            "input.expiresAt: {end} was given; an instant ahead of now, before 2200, is needed"
        );
        mistakes.invalid("input.expiresAt", text);
    }
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    let writer = session.begin(ctx).await?;
    let new = NewApiKey {
        name: input.name,
        scopes,
        expires_at: input.expires_at,
        created_by: session.caller.subject().to_owned(),
    };
    let made = writer.create_api_key(new).await?;
    writer.commit().await?;
    Ok(Ok(made))
}

/// Gives a key a new secret.
pub async fn rotate(ctx: &Context<'_>, input: RotateApiKeyInput) -> ApiResult<Shown> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let mut mistakes = Mistakes::default();
    let hours = input.overlap_hours.unwrap_or(USUAL_OVERLAP);
    if !(0..=LONGEST_OVERLAP).contains(&hours) {
        let text =
            format!("input.overlapHours: {hours} was given; 0 to {LONGEST_OVERLAP} are allowed");
        mistakes.invalid("input.overlapHours", text);
    }
    let writer = session.begin(ctx).await?;
    let Some(key) = known(&writer, &input.id, &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    // Whoever sees the new secret can do all that the key can.
    check_own("input.id", session, scopes_of(&key), &mut mistakes);
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    let overlap = TimeDelta::hours(hours.into());
    let refusal = match writer.rotate_api_key(key, overlap).await? {
        RotatedApiKey::Done(key, secret) => {
            writer.commit().await?;
            return Ok(Ok((key, secret)));
        }
        RotatedApiKey::Over => "the key is revoked or expired; make a new one".to_owned(),
        RotatedApiKey::TooMany(secrets) => {
            format!("{secrets} secrets of the key are still good; wait until one has ended")
        }
    };
    mistakes.invalid("input.id", format!("input.id: {refusal}"));
    Ok(Err(mistakes))
}

/// Ends a key.
pub async fn revoke(ctx: &Context<'_>, input: RevokeApiKeyInput) -> ApiResult<Outcome<ApiKey>> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let mut mistakes = Mistakes::default();
    let writer = session.begin(ctx).await?;
    let Some(key) = known(&writer, &input.id, &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    let key = writer.revoke_api_key(key).await?;
    writer.commit().await?;
    Ok(Ok(ApiKey(key)))
}

/// Whether an instant lies ahead and within what both databases can store.
fn is_ahead(session: &Session, end: DateTime<Utc>) -> bool {
    use chrono::Datelike;
    end > session.store.clock().now() && end.year() < 2200
}

/// That the caller has every one of these scopes.
fn check_own(path: &str, session: &Session, scopes: Scopes, mistakes: &mut Mistakes) {
    let own = session.caller.scopes();
    let names = |scopes: Vec<Scope>| {
        let names: Vec<&str> = scopes.into_iter().map(Scope::as_str).collect();
        names.join(", ")
    };
    let foreign: Vec<Scope> = scopes
        .iter()
        .filter(|scope| !own.contains(*scope))
        .collect();
    if !foreign.is_empty() {
        let (foreign, own) = (names(foreign), names(own.iter().collect()));
        let text = format!("{path}: the caller lacks the scopes {foreign}; allowed are {own}");
        mistakes.invalid(path, text);
    }
}

/// The key with this id.
async fn known(
    store: &TeamStore,
    id: &ID,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<api_key::Model>> {
    let found = match GlobalId::expect("input.id", id, NodeType::ApiKey) {
        Ok(id) => store.api_keys_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    if found.is_none() {
        mistakes.not_found("input.id", "input.id: there is no API key with this id");
    }
    Ok(found)
}
