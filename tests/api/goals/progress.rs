//! How far goals are, by numbers that a person can check. Today is the 15th of June 2026.

use serde_json::{Value, json};

use super::{advertise, deliver, made, told};
use crate::{
    fixtures::{day, deal, start, units},
    support::{TestDatabase, on_both_databases},
};
use entity::{opportunity, values::Outcome};

/// Twelve clicks on every day of 2026, ten on every day of 2025.
async fn steady(team: &kpigraph::store::TeamStore) {
    let days = day("2025-01-01").iter_days();
    let days: Vec<String> = days
        .take_while(|on| *on < day("2026-06-15"))
        .map(|on| on.to_string())
        .collect();
    let rows: Vec<_> = days
        .iter()
        .map(|on| {
            let clicks = if on.as_str() < "2026" { 10 } else { 12 };
            (on.as_str(), 1_000, clicks, 6)
        })
        .collect();
    advertise(team, 0, &rows).await;
    deliver(team, "2025-01-01", "2026-06-14").await;
}

fn clicks_in_june(target: i64) -> Value {
    json!({ "name": "Clicks", "metric": "CLICKS", "target": target.to_string(),
        "startsOn": "2026-06-01", "deadline": "2026-06-30" })
}

on_both_databases! {
    async fn a_sum_is_held_against_the_days_that_are_over(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        steady(&team).await;
        let goal = made(&app, &token, clicks_in_june(400)).await;
        assert_eq!(goal["kind"], "ACCUMULATE");
        assert_eq!((&goal["baseline"], &goal["baselineSource"]), (&json!("372"), &json!("HISTORY")), "31 days of May");
        // 14 days of 12 clicks; 14 of 30 days; 16 more days of 12.
        assert_eq!(goal["progress"]["current"]["value"], "168");
        assert_eq!(told(&goal), ["0.42", "0.466666666666667", "360", "AT_RISK"]);
        assert_eq!(goal["progress"]["expectedFrom"], "LAST_YEAR");
        assert_eq!(goal["progress"]["through"], "2026-06-14");
        assert_eq!(goal["progress"]["asOf"], "2026-06-15T12:00:00+00:00");
        // 30 days in a row had 300 to 360 clicks in the 24 months before.
        assert_eq!(goal["warnings"][0]["code"], "TARGET_OUTSIDE_HISTORY");
        let text = goal["warnings"][0]["message"].as_str().unwrap();
        assert!(text.contains("300 to 360") && text.contains("400"), "{text}");
        for (target, status) in [(378, "ON_TRACK"), (379, "AT_RISK"), (450, "AT_RISK"), (451, "OFF_TRACK")] {
            // 168 / 378 is .95238 of 14 / 30; 168 / 379 falls below .95; 168 / 450 is .8 of it.
            let goal = made(&app, &token, clicks_in_june(target)).await;
            assert_eq!(told(&goal)[3], status, "{target}: {goal:#}");
        }
    }

    async fn a_year_of_data_gives_a_season(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        advertise(&team, 0, &[("2025-06-05", 0, 300, 0), ("2025-06-20", 0, 100, 0), ("2026-06-03", 0, 200, 0)]).await;
        deliver(&team, "2025-06-01", "2026-06-14").await;
        let input = json!({ "name": "Clicks", "metric": "CLICKS", "target": "400", "baseline": "0",
            "startsOn": "2026-06-01", "deadline": "2026-06-30" });
        let goal = made(&app, &token, input.clone()).await;
        // Three quarters came in the first half of last June. 200 + 16 days of 200 / 14.
        assert_eq!(told(&goal), ["0.5", "0.75", "428.571428571429", "OFF_TRACK"]);
        assert_eq!(goal["progress"]["expectedFrom"], "LAST_YEAR");
        // Without the first day of last June nobody knows that year's sum.
        let (app, team, token) = {
            let team = app.team("other").await;
            let token = app.token("other", kpigraph::auth::Role::Owner);
            (app, team, token)
        };
        advertise(&team, 0, &[("2025-06-05", 0, 300, 0), ("2026-06-03", 0, 200, 0)]).await;
        deliver(&team, "2025-06-02", "2026-06-14").await;
        let goal = made(&app, &token, input).await;
        assert_eq!(told(&goal), ["0.5", "0.466666666666667", "428.571428571429", "ON_TRACK"]);
        assert_eq!(goal["progress"]["expectedFrom"], "ELAPSED_DAYS");
    }

    async fn a_level_is_that_of_the_last_whole_month_and_goes_on_along_a_line(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        advertise(&team, 0, &[
            ("2025-12-10", 10_000, 100, 200),
            ("2026-01-10", 10_000, 110, 209), ("2026-02-10", 10_000, 120, 216), ("2026-03-10", 10_000, 130, 221),
            ("2026-04-10", 10_000, 140, 224), ("2026-05-10", 10_000, 150, 225), ("2026-06-10", 10_000, 900, 90),
        ]).await;
        deliver(&team, "2025-12-01", "2026-06-14").await;
        let level = |metric: &str, target: &str| json!({ "name": metric, "metric": metric, "target": target,
            "startsOn": "2026-01-01", "deadline": "2026-06-30" });
        // Half of the way from .01 to .02; five months of 181 days; .011, .012 … .015 go on to .016.
        let goal = made(&app, &token, level("CTR", "0.02")).await;
        assert_eq!((&goal["kind"], &goal["grain"]), (&json!("REACH_LEVEL"), &json!("MONTH")));
        assert_eq!(goal["baseline"], "0.01");
        assert_eq!(goal["progress"]["current"]["value"], "0.015");
        assert_eq!(told(&goal), ["0.5", "0.834254143646409", "0.016", "OFF_TRACK"]);
        assert_eq!(goal["progress"]["through"], "2026-05-31");
        // A falling cost: 2, 1.9 … 1.5 towards 1.
        let goal = made(&app, &token, level("CPC", "1")).await;
        assert_eq!(goal["currency"], "EUR");
        assert_eq!(told(&goal), ["0.5", "0.834254143646409", "1.4", "OFF_TRACK"]);
        assert_eq!(goal["warnings"], json!([]));
        let goal = made(&app, &token, level("CPC", "1.4")).await;
        assert_eq!(told(&goal), ["0.833333333333333", "0.834254143646409", "1.4", "ON_TRACK"]);
        // A cost that shall rise, and a rate that shall fall, are remarked on.
        let goal = made(&app, &token, level("CPC", "3")).await;
        assert_eq!(goal["warnings"][0]["code"], "TARGET_IN_WORSE_DIRECTION");
        assert_eq!(told(&goal), ["-0.5", "0.834254143646409", "1.4", "OFF_TRACK"]);
    }

    async fn after_the_deadline_a_goal_is_achieved_or_missed(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        steady(&team).await;
        let in_may = |target: &str| json!({ "name": "May", "metric": "CLICKS", "target": target,
            "startsOn": "2026-05-01", "deadline": "2026-05-31" });
        let goal = made(&app, &token, in_may("372")).await;
        assert_eq!(told(&goal), ["1", "1", "372", "ACHIEVED"]);
        assert_eq!(goal["nextReviewOn"], Value::Null);
        let goal = made(&app, &token, in_may("373")).await;
        assert_eq!(told(&goal)[3], "MISSED");
        let to_come = json!({ "name": "July", "metric": "CLICKS", "target": "500",
            "startsOn": "2026-07-01", "deadline": "2026-07-31" });
        let goal = made(&app, &token, to_come).await;
        assert_eq!(told(&goal), ["null", "null", "null", "NOT_STARTED"]);
        assert_eq!(goal["baseline"], "372", "May is the last month before July that is over");
        let today = json!({ "name": "Now", "metric": "CTR", "target": "0.5", "deadline": "2026-07-31" });
        let goal = made(&app, &token, today).await;
        assert_eq!(goal["startsOn"], "2026-06-15");
        assert_eq!(told(&goal)[3], "UNKNOWN", "no week is over yet");
        assert_eq!(goal["grain"], "WEEK");
    }

    async fn days_that_were_not_delivered_yet_do_not_count_as_nothing(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        advertise(&team, 0, &[("2026-06-02", 0, 100, 0)]).await;
        deliver(&team, "2026-05-01", "2026-06-10").await;
        let goal = made(&app, &token, clicks_in_june(300)).await;
        assert_eq!(goal["progress"]["through"], "2026-06-10");
        // A third of the days: 100 + 20 days of 10.
        assert_eq!(told(&goal), ["0.333333333333333", "0.333333333333333", "300", "ON_TRACK"]);
    }

    async fn a_metric_without_data_is_unknown(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let input = json!({ "name": "Clicks", "metric": "CLICKS", "target": "400", "baseline": "0",
            "startsOn": "2026-06-01", "deadline": "2026-06-30" });
        let goal = made(&app, &token, input).await;
        assert_eq!(goal["progress"]["current"]["undefinedReason"]["code"], "NO_DATA");
        assert_eq!(told(&goal), ["null", "null", "null", "UNKNOWN"]);
        assert_eq!(goal["warnings"], json!([]));
    }

    async fn of_what_shall_stay_low_no_more_may_be_used_than_expected(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let deals = (1..=8).map(|id| deal(id, Outcome::Lost, "2026-06-02", Some(units(1))));
        writer.insert::<opportunity::Entity>(deals.collect()).await.expect("deals are written");
        writer.commit().await.expect("the transaction commits");
        deliver(&team, "2026-05-01", "2026-06-14").await;
        let lost = |target: &str| json!({ "name": "Lost", "metric": "LOST_DEALS", "target": target, "baseline": "30",
            "startsOn": "2026-06-01", "deadline": "2026-06-30" });
        // 8 of 20 in 14 of 30 days is less than expected; of 16 it is half, .933 of which is expected; of 12 two thirds.
        for (target, status) in [("20", "ON_TRACK"), ("16", "AT_RISK"), ("12", "OFF_TRACK")] {
            let goal = made(&app, &token, lost(target)).await;
            assert_eq!(told(&goal)[3], status, "{target}");
        }
    }

    async fn an_objective_is_as_far_as_its_key_results(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        steady(&team).await;
        let objective = json!({ "name": "Grow", "deadline": "2026-06-30", "startsOn": "2026-06-01" });
        let objective = made(&app, &token, objective).await;
        assert_eq!((&objective["metric"], &objective["kind"], &objective["target"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!(told(&objective)[3], "UNKNOWN");
        let id = objective["id"].as_str().unwrap().to_owned();
        for (target, name) in [(400, "a"), (1_680, "b"), (84, "c")] {
            let mut input = clicks_in_june(target);
            input["keyResultOf"] = json!(id);
            input["name"] = json!(name);
            let goal = made(&app, &token, input).await;
            assert_eq!(goal["keyResultOf"]["name"], "Grow");
        }
        let change = json!({ "id": id, "version": 1, "name": "Grow more" });
        let objective = made(&app, &token, change).await;
        assert_eq!(objective["keyResults"], json!([{ "name": "a" }, { "name": "b" }, { "name": "c" }]));
        // .42, .1 and twice as much as was to be reached, which counts for one.
        assert_eq!(told(&objective), ["0.506666666666667", "0.466666666666667", "null", "ON_TRACK"]);
    }
}
