//! Customers over time: CDNOW, Olist and Online Retail by month, as cohorts, and by when they came again.

use std::{fs::File, path::Path};

use chrono::{Datelike, Months, NaiveDate};
use flate2::read::GzDecoder;
use kpigraph::{import::Format, store::NewTeam};
use serde_json::{Value, json};

use crate::{
    expected::{assert_exact, assert_near, by_name, golden, near},
    support::{App, TestDatabase, json::path, new_team, on_both_databases, shared_data},
    team::{Row, Team, question, service},
};

const COHORTS: &str =
    "query ($input: CohortInput!) { cohorts(input: $input) { cohorts { bucket { label } size
    cells { offset retained { value numerator } revenue { value } } } } }";
const AGAIN: &str = "query ($input: FunnelInput!) { funnel(input: $input) { steps {
    entered converted rate { value } medianTimeToNext meanTimeToNext } } }";
const SETTINGS: &str = "mutation ($input: UpdateTeamSettingsInput!) {
    updateTeamSettings(input: $input) { errors { message } } }";
const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// What becomes of the orders of a data set before they are imported.
#[derive(Clone, Copy)]
enum Change {
    None,
    /// Orders of every status count.
    AllCompleted,
    /// Only orders that were delivered.
    Delivered,
    /// Orders of one customer at one time are one.
    SameDayMerged,
}

/// A team with the orders of a data set.
async fn sold<'a>(app: &'a App, shared: &Path, set: &str, change: Change) -> Team<'a> {
    let team = Team::new(app, NewTeam { ..new_team("shop") }).await;
    let file = File::open(shared.join(set).join("canonical/orders.csv.gz")).unwrap();
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let [customer, at, amount, currency, status] =
        ["customer_id", "ordered_at", "amount", "currency", "status"].map(place);
    let mut rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    match change {
        Change::None => {}
        Change::AllCompleted => rows
            .iter_mut()
            .for_each(|row| row[status] = "completed".into()),
        Change::Delivered => rows.retain(|row| row[status] == "delivered"),
        Change::SameDayMerged => rows = merged(rows, [customer, at, amount]),
    }
    let mut text = csv::Writer::from_writer(Vec::new());
    text.write_record(&header).unwrap();
    for mut row in rows {
        // The team's own currency: rates are no part of this.
        row[currency] = "EUR".into();
        text.write_record(&row).unwrap();
    }
    let text = String::from_utf8(text.into_inner().unwrap()).unwrap();
    let report = team.text(Format::Orders, &text).await;
    assert!(
        report.committed && report.written == report.read,
        "{report}"
    );
    team
}

/// Adds up the amounts of rows with the same customer and time.
fn merged(rows: Vec<Vec<String>>, [customer, at, amount]: [usize; 3]) -> Vec<Vec<String>> {
    let mut found: std::collections::BTreeMap<(String, String), Vec<String>> = Default::default();
    for row in rows {
        let key = (row[customer].clone(), row[at].clone());
        let more: rust_decimal::Decimal = row[amount].parse().unwrap();
        found
            .entry(key)
            .and_modify(|first| {
                let before: rust_decimal::Decimal = first[amount].parse().unwrap();
                first[amount] = (before + more).to_string();
            })
            .or_insert(row);
    }
    found.into_values().collect()
}

/// Checks everything that golden answers say of a data set's customers over time.
async fn follow(database: &TestDatabase, shared: &Path, set: &str, part: &str, change: Change) {
    let golden = golden(
        shared,
        &format!("orders_{}", set.trim_end_matches("_orders")),
    )[part]
        .take();
    let as_of = &path(&golden, "inactivity_churn.as_of").as_str().unwrap()[..10];
    let app = service(database, as_of).await;
    let team = sold(&app, shared, set, change).await;
    let from = &path(&golden, "total.first").as_str().unwrap()[..10];
    let last: NaiveDate = as_of.parse().unwrap();
    let to = last.pred_opt().unwrap().to_string();
    // Of orders without a customer these answers know nothing.
    let sales = if part == "identified_customers" {
        &[]
    } else {
        &SALES[..]
    };
    sums(&team, &golden["total"], sales, from, &to).await;
    by_month(&team, &golden, sales, from, &to).await;
    cohorts(&team, &golden, from, &to).await;
    came_again(&team, &golden, from, &to).await;
    lapsed(&team, &golden, from, &to).await;
}

