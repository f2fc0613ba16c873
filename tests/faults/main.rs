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

mod clock;
mod descriptors;
mod disk;
mod exhaustion;
mod instance;
mod issuer;
mod ledger;
mod load;
mod lost_answer;
mod migrations;
mod neighbour;
mod proxy;
mod restart;
mod restored;
mod rotation;
mod silence;
mod stop;
