//! Imports whose worker died.

use kpigraph::auth::Role;
use serde_json::json;

use super::{id_of, idle, import, import_file, orders, over, rows, start_import};
use crate::{
    fixtures::clock,
    support::{App, TestDatabase, on_both_databases},
};

const PAST: &str = "2026-06-15 11:00:00+00:00";
const FUTURE: &str = "2026-06-15 12:00:30+00:00";

on_both_databases! {
    async fn batches_that_are_published_are_not_published_again(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let options = json!({ "mode": "PARTIAL" });
        let started = start_import(&app, &token, "o.csv", orders(0..2_500).as_bytes(), options).await;
        let died = format!(
            "UPDATE import_job SET state = 'PUBLISHING', lease_owner = 'dead', lease_until = '{PAST}', attempts = 1, \
             rows_read = 1000, rows_written = 990, rows_unchanged = 10"
        );
        database.execute(&died).await.unwrap();
        let busy = App::start(&database, clock()).await;
        let import = over(&busy, &busy.token("acme", Role::Owner), id_of(&started)).await;
        assert_eq!((&import["state"], &import["attempts"]), (&json!("DONE"), &json!(2)), "{import:#}");
        assert_eq!(import["rowsRead"], 2_500);
        assert_eq!((&import["rowsWritten"], &import["rowsUnchanged"]), (&json!(2_490), &json!(10)));
        // What stands behind the checkpoint was not read again: here it is not there.
        assert_eq!(rows(&database, "orders").await, 1_500);
    }

    async fn a_check_goes_on_where_it_stopped(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let file = orders(0..2_500).replace("o-7,c-2,", "o-7,c-2,never").replace("o-2000,c-666,", "o-2000,c-666,never");
        let started = start_import(&app, &token, "o.csv", file.as_bytes(), json!({})).await;
        let died = format!(
            "UPDATE import_job SET state = 'CHECKING', lease_owner = 'dead', lease_until = '{PAST}', attempts = 1, \
             rows_read = 1000, rows_refused = 1"
        );
        database.execute(&died).await.unwrap();
        let error = "INSERT INTO import_error (team_id, import_id, place, line, column_name, reason) \
                     SELECT team_id, id, 1, 9, 'ordered_at', 'found before' FROM import_job";
        database.execute(error).await.unwrap();
        let busy = App::start(&database, clock()).await;
        let import = over(&busy, &busy.token("acme", Role::Owner), id_of(&started)).await;
        assert_eq!((&import["state"], &import["rowsRefused"]), (&json!("FAILED"), &json!(2)), "{import:#}");
        let errors = import["errors"]["nodes"].as_array().unwrap();
        assert_eq!(errors.len(), 2);
        assert_eq!((&errors[0]["message"], &errors[0]["line"]), (&json!("found before"), &json!(9)));
        assert_eq!(errors[1]["line"], 2_002);
        assert_eq!(rows(&database, "orders").await, 0);
    }

    async fn a_publication_that_was_cut_off_is_done_as_a_whole(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let started = start_import(&app, &token, "o.csv", orders(0..1_500).as_bytes(), json!({})).await;
        let died = format!(
            "UPDATE import_job SET state = 'PUBLISHING', lease_owner = 'dead', lease_until = '{PAST}', rows_read = 1500"
        );
        database.execute(&died).await.unwrap();
        let busy = App::start(&database, clock()).await;
        let import = over(&busy, &busy.token("acme", Role::Owner), id_of(&started)).await;
        assert_eq!((&import["rowsRead"], &import["rowsWritten"]), (&json!(1_500), &json!(1_500)), "{import:#}");
        assert_eq!(rows(&database, "orders").await, 1_500);
    }

    async fn an_import_is_left_to_a_worker_that_lives_elsewhere(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let mut started = Vec::new();
        for place in 0..2 {
            let file = orders(place..place + 1);
            started.push(start_import(&app, &token, "o.csv", file.as_bytes(), json!({})).await);
        }
        let lives = format!(
            "UPDATE import_job SET state = 'CHECKING', lease_owner = 'alive', lease_until = '{FUTURE}' \
             WHERE id = (SELECT MIN(id) FROM import_job)"
        );
        database.execute(&lives).await.unwrap();
        app.team("other").await;
        let busy = App::start(&database, clock()).await;
        if database.is_postgres() {
            // Others have their turn; imports of the team wait for the one that is running.
            let other = busy.token("other", Role::Owner);
            import_file(&busy, &other, "o.csv", orders(0..1).as_bytes(), json!({})).await;
            for (payload, state) in started.iter().zip(["CHECKING", "QUEUED"]) {
                assert_eq!(import(&busy, &token_of(&busy), id_of(payload)).await["state"], state);
            }
        } else {
            // Of SQLite there is one service: the worker is dead.
            for payload in &started {
                assert_eq!(over(&busy, &token_of(&busy), id_of(payload)).await["state"], "DONE");
            }
        }
    }

    async fn an_import_that_brings_services_down_is_given_up(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let started = start_import(&app, &token, "o.csv", orders(0..1).as_bytes(), json!({})).await;
        let died = format!(
            "UPDATE import_job SET state = 'CHECKING', lease_owner = 'dead', lease_until = '{PAST}', attempts = 50"
        );
        database.execute(&died).await.unwrap();
        let busy = App::start(&database, clock()).await;
        let import = over(&busy, &token_of(&busy), id_of(&started)).await;
        assert_eq!(import["state"], "FAILED");
        assert!(import["failure"].as_str().unwrap().contains("50 times"), "{import:#}");
    }
}

fn token_of(app: &App) -> String {
    app.token("acme", Role::Owner)
}
