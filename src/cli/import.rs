//! `import`.

use std::{
    fs::File,
    io::{IsTerminal, Read},
    path::PathBuf,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};

use super::{CommandResult, database::DatabaseFlags};
use crate::import::{Format, ImportAsk, import};

/// What to read, and whose it is.
#[derive(clap::Args)]
pub struct ImportArgs {
    /// The team's slug
    #[arg(long)]
    team: String,
    /// The shape of the file
    #[arg(long, value_enum)]
    format: Format,
    /// The system that the file's ids belong to
    #[arg(long, default_value = "import")]
    source: String,
    /// The day of rows that have none, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    day: Option<NaiveDate>,
    /// Write the good rows even if others are refused
    #[arg(long)]
    partial: bool,
    /// The file; `-` reads standard input
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseFlags,
}

/// Imports the file and says what became of its rows.
pub async fn run(args: ImportArgs) -> CommandResult {
    let (_, store) = args.database.open().await?;
    let team = store.administer().team(&args.team).await?;
    let input: Box<dyn Read> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(
            File::open(&args.file).map_err(|error| format!("{}: {error}", args.file.display()))?,
        )
    };
    let ask = ImportAsk {
        format: args.format,
        source: args.source,
        day: args.day,
        partial: args.partial,
    };
    let progress = progress_bar();
    let started = Instant::now();
    let report = import(&team, &ask, input, &|rows| progress.set_position(rows)).await;
    progress.finish_and_clear();
    let report = report.map_err(|error| format!("{}: {error}", args.file.display()))?;
    println!("{report}");
    if !report.committed {
        return Err("nothing was written; --partial writes the good rows".into());
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!(
        "{seconds:.1} s, {:.0} rows per second",
        report.read as f64 / seconds.max(0.001)
    );
    Ok(())
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) =
        ProgressStyle::with_template("{spinner} {human_pos} rows, {per_sec}, {elapsed}")
    {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
