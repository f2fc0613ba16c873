//! Webhooks of a team: its endpoints with their secrets, the deliveries to them, and the queue of what is due.

mod deliveries;
mod endpoints;
mod outbox;
mod queue;

pub use endpoints::{MOST_ENDPOINTS, MOST_SECRETS, NewWebhookEndpoint, types_of};
pub use outbox::webhook_type;
pub use queue::{DueWebhooks, LeasedWebhook, WebhookAttempt};
