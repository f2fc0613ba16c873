//! The schema: its migrations, and the walls between teams that it builds.

use std::thread;

use kpigraph::{store::Store, time::Clock};
use migration::{Migrator, MigratorTrait};

use crate::support::{SchemaKey, TestDatabase, new_team, on_both_databases, schema_keys};

/// The tables without `team_id`: teams themselves, and the list of migrations.
const GLOBAL_TABLES: [&str; 2] = ["team", "seaql_migrations"];

on_both_databases! {
    async fn migrations_go_up_down_to_nothing_and_up_again(database: TestDatabase) {
        database.store(Clock::system()).await.close().await.unwrap();
        let first = schema_keys(&database).await;
        assert!(first.len() > 20, "{first:?}");

        let steps = u32::try_from(Migrator::migrations().len()).unwrap();
        Store::migrate_down(&database.options(), steps).await.unwrap();
        let left: Vec<_> = schema_keys(&database).await.into_iter().map(|(table, _)| table).collect();
        assert_eq!(left, ["seaql_migrations"]);

        database.store(Clock::system()).await.close().await.unwrap();
        assert_eq!(schema_keys(&database).await, first);
    }

    async fn four_instances_may_start_at_once_on_an_empty_database(database: TestDatabase) {
        let instances: Vec<_> = (0..4)
            .map(|_| {
                let options = database.options();
                thread::spawn(move || {
                    let runtime = tokio::runtime::Runtime::new().unwrap();
                    runtime.block_on(async {
                        let store = Store::connect(&options, Clock::system()).await.unwrap();
                        store.administer().teams().await.unwrap().is_empty()
                    })
                })
            })
            .collect();
        for instance in instances {
            assert!(instance.join().unwrap());
        }
    }

    async fn every_key_of_a_team_s_table_begins_with_the_team(database: TestDatabase) {
        database.store(Clock::system()).await.close().await.unwrap();
        assert_eq!(breaches(&schema_keys(&database).await), [""; 0]);
    }

    async fn a_key_that_does_not_begin_with_the_team_is_found(database: TestDatabase) {
        database.store(Clock::system()).await.close().await.unwrap();
        for sql in [
            "CREATE TABLE stray (id BIGINT, team_id BIGINT REFERENCES team (id), PRIMARY KEY (id, team_id))",
            "CREATE TABLE keyless (team_id BIGINT NOT NULL REFERENCES team (id))",
            "CREATE UNIQUE INDEX idx_budget_stray ON budget (id)",
        ] {
            database.execute(sql).await.unwrap();
        }
        assert_eq!(
            breaches(&schema_keys(&database).await),
            [
                "budget: unique index idx_budget_stray (id)",
                "keyless: no primary key",
                "stray: primary key (id, team_id)",
            ]
        );
    }

    async fn a_row_cannot_refer_to_another_team_s_row(database: TestDatabase) {
        let store = database.store(Clock::system()).await;
        let mut teams = Vec::new();
        for slug in ["ours", "theirs"] {
            teams.push(store.administer().create_team(&new_team(slug)).await.unwrap().team().id);
        }
        let (ours, theirs) = (teams[0], teams[1]);
        for sql in [
            format!(
                "INSERT INTO channel (team_id, id, name, kind, paid, created_at, updated_at) \
                 VALUES ({ours}, 7, 'Search', 'SEARCH', TRUE, '{NOW}', '{NOW}')"
            ),
            format!(
                "INSERT INTO campaign (team_id, id, name, objective, status, created_at, updated_at) \
                 VALUES ({ours}, 7, 'Spring', 'SALES', 'ACTIVE', '{NOW}', '{NOW}')"
            ),
            format!(
                "INSERT INTO customer (team_id, id, created_at, updated_at) VALUES ({ours}, 7, '{NOW}', '{NOW}')"
            ),
        ] {
            database.execute(&sql).await.unwrap();
        }
        for insert in REFERRING_ROWS {
            let sql = |team: i64| insert.replace("TEAM", &team.to_string()).replace("NOW", NOW);
            let error = database.execute(&sql(theirs)).await.expect_err(insert);
            let refused = error.as_database_error().expect(insert);
            assert!(refused.is_foreign_key_violation(), "{insert}: {refused}");
            database.execute(&sql(ours)).await.expect(insert);
        }
        let moved = format!("UPDATE budget SET team_id = {theirs}");
        assert!(database.execute(&moved).await.is_err());
    }
}

const NOW: &str = "2026-01-31 12:00:00+00:00";

/// Rows that refer to our campaign, channel or customer 7.
const REFERRING_ROWS: [&str; 6] = [
    "INSERT INTO campaign_channel (team_id, campaign_id, channel_id) VALUES (TEAM, 0, 7)",
    "INSERT INTO budget (team_id, id, campaign_id, starts_on, ends_on, amount, currency) \
     VALUES (TEAM, 1, 7, '2026-01-01', '2026-01-31', 1, 'EUR')",
    "INSERT INTO ad_day (team_id, campaign_id, day, source, channel_id, country, device, currency) \
     VALUES (TEAM, 7, '2026-01-01', 'test', 0, '', '', 'EUR')",
    "INSERT INTO orders (team_id, id, customer_id, ordered_at, day, status, counted, currency, gross, discount, tax, \
     shipping, net) VALUES (TEAM, 7, 7, 'NOW', '2026-01-31', 'PAID', TRUE, 'EUR', 1, 0, 0, 0, 1)",
    "INSERT INTO refund (team_id, id, order_id, refunded_at, day, currency, amount) \
     VALUES (TEAM, 1, 7, 'NOW', '2026-01-31', 'EUR', 1)",
    "INSERT INTO touchpoint (team_id, id, customer_id, occurred_at, day, kind, campaign_id) \
     VALUES (TEAM, 1, 7, 'NOW', '2026-01-31', 'CLICK', 7)",
];

/// What in the tables of teams does not begin with the team.
fn breaches(tables: &[(String, Vec<SchemaKey>)]) -> Vec<String> {
    let of_teams = tables
        .iter()
        .filter(|(table, _)| !GLOBAL_TABLES.contains(&table.as_str()));
    let mut breaches = Vec::new();
    for (table, keys) in of_teams {
        if !keys.iter().any(|key| key.kind == "primary key") {
            breaches.push(format!("{table}: no primary key"));
        }
        if !keys
            .iter()
            .any(|key| key.kind == "foreign key" && key.target == "team")
        {
            breaches.push(format!("{table}: no reference to team"));
        }
        for key in keys {
            // The key that a reference to a team points at is the team's own.
            let of_the_team = key.kind == "referred key" && key.target == "team";
            if !of_the_team && key.columns[0] != "team_id" {
                breaches.push(described(key));
            }
        }
    }
    breaches
}

/// The key in words. A primary key's own name differs between databases.
fn described(key: &SchemaKey) -> String {
    let name = if key.kind == "primary key" {
        ""
    } else {
        &key.name
    };
    let words = format!(
        "{}: {} {name} ({})",
        key.table,
        key.kind,
        key.columns.join(", ")
    );
    words.replace("  ", " ")
}
