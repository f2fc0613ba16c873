//! The programs of docs/integrations, as they are: each brings stand-ins of HubSpot and Salesforce into a service that
//! the real program serves, and all of them have to bring the same.
//!
//! Environment: `REQUIRE_CLIENTS=1` makes the absence of bash, curl, jq, python3, node or their packages a failure.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what tests share outside of test functions may end a test, too"
)]

mod client;
mod expected;
#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "the tests of the command line take more of it")]
mod program;
#[path = "../cli/service.rs"]
mod service;
mod stand_in;
#[path = "../support/mod.rs"]
#[allow(unused_macros, reason = "a case of its own runs on PostgreSQL")]
mod support;
mod sync;
