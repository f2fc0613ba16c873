//! Groups by every dimension: the keys, the labels, the sums, and the totals made from facts.

use serde_json::{Value, json};

use super::{expect, may, metrics, shop, shown, table};
use crate::{
    fixtures::{global_id, refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

async fn by(app: &App, token: &str, keys: &[&str], groups: Value) -> Value {
    metrics(
        app,
        token,
        json!({ "metrics": keys, "period": may(), "groupBy": groups }),
    )
    .await
}

on_both_databases! {
    async fn each_dimension_cuts_facts_where_they_belong(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for (dimension, keys, rows) in [
            ("CAMPAIGN", &["SPEND", "ORDERS", "NEW_CUSTOMERS"][..],
                &[("(none)", "0 1 0"), ("One", "100 3 1"), ("Two", "150 1 1")][..]),
            ("CHANNEL", &["CLICKS", "REVENUE", "LEADS"],
                &[("(none)", "0 40 1"), ("Search", "200 390 1"), ("Social", "300 0 1")]),
            ("CHANNEL_KIND", &["CLICKS", "ORDERS"],
                &[("(none)", "0 1"), ("PAID_SEARCH", "200 3"), ("PAID_SOCIAL", "300 1")]),
            ("COUNTRY", &["CTR"], &[("DE", "0.02"), ("FR", "0.01")]),
            ("DEVICE", &["IMPRESSIONS"], &[("DESKTOP", "10000"), ("MOBILE", "30000")]),
            ("OBJECTIVE", &["CLICKS", "SESSIONS"], &[("(none)", "0 400"), ("SALES", "500 600")]),
        ] {
            let answer = by(&app, &token, keys, json!([{ "dimension": dimension }])).await;
            assert_eq!(table(&answer), expect(rows), "{dimension}");
            assert_eq!(path(&answer, "totalCount"), rows.len());
        }
        let kinds = metrics(&app, &token, json!({ "metrics": ["CONVERSIONS", "CONVERSION_VALUE"], "period": may(),
            "options": { "basis": "BLENDED" }, "groupBy": [{ "dimension": "CONVERSION_TYPE" }] })).await;
        assert_eq!(table(&kinds), expect(&[("call", "1 0"), ("signup", "1 15")]));
    }

    async fn rows_lead_to_what_they_stand_for(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for (dimension, kind) in [("CAMPAIGN", "Campaign"), ("CHANNEL", "Channel"), ("CUSTOMER", "Customer")] {
            let query = format!("{{ metrics(input: {{ metrics: [ORDERS], period: {{ preset: LAST_MONTH }},
                groupBy: [{{ dimension: {dimension} }}] }}) {{ nodes {{ value(key: ORDERS) {{ value }}
                dimensions {{ dimension key label node {{ __typename id }} }} }} }} }}");
            let answer = app.graphql(&token, &query, json!({})).await;
            let nodes = path(&answer, "data.metrics.nodes");
            assert_eq!(path(nodes, "0.dimensions.0"), &json!({ "dimension": dimension, "key": null,
                "label": "(none)", "node": null }));
            let id = global_id(kind, 1);
            assert_eq!(text(nodes, "1.dimensions.0.key"), id);
            assert_eq!(path(nodes, "1.dimensions.0.node"), &json!({ "__typename": kind, "id": id }));
        }
    }

    async fn dimensions_combine_and_totals_come_from_the_facts(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let groups = json!([{ "dimension": "CAMPAIGN" }, { "dimension": "COUNTRY" },
            { "dimension": "TIME", "grain": "MONTH" }]);
        let answer = by(&app, &token, &["CLICKS", "CTR"], groups).await;
        assert_eq!(table(&answer), expect(&[("One/DE/2026-05", "200 0.02"), ("Two/FR/2026-05", "300 0.01")]));
        let totals: Vec<_> = path(&answer, "totals.values").as_array().expect("a list").iter().map(shown).collect();
        assert_eq!(totals, ["500", "0.0125"], "not the mean of 0.02 and 0.01");
        let days = by(&app, &token, &["ACTIVE_CUSTOMERS"], json!([{ "dimension": "TIME", "grain": "DAY" }])).await;
        let daily: i64 = table(&days).iter().map(|(_, value)| value.parse::<i64>().expect("a count")).sum();
        assert_eq!(daily, 4, "customer 2 buys on two days");
        assert_eq!(shown(path(&days, "totals.values.0")), "3", "and is one customer");
    }

    async fn totals_are_read_only_when_selected(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let count = async |fields: &str| {
            let query = format!("{{ metrics(input: {{ metrics: [CTR], period: {{ preset: LAST_MONTH }},
                groupBy: [{{ dimension: COUNTRY }}] }}) {{ nodes {{ values {{ value }} }} {fields} }} }}");
            app.graphql_counted(&token, &query, json!({})).await.1
        };
        assert_eq!(count("totalCount").await, 3, "the team, its loads, its advertising");
        assert_eq!(count("totals { values { value } }").await, 4);
    }

    async fn groups_that_make_no_sense_are_refused_by_name(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = "query ($input: MetricsInput!) { metrics(input: $input) { totalCount } }";
        let grouped = |groups: Value| json!({ "metrics": ["CLICKS"], "period": may(), "groupBy": groups });
        let time = |grain: &str| json!({ "dimension": "TIME", "grain": grain });
        let tags = |name: &str| json!({ "dimension": "PROPERTY", "property": name });
        for (input, code, word) in [
            (grouped(json!([{ "dimension": "TIME" }])), "BAD_USER_INPUT", "input.groupBy[0].grain"),
            (grouped(json!([{ "dimension": "DEVICE", "grain": "DAY" }])), "BAD_USER_INPUT", "input.groupBy[0].grain"),
            (grouped(json!([{ "dimension": "PROPERTY" }])), "BAD_USER_INPUT", "input.groupBy[0].property"),
            (grouped(json!([{ "dimension": "DEVICE", "property": "x" }])), "BAD_USER_INPUT", "input.groupBy[0].property"),
            (grouped(json!([time("DAY"), time("WEEK")])), "BAD_USER_INPUT", "TIME can be grouped by once"),
            (grouped(json!([tags("a"), tags("a")])), "BAD_USER_INPUT", "input.groupBy[1]"),
            (grouped(json!([tags("a"), tags("b"), tags("c"), tags("d"), tags("e")])), "LIMIT_EXCEEDED", "at most 4"),
            (json!({ "metrics": [], "period": may() }), "LIMIT_EXCEEDED", "input.metrics: 0 asked"),
        ] {
            let (told, message) = refusal(&app, &token, query, json!({ "input": input })).await;
            assert_eq!(told, code, "{input}");
            assert!(message.contains(word), "{message}");
        }
        let other = "{ metrics(input: { metrics: [CTR], period: { preset: TODAY } }) {
            nodes { value(key: CPC) { value } } } }";
        let (code, message) = refusal(&app, &token, other, json!({})).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.contains("input.metrics"), "{message}");
    }
}
