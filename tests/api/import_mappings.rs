//! Mappings of columns: saved by a team, used by its imports, unknown to others.

use kpigraph::{
    auth::{Role, Scope},
    import::{ImportAsk, Layout, Report, import},
    store::TeamStore,
};
use serde_json::{Value, json};

use crate::{
    fixtures::start,
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const SET: &str =
    "mutation ($input: SetImportMappingInput!) { done: setImportMapping(input: $input) {
    importMapping { id name format source decimal dates version columns { column breakdown names value } }
    errors { code path message } } }";
const DELETE: &str =
    "mutation ($input: DeleteImportMappingInput!) { done: deleteImportMapping(input: $input) {
    importMapping { name } errors { code path message } } }";
const ALL: &str = "{ importMappings { id name version } }";
const SPEND: &str =
    "{ metrics(input: { period: { range: { from: \"2026-06-01\", to: \"2026-06-02\" } },
    metrics: [SPEND, CLICKS], groupBy: [{ dimension: CAMPAIGN }] })
    { nodes { dimensions { label } values { formatted } } } }";

async fn run(app: &App, token: &str, mutation: &str, input: Value) -> Value {
    let answer = app
        .graphql(token, mutation, json!({ "input": input }))
        .await;
    path(&answer, "data.done").clone()
}

fn column(to: &str, names: &[&str]) -> Value {
    json!({ "column": to, "names": names })
}

fn agency() -> Value {
    json!({ "name": "agency", "format": "AD_STATS", "source": "agency", "decimal": "COMMA", "dates": "DAY_FIRST",
        "columns": [column("date", &["Datum"]), column("campaign_id", &["Aktion"]), column("spend", &["Mediakosten (netto)", "Kosten"]),
            column("clicks", &["Klicks"]), column("region", &["Gebiet"]),
            { "column": "currency", "value": "EUR" }, { "column": "country", "names": ["Land"], "value": "DE" }] })
}

/// The paths and words of mistakes.
async fn mistakes(app: &App, token: &str, input: Value) -> Vec<String> {
    let done = run(app, token, SET, input).await;
    assert!(done["importMapping"].is_null(), "{done}");
    let errors = done["errors"].as_array().unwrap().iter();
    errors
        .map(|error| text(error, "message").to_owned())
        .collect()
}

async fn load(team: &TeamStore, mapping: &str, file: &str) -> Result<Report, String> {
    let layout = Layout::saved(team, mapping)
        .await
        .map_err(|error| error.to_string())?;
    let ask = ImportAsk {
        layout: Some(layout),
        ..ImportAsk::recognised()
    };
    let read = import(team, &ask, file.as_bytes(), &|_| ()).await;
    read.map_err(|error| error.to_string())
}

