//! What stands before the parser: pure functions that refuse a request whose size or shape could harm the service.
//!
//! The parser and the validator of the GraphQL library recurse and spread fragments without a bound, so a text of a few
//! kilobytes could overflow the stack or fill the memory. Here nothing recurses deeper than a constant and everything
//! is linear: [`check_json`] looks at a body before it is read, [`check_text`] at a document before it is parsed,
//! [`check_document`] at the parsed document before it is validated. Every document of a client
//! passes the last two, every JSON text that holds variables the first.

mod bounds;
mod document;
mod json;
mod refusal;
mod text;

pub use bounds::Bounds;
pub use document::check as check_document;
pub use json::check as check_json;
pub use refusal::{Exceeded, Refusal};
pub use text::{Counts, check as check_text, count as count_text};
