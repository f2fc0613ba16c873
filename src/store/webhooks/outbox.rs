//! From events to deliveries: each event of a transaction is addressed to the endpoints that want it, by the same
//! transaction.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, Utc};
use entity::{
    event::Kind,
    webhook_delivery::{self, State},
    webhook_endpoint,
};
use sea_orm::ColumnTrait;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::types_of;
use crate::{
    error::Result,
    store::{Event, TeamWriter},
};

/// The type of the event that somebody asks for to try an endpoint.
const TEST: &str = "webhook.test";

/// The type by which endpoints are told of a kind of event; `None` for those that they are not told of.
pub fn webhook_type(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::GoalStatusChanged => Some("goal.status_changed"),
        Kind::AnomalyDetected => Some("anomaly.detected"),
        Kind::ImportFinished => Some("import.finished"),
        Kind::DataRefreshed => Some("data.refreshed"),
        Kind::CustomerStageChanged => Some("customer.stage_changed"),
        Kind::ImportProgressed => None,
    }
}

impl TeamWriter {
    /// Addresses events, which follow one another from the cursor `first` on, to the endpoints that want them.
    pub(in crate::store) async fn address_webhooks(
        &self,
        events: &[Event],
        first: i64,
        at: DateTime<Utc>,
    ) -> Result<()> {
        if events
            .iter()
            .all(|event| webhook_type(event.kind()).is_none())
        {
            return Ok(());
        }
        let endpoints = self
            .select::<webhook_endpoint::Entity>()
            .filter(webhook_endpoint::Column::Enabled.eq(true))
            .all()
            .await?;
        let mut deliveries = Vec::new();
        for endpoint in endpoints {
            let wanted = types_of(&endpoint);
            for (event, seq) in events.iter().zip(first..) {
                let Some(name) = webhook_type(event.kind()) else {
                    continue;
                };
                if wanted.is_empty() || wanted.contains(&event.kind()) {
                    let payload = payload(name, at, data(event));
                    deliveries.push(self.delivery(endpoint.id, seq, name, payload, at));
                }
            }
        }
        self.insert::<webhook_delivery::Entity>(deliveries).await
    }

    /// Addresses an event without meaning to an endpoint.
    pub async fn test_webhook(&self, endpoint: i64) -> Result<webhook_delivery::Model> {
        let at = self.clock().now();
        let data = json!({ "endpointId": public_id("WebhookEndpoint", endpoint) });
        let delivery = self.delivery(endpoint, self.id(), TEST, payload(TEST, at, data), at);
        self.insert::<webhook_delivery::Entity>(vec![delivery.clone()])
            .await?;
        Ok(delivery)
    }

    fn delivery(
        &self,
        endpoint: i64,
        event: i64,
        name: &str,
        payload: String,
        at: DateTime<Utc>,
    ) -> webhook_delivery::Model {
        let team = self.team().id;
        webhook_delivery::Model {
            team_id: team,
            id: self.id(),
            endpoint_id: endpoint,
            event_id: event,
            event_type: name.to_owned(),
            webhook_id: webhook_id(team, event, endpoint),
            payload,
            state: State::Pending,
            attempts: 0,
            tries: 0,
            next_attempt_at: at,
            lease: None,
            leased_until: None,
            last_status: None,
            last_failure: None,
            created_at: at,
            finished_at: None,
        }
    }
}

/// The name of an event at an endpoint, whenever and however often it is sent.
fn webhook_id(team: i64, event: i64, endpoint: i64) -> String {
    let digest = Sha256::digest(format!("{team} {event} {endpoint}"));
    format!("msg_{}", BASE64_URL_SAFE_NO_PAD.encode(&digest[..18]))
}

fn payload(name: &str, at: DateTime<Utc>, data: Value) -> String {
    let timestamp = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({ "type": name, "timestamp": timestamp, "data": data }).to_string()
}

/// What an endpoint learns of an event: ids and what changed, never a person's data or an amount.
fn data(event: &Event) -> Value {
    match event {
        Event::GoalStatusChanged { goal, from, to } => {
            json!({ "goalId": public_id("Goal", *goal), "from": from, "to": to })
        }
        Event::AnomalyDetected {
            rule,
            kpi,
            scope,
            day,
            anomaly,
        } => {
            let rule = rule.map(|rule| public_id("AlertRule", rule));
            json!({ "alertRuleId": rule, "kpi": kpi, "scope": scope, "day": day, "anomalyId": anomaly })
        }
        Event::ImportProgressed { import } => json!({ "importId": public_id("Import", *import) }),
        Event::ImportFinished { import, state } => {
            json!({ "importId": public_id("Import", *import), "state": state })
        }
        Event::DataRefreshed { source, from, to } => {
            json!({ "source": source, "from": from, "to": to })
        }
        Event::CustomerStageChanged { customer, stage } => {
            json!({ "customerId": public_id("Customer", *customer), "stage": stage })
        }
    }
}

/// An id as the API has it, so that a receiver can ask for the row.
fn public_id(kind: &str, id: i64) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_has_type_timestamp_and_ids() {
        let at = "2026-06-15T12:00:00Z".parse().unwrap();
        let event = Event::GoalStatusChanged {
            goal: 7,
            from: Some("ON_TRACK".into()),
            to: "OFF_TRACK".into(),
        };
        let text = payload("goal.status_changed", at, data(&event));
        let expected = json!({
            "type": "goal.status_changed", "timestamp": "2026-06-15T12:00:00.000Z",
            "data": { "goalId": "R29hbDo3", "from": "ON_TRACK", "to": "OFF_TRACK" },
        });
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    }

    #[test]
    fn a_webhook_id_follows_from_event_and_endpoint_alone() {
        let id = webhook_id(1, 2, 3);
        assert_eq!(id, webhook_id(1, 2, 3));
        assert_eq!(id.len(), 28);
        assert!(
            id != webhook_id(1, 2, 4) && id != webhook_id(1, 3, 3) && id != webhook_id(2, 2, 3)
        );
    }
}
