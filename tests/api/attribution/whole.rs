//! What holds for any journeys: credits of every model add up to the same total, whatever they are grouped by, and
//! both databases give the same answer.

use std::{collections::BTreeMap, fmt::Write};

use entity::{channel, conversion, customer, touchpoint, values::ChannelKind};
use kpigraph::store::TeamStore;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::touch;
use crate::{
    fixtures::{self, clock, day, deliver_all, noon, range},
    support::{App, TestDatabase, json::path},
};

const MODELS: [&str; 9] = [
    "FIRST_TOUCH",
    "LAST_TOUCH",
    "LAST_NON_DIRECT",
    "LINEAR",
    "TIME_DECAY",
    "POSITION_BASED",
    "W_SHAPED",
    "MARKOV",
    "SHAPLEY",
];
const CASES: u32 = 6;

/// A touch or a conversion: of whom, on which day of May, through which channel, worth what.
type Step = (i64, u32, i64, Option<i64>);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = prop::option::weighted(0.3, 0..1_000_000_007_i64);
    prop::collection::vec((1..8_i64, 1..29_u32, 0..5_i64, value), 1..60)
}

async fn write(team: &TeamStore, steps: &[Step]) {
    let writer = team.begin("fixture").await.unwrap();
    let kinds = [
        ChannelKind::Direct,
        ChannelKind::PaidSearch,
        ChannelKind::Email,
        ChannelKind::Video,
    ];
    let channels = (1..).zip(kinds).map(|(id, kind)| channel::Model {
        kind,
        ..fixtures::channel(id, &format!("channel {id}"))
    });
    writer
        .insert::<channel::Entity>(channels.collect())
        .await
        .unwrap();
    writer
        .insert::<customer::Entity>((1..8).map(fixtures::customer).collect())
        .await
        .unwrap();
    let (mut touches, mut conversions): (Vec<touchpoint::Model>, Vec<conversion::Model>) =
        Default::default();
    for (id, (person, date, channel, value)) in (1..).zip(steps) {
        let on = format!("2026-05-{date:02}");
        match value {
            None => touches.push(touch(id, *person, &on, (*channel > 0).then_some(*channel))),
            Some(value) => conversions.push(conversion::Model {
                customer_id: (*person < 7).then_some(*person),
                value: Some(*value),
                occurred_at: noon(&on),
                day: day(&on),
                ..fixtures::conversion(id, if *channel > 2 { "sale" } else { "call" }, &on, None)
            }),
        }
    }
    writer.insert::<touchpoint::Entity>(touches).await.unwrap();
    writer
        .insert::<conversion::Entity>(conversions)
        .await
        .unwrap();
    deliver_all(&writer, "shop", "2026-05-01", "2026-06-01").await;
    writer.commit().await.unwrap();
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

/// Checks the report and the KPIs, and gives all answers as one text.
async fn answers(database: &TestDatabase, steps: &[Step]) -> String {
    let app = App::start(database, clock()).await;
    let team = app.team("acme").await;
    write(&team, steps).await;
    let token = app.token("acme", kpigraph::auth::Role::Owner);
    let mut all = String::new();
    let period = range("2026-05-01", "2026-05-31");
    let worth = steps.iter().filter_map(|step| step.3);
    let count = Decimal::from(worth.clone().count());
    let worth = Decimal::new(worth.sum(), 6);
    for by in ["CHANNEL", "CHANNEL_KIND", "SOURCE"] {
        for restart in [false, true] {
            let input = json!({ "period": period, "models": MODELS, "groupBy": by, "restartAfterConversion": restart });
            let report = super::report(&app, &token, input).await;
            let mut sums: BTreeMap<&str, [Decimal; 2]> = BTreeMap::new();
            for row in report["rows"].as_array().unwrap() {
                for credit in row["credits"].as_array().unwrap() {
                    let sum = sums.entry(credit["model"].as_str().unwrap()).or_default();
                    sum[0] += decimal(&credit["conversions"]);
                    sum[1] += decimal(&credit["revenue"]["amount"]);
                }
            }
            let left = &report["unattributed"];
            for (model, [conversions, amount]) in sums {
                assert_eq!(
                    conversions + decimal(&left["conversions"]),
                    count,
                    "{model} by {by}"
                );
                assert_eq!(
                    amount + decimal(&left["revenue"]["amount"]),
                    worth,
                    "{model} by {by}"
                );
            }
            assert_eq!(decimal(path(&report, "reconciliation.total")), count);
            assert_eq!(decimal(path(&report, "valueReconciliation.total")), worth);
            writeln!(all, "{report}").unwrap();
        }
    }
    let query = "query ($input: MetricsInput!) { metrics(first: 1000, input: $input) {
        totals { values { value } } nodes { dimensions { key } values { value undefinedReason { code } } } } }";
    for model in MODELS {
        for groups in [
            json!([{ "dimension": "CHANNEL" }]),
            json!([{ "dimension": "CONVERSION_TYPE" }, { "dimension": "TIME", "grain": "WEEK" }]),
        ] {
            let input = json!({ "metrics": ["CONVERSIONS", "CONVERSION_VALUE"], "groupBy": groups, "period": period, "fill": "NONE",
                "options": { "basis": "ATTRIBUTED", "attribution": { "model": model } } });
            let answer = app.graphql(&token, query, json!({ "input": input })).await;
            let metrics = path(&answer, "data.metrics");
            for place in [0, 1] {
                let value = |row: &Value| decimal(&row["values"][place]["value"]);
                let sum: Decimal = metrics["nodes"].as_array().unwrap().iter().map(value).sum();
                assert_eq!(sum, value(&metrics["totals"]), "{model} by {groups}");
                assert_eq!(sum, [count, worth][place], "{model} by {groups}");
            }
            writeln!(all, "{metrics}").unwrap();
        }
    }
    all
}

#[test]
fn credits_of_every_model_add_up_to_the_same_total_and_databases_agree() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 20,
        ..Config::default()
    });
    runner
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let one = answers(&TestDatabase::sqlite(), &steps).await;
                if let Some(database) = TestDatabase::postgres().await {
                    assert_eq!(one, answers(&database, &steps).await);
                }
            });
            Ok(())
        })
        .unwrap();
}
