//! Batching of rows by their ids.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use entity::{conversion, opportunity, orders, refund, stage_event, touchpoint};

use crate::{error::ApiError, graphql::loaders::Loaders};

macro_rules! loads {
    ($($what:literal $key:ident => $table:ident by $read:ident),+ $(,)?) => {
        $(
            #[doc = concat!($what, " by its id.")]
            #[derive(Clone, Copy, PartialEq, Eq, Hash)]
            pub struct $key(pub i64);

            impl Loader<$key> for Loaders {
                type Value = $table::Model;
                type Error = ApiError;

                async fn load(
                    &self,
                    keys: &[$key],
                ) -> Result<HashMap<$key, $table::Model>, ApiError> {
                    let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
                    let found = self.store().$read(&ids).await?;
                    Ok(found.into_iter().map(|(id, row)| ($key(id), row)).collect())
                }
            }
        )+

        /// Forgets what was loaded.
        pub fn forget(load: &DataLoader<Loaders, HashMapCache>) {
            $(load.clear::<$key>();)+
        }
    };
}

loads!(
    "An entry into a stage" StageEventId => stage_event by stage_events_by_id,
    "An opportunity" OpportunityId => opportunity by opportunities_by_id,
    "An order" OrderId => orders by orders_by_id,
    "A refund" RefundId => refund by refunds_by_id,
    "A touchpoint" TouchpointId => touchpoint by touchpoints_by_id,
    "A conversion" ConversionId => conversion by conversions_by_id,
);
