//! KPIs that do not simply add up: people, followers, growth; and the dimensions that few facts have.

use entity::{campaign, customer, orders};
use serde_json::json;

use super::{expect, may, metrics, shop, table};
use crate::{
    fixtures::{self, deliver_all, order, range, start, units},
    support::{TestDatabase, on_both_databases},
};

on_both_databases! {
    async fn people_are_known_only_at_the_grain_at_which_they_were_counted(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let reach = async |period, group| {
            let input = json!({ "metrics": ["REACH", "FREQUENCY"], "period": period, "groupBy": group });
            table(&metrics(&app, &token, input).await)
        };
        let by_campaign = reach(may(), json!([{ "dimension": "CAMPAIGN" }])).await;
        // Together they are 19 000, but some saw the ads of both: all are 16 000.
        assert_eq!(by_campaign, expect(&[("One", "7000 1.428571428571429"), ("Two", "12000 2.5")]));
        let by_month = reach(range("2026-04-01", "2026-05-31"), json!([{ "dimension": "TIME", "grain": "MONTH" }])).await;
        let unknown = "NOT_ADDITIVE_AT_THIS_GRAIN NOT_ADDITIVE_AT_THIS_GRAIN";
        assert_eq!(by_month, expect(&[("2026-04", unknown), ("2026-05", "16000 2.5")]));
        for period in [range("2026-05-01", "2026-05-30"), range("2026-04-01", "2026-05-31")] {
            assert_eq!(reach(period, json!([])).await, expect(&[("", unknown)]));
        }
        let days = reach(range("2026-05-01", "2026-05-02"), json!([{ "dimension": "TIME", "grain": "DAY" }])).await;
        assert_eq!(days, expect(&[("2026-05-01", unknown), ("2026-05-02", unknown)]));
        let never = reach(range("2024-05-01", "2024-05-31"), json!([])).await;
        assert_eq!(never, expect(&[("", "NO_DATA NO_DATA")]), "nobody counted then");
    }

    async fn of_followers_the_last_known_number_stands(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let input = json!({ "metrics": ["FOLLOWERS", "FOLLOWER_GROWTH"], "period": range("2026-04-01", "2026-06-14"),
            "groupBy": [{ "dimension": "TIME", "grain": "MONTH" }] });
        let rows = table(&metrics(&app, &token, input).await);
        assert_eq!(rows, expect(&[
            ("2026-04", "1000 NO_DATA"),
            ("2026-05", "1100 0.1"),
            ("2026-06", "9999 8.09"),
        ]));
        let input = json!({ "metrics": ["FOLLOWERS"], "period": may(), "groupBy": [{ "dimension": "CHANNEL" }],
            "filter": { "dimension": { "dimension": "CHANNEL_KIND", "op": "EQ", "values": ["PAID_SOCIAL"] } } });
        assert_eq!(table(&metrics(&app, &token, input).await), expect(&[("Social", "1100")]));
    }

    async fn growth_compares_whole_buckets_with_whole_ones_and_a_running_one_with_as_many_days(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let growth = async |period, grain| {
            let input = json!({ "metrics": ["REVENUE", "REVENUE_GROWTH"], "period": period,
                "groupBy": [{ "dimension": "TIME", "grain": grain }] });
            table(&metrics(&app, &token, input).await)
        };
        // Of June 14 days are over: -50 by a refund, against the 500 sold from May 1 to 14.
        assert_eq!(growth(range("2026-04-01", "2026-06-30"), "MONTH").await, expect(&[
            ("2026-04", "40 ZERO_DENOMINATOR"),
            ("2026-05", "430 9.75"),
            ("2026-06", "-50 -1.1"),
        ]));
        // A period that begins within a month: of May only the days from the 3rd on, against as many days before.
        let cut = growth(range("2026-05-03", "2026-05-31"), "MONTH").await;
        assert_eq!(cut, expect(&[("2026-05", "430 9.75")]));
    }

    async fn facts_can_be_told_apart_by_what_only_some_of_them_have(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let by = async |metrics_asked: &[&str], group| {
            let input = json!({ "metrics": metrics_asked, "period": may(), "groupBy": [group] });
            table(&metrics(&app, &token, input).await)
        };
        let stages = by(&["REVENUE"], json!({ "dimension": "LIFECYCLE" })).await;
        assert_eq!(stages, expect(&[("(none)", "40"), ("REPEAT", "90"), ("SQL", "0"), ("SQO", "300")]));
        let cohorts = by(&["REVENUE"], json!({ "dimension": "COHORT", "grain": "MONTH" })).await;
        assert_eq!(cohorts, expect(&[("(none)", "40"), ("2026-04", "90"), ("2026-05", "300")]));
        let pages = by(&["SESSIONS", "REVENUE"], json!({ "dimension": "LANDING_PAGE" })).await;
        let lacking = "INCOMPATIBLE_DIMENSION";
        assert_eq!(pages, expect(&[
            ("(none)", &format!("400 {lacking}")),
            ("/chairs", &format!("600 {lacking}")),
        ]));
        let booked = by(&["SPEND", "LEADS"], json!({ "dimension": "CURRENCY" })).await;
        assert_eq!(booked, expect(&[("EUR", &format!("250 {lacking}"))]));
    }

    async fn sources_are_those_of_the_campaign_and_segments_those_of_the_customer(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let tagged = campaign::Model {
            utm_source: Some("google".to_owned()),
            utm_medium: Some("cpc".to_owned()),
            utm_campaign: Some("spring".to_owned()),
            ..fixtures::campaign(1, "One")
        };
        let gold = customer::Model {
            acquired_campaign_id: Some(1),
            properties: r#"{"segment":"gold"}"#.to_owned(),
            ..fixtures::customer(1)
        };
        let done = async {
            writer.insert::<campaign::Entity>(vec![tagged]).await?;
            writer.insert::<customer::Entity>(vec![gold, fixtures::customer(2)]).await?;
            writer.insert::<orders::Entity>(vec![
                order(1, Some(1), "2026-05-03", units(100)),
                order(2, Some(2), "2026-05-03", units(10)),
            ]).await?;
            writer.refresh_order_days(&[1, 2]).await
        };
        done.await.expect("the rows are written");
        deliver_all(&writer, "shop", "2026-05-01", "2026-05-31").await;
        writer.commit().await.expect("the transaction commits");
        for (dimension, key) in [("SOURCE", "google"), ("MEDIUM", "cpc"), ("UTM_CAMPAIGN", "spring"), ("CUSTOMER_SEGMENT", "gold")] {
            let input = json!({ "metrics": ["REVENUE", "NEW_CUSTOMERS"], "period": may(), "groupBy": [{ "dimension": dimension }] });
            assert_eq!(table(&metrics(&app, &token, input).await), expect(&[("(none)", "10 1"), (key, "100 1")]), "{dimension}");
            let input = json!({ "metrics": ["REVENUE"], "period": may(),
                "filter": { "dimension": { "dimension": dimension, "op": "EQ", "values": [key] } } });
            assert_eq!(table(&metrics(&app, &token, input).await), expect(&[("", "100")]), "{dimension}");
        }
    }
}
