//! API keys of a team: lists, and making, rotating and revoking them.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{api_key, api_key_secret};
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, Order},
};

use super::{
    Page, PageAsk, PageCursor, TeamStore, TeamWriter,
    page::{Sort, SortValue},
};
use crate::{
    auth::{ApiKeySecret, Scope, Scopes},
    error::{Error, Result},
};

/// The most secrets of one key that are good at once, after rotations in quick succession.
const MOST_SECRETS: usize = 10;

/// A key to be made.
pub struct NewApiKey {
    /// Its name for people.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends; `None` for never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who makes it.
    pub created_by: String,
}

/// What became of a rotation.
pub enum RotatedApiKey {
    /// The key as it is now, and its new secret.
    Done(api_key::Model, ApiKeySecret),
    /// The key is revoked or expired and stays so.
    Over,
    /// So many of its secrets are still good that none is added.
    TooMany(usize),
}

/// The scopes of a key.
pub fn scopes_of(key: &api_key::Model) -> Scopes {
    scopes_from(&key.scopes)
}

/// Scopes as a key stores them. Names that are none any more give nothing.
pub(super) fn scopes_from(json: &str) -> Scopes {
    let names: Vec<String> = serde_json::from_str(json).unwrap_or_default();
    let scopes = names.iter().filter_map(|name| name.parse::<Scope>().ok());
    scopes.collect()
}

impl TeamStore {
    /// One page of API keys, the newest first.
    pub async fn api_keys(&self, ask: &PageAsk) -> Result<Page<api_key::Model>> {
        let sort = Sort {
            expr: None,
            id: Expr::col(api_key::Column::Id),
            descending: true,
            kind: SortValue::Id,
            cursor: |row: &api_key::Model| PageCursor::new(SortValue::Id, row.id),
        };
        self.select::<api_key::Entity>().page(ask, sort).await
    }

    /// How many API keys there are, revoked ones included.
    pub async fn api_key_count(&self) -> Result<u64> {
        self.select::<api_key::Entity>().count().await
    }

    /// Every API key, the newest first. A team has at most a few hundred.
    pub async fn all_api_keys(&self) -> Result<Vec<api_key::Model>> {
        self.select::<api_key::Entity>()
            .order_by(Expr::col(api_key::Column::Id), Order::Desc)
            .all()
            .await
    }

    /// These API keys.
    pub async fn api_keys_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, api_key::Model>> {
        self.by_ids::<api_key::Entity>(api_key::Column::Id, ids, |row| row.id)
            .await
    }

    /// The API key whose newest secret begins so.
    pub async fn api_key_with_prefix(&self, prefix: &str) -> Result<Option<api_key::Model>> {
        self.select::<api_key::Entity>()
            .filter(api_key::Column::Prefix.eq(prefix))
            .one()
            .await
    }
}

impl TeamWriter {
    /// Makes a key and its first secret.
    pub async fn create_api_key(&self, new: NewApiKey) -> Result<(api_key::Model, ApiKeySecret)> {
        let secret = generate()?;
        let names: Vec<&str> = new.scopes.iter().map(Scope::as_str).collect();
        let key = api_key::Model {
            team_id: self.team().id,
            id: self.id(),
            name: new.name,
            prefix: secret.prefix().to_owned(),
            scopes: serde_json::to_string(&names)
                .map_err(|error| Error::Internal(error.to_string()))?,
            created_by: new.created_by,
            created_at: self.clock().now(),
            expires_at: new.expires_at,
            overlap_ends_at: None,
            last_used_at: None,
            revoked_at: None,
        };
        self.insert::<api_key::Entity>(vec![key.clone()]).await?;
        self.add_secret(&key, &secret).await?;
        Ok((key, secret))
    }

    /// Gives a key a new secret; those that it has are good for `overlap` more, unless they end before.
    pub async fn rotate_api_key(
        &self,
        mut key: api_key::Model,
        overlap: TimeDelta,
    ) -> Result<RotatedApiKey> {
        let now = self.clock().now();
        if key.revoked_at.is_some() || key.expires_at.is_some_and(|end| end <= now) {
            return Ok(RotatedApiKey::Over);
        }
        let end = now + overlap;
        let of_key = || api_key_secret::Column::ApiKeyId.eq(key.id);
        let over = Condition::all()
            .add(of_key())
            .add(api_key_secret::Column::EndsAt.lte(now));
        self.delete::<api_key_secret::Entity>(over).await?;
        let mut secrets = self
            .select::<api_key_secret::Entity>()
            .filter(of_key())
            .all()
            .await?;
        if secrets.len() >= MOST_SECRETS {
            return Ok(RotatedApiKey::TooMany(secrets.len()));
        }
        for secret in &mut secrets {
            secret.ends_at = Some(secret.ends_at.map_or(end, |known| known.min(end)));
        }
        self.upsert::<api_key_secret::Entity>(secrets).await?;
        let secret = generate()?;
        key.prefix = secret.prefix().to_owned();
        key.overlap_ends_at = Some(end);
        self.upsert::<api_key::Entity>(vec![key.clone()]).await?;
        self.add_secret(&key, &secret).await?;
        Ok(RotatedApiKey::Done(key, secret))
    }

    /// Ends a key now. One that was revoked before stays as it is.
    pub async fn revoke_api_key(&self, mut key: api_key::Model) -> Result<api_key::Model> {
        if key.revoked_at.is_none() {
            key.revoked_at = Some(self.clock().now());
            key.overlap_ends_at = None;
            self.upsert::<api_key::Entity>(vec![key.clone()]).await?;
            self.delete::<api_key_secret::Entity>(api_key_secret::Column::ApiKeyId.eq(key.id))
                .await?;
        }
        Ok(key)
    }

    async fn add_secret(&self, key: &api_key::Model, secret: &ApiKeySecret) -> Result<()> {
        let row = api_key_secret::Model {
            team_id: key.team_id,
            api_key_id: key.id,
            prefix: secret.prefix().to_owned(),
            hash: secret.hash(),
            created_at: self.clock().now(),
            ends_at: None,
        };
        self.insert::<api_key_secret::Entity>(vec![row]).await
    }
}

fn generate() -> Result<ApiKeySecret> {
    ApiKeySecret::generate()
        .map_err(|error| Error::Internal(format!("no random bytes can be had: {error}")))
}
