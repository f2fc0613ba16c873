//! Filters: trees of conditions that mean what they say where a dimension is empty, too.

use entity::{ad_day, campaign, channel, orders};
use kpigraph::store::TeamStore;
use serde_json::{Value, json};

use super::{expect, may, metrics, shop, table};
use crate::{
    fixtures::{self, ads, deliver_all, global_id, order, range, refusal, start, units},
    support::{
        TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// Clicks that are powers of two, so that a sum tells which rows passed: DE 1, FR 2, no country 4, IT 8.
async fn clicks(team: &TeamStore) {
    let row = |campaign, country: &str, tag: &str, clicks| ad_day::Model {
        clicks,
        country: country.to_owned(),
        properties: tag.to_owned(),
        ..ads(campaign, campaign, "2026-05-05")
    };
    let rows = vec![
        row(1, "DE", r#"{"age":"18-24"}"#, 1),
        row(1, "FR", r#"{"age":"25-34","say \"hi\"":"x"}"#, 2),
        row(0, "", "{}", 4),
        row(2, "IT", r#"{"age":""}"#, 8),
    ];
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let names = [(1, "Spring Sale"), (2, "100% off_x")];
    let campaigns = names.map(|(id, name)| fixtures::campaign(id, name));
    let channels = names.map(|(id, name)| fixtures::channel(id, name));
    writer
        .insert::<campaign::Entity>(campaigns.into())
        .await
        .expect("campaigns are written");
    writer
        .insert::<channel::Entity>(channels.into())
        .await
        .expect("channels are written");
    writer
        .insert::<ad_day::Entity>(rows)
        .await
        .expect("facts are written");
    deliver_all(&writer, "ads", "2026-05-01", "2026-05-31").await;
    writer.commit().await.expect("the transaction commits");
}

fn is(dimension: &str, op: &str, values: &[&str]) -> Value {
    json!({ "dimension": { "dimension": dimension, "op": op, "values": values } })
}

fn age(op: &str, values: &[&str]) -> Value {
    json!({ "dimension": { "dimension": "PROPERTY", "property": "age", "op": op, "values": values } })
}

fn not(filter: Value) -> Value {
    json!({ "not": filter })
}

on_both_databases! {
    async fn conditions_hold_or_not_also_where_a_dimension_is_empty(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        clicks(&team).await;
        let (one, two) = (global_id("Campaign", 1), global_id("Campaign", 2));
        let german = || is("COUNTRY", "EQ", &["DE"]);
        let nowhere = || is("COUNTRY", "IS_NULL", &[]);
        for (filter, sum) in [
            (german(), 1),
            (is("COUNTRY", "IN", &["DE", "FR"]), 3),
            (is("COUNTRY", "NOT_IN", &["DE"]), 14),
            (nowhere(), 4),
            (not(nowhere()), 11),
            (not(german()), 14),
            (not(not(german())), 1),
            (json!({ "or": [german(), nowhere()] }), 5),
            (not(json!({ "or": [german(), nowhere()] })), 10),
            (json!({ "and": [is("COUNTRY", "NOT_IN", &["DE"]), not(nowhere())] }), 10),
            (json!({ "and": [german(), nowhere()] }), 0),
            (json!({ "and": [] }), 15),
            (json!({ "or": [] }), 0),
            (is("COUNTRY", "CONTAINS", &["t"]), 8),
            (is("COUNTRY", "STARTS_WITH", &["f"]), 2),
            (is("COUNTRY", "EQ", &["de"]), 0),
            (is("COUNTRY", "CONTAINS", &["%"]), 0),
            (is("CAMPAIGN", "EQ", &[&one]), 3),
            (is("CAMPAIGN", "IN", &[&one, &two]), 11),
            (is("CAMPAIGN", "NOT_IN", &[&one]), 12),
            (is("CAMPAIGN", "IS_NULL", &[]), 4),
            (is("CAMPAIGN", "CONTAINS", &["SALE"]), 3),
            (is("CAMPAIGN", "CONTAINS", &["% off_"]), 8),
            (is("CHANNEL", "STARTS_WITH", &["100%"]), 8),
            (not(is("CAMPAIGN", "CONTAINS", &["sale"])), 12),
            (is("OBJECTIVE", "EQ", &["SALES"]), 11),
            (is("OBJECTIVE", "IS_NULL", &[]), 4),
            (is("CHANNEL_KIND", "NOT_IN", &["PAID_SEARCH"]), 4),
            (age("EQ", &["18-24"]), 1),
            (age("NOT_IN", &["18-24"]), 14),
            (age("IS_NULL", &[]), 12),
            (age("STARTS_WITH", &["2"]), 2),
        ] {
            let input = json!({ "metrics": ["CLICKS"], "period": range("2026-05-01", "2026-05-31"), "filter": filter });
            let answer = metrics(&app, &token, input).await;
            assert_eq!(text(&answer, "nodes.0.values.0.value"), sum.to_string(), "{filter}");
        }
    }

    async fn a_filter_can_name_what_is_grouped_by_and_what_is_not(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        clicks(&team).await;
        for (group, filter, rows) in [
            (json!({ "dimension": "CAMPAIGN" }), is("COUNTRY", "IN", &["DE", "IT"]),
                &[("Spring Sale", "1"), ("100% off_x", "8")][..]),
            (json!({ "dimension": "CAMPAIGN" }), is("CAMPAIGN", "IS_NULL", &[]), &[("(none)", "4")]),
            (json!({ "dimension": "PROPERTY", "property": "age" }), is("CAMPAIGN", "CONTAINS", &["spring"]),
                &[("18-24", "1"), ("25-34", "2")]),
            (json!({ "dimension": "PROPERTY", "property": "age" }), json!({ "and": [] }),
                &[("(none)", "12"), ("18-24", "1"), ("25-34", "2")]),
            (json!({ "dimension": "PROPERTY", "property": "none" }), json!({ "and": [] }), &[("(none)", "15")]),
        ] {
            let input = json!({ "metrics": ["CLICKS"], "period": range("2026-05-01", "2026-05-31"),
                "filter": filter, "groupBy": [group] });
            let answer = metrics(&app, &token, input).await;
            assert_eq!(table(&answer), expect(rows), "{filter}");
        }
    }

    async fn customers_filter_their_orders_and_anonymous_ones_have_none(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let (one, two) = (global_id("Customer", 1), global_id("Customer", 2));
        for (filter, orders, revenue) in [
            (is("CUSTOMER", "EQ", &[&one]), "1", "90"),
            (is("CUSTOMER", "IN", &[&one, &two]), "3", "390"),
            (is("CUSTOMER", "NOT_IN", &[&one, &two]), "2", "40"),
            (is("CUSTOMER", "IS_NULL", &[]), "1", "40"),
            (not(is("CUSTOMER", "IS_NULL", &[])), "4", "390"),
            (is("CAMPAIGN", "EQ", &[&global_id("Campaign", 1)]), "3", "390"),
        ] {
            let input = json!({ "metrics": ["ORDERS", "REVENUE"], "period": may(), "filter": filter });
            let answer = metrics(&app, &token, input).await;
            assert_eq!(table(&answer), expect(&[("", &format!("{orders} {revenue}"))]), "{filter}");
        }
    }

    async fn empty_and_absent_countries_of_orders_are_one_group(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let countries = [None, Some(String::new()), Some("DE".to_owned())];
        let rows = countries.into_iter().zip(1..).map(|(country, id)| orders::Model {
            country,
            ..order(id, None, "2026-05-05", units(id))
        });
        writer.insert::<orders::Entity>(rows.collect()).await.expect("orders are written");
        deliver_all(&writer, "shop", "2026-05-01", "2026-05-31").await;
        writer.commit().await.expect("the transaction commits");
        let answer = metrics(&app, &token, json!({ "metrics": ["ORDERS", "REVENUE", "AOV"], "period": may(),
            "groupBy": [{ "dimension": "COUNTRY" }] })).await;
        assert_eq!(table(&answer), expect(&[("(none)", "2 3 1.5"), ("DE", "1 3 3")]));
    }

    async fn filters_that_make_no_sense_are_refused_by_name(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = "query ($filter: MetricFilter!) { metrics(input: { metrics: [CLICKS],
            period: { preset: TODAY }, filter: $filter }) { totalCount } }";
        for (filter, word) in [
            (is("TIME", "EQ", &["2026-01-01"]), "TIME is limited by the period"),
            (is("COUNTRY", "EQ", &[]), "input.filter.dimension.values"),
            (is("COUNTRY", "EQ", &["a", "b"]), "2 values"),
            (is("COUNTRY", "IN", &[]), "1 to 1000"),
            (is("COUNTRY", "IS_NULL", &["x"]), "IS_NULL none"),
            (is("CAMPAIGN", "EQ", &["7"]), "'7' is not allowed"),
            (is("CAMPAIGN", "EQ", &[&global_id("Channel", 1)]), "the id of a Campaign is needed"),
            (is("CUSTOMER", "CONTAINS", &["x"]), "input.filter.dimension.op"),
            (is("PROPERTY", "EQ", &["x"]), "input.filter.dimension.property"),
            (json!({ "and": [{ "not": is("COUNTRY", "EQ", &[]) }] }), "input.filter.and[0].not.dimension.values"),
        ] {
            let (code, message) = refusal(&app, &token, query, json!({ "filter": filter })).await;
            assert_eq!(code, "BAD_USER_INPUT", "{filter}");
            assert!(message.contains(word), "{message}");
        }
        let both = json!({ "filter": { "and": [], "or": [] } });
        let (_, _, body) = app.graphql_raw(&token, query, both).await;
        assert!(path(&body, "errors").is_array(), "{body}");
    }
}
