//! Forgets once a day what is kept for a time only.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{error::Result, store::Store, webhooks::KEPT_FOR};

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
        team.forget_webhook_deliveries(KEPT_FOR).await?;
        if !team.has_old_events().await? {
            continue;
        }
        let writer = team.begin("forget").await?;
        let events = writer.forget_events().await?;
        writer.commit().await?;
        tracing::info!(team = team.team().slug, events, "old events are forgotten");
    }
    Ok(())
}
