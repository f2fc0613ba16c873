//! Endpoints: lists, and making, changing and deleting them and their secrets.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::{event::Kind, webhook_delivery, webhook_endpoint, webhook_health, webhook_secret};
use sea_orm::{
    ColumnTrait, Condition, Iterable,
    sea_query::{Expr, Order},
};

use super::webhook_type;
use crate::{
    error::{Error, Result},
    store::{
        Page, PageAsk, PageCursor, TeamStore, TeamWriter,
        page::{Sort, SortValue},
    },
};

/// The most endpoints of a team.
pub const MOST_ENDPOINTS: u64 = 20;
/// The most secrets of one endpoint that sign at once, after rotations in quick succession.
pub const MOST_SECRETS: usize = 5;

/// An endpoint to be made.
pub struct NewWebhookEndpoint {
    /// Where deliveries go, checked and in its normal form.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// What it is told of; everything when empty.
    pub types: Vec<Kind>,
    /// Its first secret.
    pub secret: String,
}

/// What an endpoint is told of; everything when empty. Names that are none any more say nothing.
pub fn types_of(endpoint: &webhook_endpoint::Model) -> Vec<Kind> {
    let names: Vec<String> = serde_json::from_str(&endpoint.event_types).unwrap_or_default();
    let named = |kind: &Kind| {
        let name = webhook_type(*kind);
        name.is_some_and(|name| names.iter().any(|known| known == name))
    };
    Kind::iter().filter(named).collect()
}

/// Types as an endpoint stores them.
fn stored(types: &[Kind]) -> Result<String> {
    let names: Vec<&str> = types
        .iter()
        .filter_map(|kind| webhook_type(*kind))
        .collect();
    serde_json::to_string(&names).map_err(|error| Error::Internal(error.to_string()))
}

impl TeamStore {
    /// One page of endpoints, the oldest first.
    pub async fn webhook_endpoints(&self, ask: &PageAsk) -> Result<Page<webhook_endpoint::Model>> {
        let sort = Sort {
            expr: None,
            id: Expr::col(webhook_endpoint::Column::Id),
            descending: false,
            kind: SortValue::Id,
            cursor: |row: &webhook_endpoint::Model| PageCursor::new(SortValue::Id, row.id),
        };
        self.select::<webhook_endpoint::Entity>()
            .page(ask, sort)
            .await
    }

    /// How many endpoints there are.
    pub async fn webhook_endpoint_count(&self) -> Result<u64> {
        self.select::<webhook_endpoint::Entity>().count().await
    }

    /// These endpoints.
    pub async fn webhook_endpoints_by_id(
        &self,
        ids: &[i64],
    ) -> Result<HashMap<i64, webhook_endpoint::Model>> {
        self.by_ids::<webhook_endpoint::Entity>(webhook_endpoint::Column::Id, ids, |row| row.id)
            .await
    }

    /// How deliveries to these endpoints fare.
    pub async fn webhook_health_of(
        &self,
        endpoints: &[i64],
    ) -> Result<HashMap<i64, webhook_health::Model>> {
        self.by_ids::<webhook_health::Entity>(
            webhook_health::Column::EndpointId,
            endpoints,
            |row| row.endpoint_id,
        )
        .await
    }

    /// The secrets of an endpoint that sign now, the newest first.
    pub(super) async fn webhook_secrets(
        &self,
        endpoint: i64,
    ) -> Result<Vec<webhook_secret::Model>> {
        use webhook_secret::Column as C;
        let now = self.clock().now();
        self.select::<webhook_secret::Entity>()
            .filter(C::EndpointId.eq(endpoint))
            .filter(
                Condition::any()
                    .add(C::EndsAt.is_null())
                    .add(C::EndsAt.gt(now)),
            )
            .order_by(Expr::col(C::Id), Order::Desc)
            .all()
            .await
    }
}

