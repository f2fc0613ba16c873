//! A selection that belongs to one team from the start.

use entity::TeamOwned;
use sea_orm::{
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{IntoCondition, LockBehavior, LockType, Order, SimpleExpr},
};

use super::TeamStore;
use crate::error::Result;

/// Rows of `E` that belong to the store's team, narrowed further by conditions. A condition is joined by `AND`, so no
/// condition can widen the team.
pub struct Scoped<'a, E: EntityTrait> {
    store: &'a TeamStore,
    query: Select<E>,
}

impl<'a, E> Scoped<'a, E>
where
    E: TeamOwned,
{
    pub(super) fn new(store: &'a TeamStore, query: Select<E>) -> Self {
        Self { store, query }
    }

    pub(in crate::store) fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.query = self.query.filter(condition.into_condition());
        self
    }

    pub(in crate::store) fn order_by(mut self, by: impl Into<SimpleExpr>, order: Order) -> Self {
        self.query = self.query.order_by(by.into(), order);
        self
    }

    pub(in crate::store) fn limit(mut self, count: u64) -> Self {
        self.query = self.query.limit(count);
        self
    }

    /// Locks the rows for the transaction and passes over those that another one has locked; SQLite lets one write
    /// anyway.
    pub(in crate::store) fn skip_locked(mut self) -> Self {
        self.query = self
            .query
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        self
    }

    pub(in crate::store) async fn one(self) -> Result<Option<E::Model>> {
        Ok(self.query.one(&self.store.connection).await?)
    }

    pub(in crate::store) async fn all(self) -> Result<Vec<E::Model>> {
        Ok(self.query.all(&self.store.connection).await?)
    }

    /// The ids alone, in their order.
    pub(in crate::store) async fn ids(self, id: E::Column) -> Result<Vec<i64>> {
        let query = self.query.select_only().column(id).order_by_asc(id);
        Ok(query.into_tuple().all(&self.store.connection).await?)
    }

    pub(in crate::store) async fn count(self) -> Result<u64> {
        Ok(self.query.count(&self.store.connection).await?)
    }
}
