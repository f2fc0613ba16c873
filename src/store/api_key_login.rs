//! From the secret of an API key to its team and caller, in one statement, and the note that the key was used.
//!
//! Nothing is cached: a revoked key is refused by the next request on every instance.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{api_key, team};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult,
    Statement,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Store, TeamStore,
    api_keys::scopes_from,
    connection::{Connection, Sees},
    team::Actor,
};
use crate::{
    auth::{ApiKeySecret, Caller},
    error::{Error, Result},
};

/// How old the note of a key's last use may be.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The secrets that begin so, each with its key and team. The prefix is hardly ever that of two.
const BY_PREFIX: &str = "SELECT s.hash AS secret_hash, s.ends_at AS secret_ends_at, k.id AS key_id, \
    k.scopes AS key_scopes, k.expires_at AS key_expires_at, k.revoked_at AS key_revoked_at, \
    k.last_used_at AS key_last_used_at, t.* \
    FROM api_key_secret s \
    JOIN api_key k ON k.team_id = s.team_id AND k.id = s.api_key_id \
    JOIN team t ON t.id = s.team_id \
    WHERE s.prefix = $1";

/// The keys whose use is being noted, so that no key is noted twice at once.
#[derive(Clone, Default)]
pub(super) struct KeyUses(Arc<Mutex<HashSet<i64>>>);

/// Whose share of the connections looking keys up takes; no team can be called so.
const OF_KEYS: &str = "(keys)";

/// What is known of a key by its secret.
struct Found {
    key: i64,
    scopes: String,
    /// The earliest end of the key and of the secret.
    ends_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    team: team::Model,
}

impl Store {
    /// The caller that a secret stands for, and the store of the key's team; `None` when no key in force has it.
    pub async fn for_api_key(&self, secret: &ApiKeySecret) -> Result<Option<(Caller, TeamStore)>> {
        // Whoever invents keys takes no more than one team may.
        let connection = self.connection.counted_apart().hurried().for_team(OF_KEYS);
        let every_team = connection.seeing(Sees::Queues);
        let by_prefix = Statement::from_sql_and_values(
            connection.get_database_backend(),
            BY_PREFIX,
            [secret.prefix().into()],
        );
        let now = self.clock.now();
        let mut found = None;
        for row in every_team.query_all_raw(by_prefix).await? {
            let stored: String = row.try_get("", "secret_hash")?;
            if secret.has_hash(&stored) {
                found = Found::in_force(&row, now)?;
            }
        }
        let Some(found) = found else {
            return Ok(None);
        };
        self.note_use(&found, now);
        let slug = found.team.slug.parse();
        let slug = slug.map_err(|_| Error::Internal("a team's slug is none".into()))?;
        let scopes = scopes_from(&found.scopes);
        let caller = Caller::with_api_key(found.key, secret.prefix(), slug, scopes, found.ends_at);
        let store = TeamStore::new(connection, found.team, self.clock, Actor::from(&caller));
        Ok(Some((caller, store)))
    }

    /// Notes that a key is used, if that was not noted within the last minute. The request does not wait for it, and
    /// nothing follows from its failure.
    fn note_use(&self, found: &Found, now: DateTime<Utc>) {
        let (team, key) = (found.team.id, found.key);
        let stale = |noted: DateTime<Utc>| now - noted >= USE_NOTED_EVERY;
        if !found.last_used_at.is_none_or(stale) || !self.key_uses.enter(key) {
            return;
        }
        let (connection, uses) = (self.connection.clone(), self.key_uses.clone());
        tokio::spawn(async move {
            if let Err(error) = write_use(&connection, team, key, now).await {
                tracing::debug!(%error, "the use of an API key was not noted");
            }
            uses.leave(key);
        });
    }
}

impl Found {
    /// The key of a row, if it is in force.
    fn in_force(row: &QueryResult, now: DateTime<Utc>) -> Result<Option<Self>, DbErr> {
        let revoked_at: Option<DateTime<Utc>> = row.try_get("", "key_revoked_at")?;
        let ends: [Option<DateTime<Utc>>; 2] = [
            row.try_get("", "secret_ends_at")?,
            row.try_get("", "key_expires_at")?,
        ];
        let ends_at = ends.into_iter().flatten().min();
        if revoked_at.is_some() || ends_at.is_some_and(|end| now >= end) {
            return Ok(None);
        }
        Ok(Some(Self {
            key: row.try_get("", "key_id")?,
            scopes: row.try_get("", "key_scopes")?,
            ends_at,
            last_used_at: row.try_get("", "key_last_used_at")?,
            team: team::Model::from_query_result(row, "")?,
        }))
    }
}

impl KeyUses {
    /// Whether nobody is noting the use of this key; from now on somebody is.
    fn enter(&self, key: i64) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key)
    }

    fn leave(&self, key: i64) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&key);
    }
}

async fn write_use(connection: &Connection, team: i64, key: i64, now: DateTime<Utc>) -> Result<()> {
    let connection = connection.seeing(Sees::Team(team));
    let transaction = connection.begin(team, false).await?;
    let last = api_key::Column::LastUsedAt;
    api_key::Entity::update_many()
        .col_expr(last, Expr::val(now))
        .filter(api_key::Column::TeamId.eq(team))
        .filter(api_key::Column::Id.eq(key))
        // Another instance may have been first.
        .filter(last.is_null().or(last.lte(now - USE_NOTED_EVERY)))
        .exec(&transaction)
        .await?;
    transaction.commit().await
}
