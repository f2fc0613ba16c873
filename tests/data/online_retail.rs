//! Online Retail: a year of real orders, of known customers and of everybody, in total, as series and compared.

use chrono::NaiveDate;
use kpigraph::{import::Format, store::NewTeam};
use serde_json::{Value, json};

use crate::{
    expected::{assert_exact, assert_near, by_name, golden, near},
    support::{App, TestDatabase, new_team, on_both_databases, shared_data},
    team::{Row, Team, question, service},
};

pub const FROM: &str = "2010-12-01";
pub const TO: &str = "2011-12-09";
/// Metrics and the names that golden answers have for them.
const CUSTOMERS: [(&str, &str); 3] = [
    ("ACTIVE_CUSTOMERS", "active_customers"),
    ("NEW_CUSTOMERS", "new_customers"),
    ("RETURNING_CUSTOMERS", "returning_customers"),
];

/// A team in pounds that has all orders, and where the golden answers are.
pub async fn retail<'a>(app: &'a App, shared: &std::path::Path) -> Team<'a> {
    let pounds = NewTeam {
        currency: iso_currency::Currency::GBP,
        ..new_team("retail")
    };
    let team = Team::new(app, pounds).await;
    let file = "online_retail/canonical/orders.csv.gz";
    team.load(Format::Orders, shared, file, None).await;
    team
}

/// The question asked of orders with a customer only.
fn of_known_customers(mut question: Value) -> Value {
    question["filter"] = json!({ "not": { "dimension": { "dimension": "CUSTOMER", "op": "IS_NULL", "values": [] } } });
    question
}

