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
mod delivered;
mod explain;
pub mod expression;
mod fit;
pub mod format;
pub mod formula;
mod frame;
pub mod funnel;
pub mod goal;
mod groups;
mod having;
pub mod lifetime;
mod loads;
mod maturity;
mod metric;
mod payback;
mod plan;
mod previous;
mod provisional;
mod quantile;
mod reference;
mod sums;
mod together;
mod top;
mod translation;
mod value;

pub use ask::{Ask, Rights, Row, Table, Warning};
pub use catalog::Kpi;
pub use definition::needs_money;
pub use delivered::Delivered;
pub use explain::{Explained, PlannedScan, PlannedValue};
pub use having::{Having, NumberOp};
pub use loads::Loads;
pub use metric::{Metric, TeamMetric};
pub use top::Top;
pub use value::{
    DateBasis, KpiComparison, KpiValue, Trend, Undefined, UndefinedCode, Verdict, graphql_name,
};
