//! `key create`, `key rotate`, `key list` and `key revoke`.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::Subcommand;
use entity::api_key;

use super::{CommandResult, database::DatabaseFlags, token::scope};
use crate::{
    auth::{Scope, TeamSlug},
    error::{Error, Result},
    store::{NewApiKey, RotatedApiKey, TeamStore, scopes_of},
    time::Clock,
};

/// What to do with a team's API keys.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a key and print its secret, which is not shown again
    #[command(
        after_help = "Example:\n  kpigraph key create --team acme --name crm-sync --scopes customers_write,ingest --expires 90d"
    )]
    Create(CreateArgs),
    /// Give a key a new secret and print it
    #[command(
        after_help = "Example:\n  kpigraph key rotate --team acme kpg_0123456789ab --overlap 2days"
    )]
    Rotate(RotateArgs),
    /// List the keys: prefix, state, scopes, last use, name
    #[command(after_help = "Example:\n  kpigraph key list --team acme")]
    List {
        /// The team's slug
        #[arg(long)]
        team: TeamSlug,
        #[command(flatten)]
        database: DatabaseFlags,
    },
    /// End a key now
    #[command(after_help = "Example:\n  kpigraph key revoke --team acme kpg_0123456789ab")]
    Revoke {
        /// The team's slug
        #[arg(long)]
        team: TeamSlug,
        /// How the key's newest secret begins, as `key list` shows it
        prefix: String,
        #[command(flatten)]
        database: DatabaseFlags,
    },
}

/// The key to make.
#[derive(clap::Args)]
pub struct CreateArgs {
    /// The team's slug
    #[arg(long)]
    team: TeamSlug,
    /// The key's name, such as that of the program that will use it
    #[arg(long)]
    name: String,
    /// What it may do, separated by commas, in any case
    #[arg(long, required = true, value_delimiter = ',', value_parser = scope)]
    scopes: Vec<Scope>,
    /// After how long it ends, such as 90d [default: never]
    #[arg(long, value_name = "DURATION")]
    expires: Option<humantime::Duration>,
    #[command(flatten)]
    database: DatabaseFlags,
}

/// The key to rotate.
#[derive(clap::Args)]
pub struct RotateArgs {
    /// The team's slug
    #[arg(long)]
    team: TeamSlug,
    /// How the key's newest secret begins, as `key list` shows it
    prefix: String,
    /// For how long the secret so far is good, at most 30d
    #[arg(long, default_value = "1d")]
    overlap: humantime::Duration,
    #[command(flatten)]
    database: DatabaseFlags,
}

/// Runs the command.
pub async fn run(command: KeyCommand) -> CommandResult {
    match command {
        KeyCommand::Create(args) => create(args).await,
        KeyCommand::Rotate(args) => rotate(args).await,
        KeyCommand::List { team, database } => list(&open(&team, &database).await?).await,
        KeyCommand::Revoke {
            team,
            prefix,
            database,
        } => revoke(&open(&team, &database).await?, &prefix).await,
    }
}

async fn open(
    team: &TeamSlug,
    database: &DatabaseFlags,
) -> std::result::Result<TeamStore, Box<dyn std::error::Error>> {
    let (_, store) = database.open().await?;
    Ok(store.administer().team(team.as_str()).await?)
}

async fn create(args: CreateArgs) -> CommandResult {
    let store = open(&args.team, &args.database).await?;
    let name = args.name.trim();
    if !(1..=200).contains(&name.chars().count()) {
        return Err("--name: 1 to 200 characters are allowed".into());
    }
    let expires_at = match args.expires {
        Some(after) => Some(instant_after(*after)?),
        None => None,
    };
    let writer = store.begin("createApiKey").await?;
    let new = NewApiKey {
        name: name.to_owned(),
        scopes: args.scopes.into_iter().collect(),
        expires_at,
        created_by: "cli".to_owned(),
    };
    let (_, secret) = writer.create_api_key(new).await?;
    writer.commit().await?;
    println!("{}", secret.reveal());
    Ok(())
}

async fn rotate(args: RotateArgs) -> CommandResult {
    let store = open(&args.team, &args.database).await?;
    let overlap = TimeDelta::from_std(*args.overlap)?;
    if overlap > TimeDelta::days(30) {
        return Err(format!("--overlap {}: at most 30d is allowed", args.overlap).into());
    }
    let writer = store.begin("rotateApiKey").await?;
    let key = known(&writer, &args.prefix).await?;
    match writer.rotate_api_key(key, overlap).await? {
        RotatedApiKey::Done(_, secret) => {
            writer.commit().await?;
            println!("{}", secret.reveal());
            Ok(())
        }
        RotatedApiKey::Over => Err(format!(
            "{}: the key is revoked or expired; make a new one",
            args.prefix
        )
        .into()),
        RotatedApiKey::TooMany(secrets) => Err(format!(
            "{}: {secrets} secrets of the key are still good; wait until one has ended",
            args.prefix
        )
        .into()),
    }
}

async fn list(store: &TeamStore) -> CommandResult {
    let now = Clock::system().now();
    for key in store.all_api_keys().await? {
        let scopes: Vec<&str> = scopes_of(&key).iter().map(Scope::as_str).collect();
        let used = key.last_used_at.map_or("never used".into(), shown);
        let (scopes, state) = (scopes.join(","), state(&key, now));
        println!("{}\t{state}\t{scopes}\t{used}\t{}", key.prefix, key.name);
    }
    Ok(())
}

async fn revoke(store: &TeamStore, prefix: &str) -> CommandResult {
    let writer = store.begin("revokeApiKey").await?;
    let key = known(&writer, prefix).await?;
    writer.revoke_api_key(key).await?;
    writer.commit().await?;
    println!("the key {prefix} is revoked");
    Ok(())
}

async fn known(store: &TeamStore, prefix: &str) -> Result<api_key::Model> {
    let found = store.api_key_with_prefix(prefix).await?;
    found.ok_or_else(|| {
        Error::invalid(
            "prefix",
            prefix,
            "the team has no such API key; `kpigraph key list` shows those there are",
        )
    })
}

fn instant_after(after: std::time::Duration) -> std::result::Result<DateTime<Utc>, String> {
    TimeDelta::from_std(after)
        .ok()
        .filter(|after| !after.is_zero() && *after <= TimeDelta::days(36_500))
        .map(|after| Clock::system().now() + after)
        .ok_or_else(|| "--expires: a time of up to a hundred years is needed".to_owned())
}

fn state(key: &api_key::Model, now: DateTime<Utc>) -> String {
    match (key.revoked_at, key.expires_at) {
        (Some(at), _) => format!("revoked {}", shown(at)),
        (None, Some(end)) if end <= now => format!("expired {}", shown(end)),
        (None, Some(end)) => format!("expires {}", shown(end)),
        (None, None) => "in force".to_owned(),
    }
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
