//! Tests of the service as its clients see it: real HTTP, real tokens, real databases.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod as_of;
mod attribution;
mod audiences;
mod audit;
mod browsers;
mod bulk;
mod campaigns;
mod cancelled;
mod changes;
mod channels;
mod customers;
mod documents;
mod doors;
mod export;
mod fixtures;
mod goals;
mod hostile;
mod http;
mod identity;
mod import_mappings;
mod imports;
mod insight;
mod isolation;
mod keys;
mod kpis;
mod lifetime;
mod limits;
mod live;
mod negotiation;
mod operators;
mod paging;
mod privacy;
mod properties;
mod schema;
mod settings;
mod statements;
mod walk;
mod webhooks;
