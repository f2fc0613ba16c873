//! Tasks that an operation starts beside itself still belong to it: to its log span, its trace and its tally.

use async_graphql::runtime::TokioSpawner;
use futures_util::task::{FutureObj, Spawn, SpawnError};
use tracing::{Instrument, Span};

use super::Tally;

/// Spawns tasks that belong to whoever spawns them.
pub struct Followed(TokioSpawner);

impl Followed {
    /// Spawns on the runtime that this is called on.
    pub fn current() -> Self {
        Self(TokioSpawner::current())
    }
}

impl Spawn for Followed {
    fn spawn_obj(&self, work: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        let tally = Tally::current();
        let followed = async move {
            match tally {
                Some(tally) => tally.over(work).await,
                None => work.await,
            }
        };
        self.0
            .spawn_obj(Box::new(followed.instrument(Span::current())).into())
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_an_operation_spawns_counts_as_its_own() {
        let tally = Arc::new(Tally::default());
        let (done, over) = oneshot::channel();
        let operation = async {
            let work = Box::new(async {
                Tally::note(Duration::from_millis(2));
                done.send(()).unwrap();
            });
            Followed::current().spawn_obj(work.into()).unwrap();
            Tally::note(Duration::from_millis(1));
            over.await.unwrap();
        };
        tally.clone().over(operation).await;
        Tally::note(Duration::from_secs(1));
        assert_eq!(
            (tally.statements(), tally.time()),
            (2, Duration::from_millis(3))
        );
    }
}
