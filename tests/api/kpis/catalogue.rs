//! Every KPI of the catalogue, worked out by hand, by both doors.

use serde_json::{Value, json};

use super::{VALUE, field, may, metrics, shop, shown};
use kpigraph::{
    auth::Role,
    demo,
    time::{Clock, DateRange},
};

use crate::{
    fixtures::{day, global_id, noon, range, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// May of the shop. Advertising: 250 for 40 000 impressions, 500 clicks, 10 conversions worth 750. Other costs: 80, of
/// which 30 to win customers. Orders: 5 for 500, refunds of theirs 110, refunds paid in May 70, goods 180. The only
/// customer of April came again; of the two new ones one did, and both brought 360 less 110 less 130 against a cost of
/// 280.
const MAY: &[(&str, &str)] = &[
    ("SPEND", "250"),
    ("MARKETING_COST", "330"),
    ("IMPRESSIONS", "40000"),
    ("REACH", "16000"),
    ("FREQUENCY", "2.5"),
    ("CLICKS", "500"),
    ("VIDEO_VIEWS", "800"),
    ("WATCH_TIME", "8000"),
    ("AVG_WATCH_TIME", "10"),
    ("ENGAGEMENT_RATE", "0.04"),
    ("ENGAGEMENT_RATE_BY_REACH", "0.1"),
    ("IMPRESSION_SHARE", "0.6"),
    ("TOP_IMPRESSION_SHARE", "0.4"),
    ("SESSIONS", "1000"),
    ("USERS", "800"),
    ("NEW_VISITORS", "500"),
    ("RETURNING_VISITORS", "300"),
    ("PAGE_VIEWS", "2500"),
    ("PAGES_PER_SESSION", "2.5"),
    ("AVG_TIME_ON_PAGE", "20"),
    ("SESSION_ENGAGEMENT_RATE", "0.6"),
    ("BOUNCE_RATE", "0.4"),
    ("PAGE_VALUE", "0.3"),
    ("EMAILS_DELIVERED", "980"),
    ("OPEN_RATE", "0.5"),
    ("OPEN_RATE_ADJUSTED", "0.3"),
    ("EMAIL_CLICK_RATE", "0.1"),
    ("CTOR", "0.2"),
    ("UNSUBSCRIBE_RATE", "0.05"),
    ("EMAIL_BOUNCE_RATE", "0.02"),
    ("COMPLAINT_RATE", "0.001020408163265"),
    ("FOLLOWERS", "1100"),
    ("NET_NEW_FOLLOWERS", "100"),
    ("FOLLOWER_GROWTH", "0.1"),
    ("LIKES", "300"),
    ("SHARES", "40"),
    ("SOCIAL_ENGAGEMENT_RATE", "0.04"),
    ("ENGAGEMENT_RATE_BY_FOLLOWERS", "0.4"),
    ("CONTENT_PUBLISHED", "2"),
    ("BRAND_MENTIONS", "30"),
    ("SHARE_OF_VOICE", "0.25"),
    ("BRAND_SEARCH_VOLUME", "700"),
    ("BRAND_AWARENESS_AIDED", "0.75"),
    ("BRAND_AWARENESS_UNAIDED", "0.25"),
    ("SENTIMENT", "0.4"),
    ("MARKET_SHARE", "0.1"),
    ("MARKET_GROWTH", "0.075"),
    ("AD_PENETRATION", "0.25"),
    ("LEADS", "3"),
    ("MQLS", "2"),
    ("SALS", "2"),
    ("SQLS", "2"),
    ("SQOS", "1"),
    ("LEAD_QUALITY", "0.666666666666667"),
    ("TRAFFIC_TO_MQL", "0.002"),
    ("CALL_LEADS", "1"),
    ("CONVERSIONS", "10"),
    ("CONVERSION_VALUE", "750"),
    ("ORDERS", "5"),
    ("REVENUE", "430"),
    ("REVENUE_GROWTH", "9.75"),
    ("NEW_CUSTOMER_REVENUE", "150"),
    ("GROSS_MARGIN", "210"),
    ("ACTIVE_CUSTOMERS", "3"),
    ("NEW_CUSTOMERS", "2"),
    ("RETURNING_CUSTOMERS", "1"),
    ("CTR", "0.0125"),
    ("CPC", "0.5"),
    ("CPM", "6.25"),
    ("CPA", "25"),
    ("CPL", "83.333333333333333"),
    ("COST_PER_MQL", "125"),
    ("COST_PER_SQO", "250"),
    ("KEY_EVENTS", "27"),
    ("WEB_REVENUE", "600"),
    ("CONVERSION_RATE", "0.025"),
    ("VISITOR_CONVERSION_RATE", "0.025"),
    ("LP_CONVERSION_RATE", "0.033333333333333"),
    ("CLICK_CONVERSION_RATE", "0.02"),
    ("AOV", "97.5"),
    ("ROAS", "3"),
    ("ROI", "-0.363636363636364"),
    ("ROI_REVENUE", "0.181818181818182"),
    ("CAC", "140"),
    ("PAID_CAC", "125"),
    ("MER", "1.303030303030303"),
    ("COST_TO_REVENUE", "0.767441860465116"),
    ("REPEAT_PURCHASE_RATE", "0.666666666666667"),
    ("NPS", "25"),
    ("CSAT", "0.5"),
    ("REPEAT_PURCHASE_RATE_30", "0.5"),
    ("REPEAT_PURCHASE_RATE_90", "0.5"),
    ("REPEAT_PURCHASE_RATE_365", "0.5"),
    ("RETENTION_RATE", "1"),
    ("CHURN_RATE", "0"),
    ("LAPSED_RATE", "0"),
    ("CLV_HISTORIC", "63.333333333333333"),
    ("CLV_COHORT", "60"),
    ("CLV_PREDICTED", "700"),
    ("LTV_TO_CAC", "0.428571428571429"),
    ("CAC_PAYBACK", "NOT_PAID_BACK"),
    ("LEAD_TO_MQL_RATE", "0.666666666666667"),
    ("MQL_TO_SAL_RATE", "1"),
    ("SAL_TO_SQL_RATE", "1"),
    ("SQL_TO_SQO_RATE", "0.5"),
    ("SQO_TO_CUSTOMER_RATE", "1"),
    ("STAGE_CONVERSION_RATE", "0.8"),
    ("WON_DEALS", "2"),
    ("LOST_DEALS", "1"),
    ("WON_AMOUNT", "1000"),
    ("WIN_RATE", "0.666666666666667"),
    ("LEAD_CLOSE_RATE", "0.666666666666667"),
    ("AVERAGE_DEAL_VALUE", "1000"),
    ("PIPELINE_CONTRIBUTION", "0.4"),
    ("PIPELINE_CONTRIBUTION_INFLUENCED", "0.6"),
    ("SALES_VELOCITY", "200"),
    ("BUDGET_PACING", "0.32258064516129"),
];

/// All KPIs of the entity that `entity` selects, by their keys' order above.
async fn typed(app: &App, token: &str, entity: &str, at: &str, options: &str) -> Vec<Value> {
    let fields: String = MAY
        .iter()
        .map(|(key, _)| format!("{} {{ ...v }} ", field(key)))
        .collect();
    let kpis = format!("kpis(period: $period{options}) {{ {fields} }}");
    let query = format!(
        "query ($period: PeriodInput!) {{ {} }} {VALUE}",
        entity.replace("KPIS", &kpis)
    );
    let answer = app.graphql(token, &query, json!({ "period": may() })).await;
    let kpis = path(&answer, at);
    MAY.iter()
        .map(|(key, _)| kpis[field(key)].clone())
        .collect()
}

/// A metrics value without its comparison.
fn bare(value: &Value) -> Value {
    let mut value = value.clone();
    value
        .as_object_mut()
        .expect("a value is an object")
        .remove("comparison");
    value
}

/// The values of all KPIs by `metrics`, which takes forty at a time; `row` picks those of one row.
async fn general(app: &App, token: &str, ask: Value, row: impl Fn(&Value) -> Value) -> Vec<Value> {
    let mut values = Vec::new();
    for chunk in MAY.chunks(40) {
        let mut ask = ask.clone();
        ask["metrics"] = chunk.iter().map(|(key, _)| *key).collect();
        let answer = metrics(app, token, ask).await;
        match row(&answer) {
            Value::Array(row) => values.extend(row.iter().map(bare)),
            _ => values.extend(chunk.iter().map(|_| Value::Null)),
        }
    }
    values
}

async fn general_totals(app: &App, token: &str) -> Vec<Value> {
    let totals = |answer: &Value| path(answer, "totals.values").clone();
    general(app, token, json!({ "period": may() }), totals).await
}

on_both_databases! {
    async fn every_kpi_of_the_catalogue_has_the_number_that_the_hand_gets(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let catalogue = app.graphql(&token, "{ metricCatalog { key name description formula measures } }", json!({}));
        let catalogue = catalogue.await;
        let entries = path(&catalogue, "data.metricCatalog").as_array().expect("a list").clone();
        let keys: Vec<_> = entries.iter().map(|entry| text(entry, "key")).collect();
        assert_eq!(keys, MAY.iter().map(|(key, _)| *key).collect::<Vec<_>>(), "a KPI without a number worked out by hand");
        assert!(entries.iter().all(|entry| !text(entry, "formula").is_empty() && entry["measures"][0].is_string()));

        let values = typed(&app, &token, "viewer { team { KPIS } }", "data.viewer.team.kpis", "").await;
        for ((key, expected), value) in MAY.iter().zip(&values) {
            assert_eq!(shown(value), *expected, "{key}");
        }
        let general = general(&app, &token, json!({ "period": may() }), |answer| path(answer, "nodes.0.values").clone());
        assert_eq!(general.await, values, "both doors, whole");
        let totals = general_totals(&app, &token).await;
        assert_eq!(totals, values);
        let of = |key: &str| {
            let place = MAY.iter().position(|(other, _)| *other == key).expect("a key");
            values[place].clone()
        };
        let by_key = app.graphql(&token, &format!("query ($period: PeriodInput!) {{ viewer {{ team {{
            kpis(period: $period) {{ a: metric(key: AOV) {{ ...v }} m: metric(key: MER) {{ ...v }} }} }} }} }} {VALUE}"),
            json!({ "period": may() })).await;
        assert_eq!(path(&by_key, "data.viewer.team.kpis"), &json!({ "a": of("AOV"), "m": of("MER") }));
    }

    async fn the_demo_team_answers_every_kpi_by_both_doors_alike(database: TestDatabase) {
        let clock = Clock::fixed(noon("2025-04-10"));
        let app = App::start(&database, clock).await;
        let days = DateRange::new(day("2025-01-01"), day("2025-04-09")).expect("days in order");
        demo::fill_days(&app.store, clock, days).await.expect("the demo team is filled");
        let token = app.token(demo::SLUG, Role::Owner);
        let march = range("2025-03-01", "2025-03-31");
        let kpis: String = MAY.iter().map(|(key, _)| format!("{} {{ ...v }} ", field(key))).collect();
        let query = format!("query ($period: PeriodInput!) {{ viewer {{ team {{ kpis(period: $period) {{ {kpis} }} }} }} }} {VALUE}");
        let typed = app.graphql(&token, &query, json!({ "period": march })).await;
        let typed = path(&typed, "data.viewer.team.kpis");
        let ask = json!({ "period": march });
        let general = general(&app, &token, ask, |answer| path(answer, "nodes.0.values").clone()).await;
        let mut without = Vec::new();
        for ((key, _), value) in MAY.iter().zip(&general) {
            assert_eq!(*value, typed[field(key)], "{key}");
            if value["value"].is_null() {
                without.push(*key);
            }
        }
        // What is asked every quarter and what compares with a quarter before.
        assert_eq!(without, ["BRAND_AWARENESS_AIDED", "BRAND_AWARENESS_UNAIDED", "AD_PENETRATION"]);
    }

    async fn every_kpi_has_a_value_or_a_reason_on_every_basis_however_it_is_grouped(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for basis in ["PLATFORM_REPORTED", "ATTRIBUTED", "BLENDED", "ACQUIRED_COHORT"] {
            for groups in [json!([]), json!([{ "dimension": "CHANNEL" }])] {
                let ask = json!({ "period": may(), "groupBy": groups, "options": { "basis": basis } });
                let values = general(&app, &token, ask, |answer| path(answer, "nodes.0.values").clone()).await;
                assert_eq!(values.len(), MAY.len(), "{basis}");
                for value in &values {
                    shown(value);
                }
            }
        }
    }

    async fn the_parts_of_a_ratio_make_the_ratio(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let values = typed(&app, &token, "viewer { team { KPIS } }", "data.viewer.team.kpis", "").await;
        let part = |key: &str, part: &str| {
            let place = MAY.iter().position(|(other, _)| *other == key).expect("a key");
            values[place][part].clone()
        };
        for (key, above, below) in [
            ("CTR", "500", "40000"),
            ("CPM", "250000", "40000"),
            ("AOV", "390", "4"),
            ("ROI", "-120", "330"),
            ("CAC", "280", "2"),
            ("MER", "430", "330"),
            ("REPEAT_PURCHASE_RATE", "2", "3"),
            ("BUDGET_PACING", "100", "310"),
        ] {
            assert_eq!((part(key, "numerator"), part(key, "denominator")), (json!(above), json!(below)), "{key}");
        }
        assert!(part("SPEND", "numerator").is_null() && part("SPEND", "denominator").is_null());
    }

    async fn campaigns_channels_and_customers_have_the_same_numbers_by_both_doors(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for (kind, dimension, id) in [
            ("Campaign", "CAMPAIGN", 1),
            ("Campaign", "CAMPAIGN", 2),
            ("Channel", "CHANNEL", 1),
            ("Customer", "CUSTOMER", 2),
        ] {
            let id = global_id(kind, id);
            let entity = format!("node(id: \"{id}\") {{ ... on {kind} {{ KPIS }} }}");
            for basis in ["PLATFORM_REPORTED", "ACQUIRED_COHORT"] {
                let options = format!(", options: {{ basis: {basis} }}");
                let typed = typed(&app, &token, &entity, "data.node.kpis", &options).await;
                let ask = json!({ "period": may(), "options": { "basis": basis },
                    "groupBy": [{ "dimension": dimension }] });
                let general = general(&app, &token, ask, |answer| {
                    let rows = path(answer, "nodes").as_array().expect("a list").clone();
                    let row = rows.into_iter().find(|row| path(row, "dimensions.0.key") == id.as_str());
                    // A group that none of these KPIs has anything of is no row; its values are what the other door says.
                    row.map_or(Value::Null, |row| row["values"].clone())
                });
                let general = general.await;
                for ((key, _), (general, typed)) in MAY.iter().zip(general.iter().zip(&typed)) {
                    assert!(general.is_null() || general == typed, "{key} of {kind} on {basis}: {general:#} {typed:#}");
                }
            }
        }
        let roas = "{ campaigns { nodes { name kpis(period: { range: { from: \"2026-05-01\", to: \"2026-05-31\" } }) {
            roas { value } newCustomers { value } revenue { value } leads { value } } } } }";
        let answer = app.graphql(&token, roas, json!({})).await;
        let expected = json!([
            { "name": "One", "kpis": { "roas": { "value": "3" }, "newCustomers": { "value": "1" },
                "revenue": { "value": "390" }, "leads": { "value": "1" } } },
            { "name": "Two", "kpis": { "roas": { "value": "3" }, "newCustomers": { "value": "1" },
                "revenue": { "value": "0" }, "leads": { "value": "1" } } },
        ]);
        assert_eq!(path(&answer, "data.campaigns.nodes"), &expected);
    }

    async fn the_basis_decides_on_whose_word_conversions_rest(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for (basis, conversions, value, roas) in [
            ("PLATFORM_REPORTED", "10", "750", "3"),
            ("ACQUIRED_COHORT", "2", "15", "0.06"),
            ("BLENDED", "2", "15", "0.06"),
        ] {
            let answer = metrics(&app, &token, json!({ "metrics": ["CONVERSIONS", "CONVERSION_VALUE", "ROAS"],
                "period": may(), "options": { "basis": basis } })).await;
            let values = path(&answer, "nodes.0.values").as_array().expect("a list").clone();
            assert_eq!(values.iter().map(shown).collect::<Vec<_>>(), [conversions, value, roas], "{basis}");
        }
    }
}
