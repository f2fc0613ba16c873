//! API keys: programs' own way in.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::api_key;

use super::{
    GlobalId, Session,
    connection::{connection, count},
    global_id::NodeType,
};
use crate::{
    auth::Scope,
    error::ApiResult,
    store::{PageAsk, scopes_of},
};

/// An API key.
#[derive(Clone)]
pub struct ApiKey(pub api_key::Model);

connection!(ApiKeyConnection, ApiKeyEdge, ApiKey, "API keys");

/// Answers `apiKeys`.
pub async fn api_keys(ctx: &Context<'_>, ask: PageAsk) -> ApiResult<ApiKeyConnection> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let page = session.store.api_keys(&ask).await?.map(ApiKey);
    let count = count(|store| async move { store.api_key_count().await });
    Ok(ApiKeyConnection::new(page, count))
}

/// A key by which a program calls for the team. Its secret was shown once and cannot be read again.
#[Object]
impl ApiKey {
    /// The key's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::ApiKey, self.0.id).into()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How its newest secret begins, to tell keys apart by.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// What it may do.
    async fn scopes(&self) -> Vec<Scope> {
        scopes_of(&self.0).iter().collect()
    }

    /// Who made it: the subject of a token, or the prefix of a key. `cli` for the command line.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it ends. Null for never.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// Until when the secret before the last rotation is good. Null when it was never rotated, or is revoked.
    async fn overlap_ends_at(&self) -> Option<DateTime<Utc>> {
        self.0.overlap_ends_at
    }

    /// When it was last used, to the minute. Null when it never was.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }

    /// When it was revoked. Null when it was not.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
}
