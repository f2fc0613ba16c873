//! Tests of the command line: the program itself, in a folder of its own.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what tests share outside of test functions may end a test, too"
)]

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod kills;
mod memory;
mod observed;
mod program;
mod secrets;
mod serve;
mod service;
mod settings;
mod traces;
mod walls;
