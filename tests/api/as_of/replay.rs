//! Whatever is loaded in whatever order: an answer given at an instant is given again later as of that instant.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU32, Ordering},
};

use kpigraph::import::Format;
use proptest::{
    collection::vec,
    prelude::Strategy,
    prop_oneof,
    sample::select,
    test_runner::{Config, TestRunner},
};
use tokio::{runtime::Handle, task::block_in_place};

use super::{Then, load, tell};
use crate::support::TestDatabase;

const INSTANTS: [&str; 4] = [
    "2026-06-04T12:00:00Z",
    "2026-06-08T12:00:00.000001Z",
    "2026-06-09T00:00:00Z",
    "2026-06-20T23:59:59.5Z",
];

/// A row of a file in small numbers: few of each thing, so that later files often speak of what earlier ones did.
type Numbers = [u8; 6];
/// A file.
type File = (Format, Vec<Numbers>);

const HEADS: [(Format, &str); 9] = [
    (
        Format::AdStats,
        "date,campaign_id,country,impressions,clicks,spend,conversions,currency",
    ),
    (
        Format::WebStats,
        "date,campaign_id,country,sessions,converted_sessions",
    ),
    (
        Format::Orders,
        "order_id,customer_id,ordered_at,amount,cost_of_goods,status,country",
    ),
    (Format::Refunds, "refund_id,order_id,refunded_at,amount"),
    (Format::StageEvents, "customer_id,stage,entered_at"),
    (
        Format::Touchpoints,
        "touch_id,customer_id,occurred_at,campaign,is_conversion,value",
    ),
    (
        Format::Deals,
        "deal_id,lead_id,opened_at,closed_at,outcome,amount",
    ),
    (
        Format::Costs,
        "cost_id,starts_on,ends_on,amount,acquisition,campaign",
    ),
    (Format::FxRates, "date,from,to,rate"),
];

fn text((format, rows): &File) -> String {
    let mut text = HEADS
        .iter()
        .find(|(known, _)| known == format)
        .map_or("", |(_, head)| *head)
        .to_owned();
    for [a, b, c, d, e, f] in rows {
        let (day, campaign, person) = (a % 4 + 1, b % 3, b % 3);
        let country = ["", "DE", "FR"][usize::from(c % 3)];
        let row = match format {
            Format::AdStats => {
                let currency = ["EUR", "USD"][usize::from(f % 2)];
                format!("2026-06-0{day},{campaign},{country},{d}00,{e},{f}.5,{c},{currency}")
            }
            Format::WebStats => format!("2026-06-0{day},{campaign},{country},{d}0,{e}"),
            Format::Orders => {
                let status = ["paid", "paid", "cancelled"][usize::from(e % 3)];
                let goods = ["1.5", ""][usize::from(f % 2)];
                format!("{c},{person},2026-06-0{day},{d}.25,{goods},{status},{country}")
            }
            Format::Refunds => format!("{c},{d},2026-06-0{day},{e}.1"),
            Format::StageEvents => {
                let stage = ["LEAD", "MQL", "SQL"][usize::from(c % 3)];
                format!("{person},{stage},2026-06-0{day}")
            }
            Format::Touchpoints => format!("{c},{person},2026-06-0{day},{},{},{e}", d % 3, f % 2),
            Format::Deals => {
                let outcome = ["OPEN", "WON", "LOST"][usize::from(d % 3)];
                format!("{c},{person},2026-06-01,2026-06-0{day},{outcome},{e}")
            }
            Format::Costs => format!(
                "{c},2026-06-0{day},2026-06-0{},{e}.1,{},{}",
                day + f % 3,
                d % 2,
                d % 3
            ),
            _ => format!("2026-06-0{day},USD,EUR,0.{}", d + 1),
        };
        write!(text, "\n{row}").expect("a text takes text");
    }
    text
}

fn files() -> impl Strategy<Value = Vec<File>> {
    let formats: Vec<Format> = HEADS.iter().map(|(format, _)| *format).collect();
    let file = (
        select(formats),
        vec([0..4_u8, 0..4, 0..4, 0..9, 0..9, 0..9], 1..6),
    );
    vec(file, 2..6)
}

fn check(cases: u32, run: impl AsyncFn(u32, Vec<Vec<File>>)) {
    let count = AtomicU32::new(0);
    let config = Config {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let loads = prop_oneof![
        vec(files(), INSTANTS.len()),
        // The same again and again, with a single change.
        (files(), files()).prop_map(|(same, other)| vec![same.clone(), same.clone(), other, same]),
    ];
    TestRunner::new(config)
        .run(&loads, |loads| {
            let number = count.fetch_add(1, Ordering::Relaxed);
            block_in_place(|| Handle::current().block_on(run(number, loads)));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

async fn replay(databases: &[TestDatabase], cases: u32) {
    let mut services = Vec::new();
    for database in databases {
        let mut days = Vec::new();
        for at in INSTANTS {
            days.push(Then::of(database, "somebody", at).await);
        }
        services.push(days);
    }
    check(cases, async |number, loads| {
        let slug = format!("case-{number}");
        let mut on_each = Vec::new();
        for days in &services {
            let mut said = Vec::new();
            for (then, files) in days.iter().zip(&loads) {
                let (team, token) = Then::team(&then.app, &slug).await;
                for file in files {
                    load(&team, file.0, &text(file)).await;
                }
                said.push(tell(&then.app, &token, None).await.to_string());
            }
            let last = days.last().expect("there are days");
            let (_, token) = Then::team(&last.app, &slug).await;
            for (then, said) in days.iter().zip(&said) {
                let told = tell(&last.app, &token, Some(then.at)).await.to_string();
                assert_eq!(&told, said, "as of {}", then.at);
            }
            // Ids are made anew on each database.
            on_each.push(
                said.iter()
                    .map(|said| without_ids(said))
                    .collect::<Vec<_>>(),
            );
        }
        assert!(on_each.windows(2).all(|two| two[0] == two[1]));
    });
}

fn without_ids(answer: &str) -> String {
    let mut parts: Vec<&str> = answer.split(',').collect();
    parts.retain(|part| !part.contains("\"key\":\""));
    parts.sort_unstable();
    parts.join(",")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_given_again_as_of_its_instant_on_sqlite() {
    replay(&[TestDatabase::sqlite()], 8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_given_again_as_of_its_instant_on_postgresql_and_alike() {
    if let Some(postgres) = TestDatabase::postgres().await {
        replay(&[postgres, TestDatabase::sqlite()], 3).await;
    }
}
