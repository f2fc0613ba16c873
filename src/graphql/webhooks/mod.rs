//! Webhooks: the endpoints of a team, and the log of what was sent to them.

mod change;
mod create;
mod delivery;
mod endpoint;
mod event_type;
mod mutation;
mod query;
mod resend;

pub use delivery::{AttemptsOf, WebhookDelivery};
pub use endpoint::{HealthOf, WebhookEndpoint};
pub use mutation::WebhookMutation;
pub use query::WebhookQuery;
