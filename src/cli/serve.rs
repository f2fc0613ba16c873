//! `serve` and `demo`.

use std::{sync::Arc, time::Instant};

use chrono::TimeDelta;

use super::{
    CommandResult,
    database::{DatabaseFlags, connect},
    log,
};
use crate::{
    auth::{Role, Verifier, signer},
    config::{Settings, SettingsFlags},
    demo,
    server::Server,
    store::Store,
    telemetry::Traces,
    time::Clock,
};

/// How long the token printed at start is good for.
const TOKEN_HOURS: i64 = 12;

/// Serves until told to stop.
pub async fn run(flags: &SettingsFlags) -> CommandResult {
    let settings = Settings::load(flags)?;
    let traces = settings.otlp_endpoint.0.as_ref().map(Traces::to);
    let traces = traces.transpose()?;
    log::to_stderr(&settings, traces.as_ref())?;
    let clock = Clock::system();
    let verifier = Arc::new(Verifier::new(&settings.auth, &settings.data_dir, clock)?);
    // Before the database is opened and the demo team is filled, which takes a while.
    Server::check_address(&settings, &verifier)?;
    let store = connect(&settings).await?;
    let development = verifier.is_development();
    // A demo team alone may be what a start that was broken off has left; filling does nothing to a full one.
    let teams = store.administer().teams().await?;
    if development && teams.iter().all(|team| team.slug == demo::SLUG) {
        fill(&store, clock).await?;
    }
    let token = match development {
        true => Some(token(&settings, &store, clock).await?),
        false => None,
    };
    let server = Server::build(
        &settings,
        store.clone(),
        verifier,
        token.as_ref().and_then(|(_, token)| token.clone()),
    )?;
    greet(&settings, &server, token.as_ref());
    server.run().await?;
    store.close().await?;
    if let Some(traces) = traces {
        traces.end().await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Makes and fills the demo team.
pub async fn demo(database: &DatabaseFlags) -> CommandResult {
    let (_, store) = database.open().await?;
    if store
        .administer()
        .teams()
        .await?
        .iter()
        .any(|team| team.slug == demo::SLUG)
    {
        return Err(format!("the team {} exists already", demo::SLUG).into());
    }
    fill(&store, Clock::system()).await?;
    println!("the team {} is there", demo::SLUG);
    Ok(())
}

async fn fill(store: &Store, clock: Clock) -> CommandResult {
    let started = Instant::now();
    demo::fill(store, clock).await?;
    tracing::info!(
        team = demo::SLUG,
        seconds = started.elapsed().as_secs_f32(),
        "the demo team is filled"
    );
    Ok(())
}

/// A line about the token, and the token itself, for the first team there is: the demo team where it exists.
async fn token(
    settings: &Settings,
    store: &Store,
    clock: Clock,
) -> Result<(String, Option<String>), Box<dyn std::error::Error>> {
    let teams = store.administer().teams().await?;
    let team = teams
        .iter()
        .find(|team| team.slug == demo::SLUG)
        .or(teams.first());
    let Some(team) = team else {
        return Ok((
            "no team yet: `kpigraph team create SLUG` makes one".into(),
            None,
        ));
    };
    let signer = signer(&settings.auth, &settings.data_dir)?;
    let role = Role::Owner;
    let ttl = TimeDelta::hours(TOKEN_HOURS);
    let (token, expiry) = signer.mint(&clock, &team.slug.parse()?, role, None, ttl, "development");
    let about = format!(
        "team {}, role {role}, good until {}",
        team.slug,
        expiry.format("%Y-%m-%d %H:%M UTC")
    );
    Ok((about, Some(token)))
}

fn greet(settings: &Settings, server: &Server, token: Option<&(String, Option<String>)>) {
    let address = server.address();
    println!("kpigraph {}", env!("CARGO_PKG_VERSION"));
    println!("database  {}", settings.database_shown());
    println!("API       http://{address}/graphql");
    if settings.graphiql {
        println!("GraphiQL  http://{address}/graphiql");
    }
    if let Some(address) = server.metrics_address() {
        println!("metrics   http://{address}/metrics");
    }
    if let Some((about, token)) = token {
        println!("token     {about}");
        if let Some(token) = token {
            println!("\n{token}\n");
        }
    }
}
