//! Rows as the audit log shows them.

use sea_orm::{
    IdenStatic, Iterable, ModelTrait, Value as SqlValue, sea_query::value::sea_value_to_json_value,
};
use serde_json::{Map, Value};

/// A row: its columns by the names that clients know.
pub type Fields = Map<String, Value>;

/// Columns that hold JSON as a text.
const JSON_COLUMNS: [&str; 6] = [
    "attribution",
    "channel_rules",
    "metrics",
    "properties",
    "scope",
    "scopes",
];
/// Columns whose names have one of these words are never shown.
const SECRET_WORDS: [&str; 4] = ["secret", "hash", "password", "token"];
/// Fields that change with every change and say nothing of it.
const BOOKKEEPING: [&str; 3] = ["createdAt", "updatedAt", "version"];

/// The row but for the team, what is secret, and the column of its id.
pub fn fields<M: ModelTrait>(row: &M, id: &str) -> Fields {
    let mut fields = Fields::new();
    for column in <M::Entity as sea_orm::EntityTrait>::Column::iter() {
        let name = column.as_str();
        let secret = SECRET_WORDS.iter().any(|word| name.contains(word));
        if name == "team_id" || name == id || secret {
            continue;
        }
        fields.insert(camel_case(name), shown(name, row.get(column)));
    }
    fields
}

/// A column as a text, such as the id that a row is found by.
pub fn text<M: ModelTrait>(row: &M, wanted: &str) -> String {
    <M::Entity as sea_orm::EntityTrait>::Column::iter()
        .find(|column| column.as_str() == wanted)
        .map(|column| match sea_value_to_json_value(&row.get(column)) {
            Value::String(text) => text,
            other => other.to_string(),
        })
        .unwrap_or_default()
}

/// The names of the fields that two states of a row do not share.
pub fn changed(before: &Fields, after: &Fields) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let absent = Value::Null;
    let of = |fields: &Fields, name: &str| fields.get(name).unwrap_or(&absent).clone();
    names
        .into_iter()
        .filter(|name| !BOOKKEEPING.contains(&name.as_str()))
        .filter(|name| of(before, name) != of(after, name))
        .cloned()
        .collect()
}

fn shown(column: &str, value: SqlValue) -> Value {
    let text = match value {
        // Ids have more digits than the numbers of JavaScript.
        SqlValue::BigInt(Some(id)) if column.ends_with("id") || column == "key_result_of" => {
            return Value::String(id.to_string());
        }
        // What is left would put quotes around dates.
        SqlValue::ChronoDate(Some(day)) => return Value::String(day.to_string()),
        SqlValue::ChronoDateTimeUtc(Some(at)) => {
            return Value::String(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
        }
        other => sea_value_to_json_value(&other),
    };
    match &text {
        Value::String(json) if JSON_COLUMNS.contains(&column) => {
            serde_json::from_str(json).unwrap_or(text)
        }
        _ => text,
    }
}

/// A name of SQL as GraphQL writes it.
pub fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut joined = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        joined.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        joined.push_str(letters.as_str());
    }
    joined
}

#[cfg(test)]
mod tests {
    use entity::{api_key_secret, budget};

    use super::*;

    #[test]
    fn a_row_is_shown_without_team_id_and_hash() {
        let secret = api_key_secret::Model {
            team_id: 1,
            api_key_id: 2,
            prefix: "kpg_00".into(),
            hash: "h".into(),
            created_at: "2026-06-15T12:00:00Z".parse().unwrap(),
            ends_at: None,
        };
        let shown = serde_json::json!({ "prefix": "kpg_00", "createdAt": "2026-06-15T12:00:00Z", "endsAt": null });
        assert_eq!(Value::Object(fields(&secret, "api_key_id")), shown);
    }

    #[test]
    fn ids_are_texts_and_amounts_are_numbers() {
        let budget = budget::Model {
            team_id: 1,
            id: 2,
            campaign_id: 3,
            starts_on: "2026-06-01".parse().unwrap(),
            ends_on: "2026-06-30".parse().unwrap(),
            amount: 5_000_000,
            currency: "EUR".into(),
        };
        let shown = serde_json::json!({ "id": "2", "startsOn": "2026-06-01", "endsOn": "2026-06-30",
            "amount": 5_000_000, "currency": "EUR" });
        assert_eq!(Value::Object(fields(&budget, "campaign_id")), shown);
        assert_eq!(text(&budget, "campaign_id"), "3");
    }

    #[test]
    fn a_change_is_told_by_the_fields_that_differ() {
        let of = |value: Value| value.as_object().cloned().unwrap();
        let before = of(serde_json::json!({ "name": "a", "paid": true, "version": 1 }));
        let after =
            of(serde_json::json!({ "name": "b", "paid": true, "version": 2, "kind": "EMAIL" }));
        assert_eq!(changed(&before, &after), ["kind", "name"]);
        assert_eq!(changed(&before, &before), [""; 0]);
    }
}
