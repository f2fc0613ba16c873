//! Webhooks: endpoints, what is sent to them when, and where nothing is sent.

mod addresses;
mod backlog;
mod bench;
mod documents;
mod endpoints;
mod events;
mod failures;
mod instances;
mod log;
mod receiver;
mod retries;
mod rotation;
mod verifier;
