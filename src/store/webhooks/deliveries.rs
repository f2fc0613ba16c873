//! The log of deliveries: lists, attempts, sending one again.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::{
    webhook_attempt,
    webhook_delivery::{self, State},
};
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, Order},
};

use crate::{
    error::Result,
    store::{
        Page, PageAsk, PageCursor, Scoped, TeamStore, TeamWriter,
        page::{Sort, SortValue},
    },
};

/// Deliveries forgotten per transaction.
const FORGOTTEN_AT_ONCE: u64 = 2_000;

impl TeamStore {
    fn deliveries_that_are(
        &self,
        endpoint: i64,
        state: Option<State>,
    ) -> Scoped<'_, webhook_delivery::Entity> {
        let select = self
            .select::<webhook_delivery::Entity>()
            .filter(webhook_delivery::Column::EndpointId.eq(endpoint));
        match state {
            Some(state) => select.filter(webhook_delivery::Column::State.eq(state)),
            None => select,
        }
    }

    /// One page of deliveries to an endpoint, the newest first.
    pub async fn webhook_deliveries(
        &self,
        endpoint: i64,
        state: Option<State>,
        ask: &PageAsk,
    ) -> Result<Page<webhook_delivery::Model>> {
        let sort = Sort {
            expr: None,
            id: Expr::col(webhook_delivery::Column::Id),
            descending: true,
            kind: SortValue::Id,
            cursor: |row: &webhook_delivery::Model| PageCursor::new(SortValue::Id, row.id),
        };
        self.deliveries_that_are(endpoint, state)
            .page(ask, sort)
            .await
    }

    /// How many deliveries to an endpoint there are.
    pub async fn webhook_delivery_count(&self, endpoint: i64, state: Option<State>) -> Result<u64> {
        self.deliveries_that_are(endpoint, state).count().await
    }

    /// These deliveries.
    pub async fn webhook_deliveries_by_id(
        &self,
        ids: &[i64],
    ) -> Result<HashMap<i64, webhook_delivery::Model>> {
        self.by_ids::<webhook_delivery::Entity>(webhook_delivery::Column::Id, ids, |row| row.id)
            .await
    }

    /// The attempts at these deliveries, the first of each first.
    pub async fn webhook_attempts_of(
        &self,
        deliveries: &[i64],
    ) -> Result<HashMap<i64, Vec<webhook_attempt::Model>>> {
        use webhook_attempt::Column as C;
        let rows = self
            .select::<webhook_attempt::Entity>()
            .filter(C::DeliveryId.is_in(deliveries.iter().copied()))
            .order_by(Expr::col(C::Number), Order::Asc)
            .all()
            .await?;
        let mut found: HashMap<i64, Vec<webhook_attempt::Model>> = HashMap::new();
        for row in rows {
            found.entry(row.delivery_id).or_default().push(row);
        }
        Ok(found)
    }

    /// Forgets deliveries that are older than `age`, unless they are still being tried; says how many.
    pub async fn forget_webhook_deliveries(&self, age: TimeDelta) -> Result<u64> {
        use webhook_delivery::Column as C;
        let oldest = self.clock().now() - age;
        // What waited as long for its endpoint to be enabled is as old.
        let over = Condition::any()
            .add(C::State.ne(State::Pending))
            .add(C::NextAttemptAt.lt(oldest));
        let mut forgotten = 0;
        loop {
            let aside = self.begin_aside().await?;
            let old = aside
                .select::<webhook_delivery::Entity>()
                .filter(C::CreatedAt.lt(oldest))
                .filter(over.clone())
                .limit(FORGOTTEN_AT_ONCE)
                .all()
                .await?;
            let ids: Vec<i64> = old.into_iter().map(|row| row.id).collect();
            if ids.is_empty() {
                return Ok(forgotten);
            }
            let attempts = webhook_attempt::Column::DeliveryId.is_in(ids.iter().copied());
            aside.delete::<webhook_attempt::Entity>(attempts).await?;
            forgotten += aside
                .delete::<webhook_delivery::Entity>(C::Id.is_in(ids))
                .await?;
            aside.commit().await?;
        }
    }
}

impl TeamWriter {
    /// Makes a delivery due now, and lets its schedule begin anew. What comes of an attempt that is under way is not
    /// noted any more, as it would end the new schedule.
    pub async fn redeliver_webhook(&self, id: i64) -> Result<Option<webhook_delivery::Model>> {
        let sql = "UPDATE webhook_delivery SET state = 'PENDING', tries = 0, next_attempt_at = $3, finished_at = NULL, \
            lease = NULL, leased_until = NULL WHERE team_id = $1 AND id = $2";
        let now = self.clock().now();
        self.execute(sql, vec![id.into(), now.into()]).await?;
        Ok(self.webhook_deliveries_by_id(&[id]).await?.remove(&id))
    }
}
