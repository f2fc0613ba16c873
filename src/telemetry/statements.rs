//! SQL statements by their verb: how many, how long, how many failed.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

/// Upper ends of the histogram's buckets, in seconds.
const BUCKETS: [f64; 10] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0,
];
const VERBS: [&str; 5] = ["select", "insert", "update", "delete", "with"];

/// The figures of all statements of a store.
#[derive(Debug, Clone)]
pub struct Statements {
    seconds: Family<Verb, Histogram>,
    failed: Family<Verb, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verb {
    verb: &'static str,
}

impl Default for Statements {
    fn default() -> Self {
        Self {
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            failed: Family::default(),
        }
    }
}

impl Statements {
    /// Counts a statement.
    pub fn note(&self, sql: &str, elapsed: Duration, failed: bool) {
        let verb = Verb { verb: verb(sql) };
        self.seconds
            .get_or_create(&verb)
            .observe(elapsed.as_secs_f64());
        if failed {
            self.failed.get_or_create(&verb).inc();
        }
    }

    /// Has the figures told among others.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "sql_statement_seconds",
            "SQL statements by verb and how long they took, without waiting for a connection",
            self.seconds.clone(),
        );
        registry.register(
            "sql_statements_failed",
            "SQL statements that failed",
            self.failed.clone(),
        );
    }
}

/// The first word of a statement, if it is one of those that the figures name.
pub(super) fn verb(sql: &str) -> &'static str {
    let first = sql.split_whitespace().next().unwrap_or_default();
    let known = VERBS
        .into_iter()
        .find(|verb| first.eq_ignore_ascii_case(verb));
    known.unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_go_by_their_first_word_and_unknown_ones_together() {
        assert_eq!(verb("SELECT 1"), "select");
        assert_eq!(verb("  update x SET y = 1"), "update");
        assert_eq!(verb("WITH a AS (SELECT 1) INSERT INTO b"), "with");
        assert_eq!(verb("PRAGMA x"), "other");
        assert_eq!(verb(""), "other");
    }
}
