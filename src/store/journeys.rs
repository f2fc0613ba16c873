//! What happens on the way of customers, row by row: stages, deals, refunds, touches, conversions.

use std::collections::HashMap;

use entity::{conversion, opportunity, refund, stage_event, touchpoint};

use super::TeamStore;
use crate::error::Result;

macro_rules! by_id {
    ($($what:literal $name:ident: $table:ident),+ $(,)?) => {
        impl TeamStore {
            $(
                #[doc = concat!("These ", $what, ".")]
                pub async fn $name(&self, ids: &[i64]) -> Result<HashMap<i64, $table::Model>> {
                    self.by_ids::<$table::Entity>($table::Column::Id, ids, |row| row.id).await
                }
            )+
        }
    };
}

by_id!(
    "entries into stages" stage_events_by_id: stage_event,
    "opportunities" opportunities_by_id: opportunity,
    "refunds" refunds_by_id: refund,
    "touchpoints" touchpoints_by_id: touchpoint,
    "conversions" conversions_by_id: conversion,
);
