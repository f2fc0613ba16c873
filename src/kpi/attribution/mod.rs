//! Attribution: which touches get the credit for what a person did.
//!
//! `model` names the models, `weights` and `markov` are their maths, `split` makes parts add up, `channel_rules` find
//! the kind of a touch's channel. `material` turns a question into facts with their
//! `journeys`, the `ledger` hands out the parts, `groups` puts them together. `basis` and `report` are the two doors.

pub mod acquisition;
mod basis;
mod channel_defaults;
pub mod channel_rules;
mod credited;
mod filter;
mod groups;
mod journeys;
mod ledger;
mod markov;
mod material;
mod model;
pub mod report;
mod report_rows;
mod settings;
mod split;
mod weights;

pub use basis::{Chosen, Crediting, CreditingAsk, Side, Sides};
pub use channel_rules::{ChannelRule, ChannelRules, RuleField};
pub use credited::{CreditSum, Credited};
pub use material::{CreditAsk, Material};
pub use model::{AttributionModel, Rules};
