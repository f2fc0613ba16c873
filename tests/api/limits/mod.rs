//! What a request may be, cost and take.

mod allowance;
mod bombs;
mod cost;
mod documents;
