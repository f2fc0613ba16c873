//! The twins of tables whose rows keep their versions.

use kpigraph::time::Clock;

use crate::support::{TestDatabase, on_both_databases};

/// The tables whose rows keep their versions. A fact that is missing here is told as of an earlier day by nobody.
const VERSIONED: [&str; 14] = [
    "ad_day",
    "budget_day",
    "conversion",
    "cost_day",
    "cost_item",
    "customer",
    "fx_rate",
    "opportunity",
    "orders",
    "refund",
    "source_load",
    "stage_event",
    "touchpoint",
    "web_day",
];

/// Tables without versions whose rows know since when they are as they are, because the change feed tells of them.
const FOLLOWED: [&str; 3] = ["campaign", "channel", "goal"];

/// What versions of customers must not keep: who they are, and what only their record needs.
const NOT_OF_CUSTOMERS: [&str; 6] = [
    "email",
    "name",
    "properties",
    "source_updated_at",
    "updated_at",
    "version",
];

/// Every table with each of its columns, as `column type nullable`.
async fn columns(database: &TestDatabase) -> Vec<(String, String)> {
    let sql = if database.is_postgres() {
        "SELECT table_name::text, column_name || ' ' || udt_name || COALESCE(character_maximum_length::text, '') || ' ' \
         || is_nullable FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    } else {
        "SELECT t.name, c.name || ' ' || c.type || ' ' || c.\"notnull\" FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' ORDER BY 1, 2"
    };
    let rows = database.rows(sql).await.unwrap();
    rows.into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect()
}

on_both_databases! {
    async fn a_twin_has_the_columns_of_its_table_and_both_instants(database: TestDatabase) {
        database.store(Clock::system()).await.close().await.unwrap();
        let all = columns(&database).await;
        let of = |table: &str| -> Vec<&str> {
            all.iter().filter(|(name, _)| name == table).map(|(_, column)| column.as_str()).collect()
        };
        let name = |column: &str| column.split(' ').next().unwrap().to_owned();
        let mut stamped: Vec<&str> = all
            .iter()
            .filter(|(table, column)| name(column) == "recorded_at" && !table.ends_with("_history"))
            .map(|(table, _)| table.as_str())
            .collect();
        stamped.sort_unstable();
        let followed = |table: &&str| FOLLOWED.contains(table);
        assert_eq!(stamped.extract_if(.., |table| followed(&*table)).count(), FOLLOWED.len());
        assert_eq!(stamped, VERSIONED);
        for table in VERSIONED {
            let twin = of(&format!("{table}_history"));
            let mut expected = of(table);
            if table == "customer" {
                expected.retain(|column| !NOT_OF_CUSTOMERS.contains(&name(column).as_str()));
            }
            let (ended, kept): (Vec<&str>, Vec<&str>) =
                twin.into_iter().partition(|column| name(column) == "superseded_at");
            assert_eq!(kept, expected, "{table}");
            assert_eq!(ended.len(), 1, "{table}");
        }
    }
}
