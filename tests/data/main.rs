//! Tests of what is stored: the schema, imports, and the numbers made of them.

#[path = "../support/mod.rs"]
mod support;

mod schema;
