//! The only module that holds connections and writes SQL.
//!
//! [`Store`] alone can do nothing with a team's rows. [`Store::for_caller`] takes a verified caller and gives the
//! [`TeamStore`] of the caller's team; every statement of a `TeamStore` carries `team_id`, because its only doors are
//! [`TeamStore::select`] and the scans, which add the filter themselves. [`Store::administer`] is the explicitly named
//! exception for the command line.

mod admin;
mod campaigns;
mod channels;
mod connect;
mod connection;
mod customers;
mod facts;
mod ids;
mod import;
pub mod measures;
mod money;
mod page;
mod refs;
mod scope;
mod sql;
mod write;

pub use admin::{Administration, NewTeam};
pub use campaigns::{CampaignFilter, CampaignOrder, CampaignSort};
pub use channels::ChannelFilter;
pub use connect::{ConnectError, ConnectOptions};
pub use customers::CustomerFilter;
pub use facts::FactTable;
pub use import::is_source_name;
pub use money::{Rates, split_evenly};
pub use page::{Page, PageAsk, PageCursor};
pub use refs::RefKey;
pub use scope::Scoped;
pub use write::TeamWriter;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use entity::{TeamOwned, team};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    auth::Caller,
    error::{Error, Result},
    time::{Calendar, Clock, WeekStart},
};
use connection::Connection;

/// The database, without a team.
#[derive(Clone)]
pub struct Store {
    connection: Connection,
    clock: Clock,
}

/// One team's part of the database, for one request.
#[derive(Clone)]
pub struct TeamStore {
    connection: Connection,
    team: Arc<team::Model>,
    clock: Clock,
}

impl Store {
    /// The store of the caller's team; `None` when no team has the slug of the caller's token.
    pub async fn for_caller(&self, caller: &Caller) -> Result<Option<TeamStore>> {
        self.for_slug(caller.team.as_str()).await
    }

    /// The door for the command line and for maintenance, which act on teams by name without a token.
    pub fn administer(&self) -> Administration<'_> {
        Administration::new(self)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.connection.ping().await
    }

    /// Closes the connections, waiting for the statements under way.
    pub async fn close(self) -> Result<()> {
        self.connection.close().await
    }

    async fn for_slug(&self, slug: &str) -> Result<Option<TeamStore>> {
        let connection = self.connection.counting(Arc::new(AtomicU32::new(0)));
        let team = team::Entity::find()
            .filter(team::Column::Slug.eq(slug))
            .one(&connection)
            .await?;
        Ok(team.map(|team| TeamStore {
            connection,
            team: Arc::new(team),
            clock: self.clock,
        }))
    }
}

impl TeamStore {
    /// The team and its settings.
    pub fn team(&self) -> &team::Model {
        &self.team
    }

    /// The calendar that cuts the team's time.
    pub fn calendar(&self) -> Result<Calendar> {
        let time_zone = self.team.time_zone.parse().map_err(|_| {
            Error::Internal(format!(
                "the team's time zone {} is unknown",
                self.team.time_zone
            ))
        })?;
        let week_start = match self.team.week_start.as_str() {
            "SUNDAY" => WeekStart::Sunday,
            "SATURDAY" => WeekStart::Saturday,
            _ => WeekStart::Monday,
        };
        let fiscal_year_start_month = u32::try_from(self.team.fiscal_year_start_month).unwrap_or(1);
        Ok(Calendar {
            time_zone,
            week_start,
            fiscal_year_start_month,
        })
    }

    /// The clock by which this store dates what it writes.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// How many SQL statements ran through this store so far.
    pub fn statements(&self) -> u32 {
        self.connection.statements().load(Ordering::Relaxed)
    }

    /// The team's rows of `E`; conditions added later can only narrow it.
    fn select<E: TeamOwned>(&self) -> Scoped<'_, E> {
        Scoped::new(self, E::find().filter(E::TEAM.eq(self.team.id)))
    }

    fn new_id(&self) -> i64 {
        ids::next(self.clock)
    }
}
