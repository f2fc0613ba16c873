//! KPIs: what they are ([`catalog`]), which sums they need ([`plan`]), and their values ([`value`]).

pub mod catalog;
pub mod definition;
pub mod format;
pub mod formula;
pub mod plan;
mod sums;
mod value;

pub use catalog::Kpi;
pub use plan::{Ask, Rights, Row, Table};
pub use value::{
    DateBasis, KpiComparison, KpiValue, Trend, Undefined, UndefinedCode, Verdict, graphql_name,
};
