//! Settings that cannot be: one line that names them, exit code 1.

use std::net::TcpListener;

use crate::program::{Ended, Program};

#[test]
fn beyond_this_machine_the_development_key_is_refused() {
    let program = Program::new();
    let refused = program.run(&["--listen", "0.0.0.0:0"]);
    refused.assert_refused(&["listen = 0.0.0.0:0", "auth.issuers"]);
    let database = program.path("data/kpigraph.db");
    assert!(!database.exists(), "no database is made before");
}

#[test]
fn a_value_that_is_not_allowed_is_named_with_those_that_are() {
    let refused = Program::new().run(&["--database-connections", "0"]);
    refused.assert_refused(&[
        "database_connections = 0",
        "--database-connections",
        "1 to 200",
    ]);
}

#[test]
fn a_variable_that_is_no_setting_is_named() {
    let program = Program::new();
    let mut command = program.command(&["team", "list"]);
    let ended: Ended = command
        .env("KPIGRAPH_NONSENSE", "1")
        .output()
        .unwrap()
        .into();
    ended.assert_refused(&["KPIGRAPH_NONSENSE"]);
}

#[test]
fn a_database_that_is_down_is_told_without_its_password() {
    // The port is free again as soon as the listener is dropped.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let program = Program::new();
    let mut command = program.command(&["--listen", "127.0.0.1:0"]);
    command
        .env(
            "DATABASE_URL",
            format!("postgres://kpi:hush@127.0.0.1:{port}/kpi"),
        )
        .env("KPIGRAPH_DATABASE_WAIT_SECONDS", "1")
        .env("KPIGRAPH_ACQUIRE_TIMEOUT_SECONDS", "1");
    let ended: Ended = command.output().unwrap().into();
    ended.assert_refused(&["the database did not answer"]);
    assert!(!ended.stderr.contains("hush"));
}
