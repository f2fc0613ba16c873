//! How long KPIs take: formulas alone, and whole questions (plan, scan, evaluate) to a SQLite file that holds 90 days
//! of the demo team.

use std::{hint::black_box, time::Duration};

use chrono::{DateTime, NaiveDate};
use criterion::{Criterion, criterion_group, criterion_main};
use kpigraph::{
    demo,
    kpi::{Ask, Kpi, Rights, formula::Term},
    store::{
        ConnectOptions, Store, TeamStore,
        measures::{Cut, Dimension, Scale},
    },
    time::{Clock, CompareAsk, CompareTo, DateRange, Grain, PeriodAsk},
};
use rust_decimal::Decimal;
use tokio::runtime::Runtime;

/// What a manager looks at.
const TEN_KPIS: [Kpi; 10] = [
    Kpi::Spend,
    Kpi::Revenue,
    Kpi::Roas,
    Kpi::Cac,
    Kpi::Cpl,
    Kpi::Cpa,
    Kpi::Ctr,
    Kpi::Cpc,
    Kpi::Orders,
    Kpi::Aov,
];

/// Rows of the largest question.
const GROUPS: usize = 50;

/// Every formula of the catalogue, on numbers that are there.
fn catalogue(criterion: &mut Criterion) {
    criterion.bench_function("catalogue/every_formula", |bencher| {
        bencher.iter(|| {
            for kpi in Kpi::ALL {
                let terms = kpi
                    .definition()
                    .measures
                    .iter()
                    .zip(2_u32..)
                    .map(|(measure, number)| match measure.spec().scale {
                        Scale::Money => Term::money(Decimal::new(i64::from(number), 2)),
                        Scale::Count | Scale::Millionths => Term::count(number.into()),
                    })
                    .collect();
                black_box(kpi.compute(terms).evaluate());
            }
        });
    });
}

/// Whole questions.
fn questions(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime can be made");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let url = format!("sqlite://{}", folder.path().join("kpigraph.db").display());
    let team = runtime.block_on(team(url));
    let mut bench = |name: &str, ask: &Ask| {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                let table = runtime.block_on(ask.answer(&team));
                black_box(table.expect("the question can be answered"))
            });
        });
    };

    bench("sqlite/team_total", &ask(&[]));
    bench("sqlite/month_series", &ask(&[Cut::Time(Grain::Month)]));

    let by_three_cuts = ask(&[
        Cut::By(Dimension::Campaign),
        Cut::By(Dimension::Device),
        Cut::By(Dimension::Country),
    ]);
    let groups = runtime
        .block_on(by_three_cuts.answer(&team))
        .expect("the question can be answered")
        .rows
        .into_iter()
        .map(|row| row.key)
        .take(GROUPS)
        .collect::<Vec<_>>();
    assert_eq!(groups.len(), GROUPS, "the demo team has enough groups");
    let compared = Ask {
        compare: Some(CompareAsk::new(CompareTo::PreviousPeriod)),
        period: PeriodAsk::Range {
            from: day(2026, 6, 1),
            to: day(2026, 6, 29),
        },
        groups: Some(groups),
        ..by_three_cuts
    };
    bench("sqlite/50_groups_compared", &compared);
}

/// The ten KPIs over the 90 days.
fn ask(cuts: &[Cut]) -> Ask {
    let DateRange { from, to } = days();
    let rights = Rights {
        money: true,
        personal: true,
    };
    Ask {
        cuts: cuts.to_vec(),
        ..Ask::new(TEN_KPIS, PeriodAsk::Range { from, to }, rights)
    }
}

/// The demo team with its 90 days.
async fn team(url: String) -> TeamStore {
    let now = DateTime::parse_from_rfc3339("2026-07-01T12:00:00Z").expect("the text is a time");
    let clock = Clock::fixed(now.to_utc());
    let options = ConnectOptions {
        url,
        connections: 4,
        admin_url: None,
        acquire_timeout: Duration::from_secs(10),
        statement_timeout: Duration::from_secs(10),
        wait: Duration::ZERO,
    };
    let store = Store::connect(&options, clock)
        .await
        .expect("the database opens");
    demo::fill_days(&store, clock, days())
        .await
        .expect("the demo team can be filled")
}

fn days() -> DateRange {
    DateRange {
        from: day(2026, 4, 1),
        to: day(2026, 6, 29),
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the day exists")
}

criterion_group!(benches, catalogue, questions);
criterion_main!(benches);
