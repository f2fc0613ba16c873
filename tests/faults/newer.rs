//! A newer version has changed the database while this one serves, as in an upgrade without a pause.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{
    instance::{Instance, alone, team},
    ledger::Ledger,
    load::Load,
    program::Program,
    support::{TestDatabase, announce},
};

const PER_SECOND: u32 = 20;

on_both_databases! {
    async fn who_serves_goes_on_while_a_newer_version_adds_to_every_table(database: TestDatabase) {
        let _alone = alone().await;
        let program = Program::new();
        let token = team(&program, &database.url, "shop");
        let service = Instance::start(&program, &database.url, |_| ()).await;
        let ledger = Arc::new(Ledger::new());
        let load = Load::start(&service.url, &token, PER_SECOND, &ledger);
        tokio::time::sleep(Duration::from_secs(2)).await;
        let tables = match database.is_postgres() {
            true => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
            false => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        };
        let tables = database.rows(tables).await.unwrap();
        for table in tables.iter().flatten().filter(|table| *table != "seaql_migrations") {
            let add = format!("ALTER TABLE {table} ADD COLUMN newer TEXT NOT NULL DEFAULT ''");
            database.execute(&add).await.unwrap();
        }
        let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000000_newer', 0)";
        database.execute(newer).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let outcomes = load.stop().await;
        let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.is_good()).collect();
        let everything = "{ viewer { team { slug kpis(period: { preset: LAST_MONTH }) { revenue { value } } } }
            campaigns(first: 1) { totalCount } customers(first: 1) { nodes { id orders { totalCount } } }
            auditLog(first: 1) { nodes { id } } changes(first: 1) { nodes { kind } } }";
        service.data(&token, everything, json!({})).await;
        let verdict = ledger.judge(&service.orders(&token).await);
        announce(&format!(
            "{database}: {} tables were added to beside {} requests: {} failed; {verdict}",
            tables.len() - 1, outcomes.len(), failed.len()
        ));
        assert!(failed.is_empty(), "{:?}", failed.first());
        verdict.assert_whole();
        service.assert_no_panic();
        service.stop().await;
    }
}
