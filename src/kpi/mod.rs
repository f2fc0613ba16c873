//! KPIs: what they are ([`catalog`]), which sums they need (`plan`), and their values (`value`).

mod activity;
mod allocation;
mod as_of;
mod ask;
pub mod attribution;
pub mod catalog;
pub mod cohort;
mod counted;
pub mod dashboard;
pub mod definition;
pub mod format;
pub mod formula;
mod frame;
pub mod funnel;
pub mod goal;
pub mod lifetime;
mod loads;
mod maturity;
mod payback;
mod plan;
mod previous;
mod provisional;
mod quantile;
mod reference;
mod sums;
mod translation;
mod value;

pub use ask::{Ask, Rights, Row, Table};
pub use catalog::Kpi;
pub use definition::needs_money;
pub use loads::Loads;
pub use sums::Delivered;
pub use value::{
    DateBasis, KpiComparison, KpiValue, Trend, Undefined, UndefinedCode, Verdict, graphql_name,
};
