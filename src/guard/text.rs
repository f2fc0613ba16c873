//! What a document's text holds, counted in one pass without understanding it.

use super::{Bounds, Exceeded, Refusal};

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Names, values and signs.
    pub tokens: usize,
    /// The most brackets within each other.
    pub nesting: usize,
    /// Names with a colon that stand outside of arguments.
    pub aliases: usize,
    /// Signs `@`.
    pub directives: usize,
    /// The bytes of the longest name or number.
    pub word: usize,
}

const BLOCK: &[u8] = br#"""""#;
const ESCAPED_BLOCK: &[u8] = br#"\""""#;
const OPEN_STRING: Refusal = Refusal::Syntax("the query has a string without an end");

/// Refuses a text that passes a bound.
///
/// # Errors
/// The first bound that is passed, or a string without end.
pub fn check(text: &str, bounds: &Bounds) -> Result<Counts, Refusal> {
    Exceeded::check("bytes", text.len(), bounds.bytes)?;
    let counts = count(text)?;
    for (what, actual, limit) in [
        ("nesting", counts.nesting, Bounds::NESTING),
        ("tokens", counts.tokens, bounds.tokens),
        ("longest name", counts.word, Bounds::WORD),
        ("aliases", counts.aliases, bounds.aliases),
        ("directives", counts.directives, bounds.directives),
    ] {
        Exceeded::check(what, actual, limit)?;
    }
    Ok(counts)
}

/// Counts what a text holds.
///
/// # Errors
/// A string without end: after it the parser could see brackets where this sees none.
pub fn count(text: &str) -> Result<Counts, Refusal> {
    let mut counts = Counts::default();
    let mut rest = text.as_bytes();
    let (mut depth, mut round) = (0_usize, 0_usize);
    let mut after_name = false;
    while let Some((&byte, after)) = rest.split_first() {
        let mut is_name = false;
        rest = match byte {
            b' ' | b',' | b'\t' | b'\n' | b'\r' => {
                rest = after;
                continue;
            }
            b'#' => {
                rest = after_line(after);
                continue;
            }
            b'"' => after_string(rest)?,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'0'..=b'9' => {
                let word = word(rest);
                counts.word = counts.word.max(word);
                is_name = !matches!(byte, b'-' | b'0'..=b'9');
                &rest[word..]
            }
            b'.' => rest.strip_prefix(b"...").unwrap_or(after),
            // The sign that some editors put before a text.
            0xef => match rest.strip_prefix("\u{feff}".as_bytes()) {
                Some(after) => {
                    rest = after;
                    continue;
                }
                None => after,
            },
            b'{' | b'[' | b'(' => {
                depth += 1;
                round += usize::from(byte == b'(');
                counts.nesting = counts.nesting.max(depth);
                after
            }
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                round = round.saturating_sub(usize::from(byte == b')'));
                after
            }
            b':' => {
                counts.aliases += usize::from(after_name && round == 0);
                after
            }
            b'@' => {
                counts.directives += 1;
                after
            }
            _ => after,
        };
        counts.tokens += 1;
        after_name = is_name;
    }
    Ok(counts)
}

/// How many bytes a name or a number has that the text begins with.
fn word(text: &[u8]) -> usize {
    let number = matches!(text.first(), Some(b'-' | b'0'..=b'9'));
    let belongs = |byte: &u8| match byte {
        b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => true,
        b'.' | b'+' | b'-' => number,
        _ => false,
    };
    text.iter().take_while(|byte| belongs(byte)).count().max(1)
}

/// What follows the line.
fn after_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    end.map_or(&[], |end| &text[end + 1..])
}

/// What follows the string that the text begins with.
fn after_string(text: &[u8]) -> Result<&[u8], Refusal> {
    if let Some(mut rest) = text.strip_prefix(BLOCK) {
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(ESCAPED_BLOCK) {
                rest = after;
            } else if let Some(after) = rest.strip_prefix(BLOCK) {
                return Ok(after);
            } else {
                rest = &rest[1..];
            }
        }
        // The parser would take the first two signs for an empty string, and go on behind them.
        return Err(OPEN_STRING);
    }
    let mut rest = &text[1..];
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'\\' => after.get(1..).unwrap_or_default(),
            b'"' => return Ok(after),
            b'\n' | b'\r' => return Err(OPEN_STRING),
            _ => after,
        };
    }
    Err(OPEN_STRING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn refused(text: &str) -> Option<&'static str> {
        match check(text, &Bounds::from(&Settings::default())) {
            Ok(_) => None,
            Err(Refusal::Exceeded(exceeded)) => Some(exceeded.what),
            Err(_) => Some("syntax"),
        }
    }

    #[test]
    fn what_a_document_holds_is_counted() {
        let text = "query Q($a: [Int!] = [1, -2.5e3]) @d { x: y(z: {k: \"a:b\"}) @skip(if: true) # w: v\n ...f }";
        let counts = count(text).unwrap();
        assert_eq!(
            counts,
            Counts {
                tokens: 41,
                nesting: 3,
                aliases: 1,
                directives: 2,
                word: 6,
            }
        );
        assert_eq!(count("\u{feff}{a}").unwrap().tokens, 3);
    }

    #[test]
    fn brackets_that_nest_too_deep_are_refused_before_the_parser_sees_them() {
        for open in ["{a", "[", "(", "{a(b:[{c:"] {
            assert_eq!(refused(&open.repeat(Bounds::NESTING + 1)), Some("nesting"));
        }
        let strings = format!(
            "{{ a(b: \"{}\", c: \"\"\"{}\"\"\") # {} \n }}",
            "[".repeat(500),
            "{ \" ".repeat(500),
            "(".repeat(500)
        );
        assert_eq!(refused(&strings), None);
        assert_eq!(refused(&"{ a(b: [1]) }".repeat(500)), None);
        let empty = format!("{{ a(b: \"\", c: {}", "[".repeat(500));
        assert_eq!(refused(&empty), Some("nesting"));
    }

    #[test]
    fn a_string_without_end_cannot_hide_brackets() {
        let brackets = "[".repeat(5_000);
        for text in [
            // To the parser these are an empty string, then a string, then brackets.
            format!("{{ a(b: [\"\"\"x\"\n{brackets}"),
            format!("{{ a(b: [\"\"\"\"{brackets}"),
            format!("{{ a(b: \"x\n{brackets}"),
            r#"{ a(b: "x\"#.to_owned(),
        ] {
            assert_eq!(refused(&text), Some("syntax"), "{}", &text[..20]);
        }
    }

    #[test]
    fn each_bound_is_held() {
        for (text, what) in [
            ("#".repeat(200_000), "bytes"),
            ("a ".repeat(20_000), "tokens"),
            (format!("{{ {} }}", "a".repeat(200)), "longest name"),
            (format!("{{ a(b: {}) }}", "9".repeat(200)), "longest name"),
            (format!("{{ {} }}", "a:b ".repeat(101)), "aliases"),
            (format!("{{ a {} }}", "@b ".repeat(101)), "directives"),
        ] {
            assert_eq!(refused(&text), Some(what));
        }
        assert_eq!(refused(&format!("{{ a({}) }}", "a:b ".repeat(200))), None);
    }
}
