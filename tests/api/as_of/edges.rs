//! What may be asked, what cannot be told, and whom it concerns.

use kpigraph::import::Format;
use serde_json::{Value, json};

use super::{Then, june, load, tell};
use crate::{
    fixtures::refusal,
    support::{
        TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const ADS: &str = "date,campaign_id,impressions,clicks,spend\n2026-06-01,7,1000,10,5.00\n";

/// Every twin table but that of loads, of which each import is one.
const HISTORIES: [&str; 13] = [
    "ad_day_history",
    "web_day_history",
    "orders_history",
    "refund_history",
    "stage_event_history",
    "opportunity_history",
    "conversion_history",
    "touchpoint_history",
    "customer_history",
    "cost_item_history",
    "cost_day_history",
    "budget_day_history",
    "fx_rate_history",
];

/// How many former versions there are, by table.
async fn versions(database: &TestDatabase) -> Vec<String> {
    let counts = HISTORIES
        .map(|table| format!("SELECT '{table} ' || COUNT(*) FROM {table} HAVING COUNT(*) > 0"));
    let rows = database.rows(&counts.join(" UNION ALL ")).await;
    rows.expect("versions can be counted").concat()
}

on_both_databases! {
    async fn the_instant_asked_is_echoed_and_may_not_lie_in_the_future(database: TestDatabase) {
        let now = Then::on(&database, "2026-06-10T12:00:00Z").await;
        now.load(Format::AdStats, ADS).await;
        let query = "query ($asOf: DateTime) { viewer { team { kpis(period: { preset: ALL_TIME }, options: { asOf: $asOf })
            { spend { quality { asOf } provenance { asOf } } } } } }";
        let told = async |as_of: Value| {
            let answer = now.app.graphql(&now.token, query, json!({ "asOf": as_of })).await;
            path(&answer, "data.viewer.team.kpis.spend").clone()
        };
        let at = |text: &str| Value::from(format!("{text}+00:00"));
        let (noon, third) = (at("2026-06-10T12:00:00"), at("2026-06-03T08:00:00"));
        assert_eq!(told(Value::Null).await, json!({ "quality": { "asOf": noon }, "provenance": { "asOf": null } }));
        let then = told("2026-06-03T10:00:00+02:00".into()).await;
        assert_eq!(then, json!({ "quality": { "asOf": third }, "provenance": { "asOf": third } }));

        let future = json!({ "asOf": "2026-06-10T12:00:01Z" });
        let (code, message) = refusal(&now.app, &now.token, query, future.clone()).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(
            message.contains("options.asOf") && message.contains("2026-06-10T12:00:01Z") && message.contains("future"),
            "{message}"
        );
        let metrics = "query ($input: MetricsInput!) { metrics(input: $input) { totalCount } }";
        let input = json!({ "input": { "metrics": ["SPEND"], "period": june(), "options": future } });
        assert_eq!(refusal(&now.app, &now.token, metrics, input).await, (code, message));
    }

    async fn facts_without_versions_are_null_with_a_reason_and_not_those_of_today(database: TestDatabase) {
        let now = Then::on(&database, "2026-06-10T12:00:00Z").await;
        now.load(Format::Leads, "lead_id,created_at,city\nann,2026-06-01,Rome\n").await;
        let asked = async |metric: &str, groups: Value, as_of: Option<&str>| {
            let options = json!({ "asOf": as_of });
            let input = json!({ "metrics": [metric], "groupBy": groups, "period": june(), "options": options });
            let answer = now.metrics(input).await;
            let value = path(&answer, "totals.values.0").clone();
            (value["value"].clone(), value["undefinedReason"]["code"].clone(), value["undefinedReason"]["message"].clone())
        };
        let by_city = || json!([{ "dimension": "PROPERTY", "property": "city" }]);
        assert_eq!(asked("LEADS", by_city(), None).await.0, "1");
        // The total has no cut, so it is told; the rows are what cannot be.
        assert_eq!(asked("LEADS", by_city(), Some(now.at)).await.0, "1");
        let filter = json!({ "dimension": { "dimension": "PROPERTY", "property": "city", "op": "EQ", "values": ["Rome"] } });
        let options = json!({ "asOf": now.at });
        let input = json!({ "metrics": ["LEADS"], "filter": filter, "period": june(), "options": options });
        let reason = now.metrics(input).await["nodes"][0]["values"][0]["undefinedReason"].clone();
        assert_eq!(reason["code"], "NO_HISTORY");
        assert_eq!(reason["message"], "PROPERTY of leads is not kept by version");
        // Mailings, accounts, surveys and counts of people keep no versions yet.
        for metric in ["EMAILS_DELIVERED", "FOLLOWERS", "NPS", "REACH", "CONTENT_PUBLISHED"] {
            let (value, code, message) = asked(metric, json!([]), Some(now.at)).await;
            assert_eq!((value, code), (Value::Null, "NO_HISTORY".into()), "{metric}");
            assert!(message.as_str().unwrap_or_default().ends_with("is not kept by version"), "{message}");
        }
    }

    async fn what_was_today_then_is_today_in_the_answer(database: TestDatabase) {
        let then = Then::on(&database, "2026-06-03T12:00:00Z").await;
        then.load(Format::AdStats, ADS).await;
        let now = Then::on(&database, "2026-07-20T12:00:00Z").await;
        let input = json!({ "metrics": ["SPEND"], "period": { "preset": "THIS_MONTH" },
            "options": { "asOf": then.at, "compareTo": { "to": "PREVIOUS_PERIOD" } } });
        let told = now.metrics(input).await;
        let meta = path(&told, "meta");
        assert_eq!((text(meta, "period.from"), text(meta, "period.to")), ("2026-06-01", "2026-06-30"));
        // Two days of June were over, and so are compared with two of May.
        assert_eq!((text(meta, "comparedTo.from"), text(meta, "comparedTo.to")), ("2026-05-01", "2026-05-02"));
        assert_eq!(path(meta, "period.complete"), false);
        assert_eq!(path(&told, "nodes.0.values.0.quality.complete"), false);
    }

    async fn files_that_say_the_same_again_make_no_versions(database: TestDatabase) {
        let files = [
            (Format::AdStats, ADS),
            (Format::WebStats, "date,sessions\n2026-06-01,10\n"),
            (Format::Orders, "order_id,customer_id,ordered_at,amount\n1,ann,2026-06-01,10\n2,ann,2026-06-02,10\n"),
            (Format::Refunds, "refund_id,order_id,refunded_at,amount\nr,1,2026-06-02,1\n"),
            (Format::Leads, "lead_id,created_at,email\nann,2026-06-01,ann@example.com\n"),
            (Format::StageEvents, "customer_id,stage,entered_at\nann,MQL,2026-06-02\n"),
            (Format::Deals, "deal_id,lead_id,opened_at,closed_at,outcome,amount\nd,ann,2026-06-01,2026-06-02,WON,9\n"),
            (Format::Touchpoints, "touch_id,customer_id,occurred_at,is_conversion\nt,ann,2026-06-01,true\n"),
            (Format::Costs, "cost_id,starts_on,ends_on,amount\nc,2026-06-01,2026-06-02,3\n"),
            (Format::FxRates, "date,from,to,rate\n2026-06-02,USD,EUR,0.9\n"),
        ];
        let instants = ["2026-06-03T12:00:00Z", "2026-06-04T12:00:00Z", "2026-06-05T12:00:00Z"];
        let mut former = Vec::new();
        for at in instants {
            let then = Then::on(&database, at).await;
            for (format, file) in &files {
                assert_eq!(then.load(*format, file).await.refused, 0, "{format:?}");
            }
            former.push(versions(&database).await);
        }
        // The refund changed its order, and what is known of the customer came in three files.
        assert_eq!(former[0], ["orders_history 1", "customer_history 3"]);
        assert_eq!(former[1], former[0]);
        assert_eq!(former[2], former[0]);
    }

    async fn another_team_s_versions_are_nobody_s(database: TestDatabase) {
        let ours = Then::of(&database, "ours", "2026-06-03T12:00:00Z").await;
        ours.load(Format::AdStats, ADS).await;
        let said = ours.tell(None).await;
        let later = Then::of(&database, "ours", "2026-06-10T12:00:00Z").await;
        let (theirs, token) = Then::team(&later.app, "theirs").await;
        for spend in ["6.00", "7.00"] {
            load(&theirs, Format::AdStats, &ADS.replace("5.00", spend)).await;
        }
        let last = Then::of(&database, "theirs", "2026-06-12T12:00:00Z").await;
        last.load(Format::AdStats, &ADS.replace("5.00", "8.00")).await;
        assert_eq!(versions(&database).await, ["ad_day_history 2"]);
        assert_eq!(later.tell(Some(ours.at)).await.to_string(), said.to_string());
        assert_eq!(later.june("SPEND", None).await, "5");
        assert_eq!(last.june("SPEND", Some(later.at)).await, "7");
        // Nothing was theirs then.
        let their_past = tell(&later.app, &token, Some(ours.at)).await;
        assert_eq!(path(&their_past, "0.nodes.0.values.0.undefinedReason.code"), "NO_DATA");
    }

    async fn the_past_takes_as_many_statements_as_the_present(database: TestDatabase) {
        let then = Then::on(&database, "2026-06-03T12:00:00Z").await;
        then.load(Format::AdStats, ADS).await;
        then.load(Format::Orders, "order_id,customer_id,ordered_at,amount\n1,ann,2026-06-01,10\n").await;
        let token = &then.token;
        let query = "query ($asOf: DateTime) { campaigns { nodes {
            kpis(period: { preset: ALL_TIME }, options: { asOf: $asOf }) { spend { value } roas { value } cac { value } } } } }";
        let mut counts = Vec::new();
        for as_of in [None, Some(then.at)] {
            counts.push(then.app.graphql_counted(token, query, json!({ "asOf": as_of })).await);
        }
        assert_eq!(counts[0], counts[1]);
    }
}
