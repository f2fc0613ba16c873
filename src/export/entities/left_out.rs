//! What is not exported.

/// The tables of a team that are not exported, and why.
pub const NOT_EXPORTED: &[(&str, &str)] = &[
    ("ad_day_staged", "rows on their way into ad_day"),
    ("web_day_staged", "rows on their way into web_day"),
    ("api_key", "listed by apiKeys; of no use elsewhere"),
    ("api_key_secret", "secrets"),
    ("audit_entry", "read by auditLog"),
    ("budget_day", "follows from budgets"),
    ("cost_day", "follows from costs"),
    ("event", "what happened, for webhooks and live queries"),
    ("external_ref", "each row names its own"),
    ("idempotency_key", "answers of calls, for a few days"),
    (
        "customer_erasure",
        "told by customers; says of whom nothing is left",
    ),
    (
        "customer_merge",
        "told by customers; holds what undoing needs",
    ),
    ("import_chunk", "files on their way in"),
    ("import_error", "read by imports"),
    ("import_job", "read by imports"),
    ("import_mapping", "read by importMappings"),
    ("metric_version", "read by versions of metric definitions"),
    ("quota_bucket", "what is left of an allowance"),
    ("tombstone", "read by changes"),
    ("watched", "what was told of goals and rules last"),
    ("webhook_attempt", "read by webhookDeliveries"),
    ("webhook_delivery", "read by webhookDeliveries"),
    ("webhook_endpoint", "read by webhookEndpoints"),
    ("webhook_health", "how long an endpoint has failed"),
    ("webhook_secret", "secrets"),
];
