//! What numbers mean, as the API tells it: anomalies, drivers, alert rules, experiments.

pub mod alert_rule;
pub mod alert_rule_input;
pub mod anomaly;
pub mod drivers;
pub mod experiment;
pub mod experiment_input;
mod loaders;

pub use crate::insight::anomaly_id::place;
pub use loaders::{AlertStateOf, VariantsOf};
