//! Merges of customers, and which ids stand for whom.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{customer_erasure, customer_merge};
use sea_orm::{ColumnTrait, Condition};

use crate::{error::Result, store::TeamStore};

/// Ids per statement.
const CHUNK: usize = 10_000;

impl TeamStore {
    /// Whom the ids of customers that were merged away stand for; ids of others are not there.
    pub async fn stand_for(&self, ids: &[i64]) -> Result<HashMap<i64, i64>> {
        use customer_merge::Column as C;
        let mut found = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            let rows = self
                .select::<customer_merge::Entity>()
                .filter(C::MergedId.is_in(chunk.iter().copied()))
                .filter(C::UndoneAt.is_null())
                .all()
                .await?;
            found.extend(
                rows.into_iter()
                    .map(|row| (row.merged_id, row.stands_for_id)),
            );
        }
        Ok(found)
    }

    /// The merges of each of these customers, those undone included, the oldest first.
    pub async fn merges_of(
        &self,
        customers: &[i64],
    ) -> Result<HashMap<i64, Vec<customer_merge::Model>>> {
        use customer_merge::Column as C;
        let mut rows = Vec::new();
        for chunk in customers.chunks(CHUNK) {
            let theirs = Condition::any()
                .add(C::StandsForId.is_in(chunk.iter().copied()))
                .add(C::KeptId.is_in(chunk.iter().copied()));
            let select = self.select::<customer_merge::Entity>().filter(theirs);
            rows.extend(select.all().await?);
        }
        rows.sort_by_key(|row| row.id);
        let mut found: HashMap<i64, Vec<customer_merge::Model>> = HashMap::new();
        for row in rows {
            let whose = match row.undone_at {
                None => row.stands_for_id,
                Some(_) => row.kept_id,
            };
            if customers.contains(&whose) {
                found.entry(whose).or_default().push(row);
            }
        }
        Ok(found)
    }

    /// A merge.
    pub async fn merge_by_id(&self, id: i64) -> Result<Option<customer_merge::Model>> {
        self.select::<customer_merge::Entity>()
            .filter(customer_merge::Column::Id.eq(id))
            .one()
            .await
    }

    /// When each of these customers was erased; those who were not are not there.
    pub async fn erasures_of(&self, customers: &[i64]) -> Result<HashMap<i64, DateTime<Utc>>> {
        let mut found = HashMap::new();
        for chunk in customers.chunks(CHUNK) {
            let rows = self
                .select::<customer_erasure::Entity>()
                .filter(customer_erasure::Column::CustomerId.is_in(chunk.iter().copied()))
                .all()
                .await?;
            found.extend(rows.into_iter().map(|row| (row.customer_id, row.erased_at)));
        }
        Ok(found)
    }

    /// Which of these customers were erased.
    pub async fn erased_among(&self, customers: &[i64]) -> Result<HashSet<i64>> {
        Ok(self.erasures_of(customers).await?.into_keys().collect())
    }
}
