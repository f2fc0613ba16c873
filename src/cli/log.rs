//! Where log lines go and how they look, and what becomes of the spans around them.

use std::{io::IsTerminal, panic};

use tracing::Metadata;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    config::{LogFormat, Settings},
    telemetry::Traces,
};

/// Libraries that tell more at the level `info` than an operator wants to read; the setting can name them again.
const QUIET: &str = "sqlx=warn,sea_orm_migration=warn,actix_server=warn";

/// Logs to standard error, so that standard output stays a command's answer; makes traces where they are wanted.
pub fn to_stderr(
    settings: &Settings,
    traces: Option<&Traces>,
) -> Result<(), Box<dyn std::error::Error>> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", settings.log_level))?;
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = match settings.log_format {
        LogFormat::Human => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let log = Registry::default()
        .with(lines.with_filter(filter.and(filter_fn(tells_no_secret))))
        .with(traces.map(Traces::layer));
    // A second call in one process finds the logger set: that is as good.
    if log.try_init().is_ok() {
        panic::set_hook(Box::new(tell_panic));
    }
    Ok(())
}

/// The database library's spans hold the URL with its password, and statements with their values. No setting of the log
/// brings them in.
fn tells_no_secret(meta: &Metadata<'_>) -> bool {
    !(meta.is_span() && meta.target().starts_with("sea_orm::"))
}

/// One log line, within the span of the request that was broken off by it.
fn tell_panic(panic: &panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let text = panic.payload_as_str().unwrap_or("no text");
    tracing::error!(place, text, "a panic");
}
