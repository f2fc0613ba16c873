//! The ids of anomalies. Anomalies are not stored: an id says where one stands, and whoever asks for it again has it
//! looked for again.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::search::Place;
use crate::{
    kpi::{by_name, graphql_name},
    store::measures::Key,
};

const PREFIX: &str = "Anomaly:";

#[derive(Serialize, Deserialize)]
struct Parts {
    metric: String,
    grain: String,
    bucket: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segment: Option<Segment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    volume: Option<Decimal>,
    /// Ties the id to its team.
    check: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Segment {
    None,
    Id(i64),
    Text(String),
}

/// The id of the anomaly at a place, for clients of one team.
pub struct AnomalyId<'a> {
    /// The place.
    pub place: &'a Place,
    /// The team.
    pub team: i64,
}

impl fmt::Display for AnomalyId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place;
        let mut parts = Parts {
            metric: graphql_name(place.kpi),
            grain: graphql_name(place.grain),
            bucket: place.index,
            by: place.dimension.map(graphql_name),
            segment: place.segment.as_ref().map(|key| match key {
                Key::Id(id) => Segment::Id(*id),
                Key::Text(text) => Segment::Text(text.clone()),
                _ => Segment::None,
            }),
            volume: place.least_volume,
            check: 0,
        };
        parts.check = check(&parts, self.team);
        let json = serde_json::to_string(&parts).map_err(|_| fmt::Error)?;
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(format!("{PREFIX}{json}")))
    }
}

/// The place that an id names; `None` for every other text and for ids of other teams.
pub fn place(text: &str, team: i64) -> Option<Place> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let json = std::str::from_utf8(&bytes).ok()?.strip_prefix(PREFIX)?;
    let mut parts: Parts = serde_json::from_str(json).ok()?;
    let told = std::mem::take(&mut parts.check);
    if told != check(&parts, team) {
        return None;
    }
    let by = match &parts.by {
        Some(name) => Some(by_name(name)?),
        None => None,
    };
    let place = Place {
        grain: by_name(&parts.grain)?,
        index: parts.bucket,
        kpi: by_name(&parts.metric)?,
        dimension: by,
        segment: parts.segment.map(|segment| match segment {
            Segment::None => Key::None,
            Segment::Id(id) => Key::Id(id),
            Segment::Text(text) => Key::Text(text),
        }),
        least_volume: parts.volume,
    };
    // Each place has one id.
    let id = AnomalyId {
        place: &place,
        team,
    };
    (id.to_string() == text).then_some(place)
}

/// FNV-1a over the team and the parts. It keeps an id from being taken for one of another team, where it would name
/// something else; it is no secret and guards nothing.
fn check(parts: &Parts, team: i64) -> u32 {
    let json = serde_json::to_vec(parts).unwrap_or_default();
    let bytes = team.to_be_bytes();
    bytes
        .iter()
        .chain(&json)
        .fold(0x811c_9dc5, |hash: u32, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kpi::Kpi, store::measures::Dimension, time::Grain};

    fn somewhere() -> Place {
        Place {
            grain: Grain::Week,
            index: 2_900,
            kpi: Kpi::Cac,
            dimension: Some(Dimension::Channel),
            segment: Some(Key::Id(7)),
            least_volume: Some(Decimal::TEN),
        }
    }

    #[test]
    fn an_id_names_its_place_for_its_own_team_alone() {
        for segment in [
            None,
            Some(Key::None),
            Some(Key::Id(7)),
            Some(Key::Text("DE".into())),
        ] {
            let there = Place {
                segment,
                ..somewhere()
            };
            let id = AnomalyId {
                place: &there,
                team: 1,
            }
            .to_string();
            assert_eq!(place(&id, 1), Some(there));
            assert_eq!(place(&id, 2), None);
        }
    }

    #[test]
    fn nonsense_and_altered_ids_name_nothing() {
        let id = AnomalyId {
            place: &somewhere(),
            team: 1,
        }
        .to_string();
        let json = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(&id).unwrap()).unwrap();
        let altered = BASE64_URL_SAFE_NO_PAD.encode(json.replace("2900", "2901"));
        for text in [
            altered.as_str(),
            "",
            "x",
            "QW5vbWFseTp7fQ",
            "Q2FtcGFpZ246MQ",
        ] {
            assert_eq!(place(text, 1), None, "{text}");
        }
    }
}
