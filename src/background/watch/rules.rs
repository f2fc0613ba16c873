//! Alert rules: which of them fire, and what was told of already.

use chrono::NaiveDate;
use entity::{alert_rule, watched::Subject};
use serde::{Deserialize, Serialize};

use super::{RIGHTS, names::Names};
use crate::{
    error::Result,
    insight::{
        alert::{Condition, Rule, states},
        anomaly_id::AnomalyId,
        search::Place,
        stored_rule::rule_of,
    },
    kpi::graphql_name,
    store::{Event, TeamStore, TeamWriter, measures::Cut},
};

/// A rule that fires.
pub struct Firing {
    rule: i64,
    version: i32,
    /// The bucket in which it fires.
    bucket: i32,
    /// The first bucket whose firing is the same as this one.
    since: i32,
    kpi: String,
    scope: String,
    day: NaiveDate,
    anomaly: Option<String>,
}

/// What was told of a rule.
#[derive(Serialize, Deserialize)]
struct Told {
    version: i32,
    through: i32,
}

/// The rules that fire in their last complete buckets.
pub async fn work_out(team: &TeamStore) -> Result<Vec<Firing>> {
    let rows = team.rules_in_force().await?;
    let rules: Vec<Rule> = rows.iter().map(rule_of).collect::<Result<_>>()?;
    let states = states(team, &rules, RIGHTS).await?;
    let scopes = rules.iter().flat_map(|rule| &rule.scope.0);
    let names = Names::read(team, scopes).await?;
    let calendar = team.calendar()?;
    let firing = rows.iter().zip(&rules).zip(&states);
    let firing = firing.filter_map(|((row, rule), state)| {
        let state = state.as_ref().filter(|state| state.firing == Some(true))?;
        let bucket = state.bucket.index;
        // Each bucket can be an anomaly of its own; a threshold stays crossed.
        let since = match rule.condition {
            Condition::Anomaly => bucket,
            Condition::Value(..) | Condition::Change(..) => state.since?.index,
        };
        Some(Firing {
            rule: row.id,
            version: row.version,
            bucket,
            since,
            kpi: graphql_name(rule.kpi),
            scope: names.of(&rule.scope.0),
            day: calendar.range(state.bucket).to,
            anomaly: anomaly_id(team, row, rule, bucket),
        })
    });
    Ok(firing.collect())
}

/// The id of the anomaly that a rule found, where anomalies of its kind have ids: those of one dimension at most.
fn anomaly_id(
    team: &TeamStore,
    row: &alert_rule::Model,
    rule: &Rule,
    bucket: i32,
) -> Option<String> {
    if rule.condition != Condition::Anomaly {
        return None;
    }
    let (dimension, segment) = match rule.scope.0.as_slice() {
        [] => (None, None),
        [(Cut::By(dimension), key)] => (Some(*dimension), Some(key.clone())),
        _ => return None,
    };
    let place = Place {
        grain: rule.grain,
        index: bucket,
        kpi: rule.kpi,
        dimension,
        segment,
        least_volume: row.min_volume.map(Into::into),
    };
    let id = AnomalyId {
        place: &place,
        team: team.team().id,
    };
    Some(id.to_string())
}

/// Tells of rules whose firing was not told of; says how many.
pub async fn tell(writer: &TeamWriter, firing: &[Firing]) -> Result<usize> {
    let known = writer.watched(Subject::Rule).await?;
    let mut told = Vec::new();
    let mut count = 0;
    for firing in firing {
        let key = firing.rule.to_string();
        let before = known
            .get(&key)
            .and_then(|state| serde_json::from_str::<Told>(state).ok())
            .filter(|before| before.version == firing.version);
        if before
            .as_ref()
            .is_none_or(|before| before.through < firing.since)
        {
            count += 1;
            writer.emit(Event::AnomalyDetected {
                rule: Some(firing.rule),
                kpi: firing.kpi.clone(),
                scope: firing.scope.clone(),
                day: firing.day,
                anomaly: firing.anomaly.clone(),
            });
        }
        let now = Told {
            version: firing.version,
            through: before.map_or(firing.bucket, |before| before.through.max(firing.bucket)),
        };
        told.push((key, serde_json::to_string(&now).unwrap_or_default()));
    }
    writer.set_watched(Subject::Rule, told).await?;
    Ok(count)
}