/// A metric and the name of its golden answer.
type Named = (&'static str, &'static str);
const SALES: [Named; 3] = [("ORDERS", "orders"), ("REVENUE", "revenue"), ("AOV", "aov")];

/// What was sold, and to how many more than once.
async fn sums(team: &Team<'_>, golden: &Value, sales: &[Named], from: &str, to: &str) {
    let asked = [
        "ORDERS",
        "REVENUE",
        "AOV",
        "ACTIVE_CUSTOMERS",
        "REPEAT_PURCHASE_RATE",
    ];
    let total = team.total(&asked, from, to).await;
    for (metric, name) in sales {
        assert_near(&total, metric, &golden[*name], 1e-12);
    }
    assert_exact(&total, "ACTIVE_CUSTOMERS", &golden["customers"]);
    assert_near(
        &total,
        "REPEAT_PURCHASE_RATE",
        &golden["repeat_purchase_rate"],
        1e-12,
    );
}

async fn by_month(team: &Team<'_>, golden: &Value, sales: &[Named], from: &str, to: &str) {
    let expected = by_name(golden, "by_month");
    let metrics = [
        "ACTIVE_CUSTOMERS",
        "NEW_CUSTOMERS",
        "RETURNING_CUSTOMERS",
        "RETENTION_RATE",
        "CHURN_RATE",
        "ORDERS",
        "REVENUE",
        "AOV",
    ];
    // Whole months, because a month that the period cuts off stands against as many days before it.
    let first: NaiveDate = from.parse().unwrap();
    let last: NaiveDate = to.parse().unwrap();
    let first = first.with_day(1).unwrap();
    let next = last.with_day(1).unwrap().checked_add_months(Months::new(1));
    let last = next.unwrap().pred_opt().unwrap();
    let (from, to) = (first.to_string(), last.to_string());
    let mut asked = question(&metrics, &["TIME:MONTH"], &from, &to);
    asked["fill"] = "ZERO".into();
    let rows = team.metrics(asked).await;
    let names: Vec<String> = rows.iter().map(Row::name).collect();
    assert_eq!(names, expected.keys().cloned().collect::<Vec<_>>());
    for row in &rows {
        let expected = &expected[&row.name()];
        assert_exact(row, "ACTIVE_CUSTOMERS", &expected["active_customers"]);
        assert_exact(row, "NEW_CUSTOMERS", &expected["new_customers"]);
        assert_exact(row, "RETURNING_CUSTOMERS", &expected["returning_customers"]);
        // Nobody was there before the first month: there is no rate then.
        assert_near(
            row,
            "RETENTION_RATE",
            &expected["retention_rate_mom"],
            1e-12,
        );
        assert_near(row, "CHURN_RATE", &expected["churn_rate_mom"], 1e-12);
        for (metric, name) in sales {
            assert_near(row, metric, &expected[*name], 1e-12);
        }
    }
}

async fn cohorts(team: &Team<'_>, golden: &Value, from: &str, to: &str) {
    let input = json!({ "period": { "range": { "from": from, "to": to } }, "grain": "MONTH", "periods": 40 });
    let answer = team.ask(COHORTS, json!({ "input": input })).await;
    let found = path(&answer, "cohorts.cohorts").as_array().unwrap();
    let expected = by_name(golden, "cohorts_monthly");
    assert_eq!(found.len(), expected.len());
    for cohort in found {
        let name = path(cohort, "bucket.label").as_str().unwrap();
        let expected = &expected[name];
        assert_eq!(cohort["size"], expected["size"], "{name}");
        let cells = cohort["cells"].as_array().unwrap();
        let months = expected["active"].as_array().unwrap().len();
        // The day on which the data were taken may lie in a month that they do not know.
        assert!(
            (months..=months + 1).contains(&cells.len()),
            "{name}: {}",
            cells.len()
        );
        for (offset, cell) in cells.iter().take(months).enumerate() {
            let what = format!("{name} + {offset}: {cell}");
            assert_eq!(cell["offset"], offset);
            let active: i64 = path(cell, "retained.numerator")
                .as_str()
                .unwrap()
                .parse()
                .unwrap();
            assert_eq!(active, expected["active"][offset], "{what}");
            assert!(
                near(
                    path(cell, "retained.value"),
                    &expected["retention"][offset],
                    1e-12
                ),
                "{what}"
            );
            assert!(
                near(
                    path(cell, "revenue.value"),
                    &expected["revenue"][offset],
                    1e-12
                ),
                "{what}"
            );
        }
    }
}

