//! Measures: the sums and counts that KPIs are made of, each read from one fact table.
//!
//! A scan reads all measures asked of one fact with one grouped statement. Sums leave here as whole numbers; ratios
//! are made elsewhere, from sums.

mod activity;
mod dimension;
mod entrants;
mod events;
mod fact;
mod filter;
mod groups;
mod joins;
mod measure;
mod outside;
mod people;
mod scan;
mod snapshot;
mod spec;
mod template;

pub use activity::{ActivityRow, ActivityScan, Window};
pub use dimension::{Cut, Dimension};
pub use entrants::{Entrant, EntrantsScan};
pub use events::{Event, EventScan};
pub use fact::Fact;
pub use filter::{Filter, Predicate, PredicateOp};
pub use measure::Measure;
pub use outside::OUTSIDE_FIGURES;
pub use people::PeopleRow;
pub use scan::{Key, MOST_GROUPS, Scan, ScanRow, Span};
pub use spec::{Additivity, MeasureSpec, Scale};
