//! How deep and how large a JSON text is, before anything of it is read into memory.

use super::{Bounds, Exceeded, Refusal};

/// Refuses a JSON text that passes a bound. What is no JSON is the reader's to refuse.
///
/// # Errors
/// The first bound that is passed.
pub fn check(text: &[u8], bounds: &Bounds) -> Result<(), Refusal> {
    let (mut depth, mut deepest, mut values) = (0_usize, 0_usize, 1_usize);
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => _ = bytes.next(),
                        _ => {}
                    }
                }
            }
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
                values += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
    }
    Exceeded::check("JSON nesting", deepest, Bounds::JSON_NESTING)?;
    Exceeded::check("JSON values", values, bounds.json_values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn depth_and_number_of_values_are_bounded_and_texts_are_passed_over() {
        let bounds = Bounds {
            json_values: 10,
            ..Bounds::from(&Settings::default())
        };
        let refused = |text: String| match check(text.as_bytes(), &bounds) {
            Err(Refusal::Exceeded(exceeded)) => Some((exceeded.what, exceeded.actual)),
            _ => None,
        };
        assert_eq!(refused("[1,2,3]".into()), None);
        assert_eq!(refused(r#"{"a":"[[,,,,,,,,,,,,\"]]"}"#.into()), None);
        let list = format!("[{}1]", "1,".repeat(10));
        assert_eq!(refused(list), Some(("JSON values", 12)));
        assert_eq!(refused("[".repeat(65)), Some(("JSON nesting", 65)));
        assert_eq!(refused("\"".into()), None);
        assert_eq!(refused("\"\\".into()), None);
    }
}
