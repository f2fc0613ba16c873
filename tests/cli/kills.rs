//! The service is killed in the middle of imports: nothing that was taken in is lost, nothing counts twice, and every
//! import ends.

use std::{
    collections::hash_map::RandomState,
    fmt::Write,
    hash::BuildHasher,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    program::Program,
    service::Service,
    support::{TestDatabase, announce, on_both_databases},
};

/// How often each import is cut off: in all twenty times, on both databases.
const KILLS: u32 = 5;
/// Within so much time after the start.
const WITHIN_MS: u64 = 1_500;
const ROWS: u64 = 15_000;
/// How long an import may take that nobody cuts off.
const PATIENCE: Duration = Duration::from_secs(120);

fn orders() -> String {
    let mut file = String::from("order_id,customer_id,ordered_at,amount\n");
    for place in 0..ROWS {
        let (day, customer) = (place % 28 + 1, place / 3);
        writeln!(
            file,
            "o-{place},c-{customer},2026-03-{day:02} 10:00:00,{place}.25"
        )
        .unwrap();
    }
    file
}

fn ads() -> String {
    let mut file = String::from("date,campaign_id,device,clicks,spend\n");
    for place in 0..ROWS {
        let (day, campaign) = (place % 28 + 1, place / 28);
        writeln!(
            file,
            "2026-03-{day:02},c-{campaign},mobile,{place},{place}.25"
        )
        .unwrap();
    }
    file
}

fn command(program: &Program, database: &TestDatabase, arguments: &[&str]) -> Command {
    let mut command = program.command(arguments);
    command.args(["--database-url", &database.url]);
    command
}

fn run(program: &Program, database: &TestDatabase, arguments: &[&str]) -> String {
    let ended: crate::program::Ended = command(program, database, arguments)
        .output()
        .unwrap()
        .into();
    ended.assert_done().trim().to_owned()
}

async fn state(service: &Service, id: &str) -> Value {
    let query = format!(
        "{{ import(id: \"{id}\") {{ state attempts rowsRead rowsWritten rowsUnchanged rowsRefused failure }} }}"
    );
    service.ask(&query).await.1["data"]["import"].clone()
}

/// Puts a file into the queue, cuts the service off again and again, and gives the import when it is over.
async fn survive(program: &Program, database: &TestDatabase, file: &[&str]) -> Value {
    let id = run(
        program,
        database,
        &[&["import", "--team", "shop", "--queue"], file].concat(),
    );
    let serve = || {
        Service::start(command(
            program,
            database,
            &["serve", "--listen", "127.0.0.1:0"],
        ))
    };
    for kill in 0..KILLS {
        let service = serve();
        let mut point = RandomState::new().hash_one(kill) % WITHIN_MS;
        if kill == 0 {
            // Once at least it is cut off while somebody works on it.
            point = 0;
            while state(&service, &id).await["attempts"] == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(point)).await;
        service.kill();
        announce(&format!(
            "{database}: {file:?} was cut off after {point} ms"
        ));
        // The time after which others see that the worker is dead.
        let passed = "UPDATE import_job SET lease_until = '2026-01-01 00:00:00+00:00' WHERE lease_until IS NOT NULL";
        database.execute(passed).await.unwrap();
    }
    let service = serve();
    let started = Instant::now();
    loop {
        let import = state(&service, &id).await;
        if ["DONE", "FAILED"].contains(&import["state"].as_str().unwrap()) {
            let attempts = import["attempts"].as_i64().unwrap();
            announce(&format!(
                "{database}: {file:?} was taken up {attempts} times"
            ));
            assert!(attempts > 1, "it was cut off at least once");
            return import;
        }
        assert!(started.elapsed() < PATIENCE, "{import:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn sums(database: &TestDatabase, sql: &str) -> Vec<String> {
    database.rows(sql).await.unwrap().remove(0)
}

on_both_databases! {
    async fn imports_survive_that_the_service_is_killed(database: TestDatabase) {
        let program = Program::new();
        run(&program, &database, &["team", "create", "shop", "--currency", "EUR"]);
        let ads = program.file("ads.csv", &ads());
        let orders = program.file("orders.csv", &orders());

        let staged = survive(&program, &database, &[&ads]).await;
        assert_eq!(staged["state"], "DONE", "{staged:#}");
        assert_eq!((&staged["rowsRead"], &staged["rowsWritten"]), (&ROWS.into(), &ROWS.into()));
        let total = ROWS * (ROWS - 1) / 2;
        let spend = total * 1_000_000 + ROWS * 250_000;
        let found = sums(&database, "SELECT CAST(COUNT(*) AS TEXT), CAST(SUM(clicks) AS TEXT), CAST(SUM(spend) AS TEXT) FROM ad_day").await;
        assert_eq!(found, [ROWS.to_string(), total.to_string(), spend.to_string()]);

        let partial = survive(&program, &database, &["--batches", &orders]).await;
        assert_eq!(partial["state"], "DONE", "{partial:#}");
        assert_eq!((&partial["rowsRead"], &partial["rowsWritten"]), (&ROWS.into(), &ROWS.into()));
        let found = sums(&database, "SELECT CAST(COUNT(*) AS TEXT), CAST(SUM(net) AS TEXT) FROM orders").await;
        assert_eq!(found, [ROWS.to_string(), spend.to_string()]);
        let left = sums(&database, "SELECT CAST(COUNT(*) AS TEXT) FROM import_chunk").await;
        assert_eq!(left, ["0"]);
    }
}
