//! kpigraph answers "is our marketing working?" over GraphQL, each team from its own rows.
//!
//! The way of a request: [`server`] takes it, [`auth`] verifies its token and so knows the team, [`store`] gives the
//! team's part of the database, [`graphql`] resolves the fields, [`kpi`] plans which sums to read and makes the
//! values, [`store::measures`] reads each fact table once, [`kpi`] divides, [`graphql`] answers.

pub mod auth;
pub mod background;
pub mod cli;
pub mod config;

pub mod demo;
pub mod error;
pub mod export;
pub mod graphiql;
pub mod graphql;
pub mod guard;
pub mod import;
pub mod insight;
pub mod kpi;
pub mod live;
pub mod locale;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod time;
pub mod webhooks;
