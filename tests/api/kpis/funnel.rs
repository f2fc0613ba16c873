//! `funnel`: people on their way from lead to customer.

use entity::{channel, customer, orders, stage_event, values::LifecycleStage as Stage};
use kpigraph::{
    auth::{Role, Scope},
    store::TeamStore,
};
use serde_json::{Value, json};

use super::{may, shop, shown};
use crate::{
    fixtures::{self, deliver_all, fill, order, range, refusal, stage, start, units},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const FUNNEL: &str = "query ($input: FunnelInput!) { funnel(input: $input) {
    period { from to } comparedTo { from to } overall { ...v } steps { ...s }
    splits { acquisition { label } overall { ...v } steps { ...s } } } }
    fragment s on FunnelStep { key entered converted dropOff rate { ...v } medianTimeToNext p25TimeToNext p75TimeToNext
        p90TimeToNext meanTimeToNext }
    fragment v on KpiValue { metric { key } value numerator denominator undefinedReason { code }
        quality { complete provisional } comparison { absolute baseline { value undefinedReason { code } } } }";
const DAY: i64 = 86_400;

/// Four leads of May: one who passes every stage, one who skips MQL, one who takes 38 days, one who bought before. One
/// of April.
async fn leads(team: &TeamStore) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let stages = [
        (1, Stage::Lead, "2026-05-01"),
        (1, Stage::Mql, "2026-05-03"),
        (1, Stage::Sqo, "2026-05-10"),
        (2, Stage::Lead, "2026-05-02"),
        (2, Stage::Sql, "2026-05-06"),
        (3, Stage::Lead, "2026-05-03"),
        (3, Stage::Mql, "2026-06-10"),
        (4, Stage::Lead, "2026-05-04"),
        (4, Stage::Lead, "2026-05-14"),
        (4, Stage::Churned, "2026-05-15"),
        (5, Stage::Lead, "2026-04-30"),
    ];
    let stages = (1..)
        .zip(stages)
        .map(|(id, (person, entered, on))| stage(id, person, entered, on));
    let person = |id: i64| customer::Model {
        acquired_channel_id: Some(1 + id % 2),
        ..fixtures::customer(id)
    };
    let bought = vec![
        order(1, Some(1), "2026-05-20", units(10)),
        order(2, Some(4), "2026-04-01", units(10)),
    ];
    let done = async {
        let channels = vec![
            fixtures::channel(1, "Search"),
            fixtures::channel(2, "Social"),
        ];
        writer.insert::<channel::Entity>(channels).await?;
        writer
            .insert::<customer::Entity>((1..6).map(person).collect())
            .await?;
        writer
            .insert::<stage_event::Entity>(stages.collect())
            .await?;
        writer.insert::<orders::Entity>(bought).await?;
        writer.refresh_order_days(&[1, 2, 3, 4, 5]).await?;
        writer.refresh_stages(&[1, 2, 3, 4, 5]).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "crm", "2026-04-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
}

fn input(more: &[(&str, Value)]) -> Value {
    let mut input = json!({ "period": may(), "steps": ["LEAD", "MQL", "CUSTOMER"] });
    for (name, value) in more {
        input[*name] = value.clone();
    }
    json!({ "input": input })
}

async fn ask(app: &App, token: &str, more: &[(&str, Value)]) -> Value {
    let answer = app.graphql(token, FUNNEL, input(more)).await;
    path(&answer, "data.funnel").clone()
}

/// Steps as texts: stage, entered, converted, rate.
fn steps(of: &Value) -> Vec<String> {
    let step = |step: &Value| {
        let rate = match step["rate"].is_null() {
            true => "-".to_owned(),
            false => shown(&step["rate"]),
        };
        let key = step["key"].as_str().expect("a stage");
        format!("{key} {} {} {rate}", step["entered"], step["converted"])
    };
    of["steps"]
        .as_array()
        .expect("a list")
        .iter()
        .map(step)
        .collect()
}

