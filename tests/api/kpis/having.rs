//! `having`: groups kept by their values.

use serde_json::{Value, json};

use super::{expect, may, metrics, shop, shown, table};
use crate::{
    fixtures::{refusal, start},
    support::{TestDatabase, json::path, on_both_databases},
};

fn is(metric: &str, op: &str, value: &str) -> Value {
    json!({ "metric": { "metric": metric, "op": op, "value": value } })
}

on_both_databases! {
    async fn groups_are_kept_by_values_that_need_not_be_asked(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let kept = async |having: Value| {
            let input = json!({ "metrics": ["CLICKS"], "period": may(), "having": having,
                "groupBy": [{ "dimension": "CAMPAIGN" }] });
            let answer = metrics(&app, &token, input).await;
            let totals = path(&answer, "totals.values").as_array().expect("a list").clone();
            assert_eq!(totals.iter().map(shown).collect::<Vec<_>>(), ["500"], "whatever is kept");
            table(&answer)
        };
        // One spent 100 for 200 clicks, Two 150 for 300.
        let (one, two) = (("One", "200"), ("Two", "300"));
        assert_eq!(kept(is("SPEND", "GT", "100")).await, expect(&[two]));
        assert_eq!(kept(is("SPEND", "GTE", "100.0")).await, expect(&[one, two]));
        assert_eq!(kept(is("SPEND", "LT", "150")).await, expect(&[one]));
        assert_eq!(kept(is("CLICKS", "LTE", "300")).await, expect(&[one, two]));
        assert_eq!(kept(is("CPC", "EQ", "0.5")).await, expect(&[one, two]));
        assert_eq!(kept(is("ROAS", "NEQ", "3")).await, expect(&[]));
        assert_eq!(kept(json!({ "not": is("SPEND", "GT", "100") })).await, expect(&[one]));
        let both = json!([is("SPEND", "GT", "10"), is("IMPRESSIONS", "LT", "20000")]);
        assert_eq!(kept(json!({ "and": both })).await, expect(&[one]));
        let either = json!([is("SPEND", "GT", "140"), is("IMPRESSIONS", "LT", "1")]);
        assert_eq!(kept(json!({ "or": either })).await, expect(&[two]));
    }

    async fn a_value_that_is_null_meets_neither_a_condition_nor_its_opposite(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        // Costs beside media know no country, so CAC by country is null.
        for having in [is("CAC", "GT", "0"), json!({ "not": is("CAC", "GT", "0") })] {
            let input = json!({ "metrics": ["CLICKS"], "period": may(), "having": having,
                "groupBy": [{ "dimension": "COUNTRY" }] });
            assert_eq!(table(&metrics(&app, &token, input).await), expect(&[]));
        }
        let or = json!({ "or": [is("CAC", "GT", "0"), is("CLICKS", "GT", "250")] });
        let input = json!({ "metrics": ["CLICKS"], "period": may(), "having": or,
            "groupBy": [{ "dimension": "COUNTRY" }] });
        assert_eq!(table(&metrics(&app, &token, input).await), expect(&[("FR", "300")]));
    }

    async fn one_row_for_everything_can_be_left_out_and_the_total_stays(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let input = json!({ "metrics": ["CLICKS"], "period": may(), "having": is("CLICKS", "GT", "500") });
        let answer = metrics(&app, &token, input).await;
        assert_eq!(table(&answer), expect(&[]));
        assert_eq!(shown(path(&answer, "totals.values.0")), "500");
    }

    async fn conditions_in_the_wrong_place_are_refused_and_the_right_one_named(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let country = json!({ "dimension": { "dimension": "COUNTRY", "op": "EQ", "values": ["DE"] } });
        for (field, condition, words) in [
            ("filter", json!({ "and": [is("CLICKS", "GT", "1")] }), "input.filter.and[0]: a condition on a metric"),
            ("having", json!({ "not": country }), "input.having.not: a condition on a dimension"),
            ("having", json!({ "or": vec![is("CLICKS", "GT", "1"); 100] }), "input.having: 101 conditions asked"),
        ] {
            let mut input = json!({ "metrics": ["CLICKS"], "period": may() });
            input[field] = condition;
            let query = "query ($input: MetricsInput!) { metrics(input: $input) { totalCount } }";
            let (_, message) = refusal(&app, &token, query, json!({ "input": input })).await;
            assert!(message.contains(words), "{message}");
        }
    }
}
