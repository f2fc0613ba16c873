//! Events that are told. Those that were read together share what they are about, so that however many listen to them
//! it is read once.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use entity::customer;
use tokio::sync::OnceCell;

use crate::{
    error::{Error, Result},
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
    read: OnceCell<(Instant, HashMap<i64, customer::Model>)>,
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
            read: OnceCell::new(),
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
        let Page { customers, read } = &*self.page;
        let reading = async || {
            let rows = team.customers_by_id(customers).await?;
            Ok::<_, Error>((Instant::now(), rows))
        };
        // Whoever comes first reads, and the others wait for that.
        let (at, rows) = read.get_or_try_init(reading).await?;
        if at.elapsed() < FRESH {
            return Ok(rows.get(&id).cloned());
        }
        Ok(team.customers_by_id(&[id]).await?.remove(&id))
    }
}
