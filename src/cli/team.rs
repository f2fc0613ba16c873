//! `team create` and `team list`.

use clap::Subcommand;
use entity::values::Basis;

use super::{CommandResult, database::DatabaseFlags};
use crate::{auth::TeamSlug, store::NewTeam, time::WeekStart};

/// What to do with teams.
#[derive(Subcommand)]
pub enum TeamCommand {
    /// Make a team
    #[command(
        after_help = "Example:\n  kpigraph team create shop --currency EUR --time-zone Europe/Rome"
    )]
    Create(Box<CreateArgs>),
    /// List all teams
    #[command(after_help = "Example:\n  kpigraph team list")]
    List {
        #[command(flatten)]
        database: DatabaseFlags,
    },
}

/// The team to make.
#[derive(clap::Args)]
pub struct CreateArgs {
    /// Its name in tokens: lower-case letters, digits and dashes, up to 63
    slug: TeamSlug,
    /// Its name for people [default: the slug]
    #[arg(long)]
    name: Option<String>,
    /// The currency of its reports, by ISO 4217
    #[arg(long, default_value = "USD", value_parser = currency)]
    currency: iso_currency::Currency,
    /// The zone that cuts its days, by the IANA data base
    #[arg(long, default_value = "UTC")]
    time_zone: chrono_tz::Tz,
    /// The first day of its weeks: monday, sunday or saturday
    #[arg(long, default_value = "monday", value_parser = week_start)]
    week_start: WeekStart,
    /// The first month of its fiscal year
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=12))]
    fiscal_year_start_month: u32,
    /// The basis of advertising KPIs where a query names none: platform_reported, acquired_cohort, attributed or blended
    #[arg(long, default_value = "platform_reported", value_parser = basis)]
    basis: Basis,
    #[command(flatten)]
    database: DatabaseFlags,
}

fn currency(text: &str) -> Result<iso_currency::Currency, String> {
    iso_currency::Currency::from_code(&text.to_ascii_uppercase())
        .ok_or_else(|| "a currency code by ISO 4217 is needed, such as EUR".into())
}

fn week_start(text: &str) -> Result<WeekStart, String> {
    match text.to_ascii_lowercase().as_str() {
        "monday" => Ok(WeekStart::Monday),
        "sunday" => Ok(WeekStart::Sunday),
        "saturday" => Ok(WeekStart::Saturday),
        _ => Err("monday, sunday and saturday are allowed".into()),
    }
}

fn basis(text: &str) -> Result<Basis, String> {
    match text.to_ascii_lowercase().replace('-', "_").as_str() {
        "platform_reported" => Ok(Basis::PlatformReported),
        "acquired_cohort" => Ok(Basis::AcquiredCohort),
        "blended" => Ok(Basis::Blended),
        "attributed" => Ok(Basis::Attributed),
        _ => Err("platform_reported, acquired_cohort, attributed and blended are allowed".into()),
    }
}

/// Runs the command.
pub async fn run(command: TeamCommand) -> CommandResult {
    match command {
        TeamCommand::Create(args) => create(*args).await,
        TeamCommand::List { database } => list(&database).await,
    }
}

async fn create(args: CreateArgs) -> CommandResult {
    let (_, store) = args.database.open().await?;
    let team = NewTeam {
        name: args.name.unwrap_or_else(|| args.slug.to_string()),
        slug: args.slug,
        currency: args.currency,
        time_zone: args.time_zone,
        week_start: args.week_start,
        fiscal_year_start_month: args.fiscal_year_start_month,
        ad_basis: args.basis,
    };
    store.administer().create_team(&team).await?;
    println!("the team {} is there", team.slug);
    Ok(())
}

async fn list(database: &DatabaseFlags) -> CommandResult {
    let (_, store) = database.open().await?;
    for team in store.administer().teams().await? {
        println!(
            "{}\t{}\t{}\t{}",
            team.slug, team.currency, team.time_zone, team.name
        );
    }
    Ok(())
}
