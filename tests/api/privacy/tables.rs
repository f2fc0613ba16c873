//! No table that tells of customers is forgotten.

use kpigraph::{store::OF_PERSONS, time::Clock};

use crate::support::{TestDatabase, on_both_databases, schema_keys};

/// Tables that refer to customers and are no rows of theirs, and why nobody misses them.
const OTHERS: [(&str, &str); 1] = [(
    "customer_erasure",
    "tells that somebody was erased, not who",
)];

/// The columns of a table.
pub async fn columns(database: &TestDatabase, table: &str) -> Vec<String> {
    let sql = if database.is_postgres() {
        format!(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}' ORDER BY 1"
        )
    } else {
        format!("SELECT name FROM pragma_table_info('{table}') ORDER BY 1")
    };
    let rows = database.rows(&sql).await.expect("the columns can be read");
    rows.into_iter().flatten().collect()
}

on_both_databases! {
    async fn every_table_with_a_customer_is_told_and_erased_or_named_here(database: TestDatabase) {
        database.store(Clock::system()).await.close().await.unwrap();
        let mut with_customer = Vec::new();
        for (table, _) in schema_keys(&database).await {
            if columns(&database, &table).await.iter().any(|column| column.ends_with("customer_id")) {
                with_customer.push(table);
            }
        }
        assert!(with_customer.len() > OF_PERSONS.len(), "{with_customer:?}");
        let handled = |table: &str| {
            let current = table.strip_suffix("_history").unwrap_or(table);
            OF_PERSONS.contains(&current) || OTHERS.iter().any(|(name, _)| *name == table)
        };
        let missed: Vec<_> = with_customer.iter().filter(|table| !handled(table)).collect();
        assert!(missed.is_empty(), "export and erasure miss them: add them to store/privacy/person.rs: {missed:?}");
        for table in OF_PERSONS {
            assert!(with_customer.iter().any(|found| found == table), "{table}");
        }
    }
}
