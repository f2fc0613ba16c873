//! What the service loses when machines fail: nothing. The program itself, before a database of its own, is cut off,
//! starved and stopped while programs write; what was acknowledged is looked for afterwards.
//!
//! They take minutes and one machine for themselves: `cargo test --test faults -- --ignored --test-threads=1 --nocapture`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what tests share outside of test functions may end a test, too"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "every test binary takes the part that it needs")]
mod program;

/// Makes two tests of one body, on SQLite and on PostgreSQL, that run when they are asked for.
macro_rules! on_both_databases {
    (async fn $name:ident($database:ident: TestDatabase) $body:block) => {
        mod $name {
            use super::*;

            async fn check($database: TestDatabase) $body

            #[tokio::test(flavor = "multi_thread")]
            #[ignore = "of the faults, which need minutes"]
            async fn sqlite() {
                check(TestDatabase::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            #[ignore = "of the faults, which need minutes"]
            async fn postgres() {
                if let Some(database) = TestDatabase::postgres().await {
                    check(database).await;
                }
            }
        }
    };
}
mod clock;
mod descriptors;
mod disk;
mod exhaustion;
mod imports;
mod instance;
mod issuer;
mod ledger;
mod listeners;
mod load;
mod lost_answer;
mod migrations;
mod neighbour;
mod newer;
mod proxy;
mod restart;
mod restored;
mod rotation;
mod sessions;
mod silence;
mod socket;
mod stop;
