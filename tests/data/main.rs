//! Tests of what is stored: the schema, imports, and the numbers made of them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what tests share outside of test functions may end a test, too"
)]

#[path = "../support/mod.rs"]
mod support;

mod attribution;
mod customers;
mod events;
mod excerpt;
mod expected;
mod funnels;
mod import;
mod kag;
mod lifetime;
mod online_retail;
mod prjctr;
mod reimport;
mod same_answers;
mod schema;
mod spans;
mod stages;
mod team;
mod timeseries;
mod two_teams;
mod vendor_formats;
mod versions;
mod walls;