async fn came_again(team: &Team<'_>, golden: &Value, from: &str, to: &str) {
    let within = by_name(golden, "repurchase_within_days");
    let total = team
        .total(
            &["REPEAT_PURCHASE_RATE_30", "REPEAT_PURCHASE_RATE_90"],
            from,
            to,
        )
        .await;
    for days in ["30", "90"] {
        let rate = &within[days]["rate_of_all_customers"];
        assert_near(&total, &format!("REPEAT_PURCHASE_RATE_{days}"), rate, 1e-12);
    }
    let step = async |window: Option<u32>| {
        let input = json!({ "period": { "range": { "from": from, "to": to } }, "windowDays": window,
            "steps": ["CUSTOMER", "REPEAT"] });
        let answer = team.ask(AGAIN, json!({ "input": input })).await;
        path(&answer, "funnel.steps.0").clone()
    };
    for (days, expected) in &within {
        let found = step(Some(days.parse().unwrap())).await;
        assert_eq!(found["converted"], expected["customers"], "{days} days");
        assert!(near(
            path(&found, "rate.value"),
            &expected["rate_of_all_customers"],
            1e-12
        ));
    }
    let ever = step(None).await;
    let expected = &golden["days_first_to_second_order"];
    assert_eq!(ever["entered"], golden["total"]["customers"]);
    assert_eq!(ever["converted"], expected["n"]);
    for (field, name) in [("medianTimeToNext", "median"), ("meanTimeToNext", "mean")] {
        assert_days(&ever[field], &expected[name]);
    }
}

/// Fails unless whole seconds are the expected days.
#[track_caller]
pub fn assert_days(seconds: &Value, days: &Value) {
    let expected = days.as_f64().unwrap() * SECONDS_OF_A_DAY;
    let found = seconds.as_f64().unwrap();
    assert!(
        (found - expected).abs() <= 0.501,
        "{found} s are not {days} days"
    );
}

async fn lapsed(team: &Team<'_>, golden: &Value, from: &str, to: &str) {
    let expected = by_name(golden, "inactivity_churn");
    for (version, (days, expected)) in
        (1..).zip(expected.iter().filter(|(name, _)| *name != "as_of"))
    {
        let days: i32 = days.trim_end_matches('d').parse().unwrap();
        let change = json!({ "input": { "version": version, "churnDays": days } });
        let done = team.ask(SETTINGS, change).await;
        assert_eq!(path(&done, "updateTeamSettings.errors"), &json!([]));
        let total = team.total(&["LAPSED_RATE"], from, to).await;
        assert_near(&total, "LAPSED_RATE", &expected["rate"], 1e-12);
    }
}

on_both_databases! {
    async fn cdnow_s_customers_are_followed_right(database: TestDatabase) {
        let Some(shared) = shared_data("cdnow: customers") else { return };
        follow(&database, &shared, "cdnow", "every_row_an_order", Change::None).await;
    }

    async fn cdnow_s_customers_are_followed_right_when_a_day_is_an_order(database: TestDatabase) {
        let Some(shared) = shared_data("cdnow: customers by day") else { return };
        follow(&database, &shared, "cdnow", "same_day_rows_merged", Change::SameDayMerged).await;
    }

    async fn olist_s_customers_are_followed_right(database: TestDatabase) {
        let Some(shared) = shared_data("olist: customers") else { return };
        follow(&database, &shared, "olist_orders", "valid_excl_canceled_unavailable", Change::None).await;
    }

    async fn olist_s_customers_are_followed_right_over_orders_of_every_status(database: TestDatabase) {
        let Some(shared) = shared_data("olist: customers, every status") else { return };
        follow(&database, &shared, "olist_orders", "all_statuses", Change::AllCompleted).await;
    }

    async fn olist_s_customers_are_followed_right_over_delivered_orders(database: TestDatabase) {
        let Some(shared) = shared_data("olist: customers, delivered") else { return };
        follow(&database, &shared, "olist_orders", "delivered_only", Change::Delivered).await;
    }

    async fn online_retail_s_customers_are_followed_right(database: TestDatabase) {
        let Some(shared) = shared_data("online retail: customers over time") else { return };
        follow(&database, &shared, "online_retail", "identified_customers", Change::None).await;
    }
}