impl TeamWriter {
    /// Makes an endpoint and its first secret.
    pub async fn create_webhook_endpoint(
        &self,
        new: NewWebhookEndpoint,
    ) -> Result<webhook_endpoint::Model> {
        let now = self.clock().now();
        let endpoint = webhook_endpoint::Model {
            team_id: self.team().id,
            id: self.id(),
            url: new.url,
            description: new.description,
            event_types: stored(&new.types)?,
            enabled: true,
            disabled_reason: None,
            disabled_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        self.insert::<webhook_endpoint::Entity>(vec![endpoint.clone()])
            .await?;
        let health = webhook_health::Model {
            team_id: endpoint.team_id,
            endpoint_id: endpoint.id,
            failing_since: None,
            last_success_at: None,
        };
        self.insert::<webhook_health::Entity>(vec![health]).await?;
        self.add_webhook_secret(endpoint.id, new.secret).await?;
        Ok(endpoint)
    }

    /// Changes what an endpoint is told of, on the row that is then stored by
    /// [`TeamWriter::update_webhook_endpoint`].
    pub fn set_webhook_types(
        &self,
        endpoint: &mut webhook_endpoint::Model,
        types: &[Kind],
    ) -> Result<()> {
        endpoint.event_types = stored(types)?;
        Ok(())
    }

    /// Stores an endpoint's new state if it still has the version that the caller knows; false when it moved on. One
    /// that is switched on again counts as healthy until an attempt says otherwise.
    pub async fn update_webhook_endpoint(
        &self,
        row: webhook_endpoint::Model,
        known_version: i32,
        switched_on: bool,
    ) -> Result<bool> {
        let id = row.id;
        let key = (webhook_endpoint::Column::Id, id);
        let version = (webhook_endpoint::Column::Version, known_version);
        let done = self
            .update_versioned::<webhook_endpoint::Entity>(row, key, version)
            .await?;
        if done && switched_on {
            let sql = "UPDATE webhook_health SET failing_since = NULL WHERE team_id = $1 AND endpoint_id = $2";
            self.execute(sql, vec![id.into()]).await?;
        }
        Ok(done)
    }

    /// Deletes an endpoint with its secrets and deliveries.
    pub async fn delete_webhook_endpoint(&self, id: i64) -> Result<()> {
        let attempts = "DELETE FROM webhook_attempt WHERE team_id = $1 AND delivery_id IN \
            (SELECT d.id FROM webhook_delivery d WHERE d.team_id = $1 AND d.endpoint_id = $2)";
        self.execute(attempts, vec![id.into()]).await?;
        self.delete::<webhook_delivery::Entity>(webhook_delivery::Column::EndpointId.eq(id))
            .await?;
        self.delete::<webhook_health::Entity>(webhook_health::Column::EndpointId.eq(id))
            .await?;
        self.delete::<webhook_secret::Entity>(webhook_secret::Column::EndpointId.eq(id))
            .await?;
        self.delete::<webhook_endpoint::Entity>(webhook_endpoint::Column::Id.eq(id))
            .await?;
        Ok(())
    }

    /// Gives an endpoint a new secret; those that it has sign for `overlap` more, unless they end before. False when so
    /// many of them still sign that none is added.
    pub async fn rotate_webhook_secret(
        &self,
        endpoint: i64,
        secret: String,
        overlap: TimeDelta,
    ) -> Result<bool> {
        let end = self.clock().now() + overlap;
        let mut known = self.webhook_secrets(endpoint).await?;
        if known.len() >= MOST_SECRETS {
            return Ok(false);
        }
        for secret in &mut known {
            secret.ends_at = Some(secret.ends_at.map_or(end, |known| known.min(end)));
        }
        let over = Condition::all()
            .add(webhook_secret::Column::EndpointId.eq(endpoint))
            .add(webhook_secret::Column::EndsAt.lte(self.clock().now()));
        self.delete::<webhook_secret::Entity>(over).await?;
        self.upsert::<webhook_secret::Entity>(known).await?;
        self.add_webhook_secret(endpoint, secret).await?;
        Ok(true)
    }

    async fn add_webhook_secret(&self, endpoint: i64, secret: String) -> Result<()> {
        let row = webhook_secret::Model {
            team_id: self.team().id,
            id: self.id(),
            endpoint_id: endpoint,
            secret,
            created_at: self.clock().now(),
            ends_at: None,
        };
        self.insert::<webhook_secret::Entity>(vec![row]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_stored_by_their_names_and_read_back() {
        let kinds = [Kind::DataRefreshed, Kind::CustomerStageChanged];
        let text = stored(&kinds).unwrap();
        assert_eq!(text, r#"["data.refreshed","customer.stage_changed"]"#);
        let at = "2026-06-15T12:00:00Z".parse().unwrap();
        let endpoint = webhook_endpoint::Model {
            team_id: 1,
            id: 1,
            url: String::new(),
            description: String::new(),
            event_types: text,
            enabled: true,
            disabled_reason: None,
            disabled_at: None,
            created_at: at,
            updated_at: at,
            version: 1,
        };
        assert_eq!(types_of(&endpoint), kinds);
    }
}