on_both_databases! {
    async fn a_saved_mapping_reads_a_file_of_nobody_s_layout(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let made = run(&app, &token, SET, agency()).await;
        assert_eq!(made["errors"], json!([]));
        assert_eq!(path(&made, "importMapping.columns.4"),
            &json!({ "column": "region", "breakdown": true, "names": ["Gebiet"], "value": null }));
        assert_eq!(path(&made, "importMapping.columns.0.breakdown"), false);
        let file = "Auswertung der Agentur;;;;;;\n\
            Datum;Aktion;mediakosten netto;Klicks;Gebiet;Land;Quote\n\
            01.06.2026;Sommer;1.234,50;10;Nord;;1,5\n\
            02.06.2026;Sommer;12,50;3;Süd;AT;2,5\n";
        let report = load(&team, "agency", file).await.unwrap();
        assert_eq!((report.written, report.refused), (2, 0), "{report}");
        let answer = app.graphql(&token, SPEND, json!({})).await;
        let row = path(&answer, "data.metrics.nodes.0");
        assert_eq!(row["values"], json!([{ "formatted": "€1,247.00" }, { "formatted": "13" }]));
        // Once more changes nothing, and a file without what the format needs is refused by the names of the mapping.
        assert_eq!(load(&team, "agency", file).await.unwrap().unchanged, 2);
        let error = load(&team, "agency", "Datum;Kosten\n01.06.2026;1\n").await.unwrap_err();
        assert!(error.contains("this is not agency: the column aktion is missing"), "{error}");
    }

    async fn a_mapping_is_changed_at_its_version_and_removed(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let made = run(&app, &token, SET, agency()).await;
        let id = text(&made, "importMapping.id").to_owned();
        let change = json!({ "id": id, "version": 1, "name": "agency 2", "decimal": null });
        let changed = run(&app, &token, SET, change.clone()).await;
        assert_eq!((path(&changed, "importMapping.name"), path(&changed, "importMapping.decimal")), (&json!("agency 2"), &Value::Null));
        assert_eq!(path(&changed, "importMapping.columns"), path(&made, "importMapping.columns"));
        assert_eq!(path(&run(&app, &token, SET, change).await, "errors.0.code"), "CONFLICT");
        let node = app.graphql(&token, "query ($id: ID!) { node(id: $id) { ... on ImportMapping { name } } }", json!({ "id": id })).await;
        assert_eq!(text(&node, "data.node.name"), "agency 2");
        let again = mistakes(&app, &token, json!({ "name": "agency 2", "format": "AD_STATS", "columns": agency()["columns"] })).await;
        assert_eq!(again, ["input.name: there is a mapping named agency 2 already"]);
        let gone = run(&app, &token, DELETE, json!({ "id": id, "version": 2 })).await;
        assert_eq!(text(&gone, "importMapping.name"), "agency 2");
        assert_eq!(app.graphql(&token, ALL, json!({})).await["data"]["importMappings"], json!([]));
        let error = load(&team, "agency 2", "a\n1\n").await.unwrap_err();
        assert!(error.contains("the team has saved none"), "{error}");
    }

    async fn mistakes_name_the_column_and_what_is_allowed(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let missing = mistakes(&app, &token, json!({})).await;
        assert_eq!(missing.len(), 3, "{missing:?}");
        let mut input = agency();
        input["source"] = json!(" x ");
        input["columns"] = json!([column("spend", &["Kosten"]), column("Clicks", &["Klicks"]), column("spend", &["kosten"]),
            column("cpc", &[]), column("region", &["…"])]);
        let told = mistakes(&app, &token, input).await;
        let expected = [
            "input.source: ' x ' was given",
            "input.columns: ad-stats needs campaign_id",
            "input.columns[1]: 'Clicks' is no name of a column",
            "input.columns[2]: 'spend' is there twice",
            "input.columns[2]: the file's column 'kosten' is taken twice",
            "input.columns[3]: 'cpc' needs a name in the file or a value",
            "input.columns[4]: '…' has no letter or digit",
        ];
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(expected), "{told} / {expected}");
        }
    }

    async fn another_team_and_a_lesser_key_have_no_way_to_it(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let other = app.team("other").await;
        let made = run(&app, &token, SET, agency()).await;
        let stranger = app.token("other", Role::Owner);
        assert_eq!(app.graphql(&stranger, ALL, json!({})).await["data"]["importMappings"], json!([]));
        let change = json!({ "id": made["importMapping"]["id"], "version": 1, "name": "mine" });
        let refused = mistakes(&app, &stranger, change).await;
        assert_eq!(refused, ["input.id: there is no mapping with this id"]);
        assert!(load(&other, "agency", "a\n1\n").await.is_err());
        let reader = app.token_with("acme", Role::Owner, [Scope::MetricsRead], chrono::TimeDelta::hours(1));
        for (query, variables) in [(ALL, json!({})), (SET, json!({ "input": agency() }))] {
            let (_, _, body) = app.graphql_raw(&reader, query, variables).await;
            assert_eq!(text(&body, "errors.0.extensions.code"), "FORBIDDEN", "{body}");
        }
    }
}
