//! The commands of docs/export.md, run one after the other.

use std::process::Command;

use kpigraph::{auth::Role, demo, time::Clock};

use super::{cells, lines};
use crate::support::{App, TestDatabase, on_both_databases};

const PAGE: &str = include_str!("../../../docs/export.md");

on_both_databases! {
    async fn the_commands_of_the_page_do_what_it_says(database: TestDatabase) {
        let clock = Clock::fixed("2026-05-15T12:00:00Z".parse().unwrap());
        let app = App::start(&database, clock).await;
        demo::fill(&app.store, clock).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let commands: Vec<&str> = PAGE
            .split("```sh\n")
            .skip(1)
            .filter_map(|part| part.split("\n```").next())
            .collect();
        assert_eq!(commands.len(), 4);
        let mut shell = Command::new("bash");
        shell
            .args(["-euo", "pipefail", "-c", &commands.join("\n")])
            .current_dir(folder.path())
            .env("URL", app.url(""))
            .env("TOKEN", app.token(demo::SLUG, Role::Owner));
        let done = tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(lines(&read("orders.ndjson")).0.len() > 100);
        assert!(read("changes.json").contains("\"nodes\":[]"), "nothing has changed since");
        let (header, rows, _) = cells(&read("channels.csv"));
        assert_eq!(header[..3], ["channel", "channel_label", "spend"]);
        assert!(rows.len() > 3);
        assert!(folder.path().join("april.csv.gz").metadata().unwrap().len() > 100);
    }
}
