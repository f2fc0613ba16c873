//! The schema, built the same on SQLite and PostgreSQL.
//!
//! Rules that every table of a team keeps, so that one schema also fits a database sharded by team: `team_id` is the
//! first column of each primary key, unique index and foreign key; references are composite `(team_id, id)`; no
//! triggers; one statement per call. Amounts are whole micros of the row's own currency, `day` is the calendar day in
//! the team's time zone.

mod api_keys;
mod attribution;
mod audit;
mod bulk;
mod changes;
mod commerce;
mod customer_orders;
mod daily_facts;
mod events;
mod figures;
mod goals;
mod insight;
mod jobs;
mod journeys;
mod mappings;
mod metrics;
mod outside;
mod people;
mod plan;
mod privacy;
mod quota;
mod retention;
mod schema;
mod settings;
mod spans;
mod versions;
mod watch;
mod web_results;
mod webhooks;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// Every migration in its order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(settings::Migration),
            Box::new(plan::Migration),
            Box::new(people::Migration),
            Box::new(commerce::Migration),
            Box::new(journeys::Migration),
            Box::new(daily_facts::Migration),
            Box::new(outside::Migration),
            Box::new(figures::Migration),
            Box::new(versions::Migration),
            Box::new(retention::Migration),
            Box::new(insight::Migration),
            Box::new(goals::Migration),
            Box::new(attribution::Migration),
            Box::new(customer_orders::Migration),
            Box::new(metrics::Migration),
            Box::new(api_keys::Migration),
            Box::new(audit::Migration),
            Box::new(bulk::Migration),
            Box::new(spans::Migration),
            Box::new(web_results::Migration),
            Box::new(events::Migration),
            Box::new(mappings::Migration),
            Box::new(webhooks::Migration),
            Box::new(privacy::Migration),
            Box::new(changes::Migration),
            Box::new(jobs::Migration),
            Box::new(watch::Migration),
            Box::new(quota::Migration),
        ]
    }
}
