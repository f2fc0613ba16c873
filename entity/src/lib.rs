//! kpigraph's tables, one module each, and the values that their columns take.
//!
//! Amounts are whole micros (millionths) of the row's currency; `day` is the calendar day in the team's time zone.

use sea_orm::{EntityTrait, IntoActiveModel};

pub mod ad_day;
pub mod ad_day_staged;
pub mod alert_rule;
pub mod api_key;
pub mod api_key_secret;
pub mod audit_entry;
pub mod benchmark;
pub mod budget;
pub mod budget_day;
pub mod campaign;
pub mod campaign_channel;
pub mod channel;
pub mod content_item;
pub mod conversion;
pub mod cost_day;
pub mod cost_item;
pub mod customer;
pub mod customer_erasure;
pub mod customer_merge;
pub mod dashboard;
pub mod email_day;
pub mod event;
pub mod experiment;
pub mod experiment_variant;
pub mod external_ref;
pub mod fx_rate;
pub mod goal;
pub mod idempotency_key;
pub mod import_chunk;
pub mod import_error;
pub mod import_job;
pub mod import_mapping;
pub mod metric_definition;
pub mod metric_version;
pub mod opportunity;
pub mod orders;
pub mod outside_day;
pub mod people_count;
pub mod quota_bucket;
pub mod refund;
pub mod social_day;
pub mod source_load;
pub mod stage_event;
pub mod survey_response;
pub mod team;
pub mod tombstone;
pub mod touchpoint;
pub mod values;
pub mod watched;
pub mod web_day;
pub mod web_day_staged;
pub mod webhook_attempt;
pub mod webhook_delivery;
pub mod webhook_endpoint;
pub mod webhook_health;
pub mod webhook_secret;

/// An entity whose rows belong to a team. Only such entities can be read or written through a team's store.
pub trait TeamOwned:
    EntityTrait<Model: IntoActiveModel<<Self as EntityTrait>::ActiveModel> + Sync>
{
    /// The column that names the owning team.
    const TEAM: Self::Column;
}
