//! What the integration tests share: a database per test, a running service, readers of answers, the shared data.
//!
//! Environment: `TEST_DATABASE_URL` names a PostgreSQL on which databases may be made (otherwise the installed programs
//! run a private one), `REQUIRE_POSTGRES=1` makes its absence a failure, `KPIGRAPH_SHARED_DATA` names the shared data.
#![allow(
    dead_code,
    unused_imports,
    reason = "every test binary takes the part that it needs"
)]

mod app;
mod database;
pub mod json;
pub mod postgres;
mod schema_keys;
mod shared_data;
mod teams;

pub use app::{App, sql_statements};
pub use database::TestDatabase;
pub(crate) use database::on_both_databases;
pub use json::assert_close;
pub use schema_keys::{SchemaKey, schema_keys};
pub use shared_data::shared_data;
pub use teams::new_team;

/// Writes a line that is seen even when the test passes: the harness only captures the print macros.
pub fn announce(line: &str) {
    use std::io::Write;
    // Nobody can be told that nothing can be said.
    writeln!(std::io::stderr(), "{line}").ok();
}
