//! Breakdowns without a column of their own: one JSON object of strings with sorted keys.

use std::collections::BTreeMap;

use serde_json::Value;

/// The most bytes of a row's breakdowns.
const MOST_BYTES: usize = 2_000;

/// The object of these entries; blank ones are left out. Refused when it is too long.
pub(super) fn json<'a>(
    entries: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<String, String> {
    let entries: BTreeMap<&str, &str> = entries
        .map(|(key, value)| (key, value.trim()))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let text = serde_json::to_string(&entries).map_err(|error| error.to_string())?;
    if text.len() > MOST_BYTES {
        return Err(format!(
            "the columns that the format does not know hold {} bytes; allowed are {MOST_BYTES}",
            text.len()
        ));
    }
    Ok(text)
}

/// `known` with the entries of `new` added or replaced.
pub(super) fn merge(known: &str, new: &str) -> String {
    let object = |text| serde_json::from_str::<BTreeMap<String, Value>>(text).unwrap_or_default();
    let mut all = object(known);
    all.extend(object(new));
    serde_json::to_string(&all).unwrap_or_else(|_| new.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_blank_values_left_out() {
        let entries = [("b", " 2 "), ("a", "x\"y"), ("c", " ")];
        assert_eq!(
            json(entries.into_iter()).unwrap(),
            r#"{"a":"x\"y","b":"2"}"#
        );
        assert_eq!(json([("a", "")].into_iter()).unwrap(), "{}");
    }

    #[test]
    fn too_long_a_breakdown_is_refused() {
        let long = "x".repeat(MOST_BYTES);
        assert!(
            json([("a", &*long)].into_iter())
                .unwrap_err()
                .contains("allowed are 2000")
        );
    }

    #[test]
    fn merging_keeps_what_the_new_object_does_not_name() {
        assert_eq!(
            merge(r#"{"a":1,"b":"x"}"#, r#"{"b":"y","c":"z"}"#),
            r#"{"a":1,"b":"y","c":"z"}"#
        );
    }
}
