//! What operators see of the service while it runs: figures for Prometheus, what each operation takes of the database,
//! traces for OpenTelemetry.

mod figures;
mod spawner;
mod statements;
mod tally;
mod teams;
pub mod traces;

pub use figures::{Figures, OperationLabels, RequestLabels, Subscribed};
pub use spawner::Followed;
pub use statements::Statements;
pub use tally::Tally;
pub use teams::Teams;
pub use traces::Traces;
