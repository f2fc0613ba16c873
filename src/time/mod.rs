//! Time: the clock, calendars of teams, periods and what they are compared with. Pure functions but for the clock.

pub mod calendar;
mod clock;
pub mod comparison;
pub mod date_range;
pub mod local_time;
pub mod period;
mod window;

pub use calendar::{Bucket, Calendar, Grain, WeekStart};
pub use clock::Clock;
pub use comparison::{CompareAsk, CompareTo, Comparison, Industry};
pub use date_range::DateRange;
pub use period::{PeriodAsk, PeriodError, PeriodPreset, ResolvedPeriod};
