//! Answers without what may differ between two that are the same.

use serde_json::Value;

use super::{
    asking::{Answer, is_id},
    schema::plain,
    values::with_texts,
};

/// What the service goes on with by itself, so that two answers in a row may differ.
const RESTLESS: [&str; 4] = [
    "WebhookDelivery",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookHealth",
];
/// Places in lists, which move when the service notes something.
const CURSORS: [&str; 4] = ["cursor", "startCursor", "endCursor", "eventCursor"];
/// What is left of an allowance fills by itself.
const FILLING: &str = "remaining";
/// What differs with each call: counts of changes, random texts.
const CHANGING: [&str; 4] = ["version", "secret", "prefix", "lastUsedAt"];

/// The answer in one text: with what was asked replaced, and without what differs from call to call.
pub fn masked(answer: &Answer, asked: &str, by: &str) -> String {
    let body = with_texts(&settled(&answer.body, true), &|text| {
        let text = text.replace(asked, by);
        match is_id(&text) {
            true => "<an id>".to_owned(),
            false => text,
        }
    });
    format!("{} {} statements {body}", answer.status, answer.statements)
}

/// An answer without what the service goes on with by itself and, where calls change things, without what they change.
pub fn settled(value: &Value, calls_change: bool) -> Value {
    match value {
        Value::Array(items) => items
            .iter()
            .map(|item| settled(item, calls_change))
            .collect(),
        Value::Object(fields) => {
            let of = fields
                .get("__typename")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if RESTLESS.iter().any(|restless| of.starts_with(restless)) {
                return "<restless>".into();
            }
            let kept = fields.iter().filter(|(name, _)| {
                *name != FILLING
                    && !CURSORS.contains(&plain(name))
                    && (!calls_change || !CHANGING.contains(&plain(name)))
            });
            Value::Object(
                kept.map(|(name, value)| (name.clone(), settled(value, calls_change)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}
