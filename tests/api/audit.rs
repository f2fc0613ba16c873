//! The audit log: every write leaves who, what, before and after, and nothing that must not be kept.

use chrono::TimeDelta;
use kpigraph::{
    auth::{Role, Scope},
    import::{Format, ImportAsk, import},
};
use serde_json::{Value, json};

use crate::{
    fixtures::{global_id, refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const LOG: &str = "query ($filter: AuditLogFilter, $first: Int, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { at actorKind actor apiKeyId operation action entity entityId changedFields before after } } }";

/// Runs a mutation whose payload has the row `field`; gives the payload.
async fn run(app: &App, token: &str, operation: &str, field: &str, input: Value) -> Value {
    let name = match operation.strip_prefix("archive") {
        Some(_) => "ArchiveInput".to_owned(),
        None => format!("{}{}Input", operation[..1].to_uppercase(), &operation[1..]),
    };
    let query = format!(
        "mutation ($input: {name}!) {{ done: {operation}(input: $input) {{ {field} errors {{ message }} }} }}"
    );
    let answer = app.graphql(token, &query, json!({ "input": input })).await;
    path(&answer, "data.done").clone()
}

async fn done(app: &App, token: &str, operation: &str, field: &str, input: Value) -> Value {
    let payload = run(app, token, operation, field, input).await;
    assert_eq!(payload["errors"], json!([]), "{operation}");
    payload
}

async fn log(app: &App, token: &str, filter: Value) -> Vec<Value> {
    let answer = app
        .graphql(token, LOG, json!({ "filter": filter, "first": 100 }))
        .await;
    let nodes = path(&answer, "data.auditLog.nodes")
        .as_array()
        .expect("nodes are a list");
    assert_eq!(path(&answer, "data.auditLog.totalCount"), nodes.len());
    nodes.clone()
}

on_both_databases! {
    async fn every_mutation_leaves_its_entry(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let campaign = global_id("Campaign", 0);
        let steps = [
            ("createCampaign", "campaign", "CAMPAIGN", json!({ "name": "Spring", "objective": "SALES" })),
            ("updateCampaign", "campaign", "CAMPAIGN", json!({ "version": 1, "name": "Summer" })),
            ("archiveCampaign", "campaign", "CAMPAIGN", json!({ "version": 2 })),
            ("createChannel", "channel", "CHANNEL", json!({ "name": "News", "kind": "EMAIL", "paid": false })),
            ("updateChannel", "channel", "CHANNEL", json!({ "version": 1, "paid": true })),
            ("archiveChannel", "channel", "CHANNEL", json!({ "version": 2 })),
            ("setGoal", "goal", "GOAL", json!({ "name": "Grow", "owner": "Ada", "deadline": "2026-12-31" })),
            ("archiveGoal", "goal", "GOAL", json!({ "version": 1 })),
            ("setBenchmark", "benchmark", "BENCHMARK", json!({ "metric": "CTR", "industry": "retail", "p50": "0.1",
                "source": "a report", "asOf": "2026-01-01" })),
            ("deleteBenchmark", "benchmark", "BENCHMARK", json!({ "version": 1 })),
            ("setAlertRule", "alertRule", "ALERT_RULE", json!({ "name": "Odd", "metric": "CTR", "condition": "ANOMALY" })),
            ("deleteAlertRule", "alertRule", "ALERT_RULE", json!({ "version": 1 })),
            ("setExperiment", "experiment", "EXPERIMENT", json!({ "name": "Blue", "startsOn": "2026-06-01",
                "variants": [{ "name": "a", "exposures": 9, "conversions": 1 },
                    { "name": "b", "exposures": 9, "conversions": 2 }] })),
            ("deleteExperiment", "experiment", "EXPERIMENT", json!({ "version": 1 })),
            ("defineMetric", "metric", "METRIC_DEFINITION", json!({ "name": "Ratio", "expression": "REVENUE / ORDERS" })),
            ("updateMetric", "metric", "METRIC_DEFINITION", json!({ "version": 1, "name": "Basket" })),
            ("archiveMetric", "metric", "METRIC_DEFINITION", json!({ "version": 2 })),
            ("setImportMapping", "importMapping", "IMPORT_MAPPING", json!({ "name": "own", "format": "FIGURES",
                "columns": [{ "column": "date", "names": ["day"] }, { "column": "figure", "names": ["what"] },
                    { "column": "value", "names": ["much"] }] })),
            ("deleteImportMapping", "importMapping", "IMPORT_MAPPING", json!({ "version": 1 })),
            ("createApiKey", "apiKey", "API_KEY", json!({ "name": "sync", "scopes": ["INGEST"] })),
            ("rotateApiKey", "apiKey", "API_KEY", json!({})),
            ("revokeApiKey", "apiKey", "API_KEY", json!({})),
        ];
        let mut id = json!(campaign);
        for (operation, field, entity, mut input) in steps {
            let (makes, ends) = (input.get("name").is_some() && input.get("version").is_none() || operation == "setBenchmark",
                operation.starts_with("delete"));
            if !makes {
                input["id"] = id.clone();
            }
            let payload = done(&app, &token, operation, &format!("{field} {{ id }}"), input).await;
            id = payload[field]["id"].clone();
            let entry = &log(&app, &token, json!({})).await[0];
            let action = if makes { "CREATED" } else if ends { "DELETED" } else { "CHANGED" };
            assert_eq!((text(entry, "operation"), text(entry, "entity"), text(entry, "action")), (operation, entity, action));
            assert_eq!((&entry["actorKind"], &entry["actor"], &entry["apiKeyId"]), (&json!("USER"), &json!("tester"), &Value::Null));
            assert_eq!(entry["entityId"], id, "{operation}");
            assert_eq!(entry["at"], "2026-06-15T12:00:00+00:00");
            assert_eq!((entry["before"].is_null(), entry["after"].is_null()), (makes, ends), "{operation}: {entry:#}");
            assert!(!entry["changedFields"].as_array().unwrap().is_empty(), "{operation}: {entry:#}");
        }
        for (operation, field, entity, input, changed) in [
            ("updateTeamSettings", "team { name }", "TEAM", json!({ "version": 1, "churnDays": 90 }), "churnDays"),
            ("setAttributionSettings", "settings { version }", "TEAM", json!({ "version": 2, "lookbackDays": 8 }), "attribution"),
            ("setChannelRules", "settings { version }", "TEAM", json!({ "version": 3,
                "rules": [{ "field": "SOURCE", "pattern": "x", "kind": "VIDEO" }] }), "channelRules"),
            ("setDashboard", "dashboard { version }", "DASHBOARD", json!({ "audience": "MANAGER", "metrics": ["CTR"],
                "version": 0 }), "metrics"),
        ] {
            done(&app, &token, operation, field, input).await;
            let entry = &log(&app, &token, json!({})).await[0];
            assert_eq!((text(entry, "operation"), text(entry, "entity")), (operation, entity));
            assert_eq!(entry["changedFields"], json!([changed]), "{entry:#}");
        }
        let dashboard = &log(&app, &token, json!({ "entity": "DASHBOARD", "entityId": "MANAGER" })).await[0];
        assert_eq!(path(dashboard, "after.metrics"), &json!(["CTR"]));
    }

    async fn a_change_is_told_with_the_whole_row_before_and_after(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let channel = done(&app, &token, "createChannel", "channel { id }", json!({ "name": "News", "kind": "EMAIL",
            "paid": false })).await;
        let channel = channel["channel"]["id"].clone();
        let made = done(&app, &token, "createCampaign", "campaign { id }", json!({ "name": "Spring", "objective": "SALES",
            "startsOn": "2026-06-01", "endsOn": "2026-06-30", "budget": "300", "channels": [channel] })).await;
        let id = made["campaign"]["id"].clone();
        let entry = &log(&app, &token, json!({ "entityId": id })).await[0];
        assert_eq!(path(entry, "after.channels"), &json!([{ "channelId": channel }]));
        assert_eq!(path(entry, "after.budgets.0.amount"), 300_000_000);
        assert_eq!((path(entry, "after.name"), path(entry, "after.startsOn")), (&json!("Spring"), &json!("2026-06-01")));
        done(&app, &token, "updateCampaign", "campaign { id }", json!({ "id": id, "version": 1, "name": "Summer",
            "channels": [channel], "budget": "400" })).await;
        let entries = log(&app, &token, json!({ "entityId": id })).await;
        assert_eq!(entries.len(), 2);
        let entry = &entries[0];
        assert_eq!(entry["changedFields"], json!(["budgets", "name"]), "{entry:#}");
        assert_eq!((path(entry, "before.name"), path(entry, "after.name")), (&json!("Spring"), &json!("Summer")));
        assert_eq!(path(entry, "before.budgets.0.amount"), 300_000_000);
        assert_eq!(path(entry, "after.budgets.0.amount"), 400_000_000);
        assert_eq!((path(entry, "before.version"), path(entry, "after.version")), (&json!(1), &json!(2)));
        assert!(entry["after"].get("teamId").is_none());
    }

    async fn of_customers_only_ids_and_the_names_of_fields_are_kept(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let item = |name: &str| json!({ "ref": { "external": { "system": "crm", "id": "7" } },
            "email": "ada@lovelace.example", "name": name });
        let upsert = async |item: Value, dry: bool| {
            let query = "mutation ($input: UpsertCustomersInput!) { upsertCustomers(input: $input) {
                results { outcome customer { id } } } }";
            let input = json!({ "source": "crm", "dryRun": dry, "items": [item] });
            let answer = app.graphql(&token, query, json!({ "input": input })).await;
            path(&answer, "data.upsertCustomers.results.0").clone()
        };
        upsert(item("Ada"), true).await;
        assert!(log(&app, &token, json!({})).await.is_empty(), "a dry run writes nothing");
        let made = upsert(item("Ada"), false).await;
        upsert(item("Ada"), false).await;
        upsert(item("Countess"), false).await;
        let entries = log(&app, &token, json!({ "entity": "CUSTOMER" })).await;
        assert_eq!(entries.len(), 2, "what stays as it is leaves nothing: {entries:#?}");
        let [changed, created] = &entries[..] else { unreachable!("two entries") };
        assert_eq!((text(created, "action"), text(changed, "action")), ("CREATED", "CHANGED"));
        assert_eq!(changed["changedFields"], json!(["name"]));
        for entry in &entries {
            assert_eq!(entry["entityId"], made["customer"]["id"]);
            assert_eq!((&entry["before"], &entry["after"]), (&Value::Null, &Value::Null));
        }
        let stored = database.rows("SELECT changed || COALESCE(before, '') || COALESCE(after, '') FROM audit_entry")
            .await.unwrap();
        let stored = format!("{stored:?}");
        for personal in ["lovelace", "Ada", "Countess"] {
            assert!(!stored.contains(personal), "{stored}");
        }
    }

    async fn what_is_refused_leaves_nothing(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let made = done(&app, &token, "createChannel", "channel { id }", json!({ "name": "News", "kind": "EMAIL",
            "paid": false })).await;
        let id = &made["channel"]["id"];
        for (operation, input) in [
            ("createChannel", json!({ "name": "News", "kind": "EMAIL", "paid": false })),
            ("updateChannel", json!({ "id": id, "version": 9, "paid": true })),
            ("updateChannel", json!({ "id": "nonsense", "version": 1, "paid": true })),
        ] {
            let refused = run(&app, &token, operation, "channel { id }", input).await;
            assert!(refused["channel"].is_null());
        }
        assert_eq!(log(&app, &token, json!({})).await.len(), 1);
    }

    async fn an_import_leaves_one_entry_that_counts(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let file = "order_id,customer_email,ordered_at,gross\n1,ada@x.example,2026-06-01,10\n2,bob@x.example,2026-06-02,20\n";
        let mut ask = ImportAsk::new(Format::Orders);
        ask.source = "shop".to_owned();
        let report = import(&team, &ask, file.as_bytes(), &|_| {}).await.unwrap();
        assert!(report.committed, "{report}");
        let entries = log(&app, &token, json!({ "operation": "import" })).await;
        assert_eq!(entries.len(), 1);
        let entry = &entries[0];
        assert_eq!((text(entry, "action"), text(entry, "actorKind"), text(entry, "actor")), ("LOADED", "COMMAND_LINE", "cli"));
        assert_eq!((&entry["entity"], &entry["entityId"], &entry["before"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!((path(entry, "after.layout"), path(entry, "after.source")), (&json!("orders"), &json!("shop")));
        assert_eq!(path(entry, "after.rows"), &json!({ "read": 2, "written": 2, "unchanged": 0, "refused": 0 }));
        assert_eq!(path(entry, "after.written.orders"), 2);
        assert!(!entry.to_string().contains("x.example"));
        import(&team, &ask, file.as_bytes(), &|_| {}).await.unwrap();
        import(&team, &ask, file.replace("20\n", "twenty\n").as_bytes(), &|_| {}).await.unwrap();
        let entries = log(&app, &token, json!({ "actorKind": "COMMAND_LINE" })).await;
        assert_eq!(entries.len(), 2, "a repeat is told, a refused file is not");
        assert_eq!(path(&entries[0], "after.rows.unchanged"), 2);
    }

    async fn what_a_key_does_is_told_by_its_prefix(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let made = done(&app, &token, "createApiKey", "secret apiKey { id }", json!({ "name": "sync",
            "scopes": ["CAMPAIGNS_WRITE", "CAMPAIGNS_READ"] })).await;
        let secret = text(&made, "secret");
        done(&app, secret, "createChannel", "channel { id }", json!({ "name": "News", "kind": "EMAIL", "paid": false })).await;
        let entries = log(&app, &token, json!({ "actorKind": "API_KEY" })).await;
        assert_eq!(entries.len(), 1);
        assert_eq!((&entries[0]["actor"], &entries[0]["apiKeyId"]), (&json!(secret[..16]), &made["apiKey"]["id"]));
        assert_eq!(log(&app, &token, json!({ "actor": &secret[..16] })).await, entries);
        let created = &log(&app, &token, json!({ "operation": "createApiKey" })).await[0];
        assert_eq!(path(created, "after.secrets.0.prefix"), &secret[..16]);
        assert!(path(created, "after.secrets.0").get("hash").is_none(), "{created:#}");
    }

    async fn it_is_read_newest_first_by_filters_and_by_those_who_may(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        app.team("other").await;
        for name in ["a", "b", "c"] {
            done(&app, &token, "createChannel", "channel { id }", json!({ "name": name, "kind": "EMAIL", "paid": false })).await;
        }
        let first = app.graphql(&token, LOG, json!({ "first": 2 })).await;
        let names = |answer: &Value| -> Vec<String> {
            let nodes = path(answer, "data.auditLog.nodes").as_array().unwrap();
            nodes.iter().map(|node| text(node, "after.name").to_owned()).collect()
        };
        assert_eq!(names(&first), ["c", "b"]);
        let after = path(&first, "data.auditLog.pageInfo.endCursor");
        let rest = app.graphql(&token, LOG, json!({ "first": 2, "after": after })).await;
        assert_eq!((names(&rest), path(&rest, "data.auditLog.pageInfo.hasNextPage")), (vec!["a".to_owned()], &json!(false)));
        let id = path(&first, "data.auditLog.nodes.0.entityId");
        for (filter, count) in [(json!({ "entity": "CHANNEL" }), 3), (json!({ "entity": "GOAL" }), 0),
            (json!({ "operation": "createChannel" }), 3), (json!({ "operation": "updateChannel" }), 0),
            (json!({ "entityId": id }), 1), (json!({ "entityId": id, "entity": "GOAL" }), 0),
            (json!({ "entityId": "nonsense" }), 0), (json!({ "actor": "tester" }), 3), (json!({ "actor": "eve" }), 0)] {
            assert_eq!(log(&app, &token, filter.clone()).await.len(), count, "{filter}");
        }
        let theirs = app.token("other", Role::Owner);
        for filter in [json!({}), json!({ "entityId": id })] {
            assert!(log(&app, &theirs, filter).await.is_empty());
        }
        for scope in [Scope::TeamAdmin, Scope::MoneyRead] {
            let scopes = Scope::ALL.into_iter().filter(|other| *other != scope);
            let without = app.token_with("acme", Role::Owner, scopes, TimeDelta::hours(1));
            let (code, message) = refusal(&app, &without, LOG, json!({})).await;
            assert_eq!(code, "FORBIDDEN");
            assert!(message.contains(scope.as_str()), "{message}");
        }
        let (_, one) = app.graphql_counted(&token, "{ auditLog(first: 1) { nodes { id } } }", json!({})).await;
        let (_, many) = app.graphql_counted(&token, "{ auditLog { nodes { id before after } } }", json!({})).await;
        assert_eq!((one, many), (2, 2));
    }
}
