//! `token`.

use chrono::TimeDelta;

use super::{CommandResult, database::DatabaseFlags};
use crate::{
    auth::{Role, Scope, Scopes, TeamSlug, signer},
    time::Clock,
};

/// What the token says.
#[derive(clap::Args)]
pub struct TokenArgs {
    /// The team's slug
    #[arg(long)]
    team: TeamSlug,
    /// OWNER, ADMIN, MANAGER, SPECIALIST, VIEWER or INTEGRATION, in any case
    #[arg(long, default_value = "viewer", value_parser = role)]
    role: Role,
    /// Only these scopes of the role, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = scope)]
    scopes: Option<Vec<Scope>>,
    /// How long it is good for, such as 30m, 8h, 7d
    #[arg(long, default_value = "1h")]
    ttl: humantime::Duration,
    /// Whom it is for
    #[arg(long, default_value = "cli")]
    subject: String,
    #[command(flatten)]
    database: DatabaseFlags,
}

fn role(text: &str) -> Result<Role, String> {
    text.to_ascii_uppercase()
        .parse()
        .map_err(|error: crate::auth::UnknownRole| error.to_string())
}

/// A scope's name in any case.
pub(super) fn scope(text: &str) -> Result<Scope, String> {
    text.to_ascii_uppercase()
        .parse()
        .map_err(|error: crate::auth::UnknownScope| error.to_string())
}

/// Prints the token alone.
pub async fn run(args: TokenArgs) -> CommandResult {
    let (settings, store) = args.database.open().await?;
    store.administer().team(args.team.as_str()).await?;
    let ttl = TimeDelta::from_std(*args.ttl)?;
    let signer = signer(&settings.auth, &settings.data_dir)?;
    let scopes: Option<Scopes> = args.scopes.map(|scopes| scopes.into_iter().collect());
    let (token, _) = signer.mint(
        &Clock::system(),
        &args.team,
        args.role,
        scopes,
        ttl,
        &args.subject,
    );
    println!("{token}");
    Ok(())
}
