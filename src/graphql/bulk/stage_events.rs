//! Entries of customers into lifecycle stages, keyed by customer, stage and instant.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use entity::values::LifecycleStage;

use super::{Item, Naming, PerItem};
use crate::{
    graphql::external_ref::RefInput,
    import::bulk::{Given, GivenText, Kind},
};

/// An entry into a stage. An entry once told stays.
#[derive(InputObject)]
pub struct StageEventUpsert {
    /// Whose. One that is named by a system and unknown is made.
    customer: RefInput,
    /// The stage.
    stage: LifecycleStage,
    /// When the customer entered it.
    entered_at: PerItem<DateTime<Utc>>,
}

impl Item for StageEventUpsert {
    const KIND: Kind = Kind::StageEvents;
    const MUTATION: &'static str = "upsertStageEvents";

    fn given(self) -> Given {
        Given::default()
            .customer("customer_id", "customer", Some(self.customer))
            .with("stage", "stage", GivenText::choice(Some(self.stage)))
            .with("entered_at", "enteredAt", self.entered_at)
    }
}
