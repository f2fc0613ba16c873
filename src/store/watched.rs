//! What is known of goals, alert rules and anomalies since they were last looked at.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::watched::{self, Subject};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};

use super::{TeamStore, TeamWriter};
use crate::error::Result;

/// A sign of the goals and of the alert rules that there are: it changes when any of them does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs {
    goals: i64,
    rules: i64,
}

impl Signs {
    /// Whether there is neither a goal nor an alert rule.
    pub fn are_none(self) -> bool {
        self.goals == 0 && self.rules == 0
    }
}

impl TeamStore {
    /// The signs of the team's goals and alert rules, without those that were put away.
    pub async fn signs(&self) -> Result<Signs> {
        // Each change counts a version up; what was put away is counted out.
        let sign = |table: &str, counts: &str| {
            format!(
                "SELECT COUNT(*) * 1000003 + COALESCE(SUM(version), 0) * 7919 + COALESCE(MAX(id), 0) % 1000000007 \
                 AS n FROM {table} WHERE team_id = $1 AND {counts}"
            )
        };
        Ok(Signs {
            goals: self
                .number(&sign("goal", "archived = FALSE"), vec![])
                .await?,
            rules: self
                .number(&sign("alert_rule", "enabled = TRUE"), vec![])
                .await?,
        })
    }

    /// The states of these subjects, by their keys.
    pub async fn watched(&self, subject: Subject) -> Result<HashMap<String, String>> {
        let rows = self
            .select::<watched::Entity>()
            .filter(watched::Column::Subject.eq(subject))
            .all()
            .await?;
        Ok(rows.into_iter().map(|row| (row.key, row.state)).collect())
    }

    /// Takes the right to work out the team's state for `holder`, for some time; false when another one has it.
    pub async fn take_lease(&self, holder: &str, time: TimeDelta) -> Result<bool> {
        let writer = self.begin("watch").await?;
        let leased = writer
            .select::<watched::Entity>()
            .filter(watched::Column::Subject.eq(Subject::Lease))
            .one()
            .await?;
        let ends = |since: DateTime<Utc>| since + time;
        if leased.is_some_and(|row| row.state != holder && ends(row.at) > self.clock().now()) {
            return Ok(false);
        }
        let lease = [(String::new(), holder.to_owned())];
        writer.set_watched(Subject::Lease, lease).await?;
        writer.commit().await?;
        Ok(true)
    }
}

impl TeamWriter {
    /// Stores states by their keys.
    pub async fn set_watched(
        &self,
        subject: Subject,
        states: impl IntoIterator<Item = (String, String)>,
    ) -> Result<()> {
        let rows = states.into_iter().map(|(key, state)| watched::Model {
            team_id: self.team().id,
            subject,
            key,
            state,
            at: self.clock().now(),
        });
        self.upsert::<watched::Entity>(rows.collect()).await
    }

    /// Gives the right back that [`TeamStore::take_lease`] took.
    pub async fn give_lease_back(&self) -> Result<()> {
        self.delete::<watched::Entity>(watched::Column::Subject.eq(Subject::Lease))
            .await?;
        Ok(())
    }

    /// Forgets anomalies that were told of before an instant.
    pub async fn forget_anomalies(&self, before: DateTime<Utc>) -> Result<()> {
        let old = Condition::all()
            .add(watched::Column::Subject.eq(Subject::Anomaly))
            .add(watched::Column::At.lt(before));
        self.delete::<watched::Entity>(old).await?;
        Ok(())
    }
}
