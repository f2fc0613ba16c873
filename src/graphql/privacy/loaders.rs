//! What lists of customers ask of merges and erasures, each with one statement.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entity::customer_merge;

use crate::{error::ApiError, graphql::loaders::Loaders};

/// The merges of a customer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MergesOf(pub i64);

/// When a customer was erased.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErasureOf(pub i64);

impl Loader<MergesOf> for Loaders {
    type Value = Vec<customer_merge::Model>;
    type Error = ApiError;

    async fn load(&self, keys: &[MergesOf]) -> Result<HashMap<MergesOf, Self::Value>, ApiError> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.store().merges_of(&ids).await?;
        let found = found.into_iter().map(|(id, rows)| (MergesOf(id), rows));
        Ok(found.collect())
    }
}

impl Loader<ErasureOf> for Loaders {
    type Value = DateTime<Utc>;
    type Error = ApiError;

    async fn load(&self, keys: &[ErasureOf]) -> Result<HashMap<ErasureOf, Self::Value>, ApiError> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.store().erasures_of(&ids).await?;
        let found = found.into_iter().map(|(id, at)| (ErasureOf(id), at));
        Ok(found.collect())
    }
}
