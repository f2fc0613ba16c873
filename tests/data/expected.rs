//! The answers that independent tools gave, and the comparison of the service's values with them.

use std::{collections::BTreeMap, fs, path::Path};

use rust_decimal::Decimal;
use serde_json::Value;

use crate::{support::json::path, team::Row};

/// The shape of golden numbers that are kept by names.
pub type ByName = BTreeMap<String, Value>;

/// Reads the golden answers of this name.
pub fn golden(shared: &Path, name: &str) -> Value {
    let file = shared.join("golden").join(name).with_extension("json");
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    serde_json::from_str(&text).unwrap()
}

/// The object at a path, by names.
pub fn by_name(golden: &Value, at: &str) -> ByName {
    let object = path(golden, at).as_object();
    let object = object.unwrap_or_else(|| panic!("{at} is no object"));
    object.clone().into_iter().collect()
}

/// Fails unless a metric is the expected number exactly; money has at most three decimals, and binary floating point
/// can say no more. An expected null is a value that is null.
#[track_caller]
pub fn assert_exact(row: &Row, metric: &str, expected: &Value) {
    let expected = number(expected);
    let value = row.get(metric).map(|text| text.parse::<Decimal>().unwrap());
    assert_eq!(value, expected, "{metric} of {row}");
}

/// Fails unless a metric is the expected number, as [`near`] has it.
#[track_caller]
pub fn assert_near(row: &Row, metric: &str, expected: &Value, tolerance: f64) {
    let value = &row.value(metric)["value"];
    assert!(
        near(value, expected, tolerance),
        "{metric} is {value}, not {expected}: {row}"
    );
}

/// Whether a decimal text is the expected number, give or take `tolerance` of it; of 1 when it is smaller, because
/// quotients have 15 decimals. An expected null is a null.
pub fn near(decimal: &Value, expected: &Value, tolerance: f64) -> bool {
    match (decimal.as_str(), expected.as_f64()) {
        (Some(text), Some(expected)) => {
            let number: f64 = text.parse().unwrap();
            (number - expected).abs() <= tolerance * expected.abs().max(1.0)
        }
        _ => decimal.is_null() && expected.is_null(),
    }
}

/// A golden number to a thousandth.
fn number(expected: &Value) -> Option<Decimal> {
    let float = expected.as_f64()?;
    Some(format!("{float:.3}").parse().unwrap())
}
