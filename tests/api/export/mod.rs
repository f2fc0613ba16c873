//! Exports over HTTP: every kind of row, whole or gone on with, for those who may read it.

mod document;
mod entities;
mod formulas;
mod metrics;
mod resume;
mod rights;
mod round_trip;

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use crate::{
    bulk::{MUTATIONS, items, operation},
    support::{App, json::path},
};

/// Status, headers and text of a file.
pub async fn get(app: &App, token: &str, file: &str) -> (StatusCode, HeaderMap, String) {
    let request = app.client.get(app.url(&format!("/export/{file}")));
    let answer = request.bearer_auth(token).send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.text().await.unwrap())
}

/// The text of a file that can be had.
pub async fn file(app: &App, token: &str, name: &str) -> String {
    let (status, _, text) = get(app, token, name).await;
    assert_eq!(status, StatusCode::OK, "{name}: {text}");
    text
}

/// The code of a refusal, with its status.
pub async fn refusal(app: &App, token: &str, name: &str) -> (u16, String) {
    let (status, _, text) = get(app, token, name).await;
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{name}: {text}"));
    let code = path(&body, "errors.0.extensions.code").as_str();
    (status.as_u16(), code.unwrap().to_owned())
}

/// The rows of lines of JSON, and what the last line says.
pub fn lines(text: &str) -> (Vec<Value>, Value) {
    let mut rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut end = rows.pop().expect("a file has an end");
    assert!(end["kpigraph_end"].is_object(), "{end}");
    (rows, end["kpigraph_end"].take())
}

/// The header, the rows and the last row of CSV.
pub fn cells(text: &str) -> (Vec<String>, Vec<Vec<String>>, Vec<String>) {
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let owned = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = owned(csv.headers().unwrap());
    let mut rows: Vec<Vec<String>> = csv.records().map(|row| owned(&row.unwrap())).collect();
    let end = rows.pop().expect("a file has an end");
    assert!(end[0].starts_with("#kpigraph_end"), "{end:?}");
    (header, rows, end)
}

/// Sends so many rows of every kind in bulk as the source `crm`.
pub async fn send_everything(app: &App, token: &str, count: usize) {
    for mutation in MUTATIONS {
        let input = json!({ "source": "crm", "items": items(mutation, 0..count) });
        let answer = app
            .graphql(token, &operation(mutation), json!({ "input": input }))
            .await;
        let errors = path(&answer, "data.done.errors");
        assert_eq!(errors, &json!([]), "{mutation}");
        assert_eq!(
            path(&answer, "data.done.counts.failed"),
            0,
            "{mutation}: {answer}"
        );
    }
}
