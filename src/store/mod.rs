//! The only module that holds connections and writes SQL.
//!
//! [`Store`] alone can do nothing with a team's rows. [`Store::for_caller`] takes a verified caller and gives the
//! [`TeamStore`] of the caller's team. What a `TeamStore` can do is in `team`, which keeps the connection to itself:
//! the modules of the table families reach rows only through its doors, each of which puts the team's filter in
//! itself, and raw statements only through one that binds the team as their first parameter.
//! [`Store::administer`] and [`Store::background`] are the explicitly named exceptions, for the command line and for
//! the service's own work.

mod admin;
mod alert_rules;
mod api_key_login;
mod api_keys;
mod as_of;
mod audit_log;
mod background;
mod backlog;
mod benchmarks;
mod campaigns;
mod changes;
mod channels;
mod cohort_margin;
mod connect;
mod connection;
mod customers;
mod events;
mod experiments;
mod export;
mod facts;
mod failure;
mod goals;
mod idempotency;
mod import;
mod import_chunks;
mod import_jobs;
mod import_mappings;
mod import_queue;
mod import_work;
mod journeys;
pub mod measures;
mod metrics;
mod money;
mod page;
mod privacy;
mod purchases;
mod quota;
mod refs;
mod relay;
mod replace;
mod spans;
mod sql;
mod staging;
mod team;
mod telling;
mod touches;
mod upsert_days;
mod wall;
mod watch;
mod watched;
mod webhooks;

pub use admin::{Administration, NewTeam};
pub use api_keys::{NewApiKey, RotatedApiKey, scopes_of};
pub use audit_log::AuditFilter;
pub use background::BackgroundDoor;
pub use backlog::{Backlog, MOST_COUNTED};
pub use campaigns::{CampaignFilter, CampaignOrder, CampaignSort};
pub use changes::{Change as FeedChange, Changes, FeedPlace};
pub use channels::ChannelFilter;
pub use cohort_margin::CohortMargin;
pub use connect::{ConnectError, ConnectOptions};
pub use connection::Wakeups;
pub use customers::CustomerFilter;
pub use events::{EVENT_DAYS, Event, Recorded};
pub use export::{RowFilter, days_between, row_key};
pub use facts::FactTable;
pub use failure::failure;
pub use goals::goal_cursor;
pub use idempotency::KEY_DAYS;
pub use import::is_source_name;
pub use import_jobs::NewImport;
pub use import_queue::{IMPORT_DAYS, Lease, Worker};
pub use import_work::{Booking, Pulse, RowError};
pub use money::{Rates, split_evenly};
pub use page::{Page, PageAsk, PageCursor};
pub use privacy::{Erased, NotUndone, OF_PERSONS, OfPerson, Texts, Unmergeable, of_email_match};
pub use purchases::{ForeignPurchases, MOST_CUSTOMERS, Purchases, Sums as PurchaseSums, Whose};
pub use refs::RefKey;
pub use replace::Delivered;
pub use spans::spans;
pub use staging::Published;
pub use team::{Scoped, TeamStore, TeamWriter};
pub use touches::{Origin, Touch, Touches};
pub use upsert_days::{Change, day_key};
pub use watch::PoolState;
pub use watched::Signs;
pub use webhooks::{
    DueWebhooks, LeasedWebhook, MOST_ENDPOINTS, MOST_SECRETS, NewWebhookEndpoint, WebhookAttempt,
    types_of, webhook_type,
};

use entity::team as team_table;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{auth::Caller, error::Result, telemetry::Statements, time::Clock};
use connection::Connection;
use team::Actor;

/// The database, without a team.
#[derive(Clone)]
pub struct Store {
    connection: Connection,
    clock: Clock,
    key_uses: api_key_login::KeyUses,
    statements: Statements,
}

impl Store {
    /// The store of the caller's team; `None` when no team has the slug of the caller's token.
    pub async fn for_caller(&self, caller: &Caller) -> Result<Option<TeamStore>> {
        let slug = caller.team().as_str();
        // Looking the team up is part of its share, too: a flood of requests must not hold up the others' look-ups.
        let connection = self.connection.counted_apart().hurried().for_team(slug);
        self.for_slug(connection, slug, caller.into()).await
    }

    /// The door for the command line and for maintenance, which act on teams by name without a token.
    pub fn administer(&self) -> Administration<'_> {
        Administration::new(self)
    }

    /// The door for what the service does by itself, for one team after another.
    pub fn background(&self) -> BackgroundDoor<'_> {
        BackgroundDoor::new(self)
    }

    /// Who is woken up when a team has new events.
    pub fn wakeups(&self) -> &Wakeups {
        self.connection.wakeups()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.connection.ping().await
    }

    /// What is counted of all statements through this store.
    pub fn statements(&self) -> &Statements {
        &self.statements
    }

    /// How busy the connections are.
    pub fn pool(&self) -> PoolState {
        self.connection.pool_state()
    }

    /// Closes the connections, waiting for the statements under way.
    pub async fn close(self) -> Result<()> {
        self.connection.close().await
    }

    async fn for_slug(
        &self,
        connection: Connection,
        slug: &str,
        actor: Actor,
    ) -> Result<Option<TeamStore>> {
        let team = team_table::Entity::find()
            .filter(team_table::Column::Slug.eq(slug))
            .one(&connection)
            .await?;
        Ok(team.map(|team| TeamStore::new(connection, team, self.clock, actor)))
    }
}
