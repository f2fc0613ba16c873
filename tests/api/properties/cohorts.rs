//! What holds for cohorts of any data: they are the new customers, all of them active at first, and a split's parts
//! make the whole.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    ask,
    cases::{FIRST_DAY, for_cases, team},
    list, number,
};
use crate::{
    fixtures::{clock, range},
    support::{App, TestDatabase, json::path},
};

const COHORTS: &str = "query ($input: CohortInput!) { cohorts(input: $input) {
    cohorts { start size cells { offset complete
        retained { numerator denominator value } revenue { value } cumulativeLtv { value undefinedReason { code } } } }
    summary { size cells { offset size retained { value numerator } } } } }";

async fn cohorts(app: &App, token: &str, grain: &str, split: Value) -> Value {
    let input = json!({ "period": range(FIRST_DAY, "2026-04-30"), "grain": grain, "periods": 20, "splitBy": split });
    let answer = app.graphql(token, COHORTS, json!({ "input": input })).await;
    path(&answer, "data.cohorts").clone()
}

fn sizes(table: &Value) -> i64 {
    let cohorts = list(table, "cohorts").iter();
    cohorts
        .map(|cohort| cohort["size"].as_i64().expect("a size"))
        .sum()
}

/// The sum over cohorts of a cell's part, by start and offset; undefined parts are left out.
fn sum(table: &Value, start: &Value, offset: &Value, at: &str) -> Decimal {
    let cohorts = list(table, "cohorts")
        .iter()
        .filter(|cohort| cohort["start"] == *start);
    let cells = cohorts.flat_map(|cohort| list(cohort, "cells"));
    let parts = cells
        .filter(|cell| cell["offset"] == *offset)
        .map(|cell| path(cell, at));
    parts.filter(|part| !part.is_null()).map(number).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn cohorts_are_the_new_customers_and_parts_make_the_whole() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    for_cases(async |case_number, case| {
        let (_, token) = team(&app, case_number, &case).await;
        let rates = ["NEW_CUSTOMERS", "RETENTION_RATE", "CHURN_RATE"];
        let by_week = json!([{ "dimension": "TIME", "grain": "WEEK" }]);
        let asked = ask(&app, &token, &rates, &by_week, 1000, Value::Null).await;
        let new = number(path(&asked, "totals.values.0.value"));
        for row in list(&asked, "nodes") {
            if let [Value::String(kept), Value::String(lost)] =
                [1, 2].map(|place| path(row, &format!("values.{place}.value")).clone())
            {
                let sum = kept.parse::<Decimal>().unwrap() + lost.parse::<Decimal>().unwrap();
                assert_eq!(sum.round_dp(14), Decimal::ONE);
            }
        }
        for grain in ["WEEK", "MONTH"] {
            let whole = cohorts(&app, &token, grain, Value::Null).await;
            assert_eq!(Decimal::from(sizes(&whole)), new, "{grain}");
            let split = cohorts(&app, &token, grain, json!("CAMPAIGN")).await;
            assert_eq!(sizes(&split), sizes(&whole));
            for cohort in list(&whole, "cohorts") {
                for cell in list(cohort, "cells") {
                    if cell["offset"] == 0 {
                        assert_eq!(path(cell, "retained.value"), "1");
                    }
                    for part in [
                        "retained.numerator",
                        "retained.denominator",
                        "revenue.value",
                    ] {
                        let parts = sum(&split, &cohort["start"], &cell["offset"], part);
                        assert_eq!(parts, number(path(cell, part)), "{part} of {grain}");
                    }
                }
            }
            for summary in list(&whole, "summary") {
                for cell in list(summary, "cells") {
                    let complete = list(&whole, "cohorts")
                        .iter()
                        .flat_map(|cohort| list(cohort, "cells"));
                    let complete = complete
                        .filter(|of| of["offset"] == cell["offset"] && of["complete"] == true);
                    let active: Decimal = complete
                        .map(|of| number(path(of, "retained.numerator")))
                        .sum();
                    assert_eq!(active, number(path(cell, "retained.numerator")));
                }
            }
        }
    });
}
