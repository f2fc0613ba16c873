//! `cohorts`: the shop's customers of April and May, followed month by month.

use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{shop, shown};
use crate::{
    fixtures::{fill, range, refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const COHORTS: &str = "query ($input: CohortInput!) { cohorts(input: $input) {
    period { from to } comparedTo { from to }
    cohorts { start bucket { label } size acquisition { key label }
        cells { offset complete period { from } retained { ...v } revenue { ...v } cumulativeLtv { ...v } } }
    summary { size acquisition { label }
        cells { offset cohorts size retained { ...v } revenue { ...v } cumulativeLtv { ...v } } } } }
    fragment v on KpiValue { metric { key } value numerator denominator undefinedReason { code } quality { complete provisional }
        comparison { absolute period { from } baseline { value } } }";

fn input(more: &[(&str, Value)]) -> Value {
    let mut input =
        json!({ "period": range("2026-04-01", "2026-05-31"), "grain": "MONTH", "periods": 3 });
    for (name, value) in more {
        input[*name] = value.clone();
    }
    json!({ "input": input })
}

async fn ask(app: &App, token: &str, variables: Value) -> Value {
    let answer = app.graphql(token, COHORTS, variables).await;
    path(&answer, "data.cohorts").clone()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// Cells as texts: offset, the three values, and a star when incomplete.
fn cells(of: &Value) -> Vec<String> {
    let cell = |cell: &Value| {
        let values = ["retained", "revenue", "cumulativeLtv"].map(|name| shown(&cell[name]));
        let star = if cell["complete"] == false { " *" } else { "" };
        format!("{}: {}{star}", cell["offset"], values.join(" "))
    };
    list(&of["cells"]).iter().map(cell).collect()
}

on_both_databases! {
    async fn cohorts_are_followed_month_by_month_until_today(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let table = ask(&app, &token, input(&[])).await;
        let cohorts = list(&table["cohorts"]);
        let heads: Vec<_> = cohorts.iter().map(|cohort| (cohort["start"].clone(), cohort["size"].clone())).collect();
        assert_eq!(heads, [(json!("2026-04-01"), json!(1)), (json!("2026-05-01"), json!(2))]);
        assert_eq!(path(&cohorts[0], "bucket.label"), "2026-04");
        // The order of April came with a refund in May; one of May's with a refund in May, one with one in June.
        assert_eq!(cells(&cohorts[0]), ["0: 1 40 10", "1: 1 90 70", "2: 0 0 70 *"]);
        assert_eq!(cells(&cohorts[1]), ["0: 1 300 60", "1: 0 -50 60 *"]);
        let retained = path(&cohorts[1], "cells.1.retained");
        assert_eq!((&retained["numerator"], &retained["denominator"]), (&json!("0"), &json!("2")));
        assert_eq!(retained["quality"], json!({ "complete": false, "provisional": true }));
        let keys = ["retained", "revenue", "cumulativeLtv"].map(|name| path(&cohorts[0], &format!("cells.0.{name}.metric.key")));
        assert_eq!(keys, ["RETENTION_RATE", "REVENUE", "CLV_COHORT"]);
        // June is over for nobody; May is for the cohort of April alone.
        let summary = list(&table["summary"]);
        assert_eq!((summary.len(), &summary[0]["size"]), (1, &json!(3)));
        assert_eq!(cells(&summary[0]), ["0: 1 340 43.333333333333333", "1: 1 90 70"]);
        assert_eq!(path(&summary[0], "cells.1.size"), 1);
    }

    async fn cohorts_are_split_by_who_acquired_them(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let table = ask(&app, &token, input(&[("splitBy", json!("CHANNEL"))])).await;
        let told = |of: &Value| (path(of, "acquisition.0.label").clone(), of["size"].clone(), cells(of)[0].clone());
        let found: Vec<_> = list(&table["cohorts"]).iter().map(told).collect();
        assert_eq!(found, [
            (json!("Search"), json!(1), "0: 1 40 10".to_owned()),
            (json!("Search"), json!(1), "0: 1 300 140".to_owned()),
            (json!("Social"), json!(1), "0: 1 0 -20".to_owned()),
        ]);
        let found: Vec<_> = list(&table["summary"]).iter().map(told).collect();
        assert_eq!(found, [
            (json!("Search"), json!(2), "0: 1 340 75".to_owned()),
            (json!("Social"), json!(1), "0: 1 0 -20".to_owned()),
        ]);
        for by in ["CAMPAIGN", "CHANNEL_KIND", "OBJECTIVE", "COUNTRY"] {
            let table = ask(&app, &token, input(&[("splitBy", json!(by))])).await;
            let sizes = list(&table["cohorts"]).iter().map(|cohort| cohort["size"].as_i64().expect("a size"));
            assert_eq!(sizes.sum::<i64>(), 3, "{by}");
        }
    }

    async fn cohorts_are_compared_with_those_before_them_at_the_same_age(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let may = range("2026-05-01", "2026-05-31");
        let compare = json!({ "compareTo": { "to": "PREVIOUS_PERIOD" } });
        let table = ask(&app, &token, input(&[("period", may), ("options", compare)])).await;
        assert_eq!(table["comparedTo"], json!({ "from": "2026-04-01", "to": "2026-04-30" }));
        let second = path(&table, "cohorts.0.cells.1");
        // June is not over: what May's customers will do in it cannot be set beside what April's did in all of May.
        assert_eq!(path(second, "complete"), false);
        assert_eq!(path(second, "retained.comparison"), &Value::Null);
        let first = path(&table, "cohorts.0.cells.0");
        assert_eq!(path(first, "revenue.comparison.baseline.value"), "40");
        assert_eq!(path(first, "revenue.comparison.absolute"), "260");
        assert_eq!(path(first, "cumulativeLtv.comparison.period.from"), "2026-04-01");
    }

    async fn weeks_and_other_grains_cut_the_same_customers(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for grain in ["DAY", "WEEK", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"] {
            let table = ask(&app, &token, input(&[("grain", json!(grain)), ("periods", json!(60))])).await;
            let cohorts = list(&table["cohorts"]);
            let sizes = cohorts.iter().map(|cohort| cohort["size"].as_i64().expect("a size"));
            assert_eq!(sizes.sum::<i64>(), 3, "{grain}");
            assert!(cohorts.iter().all(|cohort| path(cohort, "cells.0.retained.value") == "1"), "{grain}");
        }
        let table = ask(&app, &token, input(&[("grain", json!("WEEK")), ("periods", json!(60))])).await;
        // The customer of Friday, 10 April came again on Sunday, 3 May, three weeks later.
        let again = list(path(&table, "cohorts.0.cells")).iter().filter(|cell| path(cell, "retained.value") == "1");
        assert_eq!(again.map(|cell| cell["offset"].clone()).collect::<Vec<_>>(), [json!(0), json!(3)]);
    }

    async fn amounts_need_their_scope_and_an_unknown_cost_leaves_values_open(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let scopes = [Scope::MetricsRead];
        let poor = app.token_with("acme", Role::Owner, scopes, chrono::TimeDelta::hours(1));
        let table = ask(&app, &poor, input(&[])).await;
        assert_eq!(cells(path(&table, "cohorts.0"))[1], "1: 1 NOT_PERMITTED NOT_PERMITTED");
        database.execute("UPDATE orders SET cost_of_goods = NULL WHERE id = 2").await.expect("a cost is forgotten");
        let table = ask(&app, &token, input(&[])).await;
        let found = cells(path(&table, "cohorts.0"));
        assert_eq!(found, ["0: 1 40 10", "1: 1 90 MISSING_COST", "2: 0 0 MISSING_COST *"]);
    }

    async fn what_cannot_be_asked_is_refused_with_what_can(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for (name, value, part) in [
            ("periods", json!(0), "input.periods: '0' is not allowed; 1 to 400 are allowed"),
            ("periods", json!(401), "1 to 400 are allowed"),
            ("splitBy", json!("DEVICE"), "input.splitBy: 'DEVICE' is not allowed; CAMPAIGN, CHANNEL"),
            ("splitBy", json!("CUSTOMER"), "input.splitBy"),
        ] {
            let (code, message) = refusal(&app, &token, COHORTS, input(&[(name, value)])).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.contains(part), "{message}");
        }
        let none = app.token_with("acme", Role::Owner, [Scope::CampaignsRead], chrono::TimeDelta::hours(1));
        let (code, _) = refusal(&app, &none, COHORTS, input(&[])).await;
        assert_eq!(code, "FORBIDDEN");
    }

    async fn the_statements_do_not_grow_with_the_cohorts_and_other_teams_do_not_matter(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "few", 2).await;
        let split = || input(&[("grain", json!("DAY")), ("splitBy", json!("CHANNEL")), ("periods", json!(50))]);
        let ask = || app.graphql_counted(&token, COHORTS, split());
        let (alone, few) = ask().await;
        let other = app.team("other").await;
        fill(&other, "other", 3).await;
        assert_eq!(ask().await.0, alone);
        fill(&team, "many", 20).await;
        let (_, many) = ask().await;
        assert_eq!(few, many);
        let unfilled = app.team("empty").await;
        assert_eq!(unfilled.team().slug, "empty");
        let empty = app.graphql(&app.token("empty", Role::Owner), COHORTS, split()).await;
        assert_eq!(path(&empty, "data.cohorts.cohorts"), &json!([]));
    }
}
