//! The queue: turns, breaking off, forgetting.

use chrono::TimeDelta;
use entity::import_job::Mode;
use kpigraph::{
    auth::Role,
    store::{IMPORT_DAYS, NewImport},
    time::Clock,
};
use serde_json::{Value, json};

use super::{id_of, idle, idle_at, import, import_file, orders, over, rows, start_import};
use crate::{
    fixtures::{clock, global_id, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const CANCEL: &str = "mutation($id: ID!) { cancelImport(input: { id: $id }) {
    import { state finishedAt } errors { code message } } }";

async fn cancel(app: &App, token: &str, id: &str) -> Value {
    let answer = app.graphql(token, CANCEL, json!({ "id": id })).await;
    path(&answer, "data.cancelImport").clone()
}

/// Breaks an import off of which a worker that died was the last to know; another one ends it.
async fn broken_off(database: &TestDatabase, mode: &str, file: &[u8]) {
    let (app, token) = idle(database).await;
    let started = start_import(&app, &token, "o.csv", file, json!({ "mode": mode })).await;
    let id = id_of(&started);
    let state = if mode == "STAGED" {
        "CHECKING"
    } else {
        "PUBLISHING"
    };
    let taken = format!(
        "UPDATE import_job SET state = '{state}', lease_owner = 'dead', \
         lease_until = '2026-01-01 00:00:00+00:00' WHERE state = 'QUEUED'"
    );
    database.execute(&taken).await.unwrap();
    let cancelled = cancel(&app, &token, id).await;
    assert_eq!(cancelled["import"]["state"], state, "{cancelled:#}");
    let busy = App::start(database, clock()).await;
    let import = over(&busy, &token_of(&busy), id).await;
    assert_eq!(import["state"], "CANCELLED", "{import:#}");
    let left = (
        rows(database, "orders").await,
        rows(database, "import_chunk").await,
    );
    assert_eq!(left, (0, 0));
}

on_both_databases! {
    async fn an_import_that_waits_is_broken_off_at_once(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let started = start_import(&app, &token, "o.csv", orders(0..5).as_bytes(), json!({})).await;
        let id = id_of(&started);
        assert_eq!(import(&app, &token, id).await["state"], "QUEUED");
        let cancelled = cancel(&app, &token, id).await;
        assert_eq!(cancelled["import"]["state"], "CANCELLED", "{cancelled:#}");
        assert_eq!(rows(&database, "import_chunk").await, 0);
        let again = cancel(&app, &token, id).await;
        assert_eq!(again["errors"][0]["code"], "INVALID");
        // Nobody takes it up any more.
        let busy = App::start(&database, clock()).await;
        import_file(&busy, &token_of(&busy), "p.csv", orders(5..6).as_bytes(), json!({})).await;
        assert_eq!(import(&app, &token, id).await["state"], "CANCELLED");
        assert_eq!(rows(&database, "orders").await, 1);
    }

    async fn an_import_that_is_running_is_broken_off_by_its_worker(database: TestDatabase) {
        broken_off(&database, "STAGED", orders(0..5).as_bytes()).await;
    }

    async fn an_import_that_publishes_part_by_part_is_broken_off_by_its_worker(database: TestDatabase) {
        broken_off(&database, "PARTIAL", orders(0..5).as_bytes()).await;
    }

    async fn an_import_that_would_have_failed_is_broken_off_all_the_same(database: TestDatabase) {
        broken_off(&database, "STAGED", b"no,known,header\n1,2,3\n").await;
    }

    async fn an_import_that_is_broken_off_while_its_file_comes_in_stays_so(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let team = app.store.administer().team("acme").await.unwrap();
        let writer = team.begin("startImport").await.unwrap();
        let new = NewImport { file_name: "o.csv".into(), options: "{}".into(), mode: Mode::Staged, dry_run: false };
        let job = writer.create_import(new).await.unwrap();
        writer.commit().await.unwrap();
        let id = global_id("Import", job.id);
        assert_eq!(cancel(&app, &token, &id).await["import"]["state"], "CANCELLED");
        let writer = team.begin("startImport").await.unwrap();
        let told = writer.queue_import(job).await.unwrap_err().to_string();
        assert!(told.contains("broken off"), "{told}");
        drop(writer);
        assert_eq!(import(&app, &token, &id).await["state"], "CANCELLED");
    }

    async fn teams_take_turns(database: TestDatabase) {
        // By a clock that goes on: when each import ended is what tells their order.
        let (app, token) = idle_at(&database, Clock::system()).await;
        app.team("small").await;
        let small = app.token("small", Role::Owner);
        let mut jobs = Vec::new();
        for _ in 0..5 {
            let file = orders(0..5);
            let started = start_import(&app, &token, "o.csv", file.as_bytes(), json!({})).await;
            jobs.push((token.clone(), id_of(&started).to_owned()));
        }
        let late = start_import(&app, &small, "o.csv", orders(0..5).as_bytes(), json!({})).await;
        jobs.push((small, id_of(&late).to_owned()));
        let _busy = App::start_with(&database, Clock::system(), |settings| settings.import_jobs = 1).await;
        for (token, id) in &jobs {
            assert_eq!(over(&app, token, id).await["state"], "DONE");
        }
        let order = "SELECT t.slug FROM import_job j JOIN team t ON t.id = j.team_id \
                     ORDER BY j.finished_at";
        let order = database.rows(order).await.unwrap();
        let place = order.iter().position(|row| row[0] == "small").unwrap();
        assert!(place <= 2, "the small team waited for all of the other: {order:?}");
    }

    async fn imports_are_listed_by_state_in_a_constant_number_of_statements(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let list = "query($states: [ImportState!]) { imports(states: $states, first: 10) {
            totalCount nodes { state errors { nodes { line } } } } }";
        let mut counts = Vec::new();
        for place in 0..3 {
            import_file(&app, &token, "o.csv", orders(place..place + 1).as_bytes(), json!({})).await;
            let bad = b"order_id,ordered_at,amount\no-1,2026-05-01,much\n";
            import_file(&app, &token, "o.csv", bad, json!({})).await;
            let failed = json!({ "states": ["FAILED"] });
            let (answer, statements) = app.graphql_counted(&token, list, failed).await;
            assert_eq!(path(&answer, "data.imports.totalCount"), place + 1);
            assert_eq!(path(&answer, "data.imports.nodes.0.errors.nodes.0.line"), 2);
            counts.push(statements);
        }
        assert_eq!(counts[0], counts[2], "{counts:?}");
    }

    async fn imports_that_are_over_are_forgotten_in_the_end(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        import_file(&app, &token, "o.csv", orders(0..1).as_bytes(), json!({})).await;
        let bad = b"order_id,ordered_at,amount\no-1,2026-05-01,much\n";
        import_file(&app, &token, "o.csv", bad, json!({})).await;
        for (days, forgotten) in [(IMPORT_DAYS - 1, 0), (IMPORT_DAYS + 1, 2)] {
            let later = clock().now() + TimeDelta::days(days);
            let store = database.store(Clock::fixed(later)).await;
            let old = store.background().old_imports().await.unwrap();
            assert_eq!(old.len(), forgotten);
            for (team, import) in old {
                let team = store.background().team(team).await.unwrap().unwrap();
                let writer = team.begin("forget").await.unwrap();
                writer.forget_import(import).await.unwrap();
                writer.commit().await.unwrap();
            }
        }
        assert_eq!((rows(&database, "import_job").await, rows(&database, "import_error").await), (0, 0));
        assert_eq!(rows(&database, "orders").await, 1);
    }
}

fn token_of(app: &App) -> String {
    app.token("acme", Role::Owner)
}
