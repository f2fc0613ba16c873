//! Every KPI of the catalogue, worked out by hand, by both doors.

use serde_json::{Value, json};

use super::{VALUE, field, may, metrics, shop, shown};
use crate::{
    fixtures::{global_id, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// May of the shop. Advertising: 250 for 40 000 impressions, 500 clicks, 10 conversions worth 750. Other costs: 80, of
/// which 30 to win customers. Orders: 5 for 500, refunds of theirs 110, refunds paid in May 70, goods 180.
const MAY: [(&str, &str); 37] = [
    ("SPEND", "250"),
    ("MARKETING_COST", "330"),
    ("IMPRESSIONS", "40000"),
    ("CLICKS", "500"),
    ("SESSIONS", "1000"),
    ("LEADS", "3"),
    ("MQLS", "2"),
    ("CONVERSIONS", "10"),
    ("CONVERSION_VALUE", "750"),
    ("ORDERS", "5"),
    ("REVENUE", "430"),
    ("GROSS_MARGIN", "210"),
    ("ACTIVE_CUSTOMERS", "3"),
    ("NEW_CUSTOMERS", "2"),
    ("RETURNING_CUSTOMERS", "1"),
    ("CTR", "0.0125"),
    ("CPC", "0.5"),
    ("CPM", "6.25"),
    ("CPA", "25"),
    ("CPL", "83.333333333333333"),
    ("CONVERSION_RATE", "0.025"),
    ("CLICK_CONVERSION_RATE", "0.02"),
    ("AOV", "97.5"),
    ("ROAS", "3"),
    ("ROI", "-0.363636363636364"),
    ("ROI_REVENUE", "0.181818181818182"),
    ("CAC", "140"),
    ("MER", "1.303030303030303"),
    ("COST_TO_REVENUE", "0.767441860465116"),
    ("REPEAT_PURCHASE_RATE", "0.666666666666667"),
    ("WON_DEALS", "2"),
    ("LOST_DEALS", "1"),
    ("WON_AMOUNT", "1000"),
    ("WIN_RATE", "0.666666666666667"),
    ("LEAD_CLOSE_RATE", "0.666666666666667"),
    ("AVERAGE_DEAL_VALUE", "1000"),
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

on_both_databases! {
    async fn every_kpi_of_the_catalogue_has_the_number_that_the_hand_gets(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let catalogue = app.graphql(&token, "{ metricCatalog { key name description formula measures } }", json!({}));
        let catalogue = catalogue.await;
        let entries = path(&catalogue, "data.metricCatalog").as_array().expect("a list").clone();
        let keys: Vec<_> = entries.iter().map(|entry| text(entry, "key")).collect();
        assert_eq!(keys, MAY.map(|(key, _)| key), "a KPI without a number worked out by hand");
        assert!(entries.iter().all(|entry| !text(entry, "formula").is_empty() && entry["measures"][0].is_string()));

        let values = typed(&app, &token, "viewer { team { KPIS } }", "data.viewer.team.kpis", "").await;
        for ((key, expected), value) in MAY.iter().zip(&values) {
            assert_eq!(shown(value), *expected, "{key}");
        }
        let answer = metrics(&app, &token, json!({ "metrics": keys, "period": may() })).await;
        let general: Vec<_> = path(&answer, "nodes.0.values").as_array().expect("a list").iter().map(bare).collect();
        assert_eq!(general, values, "both doors, whole");
        assert_eq!(path(&answer, "totals.values"), &json!(values));
        let by_key = app.graphql(&token, &format!("query ($period: PeriodInput!) {{ viewer {{ team {{
            kpis(period: $period) {{ a: metric(key: AOV) {{ ...v }} m: metric(key: MER) {{ ...v }} }} }} }} }} {VALUE}"),
            json!({ "period": may() })).await;
        assert_eq!(path(&by_key, "data.viewer.team.kpis"), &json!({ "a": values[22], "m": values[27] }));
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
        let keys = MAY.map(|(key, _)| key).to_vec();
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
                let answer = metrics(&app, &token, json!({ "metrics": keys, "period": may(),
                    "options": { "basis": basis }, "groupBy": [{ "dimension": dimension }] })).await;
                let rows = path(&answer, "nodes").as_array().expect("a list").clone();
                let row = rows.iter().find(|row| path(row, "dimensions.0.key") == id.as_str());
                let row = row.unwrap_or_else(|| panic!("no row of {kind}: {answer:#}"));
                let general: Vec<_> = path(row, "values").as_array().expect("a list").iter().map(bare).collect();
                assert_eq!(general, typed, "{kind} on {basis}");
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
