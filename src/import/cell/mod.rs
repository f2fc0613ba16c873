//! Single values: text to what the database holds. The errors say what is wrong with the value, without repeating it.

mod choice;
mod number;
mod place;
mod time;

pub(super) use choice::{choice, currency, flag};
pub(super) use number::{amount, count, rate_nanos};
pub(super) use place::{country, device};
pub(super) use time::{date, day_or_instant, instant};

/// A value, or what is wrong with its text.
pub(super) type Cell<T> = Result<T, String>;

/// Text of at most `most` characters.
pub(super) fn label(most: usize) -> impl Fn(&str) -> Cell<String> {
    move |text| match text.chars().count() {
        length if length > most => Err(format!("has {length} characters; allowed are {most}")),
        _ => Ok(text.to_owned()),
    }
}

/// An id or name that another system gives, the key of upserts.
pub(super) fn external_id(text: &str) -> Cell<String> {
    label(200)(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_measured_in_characters() {
        assert_eq!(label(2)("éé").unwrap(), "éé");
        assert!(label(2)("abc").unwrap_err().contains("allowed are 2"));
    }
}
