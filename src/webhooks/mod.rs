//! Webhooks by the Standard Webhooks specification: other systems are told what happened, signed and at least once.
//!
//! Deliveries are stored with the change that they tell of, in its transaction. A [`Worker`] takes those that are due,
//! never one endpoint's at the cost of others (`share`), sends them ([`Sender`]) where they may go ([`Reach`]), and
//! notes what came back with the time of the next attempt (`schedule`).

mod address;
mod lookup;
mod schedule;
mod secret;
mod sender;
mod share;
mod target;
mod worker;

pub use address::{Networks, is_public};
pub use lookup::{Addresses, Lookup, SystemLookup};
pub use schedule::KEPT_FOR;
pub use secret::Secret;
pub use sender::{Message, Outcome, Sender, TIMEOUT};
pub use target::{Reach, Refused, parse_url};
pub use worker::{Worker, run};
