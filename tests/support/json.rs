//! Reads values out of JSON answers, and shows the whole answer when one is not there.

use serde_json::Value;

/// The value at `path`: names and indexes separated by dots, such as `data.campaigns.nodes.0.name`.
///
/// # Panics
/// When there is no such value; a `null` is one.
pub fn path<'a>(value: &'a Value, path: &str) -> &'a Value {
    let found = path.split('.').try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => value.get(step),
    });
    found.unwrap_or_else(|| panic!("there is no {path} in {value:#}"))
}

/// The text at `path`; amounts of money and ratios are texts, too.
///
/// # Panics
/// When there is no text.
pub fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    let found = path(value, at);
    found
        .as_str()
        .unwrap_or_else(|| panic!("{at} is {found}, not a text, in {value:#}"))
}

/// Fails unless the decimal number in a text is `expected`, give or take the share `relative` of it.
#[track_caller]
pub fn assert_close(decimal: &str, expected: f64, relative: f64) {
    let number: f64 = decimal
        .parse()
        .unwrap_or_else(|_| panic!("{decimal:?} is no decimal number"));
    assert!(
        (number - expected).abs() <= relative * expected.abs(),
        "{decimal} is not {expected}, give or take {relative} of it"
    );
}
