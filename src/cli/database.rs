//! What all commands that open the database share.

use std::{path::PathBuf, time::Duration};

use secrecy::ExposeSecret;

use super::{CommandResult, log};
use crate::{
    config::{Settings, SettingsFlags},
    store::{ConnectError, ConnectOptions, Store},
    time::Clock,
};

/// Where the database is.
#[derive(clap::Args, Clone)]
pub struct DatabaseFlags {
    /// Directory for the embedded database and the development key [default: ./data] [environment: KPIGRAPH_DATA_DIR]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// Database: a sqlite: or postgres: URL [environment: DATABASE_URL]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Settings file in TOML [default: kpigraph.toml, if it exists] [environment: KPIGRAPH_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl DatabaseFlags {
    /// All settings, with these flags as the last layer.
    pub fn settings(&self) -> Result<Settings, Box<dyn std::error::Error>> {
        let flags = SettingsFlags {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
            ..SettingsFlags::default()
        };
        let settings = Settings::load(&flags)?;
        log::to_stderr(&settings, None)?;
        Ok(settings)
    }

    /// The settings and the migrated database.
    pub async fn open(&self) -> Result<(Settings, Store), Box<dyn std::error::Error>> {
        let settings = self.settings()?;
        let store = connect(&settings).await?;
        Ok((settings, store))
    }

    /// Migrates up, or down by some steps.
    pub async fn migrate(&self, down: Option<u32>) -> CommandResult {
        let settings = self.settings()?;
        let shown = settings.database_shown();
        match down {
            Some(steps) => {
                Store::migrate_down(&options(&settings), steps).await?;
                println!("{shown} is without its last {steps} migrations");
            }
            None => {
                connect(&settings).await?.close().await?;
                println!("{shown} is up to date");
            }
        }
        Ok(())
    }
}

/// Opens and migrates the database of the settings.
pub async fn connect(settings: &Settings) -> Result<Store, ConnectError> {
    Store::connect(&options(settings), Clock::system()).await
}

fn options(settings: &Settings) -> ConnectOptions {
    ConnectOptions {
        url: settings.database().expose_secret().to_owned(),
        admin_url: settings
            .database_admin()
            .map(|url| url.expose_secret().to_owned()),
        connections: settings.database_connections,
        acquire_timeout: Duration::from_secs(settings.acquire_timeout_seconds),
        statement_timeout: Duration::from_secs(settings.statement_timeout_seconds),
        wait: Duration::from_secs(settings.database_wait_seconds),
    }
}
