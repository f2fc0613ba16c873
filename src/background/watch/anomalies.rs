//! Anomalies that no rule asks for: of the operational KPIs, for the whole team and for each channel, by the day.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{NaiveDate, TimeDelta};
use entity::watched::Subject;
use sha2::{Digest, Sha256};

use super::{RIGHTS, names::Names};
use crate::{
    error::Result,
    insight::{
        anomaly_id::AnomalyId,
        search::{Anomaly, Search, usual_kpis},
    },
    kpi::graphql_name,
    store::{
        Event, TeamStore, TeamWriter,
        measures::{Cut, Dimension, Key},
    },
    time::{Bucket, Grain},
};

/// The most anomalies that one look tells of. Where there are more, the data is broken rather than the business.
const MOST: usize = 50;
/// How long it is remembered which anomalies were told of. The search looks at the last complete day, which can be a
/// week ago.
const REMEMBERED: TimeDelta = TimeDelta::days(40);

/// An anomaly.
pub struct Found {
    id: String,
    kpi: String,
    scope: String,
    day: NaiveDate,
}

/// The anomalies of the last complete day, those that stand out most first.
pub async fn work_out(team: &TeamStore) -> Result<Vec<Found>> {
    let search = Search {
        kpis: usual_kpis(),
        split_by: vec![Dimension::Channel],
        grain: Grain::Day,
        day: None,
        buckets: 1,
        least_volume: None,
        rights: RIGHTS,
    };
    let found = search.find(team).await?;
    let scopes: Vec<Vec<(Cut, Key)>> = found.iter().map(scope).collect();
    let names = Names::read(team, scopes.iter().flatten()).await?;
    let calendar = team.calendar()?;
    let found = found.iter().zip(&scopes).map(|(anomaly, scope)| {
        let place = &anomaly.place;
        let bucket = Bucket {
            grain: place.grain,
            index: place.index,
        };
        let team = team.team().id;
        Found {
            id: AnomalyId { place, team }.to_string(),
            kpi: graphql_name(place.kpi),
            scope: names.of(scope),
            day: calendar.range(bucket).to,
        }
    });
    Ok(found.collect())
}

fn scope(anomaly: &Anomaly) -> Vec<(Cut, Key)> {
    let place = &anomaly.place;
    let segment = place.dimension.zip(place.segment.clone());
    let part = segment.map(|(dimension, key)| (Cut::By(dimension), key));
    part.into_iter().collect()
}

/// Tells of anomalies that were not told of; says how many.
pub async fn tell(writer: &TeamWriter, found: &[Found]) -> Result<usize> {
    writer
        .forget_anomalies(writer.clock().now() - REMEMBERED)
        .await?;
    let known = writer.watched(Subject::Anomaly).await?;
    let key = |found: &Found| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&found.id));
    let new: Vec<&Found> = found
        .iter()
        .filter(|found| !known.contains_key(&key(found)))
        .collect();
    let told = new.len().min(MOST);
    if told < new.len() {
        let team = &writer.team().slug;
        tracing::warn!(
            team,
            left_out = new.len() - told,
            "too many anomalies to tell of"
        );
    }
    for found in &new[..told] {
        writer.emit(Event::AnomalyDetected {
            rule: None,
            kpi: found.kpi.clone(),
            scope: found.scope.clone(),
            day: found.day,
            anomaly: Some(found.id.clone()),
        });
    }
    let states = new.iter().map(|found| (key(found), String::new()));
    writer.set_watched(Subject::Anomaly, states).await?;
    Ok(told)
}
