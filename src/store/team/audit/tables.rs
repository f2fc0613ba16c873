//! What the audit log keeps of each table.

use entity::audit_entry::Subject;

/// What the log keeps of a written row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// The whole row before and after, under the id in this column.
    Row(Subject, &'static str),
    /// The row as one of a list of this name within the row that this column refers to.
    Part(Subject, &'static str, &'static str),
    /// The id in this column and which fields changed, never their values: the row is about a person.
    Fields(Subject, &'static str),
    /// How many were written: rows that come by the thousand.
    Count,
    /// Nothing: the row follows from others, or serves the service itself.
    Nothing,
}

impl Trace {
    /// What is kept of a table; a table that is not listed is counted.
    pub fn of(table: &str) -> Self {
        TABLES
            .iter()
            .find(|(name, _)| *name == table)
            .map_or(Self::Count, |(_, trace)| *trace)
    }
}

/// Every table of a team.
const TABLES: &[(&str, Trace)] = &[
    ("ad_day", Trace::Count),
    ("ad_day_staged", Trace::Nothing),
    ("alert_rule", Trace::Row(Subject::AlertRule, "id")),
    ("api_key", Trace::Row(Subject::ApiKey, "id")),
    (
        "api_key_secret",
        Trace::Part(Subject::ApiKey, "api_key_id", "secrets"),
    ),
    ("audit_entry", Trace::Nothing),
    ("benchmark", Trace::Row(Subject::Benchmark, "id")),
    (
        "budget",
        Trace::Part(Subject::Campaign, "campaign_id", "budgets"),
    ),
    ("budget_day", Trace::Nothing),
    ("campaign", Trace::Row(Subject::Campaign, "id")),
    (
        "campaign_channel",
        Trace::Part(Subject::Campaign, "campaign_id", "channels"),
    ),
    ("channel", Trace::Row(Subject::Channel, "id")),
    ("content_item", Trace::Count),
    ("conversion", Trace::Count),
    ("cost_day", Trace::Nothing),
    ("cost_item", Trace::Count),
    ("customer", Trace::Fields(Subject::Customer, "id")),
    ("customer_erasure", Trace::Count),
    ("customer_merge", Trace::Count),
    ("dashboard", Trace::Row(Subject::Dashboard, "audience")),
    ("email_day", Trace::Count),
    ("event", Trace::Nothing),
    ("experiment", Trace::Row(Subject::Experiment, "id")),
    (
        "experiment_variant",
        Trace::Part(Subject::Experiment, "experiment_id", "variants"),
    ),
    ("external_ref", Trace::Nothing),
    ("fx_rate", Trace::Count),
    ("goal", Trace::Row(Subject::Goal, "id")),
    ("idempotency_key", Trace::Nothing),
    ("import_mapping", Trace::Row(Subject::ImportMapping, "id")),
    ("import_chunk", Trace::Nothing),
    ("import_error", Trace::Nothing),
    ("import_job", Trace::Row(Subject::Import, "id")),
    (
        "metric_definition",
        Trace::Row(Subject::MetricDefinition, "id"),
    ),
    ("metric_version", Trace::Nothing),
    ("opportunity", Trace::Count),
    ("orders", Trace::Count),
    ("outside_day", Trace::Count),
    ("people_count", Trace::Count),
    ("quota_bucket", Trace::Nothing),
    ("refund", Trace::Count),
    ("social_day", Trace::Count),
    ("source_load", Trace::Nothing),
    ("stage_event", Trace::Count),
    ("survey_response", Trace::Count),
    ("tombstone", Trace::Nothing),
    ("touchpoint", Trace::Count),
    ("watched", Trace::Nothing),
    ("web_day", Trace::Count),
    ("web_day_staged", Trace::Nothing),
    ("webhook_attempt", Trace::Nothing),
    ("webhook_delivery", Trace::Nothing),
    (
        "webhook_endpoint",
        Trace::Row(Subject::WebhookEndpoint, "id"),
    ),
    ("webhook_health", Trace::Nothing),
    (
        "webhook_secret",
        Trace::Part(Subject::WebhookEndpoint, "endpoint_id", "secrets"),
    ),
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn it_is_decided_for_every_table_of_a_team_what_the_log_keeps() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("entity/src");
        let mut tables = Vec::new();
        let files = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        for file in files.filter(|path| path.is_file()) {
            let text = fs::read_to_string(file).unwrap();
            if text.contains("impl TeamOwned for") {
                let name = text.split("table_name = \"").nth(1).unwrap();
                tables.push(name.split('"').next().unwrap().to_owned());
            }
        }
        assert!(tables.len() > 30, "{tables:?}");
        tables.retain(|table| !TABLES.iter().any(|(name, _)| name == table));
        assert!(tables.is_empty(), "add them to TABLES: {tables:?}");
    }
}
