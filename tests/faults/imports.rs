//! The program is killed at any point of an import.

use std::{
    collections::hash_map::RandomState,
    env,
    fmt::Write,
    hash::BuildHasher,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    instance::{Answer, Instance, PATIENCE, alone, team},
    load::Times,
    program::Program,
    support::{TestDatabase, announce},
};

const ROWS: usize = 20_000;
/// After a kill it is ready within this time.
const READY: Duration = Duration::from_secs(5);
const SLOW: u32 = 3;

const START: &str = "mutation ($input: StartImportInput!) { startImport(input: $input) { import { id } errors { message } } }";
const IMPORT: &str = "query ($id: ID!) { import(id: $id) { state attempts rowsWritten rowsUnchanged rowsRefused failure } }";

/// How often: a few times, or as `FAULT_KILLS` says.
fn kills() -> u32 {
    let asked = env::var("FAULT_KILLS");
    asked.map_or(4, |number| number.parse().unwrap())
}

/// A file of so many orders.
pub fn orders(rows: usize) -> String {
    let mut file = String::from("order_id,customer_id,ordered_at,amount\n");
    for row in 0..rows {
        let (day, customer) = (row % 28 + 1, row / 3);
        writeln!(
            file,
            "o-{row},c-{customer},2026-03-{day:02} 10:00:00,{row}.25"
        )
        .unwrap();
    }
    file
}

/// Sends the file under the source's own key; the answer, if it came.
pub async fn send_file(
    service: &Instance,
    token: &str,
    source: &str,
    mode: &str,
    file: &str,
) -> Option<Answer> {
    let input = json!({ "file": null, "source": source, "mode": mode, "layout": "orders", "idempotencyKey": source });
    let operations = json!({ "query": START, "variables": { "input": input } });
    let mut body = String::new();
    for (name, text) in [
        ("operations\"", operations.to_string().as_str()),
        ("map\"", r#"{"0": ["variables.input.file"]}"#),
        ("0\"; filename=\"orders.csv\"", file),
    ] {
        write!(
            body,
            "--limit\r\nContent-Disposition: form-data; name=\"{name}\r\n\r\n{text}\r\n"
        )
        .unwrap();
    }
    body.push_str("--limit--\r\n");
    let request = service.client.post(format!("{}/graphql", service.url));
    let request = request
        .bearer_auth(token)
        .header("Content-Type", "multipart/form-data; boundary=limit")
        .header("GraphQL-Require-Preflight", "1")
        .body(body);
    Answer::of(request.send().await.ok()?).await.ok()
}

/// Sends the file; the import, or nothing where the answer did not come.
async fn send(
    service: &Instance,
    token: &str,
    source: &str,
    mode: &str,
    file: &str,
) -> Option<Value> {
    let answer = send_file(service, token, source, mode, file).await?;
    let started = &answer.body["data"]["startImport"];
    assert_eq!(started["errors"], json!([]), "{answer:?}");
    Some(started["import"]["id"].clone())
}

/// The import once it is over.
async fn over(service: &Instance, token: &str, id: &Value) -> Value {
    let asked = Instant::now();
    loop {
        let import = service.data(token, IMPORT, json!({ "id": id })).await["import"].clone();
        if ["DONE", "FAILED"].contains(&import["state"].as_str().unwrap()) {
            assert_eq!(import["state"], "DONE", "{import}");
            return import;
        }
        assert!(asked.elapsed() < PATIENCE, "{import}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn number(database: &TestDatabase, sql: &str) -> usize {
    let rows = database.rows(sql).await.unwrap();
    rows.first().map_or(0, |row| row[0].parse().unwrap())
}

/// How many rows of a source are there, and how many its import says.
async fn stored(database: &TestDatabase, source: &str) -> (usize, usize) {
    let orders = format!(
        "SELECT CAST(COUNT(*) AS TEXT) FROM external_ref WHERE system = '{source}' AND entity = 'ORDER'"
    );
    // What the source is called stands in the options alone.
    let told = format!(
        "SELECT CAST(SUM(rows_written) AS TEXT) FROM import_job WHERE options LIKE '%\"{source}\"%' HAVING COUNT(*) > 0"
    );
    (
        number(database, &orders).await,
        number(database, &told).await,
    )
}

on_both_databases! {
    async fn an_import_that_is_killed_at_any_point_ends_with_each_row_once(database: TestDatabase) {
        let _alone = alone().await;
        let program = Program::new();
        let token = team(&program, &database.url, "shop");
        let file = orders(ROWS);
        let mut service = Instance::start(&program, &database.url, |_| ()).await;
        let began = Instant::now();
        let whole = send(&service, &token, "whole", "STAGED", &file).await.unwrap();
        over(&service, &token, &whole).await;
        let takes = began.elapsed();
        let (mut ready, mut points, mut unanswered, mut partly) = (Vec::new(), Vec::new(), 0, 0);
        for kill in 0..kills() {
            let source = format!("k{kill}");
            let mode = ["STAGED", "PARTIAL"][usize::try_from(kill).unwrap() % 2];
            let part = RandomState::new().hash_one(kill) % 1_000;
            let point = takes * u32::try_from(part).unwrap() / 1_000;
            points.push(point);
            // Whoever is cut off does not know what became of it.
            let sending = async {
                send(&service, &token, &source, mode, &file).await;
                std::future::pending::<()>().await;
            };
            tokio::time::timeout(point, sending).await.unwrap_err();
            drop(service);
            let (rows, told) = stored(&database, &source).await;
            assert_eq!(rows, told, "{source}: what is there and what is told of it");
            assert!(mode == "PARTIAL" || rows == 0 || rows == ROWS, "{source}: {rows}");
            partly += usize::from(rows != 0 && rows != ROWS);
            // The time after which others see that the worker is dead.
            let passed = "UPDATE import_job SET lease_until = '2026-01-01 00:00:00+00:00' WHERE lease_until IS NOT NULL";
            database.execute(passed).await.unwrap();
            let started = Instant::now();
            service = Instance::start(&program, &database.url, |_| ()).await;
            service.until_ready().await;
            ready.push(started.elapsed());
            let known = number(&database, &format!(
                "SELECT CAST(COUNT(*) AS TEXT) FROM import_job WHERE options LIKE '%\"{source}\"%'"
            )).await;
            unanswered += usize::from(known == 0);
            // Again under the same key, as a client does that was not answered.
            let id = send(&service, &token, &source, mode, &file).await.unwrap();
            let import = over(&service, &token, &id).await;
            assert_eq!((&import["rowsWritten"], &import["rowsRefused"]), (&json!(ROWS), &json!(0)), "{import}");
            assert_eq!(stored(&database, &source).await, (ROWS, ROWS));
        }
        assert_eq!(number(&database, "SELECT CAST(COUNT(*) AS TEXT) FROM import_chunk").await, 0);
        let ready = Times::of(ready);
        announce(&format!(
            "{database}: {} kills within {takes:.1?} of imports of {ROWS} rows: {unanswered} before the file was taken in, \
             {partly} with a part stored, as told; lost 0, twice 0; ready {ready}",
            points.len()
        ));
        assert!(ready.most <= READY * SLOW);
        let left: Vec<_> = std::fs::read_dir(program.path("data")).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().contains("tmp")), "{left:?}");
        service.stop().await;
    }
}
