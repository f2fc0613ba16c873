//! What numbers mean: what is out of the ordinary ([`anomaly`]), why ([`drivers`]), what to do about it
//! ([`recommendation`]), which rules it breaks ([`alert`]), and what an experiment has shown ([`experiment`]).
//!
//! Rules and formulas are pure functions over exact decimals; what they need is read through the KPI engine.

pub mod alert;
pub mod anomaly;
pub mod anomaly_id;
pub mod components;
pub mod drivers;
pub mod experiment;
pub mod recommendation;
pub mod report;
pub mod scope;
pub mod search;
mod series;
pub mod stored_rule;
mod volume;
