use std::{collections::HashSet, time::Duration};

use super::*;
use crate::store::{
    ConnectOptions,
    measures::{Filter, Measure, Scan, Span},
};

struct Database {
    store: Store,
    clock: Clock,
    _folder: tempfile::TempDir,
}

async fn database(now: &str) -> Database {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(now.parse().unwrap());
    let options = ConnectOptions {
        url: format!("sqlite://{}", folder.path().join("demo.db").display()),
        connections: 2,
        admin_url: None,
        acquire_timeout: Duration::from_secs(5),
        statement_timeout: Duration::from_secs(10),
        wait: Duration::from_secs(5),
    };
    Database {
        store: Store::connect(&options, clock).await.unwrap(),
        clock,
        _folder: folder,
    }
}

fn days(from: &str, to: &str) -> DateRange {
    DateRange::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

const MEASURES: [Measure; 28] = [
    Measure::spend,
    Measure::impressions,
    Measure::clicks,
    Measure::conversions,
    Measure::conversion_value,
    Measure::sessions,
    Measure::converted_sessions,
    Measure::orders,
    Measure::net_sales,
    Measure::goods_cost,
    Measure::buyers,
    Measure::refunds,
    Measure::new_customers,
    Measure::customers_to_date,
    Measure::repeat_customers_to_date,
    Measure::leads,
    Measure::mqls,
    Measure::won_deals,
    Measure::lost_deals,
    Measure::won_amount,
    Measure::won_deals_with_amount,
    Measure::recorded_conversions,
    Measure::recorded_conversion_value,
    Measure::other_costs,
    Measure::acquisition_costs,
    Measure::budgeted_spend,
    Measure::budget_to_date,
    Measure::kept_orders,
];

async fn sum(team: &TeamStore, measure: Measure, days: DateRange) -> i64 {
    let scan = Scan {
        fact: measure.spec().fact,
        measures: &[measure],
        cuts: &[],
        filter: &Filter::Everything,
        span: if measure.spec().to_date {
            Span::Through(days.to)
        } else {
            Span::Within(days)
        },
        calendar: &CALENDAR,
        by_currency: false,
        foreign_to: None,
    };
    team.scan(&scan).await.unwrap()[0].values[0].unwrap_or(0)
}

async fn sums(team: &TeamStore, days: DateRange) -> Vec<(&'static str, i64)> {
    let mut sums = Vec::new();
    for measure in MEASURES {
        sums.push((measure.name(), sum(team, measure, days).await));
    }
    sums
}

#[tokio::test]
async fn a_past_day_has_the_same_numbers_whenever_the_demo_was_made() {
    let early = database("2025-03-16T00:30:00Z").await;
    let late = database("2026-01-01T12:00:00Z").await;
    let first = fill(&early.store, early.clock).await.unwrap();
    let window = days("2025-01-01", "2025-05-05");
    let second = fill_days(&late.store, late.clock, window).await.unwrap();
    // Whether an order is kept settles with its refund, up to 12 days later.
    let settled = days("2025-01-01", "2025-03-03");
    assert_eq!(sums(&first, settled).await, sums(&second, settled).await);
    let last = DateRange::single("2025-03-15".parse().unwrap());
    for measure in [Measure::spend, Measure::net_sales, Measure::leads] {
        let sums = [
            sum(&first, measure, last).await,
            sum(&second, measure, last).await,
        ];
        assert!(sums[0] > 0 && sums[0] == sums[1], "{sums:?}");
    }
}

#[tokio::test]
async fn every_kind_of_fact_has_believable_data() {
    let database = database("2025-05-01T00:00:00Z").await;
    let team = fill(&database.store, database.clock).await.unwrap();
    let days = days("2025-02-01", "2025-04-30");
    for (name, sum) in sums(&team, days).await {
        assert!(sum > 0, "{name} is {sum}");
    }
    let of = async |measure| sum(&team, measure, days).await as f64;
    let within = |name: &str, value: f64, low: f64, high: f64| {
        assert!((low..=high).contains(&value), "{name} is {value}");
    };
    let spend = of(Measure::spend).await;
    let roas = of(Measure::conversion_value).await / spend;
    within("ROAS", roas, 2.5, 4.0);
    let clicks = of(Measure::clicks).await;
    within("CTR", clicks / of(Measure::impressions).await, 0.01, 0.05);
    let converted = of(Measure::converted_sessions).await / of(Measure::sessions).await;
    within("conversion rate", converted, 0.02, 0.04);
    let orders = of(Measure::orders).await;
    within("orders a day", orders / 89.0, 20.0, 30.0);
    let sales = of(Measure::net_sales).await;
    within("AOV", sales / orders / 1e6, 90.0, 250.0);
    let acquisition = spend + of(Measure::acquisition_costs).await;
    let cac = acquisition / of(Measure::new_customers).await / 1e6;
    within("CAC", cac, 50.0, 150.0);
    let won = of(Measure::won_deals).await;
    let win_rate = won / (won + of(Measure::lost_deals).await);
    within("win rate", win_rate, 0.2, 0.45);
    within("MER", sales / spend, 2.5, 6.0);
    let pacing = of(Measure::budgeted_spend).await / of(Measure::budget_to_date).await;
    within("pacing", pacing, 0.85, 1.15);
}

#[tokio::test]
async fn amounts_add_up_and_nothing_lies_in_the_future() {
    let database = database("2025-03-11T08:00:00Z").await;
    let team = team(&database.store).await.unwrap();
    let writer = team.begin("fixture").await.unwrap();
    let months = [
        days("2025-01-01", "2025-01-31"),
        days("2025-02-01", "2025-02-28"),
        days("2025-03-01", "2025-03-10"),
    ];
    let last = months[2].to;
    let plan = Plan::write(&writer, &months).await.unwrap();
    let mut shop = Shop::new(&writer, &plan, last);
    let mut emails = HashSet::new();
    for days in months {
        let rows = month(&writer, &plan, &mut shop, days, days);
        for order in &rows.orders {
            let parts = order.discount + order.tax + order.shipping;
            assert_eq!(order.net, order.gross - parts);
            assert!(order.net > 0 && order.refunded <= order.net);
            assert!(order.cost_of_goods.unwrap() < order.net);
            assert_eq!(order.day, order.ordered_at.date_naive());
        }
        let refunded: i64 = rows.orders.iter().map(|order| order.refunded).sum();
        let refunds: i64 = rows.refunds.iter().map(|refund| refund.amount).sum();
        assert_eq!(refunded, refunds);
        let items: i64 = rows.cost_items.iter().map(|item| item.amount).sum();
        let shares: i64 = rows.cost_days.iter().map(|share| share.amount).sum();
        assert_eq!(items, shares);
        for customer in &rows.customers {
            let email = customer.email.clone().unwrap();
            assert!(email.ends_with("@example.com"));
            assert!(emails.insert(email));
        }
        let latest = [
            rows.ads.iter().map(|row| row.day).max(),
            rows.web.iter().map(|row| row.day).max(),
            rows.email.iter().map(|row| row.day).max(),
            rows.social.iter().map(|row| row.day).max(),
            rows.stages.iter().map(|row| row.day).max(),
            rows.touchpoints.iter().map(|row| row.day).max(),
            rows.orders.iter().map(|row| row.day).max(),
            rows.refunds.iter().map(|row| row.day).max(),
            rows.conversions.iter().map(|row| row.day).max(),
            rows.opportunities
                .iter()
                .filter_map(|row| row.closed_on)
                .max(),
            rows.opportunities
                .iter()
                .filter_map(|row| row.opened_on)
                .max(),
            rows.cost_days.iter().map(|row| row.day).max(),
            rows.surveys.iter().map(|row| row.day).max(),
            rows.contents.iter().map(|row| row.day).max(),
            rows.rates.iter().map(|row| row.day).max(),
        ];
        assert!(latest.iter().all(|day| *day <= Some(last)), "{latest:?}");
    }
}

#[tokio::test]
async fn a_team_without_data_is_filled_and_one_with_data_stays_as_it_is() {
    let database = database("2025-02-01T00:00:00Z").await;
    team(&database.store).await.unwrap();
    let month = days("2025-01-01", "2025-01-31");
    let week = days("2025-01-01", "2025-01-07");
    let team = fill_days(&database.store, database.clock, week)
        .await
        .unwrap();
    let spend = sum(&team, Measure::spend, month).await;
    assert!(spend > 0);
    let again = fill(&database.store, database.clock).await.unwrap();
    assert_eq!(sum(&again, Measure::spend, month).await, spend);
    assert_eq!(again.team().id, team.team().id);
}

#[tokio::test]
async fn the_demo_needs_a_day_that_is_over() {
    let database = database("2025-01-01T12:00:00Z").await;
    let error = fill(&database.store, database.clock).await.err().unwrap();
    assert_eq!(error.code(), "BAD_USER_INPUT");
    assert!(
        database
            .store
            .administer()
            .teams()
            .await
            .unwrap()
            .is_empty()
    );
}
