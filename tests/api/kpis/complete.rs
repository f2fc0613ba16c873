//! `options.onlyComplete`: what is over alone, in the period and in what it is compared with.

use serde_json::json;

use super::{metrics, shop, shown};
use crate::{
    fixtures::{refusal, start},
    support::{TestDatabase, json::path, on_both_databases},
};

on_both_databases! {
    async fn whole_buckets_stand_against_whole_buckets(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let answer = metrics(&app, &token, json!({ "metrics": ["CLICKS"], "period": { "preset": "THIS_YEAR" },
            "groupBy": [{ "dimension": "TIME", "grain": "MONTH" }],
            "options": { "onlyComplete": true, "compareTo": { "to": "PREVIOUS_YEAR" } } })).await;
        assert_eq!(answer["totalCount"], 5);
        assert_eq!(path(&answer, "meta.period"), &json!({ "from": "2026-01-01", "to": "2026-05-31" }));
        assert_eq!(path(&answer, "meta.comparedTo"), &json!({ "from": "2025-01-01", "to": "2025-05-31" }));
        let may = path(&answer, "nodes.4.values.0");
        assert_eq!((shown(may), shown(path(may, "comparison.baseline"))), ("500".into(), "400".into()));
        for row in path(&answer, "nodes").as_array().expect("a list") {
            assert_eq!(path(row, "values.0.quality.complete"), true);
        }
        assert_eq!(shown(path(&answer, "totals.values.0")), "750");
    }

    async fn the_typed_door_ends_with_yesterday(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let query = "{ viewer { team { kpis(period: { preset: THIS_MONTH },
            options: { onlyComplete: true, compareTo: { to: PREVIOUS_PERIOD } }) { period { from to complete }
            clicks { value comparison { period { from to } baseline { value } } } } } } }";
        let answer = app.graphql(&token, query, json!({})).await;
        assert_eq!(path(&answer, "data.viewer.team.kpis"), &json!({
            "period": { "from": "2026-06-01", "to": "2026-06-14", "complete": true },
            "clicks": { "value": "0", "comparison": {
                "period": { "from": "2026-05-01", "to": "2026-05-14" }, "baseline": { "value": "500" } } },
        }));
    }

    async fn a_period_of_which_nothing_is_over_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = "{ metrics(input: { metrics: [CLICKS], period: { preset: TODAY }, options: { onlyComplete: true } })
            { totalCount } }";
        let (code, message) = refusal(&app, &token, query, json!({})).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.contains("nothing of the period 2026-06-15 is over"), "{message}");
    }
}
