//! How much waits to be worked on, over all teams, for whoever looks after the service.

use chrono::{DateTime, Utc};
use entity::import_job::State;
use sea_orm::{ConnectionTrait, Statement};

use super::{BackgroundDoor, connection::Sees};
use crate::error::Result;

/// The most that is counted of anything, so that a long queue is not made longer by counting it.
pub const MOST_COUNTED: i64 = 10_000;

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backlog {
    /// Imports that nobody works on yet.
    pub imports_queued: i64,
    /// Imports that are worked on.
    pub imports_running: i64,
    /// Seconds since the oldest import was queued that still is; 0 without one.
    pub oldest_import_seconds: f64,
    /// Deliveries of webhooks that are due, [`MOST_COUNTED`] at most.
    pub webhooks_due: i64,
    /// Seconds by which the delivery that is due longest is late; 0 when none is.
    pub webhook_lag_seconds: f64,
}

/// `$1` is the state of the queued, `$2` and `$3` are those of what is worked on.
const IMPORTS: &str = "SELECT COUNT(CASE WHEN state = $1 THEN 1 END) AS queued, \
    COUNT(CASE WHEN state <> $1 THEN 1 END) AS running, \
    MIN(CASE WHEN state = $1 THEN created_at END) AS oldest FROM import_job WHERE state IN ($1, $2, $3)";
/// `$1` is now. Each endpoint's deliveries are found by their index, those of disabled ones are not due.
const DUE: &str = "SELECT (SELECT COUNT(*) FROM (SELECT 1 AS one FROM webhook_endpoint e JOIN webhook_delivery d \
    ON d.team_id = e.team_id AND d.endpoint_id = e.id WHERE e.enabled AND d.state = 'PENDING' \
    AND d.next_attempt_at <= $1 LIMIT 10000) due) AS n, \
    (SELECT MIN(f.soonest) FROM (SELECT (SELECT MIN(d.next_attempt_at) FROM webhook_delivery d \
    WHERE d.team_id = e.team_id AND d.endpoint_id = e.id AND d.state = 'PENDING') AS soonest \
    FROM webhook_endpoint e WHERE e.enabled) f) AS oldest";

impl BackgroundDoor<'_> {
    /// How much waits now, in two small statements.
    pub async fn backlog(&self) -> Result<Backlog> {
        let connection = self.store.connection.counted_apart().hurried();
        let connection = connection.seeing(Sees::Queues);
        let backend = connection.get_database_backend();
        let now = self.store.clock.now();
        let since = |oldest: Option<DateTime<Utc>>| {
            oldest.map_or(0.0, |at| (now - at).as_seconds_f64().max(0.0))
        };
        let one = async |sql: &str, values: Vec<sea_orm::Value>| {
            let statement = Statement::from_sql_and_values(backend, sql, values);
            let row = connection.query_one_raw(statement).await?;
            row.ok_or_else(|| sea_orm::DbErr::RecordNotFound("a count without a row".into()))
        };
        let states = [State::Queued, State::Checking, State::Publishing];
        let imports = one(IMPORTS, states.map(Into::into).to_vec()).await?;
        let due = one(DUE, vec![now.into()]).await?;
        Ok(Backlog {
            imports_queued: imports.try_get("", "queued")?,
            imports_running: imports.try_get("", "running")?,
            oldest_import_seconds: since(imports.try_get("", "oldest")?),
            webhooks_due: due.try_get("", "n")?,
            webhook_lag_seconds: since(due.try_get("", "oldest")?),
        })
    }
}
