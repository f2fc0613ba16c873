//! Batching for anomalies that are asked again by id, for the state of alert rules, and for variants.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use chrono::Datelike;
use entity::{alert_rule, experiment_variant};

use crate::{
    error::{ApiError, Error},
    graphql::loaders::Loaders,
    insight::{
        alert::{State, states},
        search::{Anomaly, Place, Search},
        stored_rule::rule_of,
    },
    time::Bucket,
};

/// The most buckets between anomalies that are asked at once.
const MOST_BUCKETS: i32 = 400;

impl Loader<Place> for Loaders {
    type Value = Anomaly;
    type Error = ApiError;

    async fn load(&self, keys: &[Place]) -> Result<HashMap<Place, Anomaly>, ApiError> {
        let calendar = self.store.calendar()?;
        let mut alike: HashMap<_, Vec<&Place>> = HashMap::new();
        for place in keys {
            let days = calendar.range(Bucket {
                grain: place.grain,
                index: place.index,
            });
            // Whoever makes ids up may name any bucket.
            if (1980..=2200).contains(&days.from.year()) {
                let kind = (place.grain, place.dimension, place.least_volume);
                alike.entry(kind).or_default().push(place);
            }
        }
        let mut found = HashMap::new();
        for places in alike.into_values() {
            let Some(search) = Search::again(&places, &calendar, self.rights) else {
                continue;
            };
            if search.buckets > MOST_BUCKETS {
                return Err(Error::Limit(format!(
                    "ids: anomalies {} buckets apart; at most {MOST_BUCKETS}",
                    search.buckets
                ))
                .into());
            }
            for anomaly in search.find(&self.store).await? {
                if places.contains(&&anomaly.place) {
                    found.insert(anomaly.place.clone(), anomaly);
                }
            }
        }
        Ok(found)
    }
}

/// The state of an alert rule.
#[derive(Clone, PartialEq, Eq)]
pub struct AlertStateOf(pub alert_rule::Model);

impl std::hash::Hash for AlertStateOf {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.0.id, self.0.version).hash(state);
    }
}

impl Loader<AlertStateOf> for Loaders {
    type Value = State;
    type Error = ApiError;

    async fn load(&self, keys: &[AlertStateOf]) -> Result<HashMap<AlertStateOf, State>, ApiError> {
        let mut keys = keys.to_vec();
        keys.sort_by_key(|key| key.0.id);
        let rules = keys.iter().map(|key| rule_of(&key.0));
        let rules = rules.collect::<Result<Vec<_>, _>>()?;
        let states = states(&self.store, &rules, self.rights).await?;
        Ok(keys
            .into_iter()
            .zip(states)
            .filter_map(|(key, state)| Some((key, state?)))
            .collect())
    }
}

/// The variants of an experiment, the control first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VariantsOf(pub i64);

impl Loader<VariantsOf> for Loaders {
    type Value = Vec<experiment_variant::Model>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[VariantsOf],
    ) -> Result<HashMap<VariantsOf, Self::Value>, ApiError> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.store.variants_of(&ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, variants)| (VariantsOf(id), variants))
            .collect())
    }
}
