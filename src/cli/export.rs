//! `export`.

use std::io::Write;

use chrono::NaiveDate;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::{CommandResult, database::DatabaseFlags};
use crate::export::{Delivery, Entity, Export, ExportAsk, Format};

/// What to write, and whose it is.
#[derive(clap::Args)]
pub struct ExportArgs {
    /// The team's slug
    #[arg(long)]
    team: String,
    /// The form of the lines
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// Compress with gzip
    #[arg(long)]
    gzip: bool,
    /// Go on after the row with this cursor
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// Only rows of this day and later ones, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// Only rows of this day and earlier ones, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    to: Option<NaiveDate>,
    /// Only rows that this system delivered or has a name for; ids are then its own
    #[arg(long)]
    system: Option<String>,
    /// What to write
    #[arg(value_parser = entity_names())]
    entity: String,
    #[command(flatten)]
    database: DatabaseFlags,
}

fn entity_names() -> PossibleValuesParser {
    let value = |entity: &Entity| PossibleValue::new(entity.name()).help(entity.about());
    PossibleValuesParser::new(Entity::ALL.iter().map(value))
}

/// Writes the rows to standard output.
pub async fn run(args: ExportArgs) -> CommandResult {
    let (_, store) = args.database.open().await?;
    let team = store.administer().team(&args.team).await?;
    let ask = ExportAsk {
        entity: args.entity.parse()?,
        delivery: Delivery {
            format: args.format,
            gzip: args.gzip,
            after: args.after,
            header: None,
        },
        from: args.from,
        to: args.to,
        system: args.system,
    };
    let mut export = Export::of_entity(team, None, &ask).await?;
    let mut output = std::io::stdout().lock();
    while let Some(bytes) = export.next().await? {
        output.write_all(&bytes)?;
    }
    output.flush()?;
    Ok(())
}
