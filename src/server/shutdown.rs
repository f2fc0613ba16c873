//! When the service is told to stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Resolves at SIGTERM or SIGINT, and has open connections end: requests under way may finish, but connections that stay
/// open for events would not.
pub async fn asked(connections: CancellationToken) {
    let wait = |kind| async move {
        match signal(kind) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "the service cannot be told to stop by a signal");
                std::future::pending().await
            }
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
    connections.cancel();
}
