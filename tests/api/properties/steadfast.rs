//! What does not change a number, for any data: the order in which facts arrive, what other teams do, and whether a
//! period is asked for or compared with.

use chrono::Days;
use serde_json::{Value, json};

use super::{
    ADDITIVE, OTHERS, RATIOS, ask, asked_over,
    cases::{FIRST_DAY, for_cases, team},
    groupings, list,
};
use crate::{
    fixtures::{clock, day, range},
    support::{App, TestDatabase, json::path},
};

fn all() -> Vec<&'static str> {
    ADDITIVE.into_iter().chain(RATIOS).chain(OTHERS).collect()
}

/// Everything that the groupings answer.
async fn whole(app: &App, token: &str) -> Value {
    let mut told = Vec::new();
    for groups in groupings() {
        told.push(ask(app, token, &all(), &groups, 1000, Value::Null).await);
    }
    Value::Array(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_may_arrive_in_any_order() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    for_cases(async |number, case| {
        let (_, token) = team(&app, 2 * number, &case).await;
        let mut turned = case.clone();
        turned.0.reverse();
        let (_, other) = team(&app, 2 * number + 1, &turned).await;
        assert_eq!(whole(&app, &token).await, whole(&app, &other).await);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_another_team_writes_changes_an_answer() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    for_cases(async |number, case| {
        let (_, token) = team(&app, 2 * number, &case).await;
        let before = whole(&app, &token).await;
        // The same ids, days and sources, other figures.
        let mut other = case.clone();
        other.0.extend(case.0.iter().cloned());
        other.1.truncate(case.1.len() / 2);
        team(&app, 2 * number + 1, &other).await;
        assert_eq!(whole(&app, &token).await, before);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn each_baseline_is_what_a_plain_question_for_its_days_answers() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    for_cases(async |number, case| {
        let (_, token) = team(&app, number, &case).await;
        let (_, _, keys, step) = &case;
        let shift = u64::from(*step);
        // The clock stands on 15 June: some of these periods are over and some are not.
        let from = day(FIRST_DAY) + Days::new(shift * 12);
        let to = from + Days::new(shift * 9);
        let preset = ["THIS_QUARTER", "LAST_QUARTER", "THIS_YEAR"][*step as usize % 3];
        let month = json!({ "preset": preset });
        for period in [range(&from.to_string(), &to.to_string()), month] {
            for compare in [
                json!({ "to": "PREVIOUS_PERIOD" }),
                json!({ "to": "PREVIOUS_PERIOD", "matchWeekday": true }),
                json!({ "to": "PREVIOUS_YEAR" }),
                json!({ "to": "CUSTOM", "range": { "from": FIRST_DAY, "to": "2026-03-22" } }),
            ] {
                for grain in ["MONTH", "WEEK"] {
                    let groups = json!([{ "dimension": "TIME", "grain": grain }]);
                    let options = json!({ "compareTo": compare });
                    let answer = asked_over(&app, &token, keys, &groups, &period, options).await;
                    // The rows of two months are enough to tell.
                    let rows = list(&answer, "nodes")
                        .iter()
                        .take(3)
                        .chain([&answer["totals"]]);
                    for value in rows.flat_map(|row| list(row, "values")) {
                        let Some(days) = value["comparison"].get("period") else {
                            continue;
                        };
                        let key = value["metric"]["key"].as_str().expect("a text");
                        let days = range(
                            days["from"].as_str().expect("a day"),
                            days["to"].as_str().expect("a day"),
                        );
                        let plain =
                            asked_over(&app, &token, &[key], &json!([]), &days, json!({})).await;
                        for part in ["value", "numerator", "denominator", "undefinedReason"] {
                            let plain = path(&plain, &format!("totals.values.0.{part}"));
                            let baseline = &value["comparison"]["baseline"][part];
                            assert_eq!(
                                baseline, plain,
                                "{key} {part} of {days}, {compare} of {period}"
                            );
                        }
                    }
                }
            }
        }
    });
}