on_both_databases! {
    async fn known_customers_are_counted_right(database: TestDatabase) {
        let Some(shared) = shared_data("online retail: known customers") else { return };
        let app = service(&database, "2011-12-10").await;
        let team = retail(&app, &shared).await;
        let golden = golden(&shared, "orders_online_retail")["identified_customers"].take();

        let metrics = ["ORDERS", "REVENUE", "AOV", "ACTIVE_CUSTOMERS", "REPEAT_PURCHASE_RATE"];
        let rows = team.metrics(of_known_customers(question(&metrics, &[], FROM, TO))).await;
        let (total, expected) = (&rows[0], &golden["total"]);
        assert_exact(total, "ORDERS", &expected["orders"]);
        assert_exact(total, "REVENUE", &expected["revenue"]);
        assert_near(total, "AOV", &expected["aov"], 1e-12);
        assert_exact(total, "ACTIVE_CUSTOMERS", &expected["customers"]);
        assert_near(total, "REPEAT_PURCHASE_RATE", &expected["repeat_purchase_rate"], 1e-12);

        let metrics = ["ORDERS", "REVENUE", "AOV", "ACTIVE_CUSTOMERS", "NEW_CUSTOMERS", "RETURNING_CUSTOMERS"];
        let by_month = by_name(&golden, "by_month");
        let rows = team.metrics(of_known_customers(question(&metrics, &["TIME:MONTH"], FROM, TO))).await;
        assert_eq!(rows.len(), by_month.len());
        for row in &rows {
            let expected = &by_month[&row.name()];
            assert_exact(row, "ORDERS", &expected["orders"]);
            assert_exact(row, "REVENUE", &expected["revenue"]);
            assert_near(row, "AOV", &expected["aov"], 1e-12);
            for (metric, name) in CUSTOMERS {
                assert_exact(row, metric, &expected[name]);
            }
        }
    }

    async fn the_series_of_all_orders_are_right_to_the_tenth_of_a_penny(database: TestDatabase) {
        let Some(shared) = shared_data("online retail: series") else { return };
        let app = service(&database, "2011-12-10").await;
        let team = retail(&app, &shared).await;
        let golden = golden(&shared, "timeseries_online_retail");
        let gross = &golden["gross"];

        assert_exact(&team.total(&["REVENUE"], FROM, TO).await, "REVENUE", &gross["total"]);
        for (cut, table) in [("TIME:DAY", "daily"), ("TIME:WEEK", "weekly_iso"), ("TIME:MONTH", "monthly")] {
            let expected = by_name(gross, table);
            let mut question = question(&["REVENUE", "ORDERS"], &[cut], FROM, TO);
            question["fill"] = "ZERO".into();
            let rows = team.metrics(question).await;
            let names: Vec<String> = rows.iter().map(Row::name).collect();
            assert_eq!(names, expected.keys().cloned().collect::<Vec<_>>());
            for row in &rows {
                let expected = &expected[&row.name()];
                assert_exact(row, "REVENUE", expected.get("value").unwrap_or(expected));
            }
            let idle = rows.iter().filter(|row| row.get("ORDERS") == Some("0")).count();
            assert_eq!(idle > 0, cut != "TIME:MONTH", "{table}");
        }
        let rows = team.metrics(question(&["ORDERS"], &["TIME:DAY"], FROM, TO)).await;
        let selling: Vec<String> = rows.iter().map(Row::name).collect();
        let idle: Vec<String> = days().filter(|day| !selling.contains(day)).collect();
        assert_eq!(json!(idle), golden["days_without_sales"]);
    }

    async fn periods_are_compared_like_the_golden_ones(database: TestDatabase) {
        let Some(shared) = shared_data("online retail: comparisons") else { return };
        let app = service(&database, "2011-12-10").await;
        let team = retail(&app, &shared).await;
        let golden = golden(&shared, "timeseries_online_retail");
        let cases = by_name(&golden, "period_comparison_gross");
        assert_eq!(cases.len(), 7);
        for (name, case) in cases {
            let row = compared(&team, &case["current"], &case["previous"]).await;
            for (metric, field) in COMPARED {
                let what = format!("{metric} of {name}: {row}");
                assert_near(&row, metric, &case["current"][field], 1e-12);
                let comparison = &row.value(metric)["comparison"];
                assert!(near(&comparison["relative"], &case["change"][field]["pct"], 1e-9), "{what}");
                if case["previous"]["orders"] == 0 {
                    // Golden answers have zeros there; before its first delivery nothing is known of the source.
                    assert_eq!(comparison["baseline"]["undefinedReason"]["code"], "NO_DATA", "{what}");
                    assert!(comparison["absolute"].is_null(), "{what}");
                } else {
                    assert!(near(&comparison["baseline"]["value"], &case["previous"][field], 1e-12), "{what}");
                    assert!(near(&comparison["absolute"], &case["change"][field]["abs"], 1e-9), "{what}");
                }
            }
            assert_exact(&row, "REVENUE", &case["current"]["revenue"]);
        }
    }
}

const COMPARED: [(&str, &str); 4] = [
    ("REVENUE", "revenue"),
    ("ORDERS", "orders"),
    ("ACTIVE_CUSTOMERS", "customers"),
    ("AOV", "aov"),
];

/// The values of some days, compared with those of other days.
async fn compared(team: &Team<'_>, current: &Value, previous: &Value) -> Row {
    let day = |range: &Value, end: &str| range[end].as_str().unwrap().to_owned();
    let (from, to) = (day(current, "from"), day(current, "to"));
    let mut question = question(&COMPARED.map(|(metric, _)| metric), &[], &from, &to);
    let range = json!({ "from": previous["from"], "to": previous["to"] });
    question["options"] = json!({ "compareTo": { "to": "CUSTOM", "range": range } });
    team.metrics(question).await.remove(0)
}

/// Every day of the data.
fn days() -> impl Iterator<Item = String> {
    let first: NaiveDate = FROM.parse().unwrap();
    let last: NaiveDate = TO.parse().unwrap();
    first
        .iter_days()
        .take_while(move |day| *day <= last)
        .map(|day| day.to_string())
}
