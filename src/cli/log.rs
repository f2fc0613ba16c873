//! Where log lines go and how they look.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};

/// Libraries that tell more at the level `info` than an operator wants to read; the setting can name them again.
const QUIET: &str = "sqlx=warn,sea_orm_migration=warn,actix_server=warn";

/// Logs to standard error, so that standard output stays a command's answer.
pub fn to_stderr(settings: &Settings) -> Result<(), Box<dyn std::error::Error>> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", settings.log_level))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second call in one process finds the logger set: that is as good.
    let _ = match settings.log_format {
        LogFormat::Human => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    Ok(())
}
