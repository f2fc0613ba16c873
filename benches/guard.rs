//! What stands before a request costs it: the guard's checks and the price of a document of two kilobytes, beside the
//! parser, which every request needs anyway.

use std::{fmt::Write, hint::black_box};

use async_graphql::parser::parse_query;
use criterion::{Criterion, criterion_group, criterion_main};
use kpigraph::{
    config::Settings,
    graphql::{CostPlan, Prices},
    guard::{Bounds, check_document, check_json, check_text},
};
use serde_json::json;

/// A dashboard's question of about two kilobytes, with fragments and variables.
fn document() -> String {
    let mut text = String::from(
        "query Board($first: Int = 20, $period: PeriodInput!) {\n  viewer { team { name kpis(period: $period) { ...Money } } }\n",
    );
    for part in 0..6 {
        writeln!(
            text,
            "  part{part}: campaigns(first: $first, filter: {{ nameContains: \"part {part}\" }}) {{\n    totalCount\n    \
             pageInfo {{ hasNextPage endCursor }}\n    nodes {{ id name status kpis(period: $period) {{ ...Money ...Traffic }}\n      \
             channels(first: 5) {{ nodes {{ id name kind }} }} }}\n  }}"
        )
        .expect("a text can be written to");
    }
    text.push_str(
        "}\nfragment Money on KpiSet {\n  spend { value formatted } revenue { value formatted } roas { value } cac { value }\n}\n\
         fragment Traffic on KpiSet {\n  clicks { value } impressions { value } ctr { value } cpc { value formatted }\n}\n",
    );
    text
}

fn guard(criterion: &mut Criterion) {
    let text = document();
    assert!((1_800..2_300).contains(&text.len()), "{}", text.len());
    let bounds = Bounds::from(&Settings::default());
    let prices = Prices::of_schema();
    let variables = json!({ "first": 10, "period": { "preset": "LAST_MONTH" } });
    let body = json!({ "query": text, "variables": variables }).to_string();
    let parsed = parse_query(&text).expect("the document parses");
    let (_, operation) = parsed.operations.iter().next().expect("there is one");

    let mut group = criterion.benchmark_group("guard");
    group.bench_function("json", |bencher| {
        bencher.iter(|| check_json(black_box(body.as_bytes()), &bounds));
    });
    group.bench_function("text", |bencher| {
        bencher.iter(|| check_text(black_box(&text), &bounds));
    });
    group.bench_function("document", |bencher| {
        bencher.iter(|| check_document(black_box(&parsed), &bounds));
    });
    group.bench_function("price", |bencher| {
        let variables = variables.as_object();
        bencher
            .iter(|| CostPlan::of(black_box(&parsed), &operation.node, variables, &prices).asked());
    });
    group.bench_function("the_parser_beside_it", |bencher| {
        bencher.iter(|| parse_query(black_box(&text)));
    });
    group.finish();
}

criterion_group!(benches, guard);
criterion_main!(benches);
