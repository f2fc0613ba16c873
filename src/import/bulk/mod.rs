//! Rows that a program sends in one call, under the same rules as the rows of files.
//!
//! `given` is a row as it comes, `names` finds what rows name by other than the source's ids, `rows` runs them through
//! the formats' loaders or, for daily facts, through `days`; `customers` and `benchmarks` are loaders that files do not
//! have. `call` makes one answer of it: all or none, tried or done, once for an idempotency key.

mod benchmarks;
mod call;
mod customers;
mod days;
mod given;
mod names;
mod rows;

pub use call::{Answer, BulkMode, Call, NoAnswer, RowAnswer, UpsertOutcome, answer};
pub use given::{Given, GivenText, Named};

pub(in crate::import) use days::Days;
pub(in crate::import) use rows::Keyed;

use serde::{Deserialize, Serialize};

/// The most rows of one call.
pub const MOST_ROWS: usize = 5_000;

/// What the rows of a call are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Customers.
    Customers,
    /// Entries of customers into stages.
    StageEvents,
    /// Deals.
    Opportunities,
    /// Orders.
    Orders,
    /// Refunds of orders.
    Refunds,
    /// Contacts of customers with campaigns and channels.
    Touchpoints,
    /// Conversions.
    Conversions,
    /// Costs beside media.
    Costs,
    /// Answers to surveys.
    SurveyAnswers,
    /// What the team published.
    Content,
    /// Benchmarks of a trade.
    Benchmarks,
    /// Exchange rates.
    FxRates,
    /// Days of advertising.
    AdDays,
    /// Days of the web site.
    WebDays,
    /// Days of mailings.
    EmailDays,
    /// Days of social accounts.
    SocialDays,
    /// Counts of distinct people.
    PeopleCounts,
    /// Figures that others count for the team.
    Figures,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The kind of mistake: `INVALID`, `NOT_FOUND` or `DUPLICATE`.
    pub code: String,
    /// The field at fault, as the program calls it; `None` when the row as a whole is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl Fault {
    fn new(code: &str, field: String, reason: String) -> Self {
        Self {
            code: code.to_owned(),
            field: Some(field),
            reason,
        }
    }
}
