//! Imports into a temporary database. What was stored is read by plain SQL, past the store.

mod ads;
mod data_sets;
mod events;
mod files;
mod orders;
mod others;

use std::io::Read;

use sqlx::{Connection, Row, SqliteConnection};
use tempfile::TempDir;

use super::*;
use crate::{
    auth::TeamSlug,
    store::{ConnectOptions, NewTeam, Store},
    time::{Clock, WeekStart},
};

/// A team of its own in a database of its own.
struct World {
    team: TeamStore,
    url: String,
    _folder: TempDir,
}

impl World {
    /// A team with euros on Roman time.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let options = ConnectOptions {
            url: url.clone(),
            connections: 2,
            acquire_timeout: std::time::Duration::from_secs(5),
            wait: std::time::Duration::from_secs(5),
        };
        let clock = Clock::fixed("2026-06-01T12:00:00Z".parse().unwrap());
        let store = Store::connect(&options, clock).await.unwrap();
        let new = NewTeam {
            slug: "acme".parse::<TeamSlug>().unwrap(),
            name: "Acme".into(),
            currency: iso_currency::Currency::EUR,
            time_zone: chrono_tz::Tz::Europe__Rome,
            week_start: WeekStart::Monday,
            fiscal_year_start_month: 1,
            ad_basis: entity::values::Basis::AcquiredCohort,
        };
        let team = store.administer().create_team(&new).await.unwrap();
        Self {
            team,
            url,
            _folder: folder,
        }
    }

    async fn read(&self, ask: &ImportAsk, input: impl Read) -> Result<Report, ImportError> {
        import(&self.team, ask, input, &|_| {}).await
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

    /// The rows of a query, each as its columns joined by `|`.
    async fn rows(&self, sql: &str) -> Vec<String> {
        let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        rows.iter()
            .map(|row| {
                (0..row.len())
                    .map(
                        |place| match row.try_get_unchecked::<Option<String>, _>(place) {
                            Ok(text) => text.unwrap_or_else(|| "null".into()),
                            Err(error) => panic!("{error}"),
                        },
                    )
                    .collect::<Vec<_>>()
                    .join("|")
            })
            .collect()
    }

    async fn one(&self, sql: &str) -> String {
        self.rows(sql).await.join("\n")
    }
}
