//! Batching for goals: rows, key results, and the progress of all goals of an answer together.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::goal;
use rust_decimal::Decimal;

use super::loaders::Loaders;
use crate::{
    error::ApiError,
    kpi::goal::{Measured, Progress, Scope, answers},
    store::measures::Dimension,
};

/// A goal by its id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct GoalId(pub i64);

/// The key results of a goal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyResultsOf(pub i64);

/// The goals whose scope names a campaign.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct GoalsOf(pub i64);

/// The progress of a goal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProgressOf(pub Measured);

/// What a goal's metric came to in its history.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RangeOf(pub Measured);

impl Loader<GoalId> for Loaders {
    type Value = goal::Model;
    type Error = ApiError;

    async fn load(&self, keys: &[GoalId]) -> Result<HashMap<GoalId, goal::Model>, ApiError> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.store.goals_by_id(&ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, row)| (GoalId(id), row))
            .collect())
    }
}

impl Loader<KeyResultsOf> for Loaders {
    type Value = Vec<goal::Model>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[KeyResultsOf],
    ) -> Result<HashMap<KeyResultsOf, Self::Value>, ApiError> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.store.key_results_of(&ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, rows)| (KeyResultsOf(id), rows))
            .collect())
    }
}

impl Loader<GoalsOf> for Loaders {
    type Value = Vec<goal::Model>;
    type Error = ApiError;

    async fn load(&self, keys: &[GoalsOf]) -> Result<HashMap<GoalsOf, Self::Value>, ApiError> {
        let goals = self.store.all_goals(false).await?;
        let mut found: HashMap<GoalsOf, Vec<goal::Model>> = HashMap::new();
        for goal in goals {
            let scope = Scope::from_json(&goal.scope)?;
            for key in keys {
                if scope.names(Dimension::Campaign, key.0) {
                    found.entry(*key).or_default().push(goal.clone());
                }
            }
        }
        Ok(found)
    }
}

impl Loader<ProgressOf> for Loaders {
    type Value = Progress;
    type Error = ApiError;

    async fn load(&self, keys: &[ProgressOf]) -> Result<HashMap<ProgressOf, Progress>, ApiError> {
        let goals: Vec<Measured> = keys.iter().map(|key| key.0.clone()).collect();
        let found = answers::progress(&self.store, self.rights, &goals).await?;
        Ok(keys.iter().cloned().zip(found).collect())
    }
}

impl Loader<RangeOf> for Loaders {
    type Value = Option<(Decimal, Decimal)>;
    type Error = ApiError;

    async fn load(&self, keys: &[RangeOf]) -> Result<HashMap<RangeOf, Self::Value>, ApiError> {
        let goals: Vec<Measured> = keys.iter().map(|key| key.0.clone()).collect();
        let found = answers::historical_ranges(&self.store, self.rights, &goals).await?;
        Ok(keys.iter().cloned().zip(found).collect())
    }
}
