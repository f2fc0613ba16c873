//! Wake-ups between instances on one PostgreSQL, by NOTIFY and LISTEN. They say only that a team has new events; the
//! events themselves are read from the table, so one that is lost costs a delay and nothing else.
//!
//! NOTIFY takes a lock that makes all commits of the database follow one another, so it is not part of the
//! transactions that write events: one statement of its own tells of many teams.

use std::{collections::BTreeSet, time::Duration};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;

use super::Store;
use crate::error::Result;

const CHANNEL: &str = "kpigraph_events";
/// What happens within this time is told together.
const GATHERED_FOR: Duration = Duration::from_millis(20);
/// The most teams that one notification names: it holds less than 8000 bytes.
const MOST_TEAMS: usize = 300;
/// How long to wait before a connection is tried again.
const PAUSE: Duration = Duration::from_secs(2);

impl Store {
    /// Passes wake-ups to other instances and takes theirs, until told to stop. On SQLite there are none.
    pub async fn relay_wakeups(self, stop: CancellationToken) {
        if self.connection.get_database_backend() != DbBackend::Postgres {
            return;
        }
        let own = self.wakeups().listen_to_own();
        let instance = getrandom::u64().unwrap_or_default();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.tell(instance, own) => {}
            () = self.hear(instance) => {}
        }
    }

    async fn tell(&self, instance: u64, mut own: Receiver<i64>) {
        loop {
            let mut teams = BTreeSet::new();
            match own.recv().await {
                Ok(team) => teams.insert(team),
                // Others look at every team now and then anyway.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            };
            tokio::time::sleep(GATHERED_FOR).await;
            while teams.len() < MOST_TEAMS
                && let Ok(team) = own.try_recv()
            {
                teams.insert(team);
            }
            if let Err(error) = self.notify(instance, &teams).await {
                tracing::warn!(%error, "other instances were not told of new events");
            }
        }
    }

    async fn notify(&self, instance: u64, teams: &BTreeSet<i64>) -> Result<()> {
        let teams: Vec<String> = teams.iter().map(i64::to_string).collect();
        let notify = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_notify($1, $2)",
            [
                CHANNEL.into(),
                format!("{instance} {}", teams.join(" ")).into(),
            ],
        );
        self.connection.execute_raw(notify).await?;
        Ok(())
    }

    async fn hear(&self, instance: u64) {
        loop {
            if let Err(error) = self.listen(instance).await {
                tracing::warn!(%error, "other instances are not heard");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Listens on a connection of its own, outside of the pool that serves requests.
    async fn listen(&self, instance: u64) -> sqlx::Result<()> {
        let Some(options) = self.connection.postgres_options() else {
            return std::future::pending().await;
        };
        let one = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&one).await?;
        listener.listen(CHANNEL).await?;
        loop {
            let heard = listener.recv().await?;
            if let Some(teams) = of_others(instance, heard.payload()) {
                teams.for_each(|team| self.wakeups().pass_on(team));
            }
        }
    }
}

/// The teams in a notification of another instance.
fn of_others(instance: u64, payload: &str) -> Option<impl Iterator<Item = i64>> {
    let (from, teams) = payload.split_once(' ')?;
    (from.parse() != Ok(instance)).then(|| teams.split(' ').filter_map(|team| team.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_hears_others_and_not_itself() {
        let heard = |payload| of_others(7, payload).map(Iterator::collect::<Vec<_>>);
        assert_eq!(heard("8 1 2"), Some(vec![1, 2]));
        assert_eq!(heard("7 1 2"), None);
        assert_eq!(heard("8 x 2"), Some(vec![2]));
        assert_eq!(heard("nonsense"), None);
    }
}
