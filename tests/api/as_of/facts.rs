//! Each kind of fact, changed later.

use kpigraph::import::Format;
use serde_json::json;

use super::{Then, june};
use crate::support::{TestDatabase, on_both_databases};

const ADS: &str =
    "date,campaign_id,country,impressions,clicks,spend,conversions,conversion_value,currency
2026-06-01,7,DE,1000,10,5.00,2,40,EUR
2026-06-01,7,FR,2000,30,9.00,1,20,EUR
2026-06-02,7,DE,500,5,2.50,0,0,EUR
2026-06-02,8,DE,100,1,1.25,0,0,USD
";
/// The first day again, with late conversions in Germany and without the row of France.
const RESTATED: &str =
    "date,campaign_id,country,impressions,clicks,spend,conversions,conversion_value,currency
2026-06-01,7,DE,1010,11,5.50,6,120,EUR
";
const RATES: &str = "date,from,to,rate\n2026-06-02,USD,EUR,0.9\n";
const ORDERS: &str = "order_id,customer_id,ordered_at,amount,cost_of_goods,status,country
1,ann,2026-06-01,100,40,paid,DE
2,bob,2026-06-02,50,20,paid,FR
3,ann,2026-06-02,30,10,paid,DE
";

on_both_databases! {
    async fn a_restated_day_is_told_as_it_was_before_and_as_it_is(database: TestDatabase) {
        let first = Then::on(&database, "2026-06-03T12:00:00Z").await;
        first.load(Format::AdStats, ADS).await;
        first.load(Format::FxRates, RATES).await;
        let said = first.tell(None).await;
        assert_eq!(first.june("SPEND", None).await, "17.625");
        assert_eq!(first.june("CONVERSION_VALUE", None).await, "60");

        let later = Then::on(&database, "2026-06-10T12:00:00Z").await;
        later.load(Format::AdStats, RESTATED).await;
        later.load(Format::FxRates, "date,from,to,rate\n2026-06-02,USD,EUR,0.8\n").await;
        // 5.50 of Germany, 2.50, and 1.25 dollars at 0.8; France is gone.
        assert_eq!(later.june("SPEND", None).await, "9");
        assert_eq!(later.june("CONVERSION_VALUE", None).await, "120");
        assert_ne!(later.tell(None).await, said);
        assert_eq!(later.tell(Some(first.at)).await.to_string(), said.to_string());
        assert_eq!(later.june("SPEND", Some("2026-06-10T11:59:59.999999Z")).await, "17.625");
        assert_eq!(later.june("SPEND", Some(later.at)).await, "9");
        // Nothing was known before the first load.
        let before = json!({ "metrics": ["SPEND"], "period": june(), "options": { "asOf": "2026-06-03T11:59:59Z" } });
        let before = later.metrics(before).await;
        assert_eq!(before["nodes"][0]["values"][0]["undefinedReason"]["code"], "NO_DATA");
    }

    async fn days_that_the_last_load_restated_are_provisional_from_the_first_of_them_on(database: TestDatabase) {
        let told = async |then: &Then, day: &str, as_of: Option<&str>| {
            let period = json!({ "range": { "from": day, "to": day } });
            let input = json!({ "metrics": ["SPEND", "ORDERS"], "period": period, "options": { "asOf": as_of } });
            let answer = then.metrics(input).await;
            let provisional = |place: usize| answer["nodes"][0]["values"][place]["quality"]["provisional"].clone();
            (answer["meta"]["freshness"][0]["provisionalFrom"].clone(), provisional(0), provisional(1))
        };
        let first = Then::on(&database, "2026-06-03T12:00:00Z").await;
        first.load(Format::AdStats, ADS).await;
        assert_eq!(told(&first, "2026-06-01", None).await, (json!(null), json!(false), json!(false)));
        let restated = Then::on(&database, "2026-06-10T12:00:00Z").await;
        restated.load(Format::AdStats, RESTATED).await;
        for (day, provisional) in [("2026-05-31", false), ("2026-06-01", true), ("2026-06-02", true)] {
            let expected = (json!("2026-06-01"), json!(provisional), json!(false));
            assert_eq!(told(&restated, day, None).await, expected, "{day}");
        }
        assert_eq!(told(&restated, "2026-06-01", Some(first.at)).await, (json!(null), json!(false), json!(false)));
        // Delivered again as it was: the source has come to rest.
        let again = Then::on(&database, "2026-06-11T12:00:00Z").await;
        again.load(Format::AdStats, RESTATED).await;
        assert_eq!(told(&again, "2026-06-01", None).await, (json!(null), json!(false), json!(false)));
        assert_eq!(told(&again, "2026-06-02", Some(restated.at)).await.0, "2026-06-01");
    }

    async fn orders_refunded_and_cancelled_later_still_count_then(database: TestDatabase) {
        let first = Then::on(&database, "2026-06-03T12:00:00Z").await;
        first.load(Format::Orders, ORDERS).await;
        let said = first.tell(None).await;
        let kpis = ["ORDERS", "REVENUE", "NEW_CUSTOMERS", "ACTIVE_CUSTOMERS", "REPEAT_PURCHASE_RATE"];
        let told = async |then: &Then, as_of: Option<&str>| {
            let mut values = Vec::new();
            for kpi in kpis {
                values.push(then.june(kpi, as_of).await.as_str().unwrap_or("null").to_owned());
            }
            values.join(" ")
        };
        assert_eq!(told(&first, None).await, "3 180 2 2 0.5");

        // Ann's first order is refunded in part, Bob's only order is cancelled.
        let refunded = Then::on(&database, "2026-06-05T12:00:00Z").await;
        refunded
            .load(Format::Refunds, "refund_id,order_id,refunded_at,amount\nr,1,2026-06-04,25\n")
            .await;
        let said_next = refunded.tell(None).await;
        assert_eq!(told(&refunded, None).await, "3 155 2 2 0.5");
        let cancelled = Then::on(&database, "2026-06-08T12:00:00Z").await;
        cancelled
            .load(Format::Orders, &ORDERS.replace("50,20,paid", "50,20,cancelled"))
            .await;
        assert_eq!(told(&cancelled, None).await, "2 105 1 1 1");
        for then in [&refunded, &cancelled] {
            assert_eq!(told(then, Some(first.at)).await, "3 180 2 2 0.5");
            assert_eq!(then.tell(Some(first.at)).await.to_string(), said.to_string());
        }
        assert_eq!(cancelled.tell(Some(refunded.at)).await.to_string(), said_next.to_string());
    }

    async fn a_stage_that_turns_out_to_be_entered_earlier_moves_the_lead_only_from_then_on(database: TestDatabase) {
        let head = "customer_id,stage,entered_at\n";
        let first = Then::on(&database, "2026-06-12T12:00:00Z").await;
        first
            .load(Format::StageEvents, &format!("{head}ann,LEAD,2026-06-10\nann,MQL,2026-06-11\n"))
            .await;
        let said = first.tell(None).await;
        assert_eq!(first.june("LEADS", None).await, "1");
        let later = Then::on(&database, "2026-06-20T12:00:00Z").await;
        later
            .load(Format::StageEvents, &format!("{head}ann,LEAD,2026-05-20\nann,SQL,2026-06-15\n"))
            .await;
        assert_eq!(later.june("LEADS", None).await, "0");
        assert_eq!(later.june("LEADS", Some(first.at)).await, "1");
        assert_eq!(later.tell(Some(first.at)).await.to_string(), said.to_string());
    }

    async fn visits_touchpoints_deals_and_costs_keep_what_was_known(database: TestDatabase) {
        let first = Then::on(&database, "2026-06-12T12:00:00Z").await;
        first.load(Format::Orders, ORDERS).await;
        first.load(Format::AdStats, ADS).await;
        first.load(Format::FxRates, RATES).await;
        first.load(Format::WebStats, "date,sessions,converted_sessions\n2026-06-01,100,4\n").await;
        first.load(Format::Deals, "deal_id,lead_id,opened_at,closed_at,outcome,amount\nd,ann,2026-06-01,,OPEN,90\n").await;
        first.load(Format::Costs, "cost_id,starts_on,ends_on,amount,acquisition\nc,2026-06-01,2026-06-10,100,true\n").await;
        let touch = "touch_id,customer_id,occurred_at,campaign,is_conversion,value\n";
        first.load(Format::Touchpoints, &format!("{touch}t1,ann,2026-05-30,7,true,12\n")).await;
        let said = first.tell(None).await;

        let later = Then::on(&database, "2026-06-20T12:00:00Z").await;
        later.load(Format::WebStats, "date,sessions,converted_sessions\n2026-06-01,120,6\n").await;
        later
            .load(Format::Deals, "deal_id,lead_id,opened_at,closed_at,outcome,amount\nd,ann,2026-06-01,2026-06-11,WON,80\n")
            .await;
        later
            .load(Format::Costs, "cost_id,starts_on,ends_on,amount,acquisition\nc,2026-06-01,2026-06-05,300,false\n")
            .await;
        // An earlier touch of another campaign acquires Ann; what seemed a conversion was none.
        later
            .load(Format::Touchpoints, &format!("{touch}t0,ann,2026-05-20,8,false,\nt1,ann,2026-05-30,7,false,\n"))
            .await;
        for (kpi, then, now) in [
            ("SESSIONS", "100", "120"),
            ("MARKETING_COST", "117.625", "317.625"),
            ("WON_AMOUNT", "0", "80"),
        ] {
            let known = |as_of| later.june(kpi, as_of);
            assert_eq!((known(Some(first.at)).await, known(None).await), (then.into(), now.into()), "{kpi}");
        }
        assert_eq!(later.tell(Some(first.at)).await.to_string(), said.to_string());
        assert_ne!(later.tell(None).await.to_string(), said.to_string());
    }
}
