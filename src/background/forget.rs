//! Forgets once a day what is kept for a time only.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    error::Result,
    store::{Store, TeamStore},
    webhooks::KEPT_FOR,
};

const PERIOD: Duration = Duration::from_hours(24);

/// Forgets at start and then every day, until told to stop.
pub async fn run(store: Store, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(PERIOD);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = forget(&store).await {
            tracing::error!(%error, "what is old was not forgotten");
        }
    }
}

async fn forget(store: &Store) -> Result<()> {
    for team in store.background().teams().await? {
        // A team that is busy with a large import waits until the next time; the others do not.
        if let Err(error) = forget_of(&team).await {
            let team = &team.team().slug;
            tracing::warn!(%error, team, "what is old of a team was not forgotten");
        }
    }
    forget_imports(store).await
}

async fn forget_of(team: &TeamStore) -> Result<()> {
    team.forget_webhook_deliveries(KEPT_FOR).await?;
    if !team.has_old_events().await? {
        return Ok(());
    }
    let writer = team.begin("forget").await?;
    let events = writer.forget_events().await?;
    writer.commit().await?;
    tracing::info!(team = team.team().slug, events, "old events are forgotten");
    Ok(())
}

async fn forget_imports(store: &Store) -> Result<()> {
    loop {
        let old = store.background().old_imports().await?;
        for (team, import) in &old {
            if let Some(team) = store.background().team(*team).await? {
                let writer = team.begin("forget").await?;
                writer.forget_import(*import).await?;
                writer.commit().await?;
            }
        }
        if old.is_empty() {
            return Ok(());
        }
    }
}
