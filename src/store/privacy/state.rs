//! What a merge has to know to be undone.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{customer, customer_merge, stage_event, values::LifecycleStage};
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The state of a merge, from just before it and just after it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct MergeState {
    /// The kept customer before. Absent, like the next, where the merge changed nothing of it.
    pub before: Option<CustomerState>,
    /// The kept customer after.
    pub after: Option<CustomerState>,
    /// The customer that went away.
    pub merged: Option<CustomerState>,
    /// The names of that one, by system.
    pub names: Vec<(String, String)>,
    /// The ids of its rows that changed hands, by table.
    pub moved: BTreeMap<String, Vec<i64>>,
    /// Its entries into stages that the kept one had, too.
    pub dropped: Vec<StageState>,
    /// Merges whose ids stood for it.
    pub redirected: Vec<i64>,
}

impl MergeState {
    /// The addresses and names that it keeps.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let states = [&self.before, &self.after, &self.merged];
        let texts = states
            .into_iter()
            .flatten()
            .flat_map(|state| [state.email.as_deref(), state.name.as_deref()]);
        texts.flatten()
    }
}

/// A customer's row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CustomerState {
    id: i64,
    email: Option<String>,
    name: Option<String>,
    country: Option<String>,
    lifecycle: Option<String>,
    acquired_campaign_id: Option<i64>,
    acquired_channel_id: Option<i64>,
    acquired_at: Option<DateTime<Utc>>,
    first_order_day: Option<NaiveDate>,
    second_order_day: Option<NaiveDate>,
    source_updated_at: Option<DateTime<Utc>>,
    properties: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i32,
}

/// An entry into a stage.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StageState {
    id: i64,
    stage: String,
    entered_at: DateTime<Utc>,
    day: NaiveDate,
    first_entry: bool,
    source: String,
}

impl MergeState {
    pub fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(unreadable)
    }

    pub fn write(&self) -> Result<String> {
        serde_json::to_string(self).map_err(unreadable)
    }
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::Internal(format!("the state of a merge: {error}"))
}

/// The merge of a customer who never had a row of its own: its only name came with the e-mail address of the kept one.
pub fn of_email_match(
    kept: i64,
    mut merged: customer::Model,
    email: &str,
    name: (&str, &str),
    id: i64,
) -> Result<customer_merge::Model> {
    merged.email = Some(email.to_owned());
    let state = MergeState {
        merged: Some(CustomerState::from(&merged)),
        names: vec![(name.0.to_owned(), name.1.to_owned())],
        ..MergeState::default()
    };
    Ok(customer_merge::Model {
        team_id: merged.team_id,
        id,
        kept_id: kept,
        merged_id: merged.id,
        stands_for_id: kept,
        reason: customer_merge::Reason::Email,
        merged_at: merged.created_at,
        undone_at: None,
        state: Some(state.write()?),
    })
}

impl From<&customer::Model> for CustomerState {
    fn from(row: &customer::Model) -> Self {
        Self {
            id: row.id,
            email: row.email.clone(),
            name: row.name.clone(),
            country: row.country.clone(),
            lifecycle: row.lifecycle.map(|stage| stage.to_value()),
            acquired_campaign_id: row.acquired_campaign_id,
            acquired_channel_id: row.acquired_channel_id,
            acquired_at: row.acquired_at,
            first_order_day: row.first_order_day,
            second_order_day: row.second_order_day,
            source_updated_at: row.source_updated_at,
            properties: row.properties.clone(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

impl CustomerState {
    /// The row of this state.
    pub fn row(self, team_id: i64) -> Result<customer::Model> {
        Ok(customer::Model {
            team_id,
            id: self.id,
            email: self.email,
            name: self.name,
            country: self.country,
            lifecycle: self.lifecycle.map(stage).transpose()?,
            acquired_campaign_id: self.acquired_campaign_id,
            acquired_channel_id: self.acquired_channel_id,
            acquired_at: self.acquired_at,
            first_order_day: self.first_order_day,
            second_order_day: self.second_order_day,
            source_updated_at: self.source_updated_at,
            properties: self.properties,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        })
    }

    /// The state `before`, but for what is no longer as it was `after`: that was written since and stays.
    pub fn undone(self, before: Self, after: &Self, now: DateTime<Utc>) -> Self {
        if self == *after {
            return before;
        }
        macro_rules! field {
            ($name:ident) => {
                if self.$name == after.$name {
                    before.$name
                } else {
                    self.$name
                }
            };
        }
        Self {
            id: self.id,
            email: field!(email),
            name: field!(name),
            country: field!(country),
            lifecycle: field!(lifecycle),
            acquired_campaign_id: field!(acquired_campaign_id),
            acquired_channel_id: field!(acquired_channel_id),
            acquired_at: field!(acquired_at),
            first_order_day: field!(first_order_day),
            second_order_day: field!(second_order_day),
            source_updated_at: field!(source_updated_at),
            properties: field!(properties),
            created_at: self.created_at,
            updated_at: now,
            version: self.version.saturating_add(1),
        }
    }
}

impl From<&stage_event::Model> for StageState {
    fn from(row: &stage_event::Model) -> Self {
        Self {
            id: row.id,
            stage: row.stage.to_value(),
            entered_at: row.entered_at,
            day: row.day,
            first_entry: row.first_entry,
            source: row.source.clone(),
        }
    }
}

impl StageState {
    /// The entry of this state, of a customer.
    pub fn row(self, team_id: i64, customer_id: i64) -> Result<stage_event::Model> {
        Ok(stage_event::Model {
            team_id,
            id: self.id,
            customer_id,
            stage: stage(self.stage)?,
            entered_at: self.entered_at,
            day: self.day,
            first_entry: self.first_entry,
            source: self.source,
        })
    }
}

fn stage(text: String) -> Result<LifecycleStage> {
    LifecycleStage::try_from_value(&text)
        .map_err(|error| Error::Internal(format!("the state of a merge: {error}")))
}
