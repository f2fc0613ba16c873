//! Every key of a database's tables, read from its catalogue.

use super::TestDatabase;

/// A primary key, a unique index, or one end of a foreign key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaKey {
    /// Its table.
    pub table: String,
    /// `primary key`, `unique index`, `foreign key`; `referred key` for the columns that a foreign key points at.
    pub kind: String,
    /// Its name; a number where it has none.
    pub name: String,
    /// The table that a foreign key points at; empty for the others.
    pub target: String,
    /// Its columns, in its order.
    pub columns: Vec<String>,
}

/// Every table, each with its keys.
pub async fn schema_keys(database: &TestDatabase) -> Vec<(String, Vec<SchemaKey>)> {
    let (tables, keys) = if database.is_postgres() {
        (POSTGRES_TABLES, POSTGRES_KEYS)
    } else {
        (SQLITE_TABLES, SQLITE_KEYS)
    };
    let mut keys: Vec<_> = rows(database, keys).await.into_iter().map(key).collect();
    keys.sort();
    let of = |table: &str| {
        keys.iter()
            .filter(|key| key.table == table)
            .cloned()
            .collect()
    };
    let tables = rows(database, tables).await.into_iter().flatten();
    tables.map(|table| (table.clone(), of(&table))).collect()
}

async fn rows(database: &TestDatabase, sql: &str) -> Vec<Vec<String>> {
    database.rows(sql).await.expect("the catalogue can be read")
}

fn key(row: Vec<String>) -> SchemaKey {
    let [table, kind, name, target, columns] =
        row.try_into().expect("the queries name five columns");
    SchemaKey {
        table,
        kind,
        name,
        target,
        columns: columns.split(',').map(str::to_owned).collect(),
    }
}

const SQLITE_TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";

const SQLITE_KEYS: &str = "
WITH tables AS (SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%')
SELECT t.name, 'primary key', t.name, '', group_concat(c.name, ',' ORDER BY c.pk)
FROM tables t, pragma_table_info(t.name) c WHERE c.pk > 0 GROUP BY t.name
UNION ALL
SELECT t.name, 'unique index', i.name, '', group_concat(coalesce(c.name, '?'), ',' ORDER BY c.seqno)
FROM tables t, pragma_index_list(t.name) i, pragma_index_info(i.name) c WHERE i.\"unique\" AND i.origin <> 'pk'
GROUP BY t.name, i.name
UNION ALL
SELECT t.name, 'foreign key', CAST(f.id AS TEXT), f.\"table\", group_concat(f.\"from\", ',' ORDER BY f.seq)
FROM tables t, pragma_foreign_key_list(t.name) f GROUP BY t.name, f.id
UNION ALL
SELECT t.name, 'referred key', CAST(f.id AS TEXT), f.\"table\", group_concat(f.\"to\", ',' ORDER BY f.seq)
FROM tables t, pragma_foreign_key_list(t.name) f GROUP BY t.name, f.id";

const POSTGRES_TABLES: &str =
    "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename";

const POSTGRES_KEYS: &str = "
SELECT t.relname::text, CASE WHEN i.indisprimary THEN 'primary key' ELSE 'unique index' END, x.relname::text, '',
    string_agg(coalesce(a.attname, '?'), ',' ORDER BY k.place)
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = 'public'::regnamespace
JOIN pg_class x ON x.oid = i.indexrelid
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place)
LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
WHERE i.indisunique AND k.place <= i.indnkeyatts
GROUP BY t.relname, i.indisprimary, x.relname
UNION ALL
SELECT t.relname::text, 'foreign key', f.conname::text, u.relname::text, string_agg(a.attname, ',' ORDER BY k.place)
FROM pg_constraint f
JOIN pg_class t ON t.oid = f.conrelid AND t.relnamespace = 'public'::regnamespace
JOIN pg_class u ON u.oid = f.confrelid
CROSS JOIN LATERAL unnest(f.conkey) WITH ORDINALITY AS k(number, place)
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
WHERE f.contype = 'f' GROUP BY t.relname, f.conname, u.relname
UNION ALL
SELECT t.relname::text, 'referred key', f.conname::text, u.relname::text, string_agg(a.attname, ',' ORDER BY k.place)
FROM pg_constraint f
JOIN pg_class t ON t.oid = f.conrelid AND t.relnamespace = 'public'::regnamespace
JOIN pg_class u ON u.oid = f.confrelid
CROSS JOIN LATERAL unnest(f.confkey) WITH ORDINALITY AS k(number, place)
JOIN pg_attribute a ON a.attrelid = u.oid AND a.attnum = k.number
WHERE f.contype = 'f' GROUP BY t.relname, f.conname, u.relname";
