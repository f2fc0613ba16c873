//! Events that are told. Those that were read together share what they are about, so that however many listen to them
//! it is read once.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use entity::customer;
use tokio::sync::Mutex;

use crate::{
    error::Result,
    store::{Recorded, TeamStore},
};

/// For so long what was read counts as what is there now.
const FRESH: Duration = Duration::from_millis(500);

/// An event among those that were read with it.
pub struct Told {
    /// The event.
    pub recorded: Recorded,
    page: Arc<Page>,
}

/// What events that were read together are about.
struct Page {
    customers: Vec<i64>,
    read: Mutex<Option<(Instant, HashMap<i64, customer::Model>)>>,
}

impl Told {
    /// Events of one team that were read together.
    pub fn together(events: Vec<Recorded>) -> impl Iterator<Item = Arc<Self>> {
        let about = events
            .iter()
            .filter_map(|recorded| recorded.event.customer());
        let customers: BTreeSet<i64> = about.collect();
        let page = Arc::new(Page {
            customers: customers.into_iter().collect(),
            read: Mutex::default(),
        });
        events.into_iter().map(move |recorded| {
            let page = page.clone();
            Arc::new(Self { recorded, page })
        })
    }

    /// The customer that the event is about, as it is now, by the store of whoever is told of it. `None` when the event is
    /// about none, and when it is gone.
    pub async fn customer(&self, team: &TeamStore) -> Result<Option<customer::Model>> {
        let Some(id) = self.recorded.event.customer() else {
            return Ok(None);
        };
        // Whoever comes first reads, and the others wait for that.
        let mut read = self.page.read.lock().await;
        if let Some((at, rows)) = &*read
            && at.elapsed() < FRESH
        {
            return Ok(rows.get(&id).cloned());
        }
        let rows = team.customers_by_id(&self.page.customers).await?;
        let found = rows.get(&id).cloned();
        *read = Some((Instant::now(), rows));
        Ok(found)
    }
}
