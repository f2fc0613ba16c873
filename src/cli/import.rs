//! `import`.

use std::{
    fs::File,
    io::{IsTerminal, Read},
    path::PathBuf,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use clap::builder::{PossibleValue, PossibleValuesParser};
use entity::import_job::Mode;
use indicatif::{ProgressBar, ProgressStyle};

use super::{CommandResult, database::DatabaseFlags};
use crate::{
    error::Result,
    graphql::{GlobalId, NodeType},
    import::{
        DayOrder, DecimalMark, Format, ImportAsk, Layout, Profile, import,
        job::{LONGEST_NAME, queue_file, store_file},
    },
    store::{NewImport, TeamStore},
};

/// What to read, and whose it is.
#[derive(clap::Args)]
pub struct ImportArgs {
    /// The team's slug
    #[arg(long)]
    team: String,
    /// What the rows are; recognised by the header unless this or a profile is named
    #[arg(long, value_enum, conflicts_with = "profile")]
    format: Option<Format>,
    /// The vendor's layout of the file
    #[arg(long, value_parser = profile_names())]
    profile: Option<String>,
    /// A mapping of columns that the team has saved (setImportMapping)
    #[arg(long, conflicts_with_all = ["profile", "format"])]
    mapping: Option<String>,
    /// The system that the file's ids belong to; that of the profile unless another is named
    #[arg(long, default_value = ImportAsk::DEFAULT_SOURCE)]
    source: String,
    /// The day of rows that have none, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    day: Option<NaiveDate>,
    /// The first day that rows without a day cover; --day is the last
    #[arg(long, value_name = "DAY", requires = "day")]
    from: Option<NaiveDate>,
    /// The decimal mark of numbers; learnt from them unless given
    #[arg(long, value_enum)]
    decimal: Option<DecimalMark>,
    /// The order of days and months in dates; learnt from them unless given
    #[arg(long, value_enum)]
    dates: Option<DayOrder>,
    /// Tell what would be imported, and import nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the good rows even if others are refused
    #[arg(long)]
    partial: bool,
    /// Put the file into the team's queue, for the service to import, and print the import's id
    #[arg(long)]
    queue: bool,
    /// Publish good rows batch by batch while the file is read, whatever becomes of others
    #[arg(long, requires = "queue")]
    batches: bool,
    /// The file; `-` reads standard input
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseFlags,
}

impl ImportArgs {
    /// The layout that is named.
    async fn layout(&self, team: &TeamStore) -> Result<Option<Layout>> {
        if let Some(name) = &self.mapping {
            return Layout::saved(team, name).await.map(Some);
        }
        let profile = self.profile.as_deref().and_then(Profile::named);
        let format = self.format.map(Layout::Format);
        Ok(format.or(profile.map(Layout::Profile)))
    }
}

fn profile_names() -> PossibleValuesParser {
    let value = |profile: &'static Profile| PossibleValue::new(profile.name).help(profile.title);
    PossibleValuesParser::new(Profile::all().map(value))
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
        layout: args.layout(&team).await?,
        source: args.source.clone(),
        day: args.day,
        from: args.from,
        decimal: args.decimal,
        dates: args.dates,
        partial: args.partial || args.batches,
        dry_run: args.dry_run,
    };
    if args.queue {
        return queue(&args, &team, &ask, input).await;
    }
    let progress = progress_bar();
    let started = Instant::now();
    let report = import(&team, &ask, input, &|rows| progress.set_position(rows)).await;
    progress.finish_and_clear();
    let report = report.map_err(|error| format!("{}: {error}", args.file.display()))?;
    let recognised = report.preview.as_ref().filter(|_| ask.layout.is_none());
    if let Some(preview) = recognised.filter(|_| !report.dry_run) {
        println!(
            "recognised as {}, source {}",
            preview.layout, preview.source
        );
    }
    println!("{report}");
    if report.dry_run {
        return Ok(());
    }
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

/// Puts the file into the queue.
async fn queue(
    args: &ImportArgs,
    team: &TeamStore,
    ask: &ImportAsk,
    input: impl Read,
) -> CommandResult {
    ask.check()?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let new = NewImport {
        file_name: name.chars().take(LONGEST_NAME).collect(),
        options: serde_json::to_string(ask)?,
        mode: match args.batches {
            true => Mode::Partial,
            false => Mode::Staged,
        },
        dry_run: ask.dry_run,
    };
    let stored = store_file(team, "import", new, input).await?;
    let job = queue_file(team, "import", stored).await?;
    println!("{}", GlobalId::new(NodeType::Import, job.id));
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
