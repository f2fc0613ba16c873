//! Imports of files. What was stored is read by plain SQL, past the store.

mod ads;
mod beside;
mod data_sets;
mod events;
mod files;
mod orders;
mod others;
mod vendors;

use std::io::Read;

use chrono::DateTime;
use chrono_tz::Tz;
use kpigraph::{
    import::{self, Format, ImportAsk, ImportError, Report},
    store::{NewTeam, TeamStore},
    time::Clock,
};

use crate::support::{TestDatabase, new_team};

/// A team with euros on Roman time, in a database of its own.
struct World {
    team: TeamStore,
    database: TestDatabase,
}

impl World {
    async fn new(database: TestDatabase) -> Self {
        let clock = Clock::fixed("2026-06-01T12:00:00Z".parse().unwrap());
        let store = database.store(clock).await;
        let new = NewTeam {
            time_zone: Tz::Europe__Rome,
            ..new_team("acme")
        };
        let team = store.administer().create_team(&new).await.unwrap();
        Self { team, database }
    }

    async fn read(&self, ask: &ImportAsk, input: impl Read) -> Result<Report, ImportError> {
        import::import(&self.team, ask, input, &|_| {}).await
    }

    async fn text(&self, format: Format, text: &str) -> Report {
        self.read(&ImportAsk::new(format), text.as_bytes())
            .await
            .unwrap()
    }

    /// An import of which not a row is refused: rows written and unchanged.
    async fn good(&self, format: Format, text: &str) -> (u64, u64) {
        let report = self.text(format, text).await;
        assert!(report.committed, "{report}");
        assert_eq!(report.read, report.written + report.unchanged);
        (report.written, report.unchanged)
    }

    /// The one refusal of an import that leaves nothing.
    async fn refusal(&self, format: Format, text: &str) -> String {
        let report = self.text(format, text).await;
        assert_eq!((report.refused, report.committed), (1, false), "{report}");
        assert_eq!((report.written, report.unchanged), (0, 0));
        report.refusals[0].to_string()
    }

    /// The rows of `SELECT a, b FROM …`, each as its columns joined by `|`, the same on both databases. A comma and a
    /// blank always part two columns.
    async fn rows(&self, select: &str) -> Vec<String> {
        let (columns, rest) = select
            .strip_prefix("SELECT ")
            .and_then(|select| select.split_once(" FROM "))
            .unwrap();
        let columns: Vec<String> = columns
            .split(", ")
            .map(|column| format!("COALESCE(CAST({column} AS TEXT), 'null')"))
            .collect();
        let sql = format!("SELECT {} FROM {rest}", columns.join(", "));
        let rows = self.database.rows(&sql).await.unwrap();
        rows.into_iter()
            .map(|row| row.into_iter().map(plain).collect::<Vec<_>>().join("|"))
            .collect()
    }

    async fn one(&self, select: &str) -> String {
        self.rows(select).await.join("\n")
    }
}

/// PostgreSQL's spellings as SQLite's.
fn plain(text: String) -> String {
    match text.as_str() {
        "true" => "1".into(),
        "false" => "0".into(),
        _ => DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f%#z")
            .map_or(text, |at| at.to_utc().to_rfc3339()),
    }
}
