//! Goals: what a KPI shall come to by a day, how far it is, and where it is heading.
//!
//! [`scope`] says of which facts, [`measured`] what is asked of the KPI, [`series`] reads the values of many goals
//! together, [`progress`] and [`trend`] are the arithmetic, [`history`] gives baselines and warnings, and
//! [`objective`] puts key results together. [`answers`] brings reading and arithmetic together.

pub mod answers;
pub mod history;
pub mod measured;
pub mod objective;
pub mod progress;
pub mod review;
pub mod scope;
pub mod series;
pub mod standing;
pub mod trend;

pub use measured::Measured;
pub use progress::{ExpectedFrom, GoalStatus, Progress};
pub use scope::{Scope, ScopePart};
