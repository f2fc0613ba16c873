//! What an operation costs, in points: told before it runs from its document, and after it from its answer.
//!
//! An object is a point, a scalar nothing. Lists multiply what is asked of their elements: by the page that is asked
//! for, or by an assumed length. Fields that read many facts weigh more, see [`weights`].

mod page;
mod plan;
mod prices;
mod weights;

pub use plan::Plan as CostPlan;
pub use prices::Prices;