on_both_databases! {
    async fn a_step_is_reached_by_its_stage_or_a_later_one_since_the_first(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        leads(&team).await;
        let found = ask(&app, &token, &[]).await;
        assert_eq!(steps(&found), ["LEAD 4 3 0.75", "MQL 3 1 0.333333333333333", "CUSTOMER 1 null -"]);
        assert_eq!((shown(&found["overall"]).as_str(), path(&found, "overall.denominator")), ("0.25", &json!("4")));
        let lead = path(&found, "steps.0");
        assert_eq!(lead["dropOff"], 1);
        assert_eq!(path(lead, "rate.metric.key"), "STAGE_CONVERSION_RATE");
        assert_eq!(path(lead, "rate.quality"), &json!({ "complete": true, "provisional": true }));
        // After 2, 4 and 38 days.
        let times = ["p25TimeToNext", "medianTimeToNext", "p75TimeToNext", "p90TimeToNext", "meanTimeToNext"];
        assert_eq!(times.map(|name| lead[name].as_i64()), [3 * DAY, 4 * DAY, 21 * DAY, 312 * DAY / 10, 44 * DAY / 3].map(Some));
        assert_eq!(path(&found, "steps.1.medianTimeToNext"), 17 * DAY);
        assert!(path(&found, "steps.2.medianTimeToNext").is_null());

        let within = ask(&app, &token, &[("windowDays", json!(30))]).await;
        assert_eq!(steps(&within), ["LEAD 4 2 0.5", "MQL 2 1 0.5", "CUSTOMER 1 null -"]);
        let shorter = ask(&app, &token, &[("windowDays", json!(4))]).await;
        assert_eq!(steps(&shorter), ["LEAD 4 2 0.5", "MQL 2 0 0", "CUSTOMER 0 null -"]);
        assert_eq!(path(&shorter, "overall.quality.provisional"), false);
        let any = ask(&app, &token, &[("order", json!("ANY"))]).await;
        assert_eq!(steps(&any), ["LEAD 4 4 1", "MQL 4 2 0.5", "CUSTOMER 2 null -"]);
    }

    async fn a_rate_of_the_catalogue_is_that_of_the_funnel_of_two_steps(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        leads(&team).await;
        let query = "query ($period: PeriodInput!) { viewer { team { kpis(period: $period) {
            leadToMqlRate { value } mqlToSalRate { value } sqlToSqoRate { value } sqoToCustomerRate { value } stageConversionRate { numerator denominator } } } } }";
        for period in [may(), range("2026-04-01", "2026-06-14")] {
            let answer = app.graphql(&token, query, json!({ "period": period })).await;
            let kpis = path(&answer, "data.viewer.team.kpis");
            let mut entries = (0, 0);
            for (field, from, to) in [
                ("leadToMqlRate", "LEAD", "MQL"),
                ("mqlToSalRate", "MQL", "SAL"),
                ("sqlToSqoRate", "SQL", "SQO"),
                ("sqoToCustomerRate", "SQO", "CUSTOMER"),
            ] {
                let found = ask(&app, &token, &[("period", period.clone()), ("steps", json!([from, to]))]).await;
                assert_eq!(path(&found, "overall.value"), path(kpis, &format!("{field}.value")), "{field}");
                let step = path(&found, "steps.0");
                entries.0 += step["converted"].as_i64().expect("a count");
                entries.1 += step["entered"].as_i64().expect("a count");
            }
            let all = path(kpis, "stageConversionRate");
            assert_eq!(all, &json!({ "numerator": entries.0.to_string(), "denominator": entries.1.to_string() }));
        }
    }

    async fn orders_make_customers_and_repeats(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let found = ask(&app, &token, &[
            ("period", range("2026-04-01", "2026-05-31")), ("steps", json!(["CUSTOMER", "REPEAT"])),
        ]).await;
        assert_eq!(steps(&found), ["CUSTOMER 3 2 0.666666666666667", "REPEAT 2 null -"]);
        // After 23 and 6 days.
        assert_eq!(path(&found, "steps.0.medianTimeToNext"), 29 * DAY / 2);
    }

    async fn funnels_are_split_and_compared(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        leads(&team).await;
        let compare = json!({ "compareTo": { "to": "PREVIOUS_PERIOD" } });
        let found = ask(&app, &token, &[("splitBy", json!("CHANNEL")), ("options", compare)]).await;
        let splits = found["splits"].as_array().expect("a list");
        let told: Vec<_> = splits.iter().map(|of| (path(of, "acquisition.0.label").clone(), steps(of))).collect();
        assert_eq!(told, [
            (json!("Search"), vec!["LEAD 2 1 0.5".to_owned(), "MQL 1 0 0".into(), "CUSTOMER 0 null -".into()]),
            (json!("Social"), vec!["LEAD 2 2 1".to_owned(), "MQL 2 1 0.5".into(), "CUSTOMER 1 null -".into()]),
        ]);
        assert_eq!(found["comparedTo"], json!({ "from": "2026-04-01", "to": "2026-04-30" }));
        assert_eq!(path(&found, "overall.comparison.absolute"), "0.25");
        assert_eq!(path(&found, "steps.0.rate.comparison.absolute"), "0.75");
        let baseline = path(&found, "steps.1.rate.comparison.baseline.undefinedReason.code");
        assert_eq!(baseline, "ZERO_DENOMINATOR");
        assert_eq!(path(splits.last().expect("a split"), "steps.0.rate.comparison.absolute"), "1");
    }

    async fn what_cannot_be_asked_is_refused_with_what_can(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        leads(&team).await;
        for (name, value, code, part) in [
            ("steps", json!(["LEAD"]), "LIMIT_EXCEEDED", "input.steps: 1 steps were given; 2 to 8"),
            ("steps", json!(["MQL", "LEAD"]), "BAD_USER_INPUT", "input.steps[1]: 'LEAD' is not allowed"),
            ("steps", json!(["LEAD", "LEAD"]), "BAD_USER_INPUT", "input.steps[1]"),
            ("steps", json!(["LEAD", "CHURNED"]), "BAD_USER_INPUT", "input.steps[1]: 'CHURNED'"),
            ("windowDays", json!(0), "BAD_USER_INPUT", "input.windowDays: '0' is not allowed; 1 to 3650"),
            ("splitBy", json!("PROPERTY"), "BAD_USER_INPUT", "input.splitBy"),
        ] {
            let refused = refusal(&app, &token, FUNNEL, input(&[(name, value)])).await;
            assert_eq!(refused.0, code);
            assert!(refused.1.contains(part), "{}", refused.1);
        }
        let none = app.token_with("acme", Role::Owner, [Scope::CampaignsRead], chrono::TimeDelta::hours(1));
        assert_eq!(refusal(&app, &none, FUNNEL, input(&[])).await.0, "FORBIDDEN");
    }

    async fn nobody_entered_is_not_the_same_as_nothing_delivered(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let period = range("2026-02-01", "2026-02-28");
        let empty = ask(&app, &token, &[("period", period.clone())]).await;
        assert_eq!(shown(&empty["overall"]), "NO_DATA");
        shop(&team).await;
        let quiet = ask(&app, &token, &[("period", period)]).await;
        assert_eq!(shown(&quiet["overall"]), "ZERO_DENOMINATOR");
        let other = app.team("other").await;
        fill(&other, "other", 3).await;
        let (_, one) = app.graphql_counted(&token, FUNNEL, input(&[])).await;
        fill(&team, "many", 20).await;
        let (found, many) = app.graphql_counted(&token, FUNNEL, input(&[("period", range("2026-06-01", "2026-06-14"))])).await;
        assert_eq!(one, many);
        assert_eq!(path(&found, "data.funnel.steps.0.entered"), 20);
    }
}
