//! The memory of imports and exports does not grow with the file.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{ChildStdin, Stdio},
};

use crate::program::{Ended, Program};

/// Rows after which the program has all that it needs for any number of rows.
const WARM: u32 = 20_000;
const ROWS: u32 = 200_000;
/// The most MiB that it may take beside, for ten times as many rows.
const MOST_GROWTH: u64 = 64;

/// The most memory, in MiB, that a process has held so far.
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.unwrap().split_whitespace().next().unwrap();
    kibibytes.parse::<u64>().unwrap() / 1024
}

/// Writes orders; the pipe makes the writer wait for the reader.
fn write(input: &mut ChildStdin, orders: std::ops::Range<u32>) {
    for order in orders {
        let (day, customer) = (order % 28 + 1, order / 3);
        let cents = order % 9_999 + 1;
        writeln!(
            input,
            "o-{order},c-{customer},2026-03-{day:02} 10:00:00,{cents}.25"
        )
        .unwrap();
    }
}

#[test]
fn an_import_of_ten_times_as_many_rows_takes_hardly_more_memory() {
    let program = Program::with_team();
    let mut command = program.command(&["import", "--team", "shop", "--format", "orders", "-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "order_id,customer_id,ordered_at,amount").unwrap();
    write(&mut input, 0..WARM);
    let before = peak(child.id());
    write(&mut input, WARM..ROWS);
    let after = peak(child.id());
    drop(input);
    let printed = Ended::from(child.wait_with_output().unwrap()).assert_done();
    assert!(
        printed.starts_with("200000 rows read: 200000 written"),
        "{printed}"
    );
    assert!(
        after - before < MOST_GROWTH,
        "{before} MiB became {after} MiB"
    );
}

#[test]
fn an_export_of_fifty_thousand_rows_takes_hardly_more_memory_than_one_of_five_thousand() {
    let program = Program::with_team();
    let mut text = "order_id,customer_id,ordered_at,amount\n".to_owned();
    for order in 0..50_000 {
        let (day, customer) = (order % 28 + 1, order / 3);
        text.push_str(&format!(
            "o-{order},c-{customer},2026-03-{day:02},{order}.25\n"
        ));
    }
    let file = program.file("orders.csv", &text);
    let import = ["import", "--team", "shop", "--format", "orders", &file];
    program.run(&import).assert_done();
    let mut command = program.command(&["export", "--team", "shop", "orders"]);
    let mut child = command.spawn().unwrap();
    // The pipe makes the program wait for the reader.
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut read = |rows: usize| {
        output
            .by_ref()
            .take(rows)
            .map(|row| row.unwrap().len())
            .sum::<usize>()
    };
    assert!(read(5_000) > 0);
    let before = peak(child.id());
    assert!(read(44_000) > 0);
    let after = peak(child.id());
    let rest: Vec<String> = output.map(|row| row.unwrap()).collect();
    assert_eq!(rest.len(), 1_001);
    assert!(
        rest[1_000].starts_with("{\"kpigraph_end\""),
        "{}",
        rest[1_000]
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(
        after - before < MOST_GROWTH / 4,
        "{before} MiB became {after} MiB"
    );
}
