//! The command line.

pub mod catalog;
mod database;
mod export;
mod health;
mod key;
mod log;
mod serve;
mod team;
mod token;

use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::{
    config::SettingsFlags,
    graphql::schema,
    webhooks::{Networks, Reach},
};
use database::DatabaseFlags;

/// What ends a command: the text is for people, on one line.
type CommandResult = Result<(), Box<dyn std::error::Error>>;

/// Marketing KPIs on demand, over GraphQL, each team its own.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: SettingsFlags,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and GraphiQL; the default
    #[command(after_help = "Example:\n  kpigraph serve --listen 127.0.0.1:9000 --data-dir ./data")]
    Serve(Box<SettingsFlags>),
    /// Bring the database's schema up to date
    #[command(after_help = "Examples:\n  kpigraph migrate\n  kpigraph migrate --down 1")]
    Migrate {
        /// Take back so many migrations instead
        #[arg(long, value_name = "COUNT")]
        down: Option<u32>,
        #[command(flatten)]
        database: DatabaseFlags,
    },
    /// Make the demo team `acme` and fill it
    #[command(after_help = "Example:\n  kpigraph demo --data-dir ./data")]
    Demo {
        #[command(flatten)]
        database: DatabaseFlags,
    },
    /// Read a file of a vendor, or of a format of this program, into a team
    #[command(after_help = "Examples:\n  kpigraph import --team acme report.csv\n  \
        kpigraph import --team acme --dry-run report.xlsx\n  \
        kpigraph import --team acme --format orders orders.csv\n  \
        kpigraph import --team acme --format ad-stats --source google_ads --day 2026-03-01 ads.csv.gz\n  \
        kpigraph import --team acme --queue report.csv")]
    Import(import::ImportArgs),
    /// Write a team's rows to standard output
    #[command(
        after_help = "Examples:\n  kpigraph export --team acme orders > orders.ndjson\n  \
        kpigraph export --team acme --format csv --system shop --from 2026-01-01 orders > orders.csv"
    )]
    Export(export::ExportArgs),
    /// Print a token for a team
    #[command(after_help = "Example:\n  kpigraph token --team acme --role manager --ttl 8h")]
    Token(token::TokenArgs),
    /// Make, rotate, list and revoke API keys of a team
    #[command(
        after_help = "Examples:\n  kpigraph key create --team acme --name crm-sync --scopes customers_write,ingest\n  \
        kpigraph key list --team acme"
    )]
    Key {
        #[command(subcommand)]
        command: key::KeyCommand,
    },
    /// Make and list teams
    #[command(
        after_help = "Examples:\n  kpigraph team create shop --currency EUR --time-zone Europe/Rome\n  \
        kpigraph team list"
    )]
    Team {
        #[command(subcommand)]
        command: team::TeamCommand,
    },
    /// Print the GraphQL schema
    #[command(after_help = "Example:\n  kpigraph schema > schema.graphql")]
    Schema {
        #[command(flatten)]
        database: DatabaseFlags,
    },
    /// Print the KPIs as a page of documentation
    #[command(after_help = "Example:\n  kpigraph catalog > docs/kpis.md")]
    Catalog {
        #[command(flatten)]
        database: DatabaseFlags,
    },
    /// Ask a running service whether it can serve; exits with 1 when not
    #[command(after_help = "Example:\n  kpigraph healthcheck --url http://127.0.0.1:8080")]
    Healthcheck(health::HealthArgs),
}

mod import;

impl Cli {
    /// Runs the command.
    pub async fn run(self) -> CommandResult {
        match self.command {
            None => serve::run(&self.serve).await,
            Some(Command::Serve(flags)) => serve::run(&flags).await,
            Some(Command::Migrate { down, database }) => database.migrate(down).await,
            Some(Command::Demo { database }) => serve::demo(&database).await,
            Some(Command::Import(args)) => import::run(args).await,
            Some(Command::Export(args)) => export::run(args).await,
            Some(Command::Token(args)) => token::run(args).await,
            Some(Command::Key { command }) => key::run(command).await,
            Some(Command::Team { command }) => team::run(command).await,
            Some(Command::Schema { database: _ }) => {
                print!("{}", sdl());
                Ok(())
            }
            Some(Command::Catalog { database: _ }) => {
                print!("{}", catalog::markdown());
                Ok(())
            }
            Some(Command::Healthcheck(args)) => health::run(args).await,
        }
    }
}

/// The schema in GraphQL's schema language, in a stable order.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_fields()
        .sorted_enum_items()
        .sorted_arguments();
    schema(Arc::new(Reach::new(Networks::default()))).sdl_with_options(options)
}
