//! Random data: days of advertising and orders in two currencies, and the teams that have them.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::Days;
use entity::{ad_day, campaign, customer, fx_rate, orders};
use kpigraph::{auth::Role, store::TeamStore};
use proptest::{
    collection::vec,
    option,
    prelude::{Strategy, any},
    sample::{select, subsequence},
    test_runner::{Config, TestRunner},
};
use tokio::{runtime::Handle, task::block_in_place};

use super::{ADDITIVE, OTHERS, RATIOS};
use crate::{
    fixtures::{self, ads, day, deliver_all, order},
    support::App,
};

const CASES: u32 = 24;
pub const FIRST_DAY: &str = "2026-02-20";
const DAYS: u64 = 60;

#[derive(Clone, Debug)]
pub struct Ad {
    campaign: i64,
    day: u64,
    country: &'static str,
    currency: &'static str,
    /// Impressions, clicks, spend, conversions, their value; the last three in millionths.
    figures: [i64; 5],
}

#[derive(Clone, Debug)]
pub struct Purchase {
    customer: Option<i64>,
    day: u64,
    net: i64,
    goods: Option<i64>,
    counted: bool,
    currency: &'static str,
}

/// Advertising, orders, some KPIs and a small number.
pub type Case = (Vec<Ad>, Vec<Purchase>, Vec<&'static str>, u32);

fn cases() -> impl Strategy<Value = Case> {
    let micros = || 0_i64..5_000_000_000;
    let currency = || select(vec!["EUR", "USD", "GBP"]);
    let ad = (
        0_i64..4,
        0..DAYS,
        select(vec!["", "DE", "FR"]),
        currency(),
        0_i64..100_000,
        0_i64..3_000,
        [micros(), micros(), micros()],
    );
    let ad = ad.prop_map(
        |(campaign, day, country, currency, impressions, clicks, [spend, conversions, value])| Ad {
            campaign,
            day,
            country,
            currency,
            figures: [impressions, clicks, spend, conversions, value],
        },
    );
    let purchase = (
        option::of(1_i64..5),
        0..DAYS,
        micros(),
        option::weighted(0.9, micros()),
        any::<bool>(),
        currency(),
    );
    let purchase = purchase.prop_map(|(customer, day, net, goods, counted, currency)| Purchase {
        customer,
        day,
        net,
        goods,
        counted,
        currency,
    });
    let keys: Vec<_> = ADDITIVE.into_iter().chain(RATIOS).chain(OTHERS).collect();
    (
        vec(ad, 0..30),
        vec(purchase, 0..20),
        subsequence(keys, 1..5),
        1_u32..9,
    )
}

/// Runs a check on each case.
pub fn for_cases(check: impl AsyncFn(u32, Case)) {
    let count = AtomicU32::new(0);
    let config = Config {
        cases: CASES,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..Config::default()
    };
    let run = |case| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        block_in_place(|| Handle::current().block_on(check(number, case)));
        Ok(())
    };
    TestRunner::new(config)
        .run(&cases(), run)
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// A team with the case's data, and a token of its owner.
pub async fn team(app: &App, number: u32, (ads_made, purchases, ..): &Case) -> (TeamStore, String) {
    let slug = format!("case-{number}");
    let team = app.team(&slug).await;
    let on = |days: u64| (day(FIRST_DAY) + Days::new(days)).to_string();
    let ad_rows = ads_made.iter().zip(1..).map(|(ad, number)| ad_day::Model {
        country: ad.country.to_owned(),
        // The source makes the row's key unique.
        source: format!("s{number}"),
        currency: ad.currency.to_owned(),
        impressions: ad.figures[0],
        clicks: ad.figures[1],
        spend: ad.figures[2],
        conversions: ad.figures[3],
        conversion_value: ad.figures[4],
        ..ads(ad.campaign, 0, &on(ad.day))
    });
    let order_rows = purchases.iter().zip(1..).map(|(made, id)| orders::Model {
        cost_of_goods: made.goods,
        counted: made.counted,
        currency: made.currency.to_owned(),
        refunded: if id % 3 == 0 { made.net } else { made.net / 7 },
        ..order(id, made.customer, &on(made.day), made.net)
    });
    // Dollars are given directly, pounds the other way round; both are needed on days between.
    let rate = |from: &str, to: &str, days: u64, base: i64| fx_rate::Model {
        team_id: 0,
        from_currency: from.to_owned(),
        to_currency: to.to_owned(),
        day: day(FIRST_DAY) + Days::new(days),
        rate_nanos: base + i64::try_from(days).expect("few days"),
        source: "test".to_owned(),
    };
    let rates = (0..DAYS).step_by(5).flat_map(|days| {
        [
            rate("USD", "EUR", days, 900_000_001),
            rate("EUR", "GBP", days, 870_000_001),
        ]
    });
    let acquired = |id: i64| customer::Model {
        acquired_campaign_id: (id > 1).then_some(id - 1),
        ..fixtures::customer(id)
    };
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let done = async {
        let campaigns = (1..4).map(|id| fixtures::campaign(id, &format!("c{id}")));
        writer
            .insert::<campaign::Entity>(campaigns.collect())
            .await?;
        writer
            .insert::<customer::Entity>((1..5).map(acquired).collect())
            .await?;
        writer.insert::<ad_day::Entity>(ad_rows.collect()).await?;
        writer
            .insert::<orders::Entity>(order_rows.collect())
            .await?;
        writer.insert::<fx_rate::Entity>(rates.collect()).await?;
        writer.refresh_order_days(&[1, 2, 3, 4]).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "any", FIRST_DAY, "2026-04-30").await;
    writer.commit().await.expect("the transaction commits");
    (team, app.token(&slug, Role::Owner))
}
