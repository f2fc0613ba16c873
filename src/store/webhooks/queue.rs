//! The queue of deliveries that are due: any instance takes some of them, for a time within which it tells what became
//! of them.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    webhook_attempt,
    webhook_delivery::{self, Failure, State},
    webhook_endpoint::{self, DisabledReason},
    webhook_health,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, Statement,
    sea_query::{Expr, ExprTrait, Order},
};
use secrecy::SecretString;

use crate::{
    error::Result,
    store::{BackgroundDoor, TeamStore, connection::Sees, team::next_id},
};

/// Enabled endpoints with deliveries that are due and that nobody is trying.
const DUE: &str = "SELECT e.team_id AS team, e.id AS endpoint, \
    CASE WHEN h.failing_since IS NULL THEN 0 ELSE 1 END AS failing \
    FROM webhook_endpoint e \
    JOIN webhook_health h ON h.team_id = e.team_id AND h.endpoint_id = e.id \
    WHERE e.enabled AND EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.team_id = e.team_id \
    AND d.endpoint_id = e.id AND d.state = 'PENDING' AND d.next_attempt_at <= $1 \
    AND (d.leased_until IS NULL OR d.leased_until <= $1)) \
    ORDER BY e.team_id, e.id";

/// An endpoint with deliveries that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueWebhooks {
    /// The team's id.
    pub team: i64,
    /// The endpoint.
    pub endpoint: i64,
    /// Whether the last attempt failed.
    pub failing: bool,
}

/// A delivery that nobody else tries for a time.
#[derive(Debug, Clone)]
pub struct LeasedWebhook {
    /// The delivery.
    pub delivery: webhook_delivery::Model,
    /// Where it goes.
    pub url: String,
    /// Each signs it.
    pub secrets: Vec<SecretString>,
    lease: i64,
}

/// What one attempt at a delivery came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAttempt {
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took.
    pub latency_ms: i32,
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// Why it failed; `None` when the endpoint has taken it.
    pub failure: Option<Failure>,
    /// The beginning of the answer's body; `None` when there was no answer.
    pub head: Option<String>,
}

impl BackgroundDoor<'_> {
    /// The endpoints, of all teams, that have deliveries to be tried now.
    pub async fn due_webhooks(&self) -> Result<Vec<DueWebhooks>> {
        let connection = self.store.connection.seeing(Sees::Queues);
        let now = self.store.clock.now();
        let statement =
            Statement::from_sql_and_values(connection.get_database_backend(), DUE, [now.into()]);
        let rows = connection.query_all_raw(statement).await?;
        let due = rows.iter().map(|row| {
            Ok(DueWebhooks {
                team: row.try_get("", "team")?,
                endpoint: row.try_get("", "endpoint")?,
                failing: row.try_get::<i32>("", "failing")? == 1,
            })
        });
        due.collect()
    }
}

impl TeamStore {
    /// Tells whoever sends deliveries that some are due.
    pub fn wake_webhooks(&self) {
        self.wake();
    }

    /// Takes deliveries to an endpoint that are due, `most` at most: nobody else tries them within `time`.
    pub async fn lease_webhooks(
        &self,
        endpoint: i64,
        most: u64,
        time: TimeDelta,
    ) -> Result<Vec<LeasedWebhook>> {
        use webhook_delivery::Column as C;
        let aside = self.begin_aside().await?;
        let now = self.clock().now();
        let enabled = aside
            .select::<webhook_endpoint::Entity>()
            .filter(webhook_endpoint::Column::Id.eq(endpoint))
            .filter(webhook_endpoint::Column::Enabled.eq(true));
        let Some(endpoint) = enabled.one().await? else {
            return Ok(vec![]);
        };
        let free = Condition::any()
            .add(C::LeasedUntil.is_null())
            .add(C::LeasedUntil.lte(now));
        let due = aside
            .select::<webhook_delivery::Entity>()
            .filter(C::EndpointId.eq(endpoint.id))
            .filter(C::State.eq(State::Pending))
            .filter(C::NextAttemptAt.lte(now))
            .filter(free)
            .order_by(Expr::col(C::NextAttemptAt), Order::Asc)
            .order_by(Expr::col(C::Id), Order::Asc)
            .limit(most)
            .skip_locked()
            .all()
            .await?;
        if due.is_empty() {
            return Ok(vec![]);
        }
        let lease = next_id(self.clock());
        let set = vec![
            (C::Lease, Expr::val(lease)),
            (C::LeasedUntil, Expr::val(now + time)),
        ];
        let ids = due.iter().map(|row| row.id);
        aside
            .update::<webhook_delivery::Entity>(set, C::Id.is_in(ids))
            .await?;
        let secrets = aside.webhook_secrets(endpoint.id).await?;
        let secrets: Vec<SecretString> = secrets.into_iter().map(|row| row.secret.into()).collect();
        aside.commit().await?;
        let leased = due.into_iter().map(|delivery| LeasedWebhook {
            delivery,
            url: endpoint.url.clone(),
            secrets: secrets.clone(),
            lease,
        });
        Ok(leased.collect())
    }

