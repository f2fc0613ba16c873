//! Idempotency keys: the answer to a call is stored with what the call wrote, so that a repeat finds both or neither.

use chrono::TimeDelta;
use entity::idempotency_key;
use sea_orm::ColumnTrait;

use super::TeamWriter;
use crate::error::Result;

/// How long a key is kept.
pub const KEY_DAYS: i64 = 7;

impl TeamWriter {
    /// What was answered under a key in the last [`KEY_DAYS`] days. Keys that are older are forgotten on the way.
    pub async fn answered(
        &self,
        mutation: &str,
        key: &str,
    ) -> Result<Option<idempotency_key::Model>> {
        use idempotency_key::Column as C;
        let oldest = self.clock().now() - TimeDelta::days(KEY_DAYS);
        self.delete::<idempotency_key::Entity>(C::CreatedAt.lt(oldest))
            .await?;
        self.select::<idempotency_key::Entity>()
            .filter(C::Mutation.eq(mutation))
            .filter(C::Key.eq(key))
            .one()
            .await
    }

    /// Stores an answer under a key that has none.
    pub async fn store_answer(
        &self,
        mutation: &str,
        key: &str,
        payload_hash: String,
        answer: String,
    ) -> Result<()> {
        let row = idempotency_key::Model {
            team_id: self.team().id,
            mutation: mutation.to_owned(),
            key: key.to_owned(),
            payload_hash,
            answer,
            created_at: self.clock().now(),
        };
        self.insert::<idempotency_key::Entity>(vec![row]).await
    }
}