    /// Notes what became of a delivery, and when to try it again if ever; gives the first failure since the last success
    /// of the endpoint. Nothing is noted when the lease was over and somebody else took it, or when the delivery is
    /// gone.
    pub async fn note_webhook_attempt(
        &self,
        leased: &LeasedWebhook,
        attempt: &WebhookAttempt,
        next: Option<DateTime<Utc>>,
    ) -> Result<Option<DateTime<Utc>>> {
        use webhook_delivery::Column as C;
        let now = self.clock().now();
        let known = &leased.delivery;
        let (state, finished) = match (attempt.failure, next) {
            (None, _) => (State::Delivered, Some(now)),
            (Some(_), Some(_)) => (State::Pending, None),
            (Some(_), None) => (State::Failed, Some(now)),
        };
        let status = attempt.status.map(i32::from);
        let aside = self.begin_aside().await?;
        let mut set = vec![
            (C::State, Expr::val(state)),
            (C::Attempts, Expr::val(known.attempts + 1)),
            (C::Tries, Expr::col(C::Tries).add(1)),
            (C::Lease, Expr::val(None::<i64>)),
            (C::LeasedUntil, Expr::val(None::<DateTime<Utc>>)),
            (C::LastStatus, Expr::val(status)),
            (C::LastFailure, Expr::val(attempt.failure)),
            (C::FinishedAt, Expr::val(finished)),
        ];
        if let Some(next) = next.filter(|_| attempt.failure.is_some()) {
            set.push((C::NextAttemptAt, Expr::val(next)));
        }
        let held = Condition::all()
            .add(C::Id.eq(known.id))
            .add(C::Lease.eq(leased.lease));
        if aside.update::<webhook_delivery::Entity>(set, held).await? == 0 {
            return Ok(None);
        }
        let row = webhook_attempt::Model {
            team_id: known.team_id,
            delivery_id: known.id,
            number: known.attempts + 1,
            at: attempt.at,
            latency_ms: attempt.latency_ms,
            status,
            failure: attempt.failure,
            response_head: attempt.head.clone(),
        };
        aside.insert::<webhook_attempt::Entity>(row).await?;
        aside
            .note_health(known.endpoint_id, attempt.failure.is_none())
            .await?;
        let health = aside.webhook_health_of(&[known.endpoint_id]).await?;
        aside.commit().await?;
        let health = health.get(&known.endpoint_id);
        Ok(health.and_then(|health| health.failing_since))
    }

    /// Sends nothing more to an endpoint until somebody enables it again; the audit log tells of it.
    pub async fn disable_webhook_endpoint(
        &self,
        id: i64,
        url: &str,
        reason: DisabledReason,
    ) -> Result<()> {
        let writer = self.begin("disableWebhookEndpoint").await?;
        let found = writer.webhook_endpoints_by_id(&[id]).await?.remove(&id);
        let Some(mut row) = found.filter(|row| row.enabled && row.url == url) else {
            return Ok(());
        };
        let (known, now) = (row.version, writer.clock().now());
        (row.enabled, row.disabled_reason) = (false, Some(reason));
        (row.disabled_at, row.updated_at) = (Some(now), now);
        row.version = known + 1;
        writer.update_webhook_endpoint(row, known, false).await?;
        writer.commit().await
    }
}

impl crate::store::team::Aside {
    async fn note_health(&self, endpoint: i64, well: bool) -> Result<()> {
        use webhook_health::Column as C;
        let now = self.clock().now();
        let of_endpoint = Condition::all().add(C::EndpointId.eq(endpoint));
        let (set, condition) = match well {
            true => {
                let never = Expr::val(None::<DateTime<Utc>>);
                let set = vec![(C::FailingSince, never), (C::LastSuccessAt, Expr::val(now))];
                (set, of_endpoint)
            }
            false => {
                let set = vec![(C::FailingSince, Expr::val(now))];
                (set, of_endpoint.add(C::FailingSince.is_null()))
            }
        };
        self.update::<webhook_health::Entity>(set, condition)
            .await?;
        Ok(())
    }
}
