//! How deep and how large a document may be, checked on the parsed document before it is validated and run.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

use crate::error::{Error, Result};

/// The bounds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many fields may stand within each other.
    pub depth: usize,
    /// How many fields there may be, with every fragment counted wherever it is spread.
    pub fields: usize,
}

/// How many fragments a document may define.
const MOST_FRAGMENTS: usize = 100;
/// How deep selections may stand within each other with fragments spread: what walks them recurses.
const MOST_LEVELS: usize = 200;
/// How deep brackets may stand within each other in a document's text. The parser recurses, and a text of a few
/// kilobytes that only opens brackets would overflow its stack and end the process.
const MOST_NESTING: usize = 100;

/// Refuses a text whose brackets nest too deep, in one pass and without recursion.
pub fn check_nesting(query: &str) -> Result<()> {
    let mut rest = query.as_bytes();
    let mut depth = 0_usize;
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' => after_string(rest),
            b'#' => after_any(after, b"\n\r"),
            b'{' | b'[' | b'(' => {
                depth += 1;
                if depth > MOST_NESTING {
                    return Err(Error::Limit(format!(
                        "the query's nesting: over {MOST_NESTING} brackets stand within each other; at most \
                         {MOST_NESTING} may"
                    )));
                }
                after
            }
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                after
            }
            _ => after,
        };
    }
    Ok(())
}

/// What follows the first of these bytes.
fn after_any<'a>(text: &'a [u8], ends: &[u8]) -> &'a [u8] {
    let end = text.iter().position(|byte| ends.contains(byte));
    end.map_or(&[], |end| &text[end + 1..])
}

/// What follows the string that the text begins with.
fn after_string(text: &[u8]) -> &[u8] {
    const BLOCK: &[u8] = br#"""""#;
    const ESCAPED_BLOCK: &[u8] = br#"\""""#;
    if let Some(mut rest) = text.strip_prefix(BLOCK) {
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(ESCAPED_BLOCK) {
                rest = after;
            } else if let Some(after) = rest.strip_prefix(BLOCK) {
                return after;
            } else {
                rest = &rest[1..];
            }
        }
        return rest;
    }
    let mut rest = &text[1..];
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'\\' => after.get(1..).unwrap_or_default(),
            // A string ends with its line, whatever stands on the next is not within it.
            b'"' | b'\n' | b'\r' => return after,
            _ => after,
        };
    }
    rest
}

/// Depth and number of fields of a selection, fragments spread out.
#[derive(Clone, Copy, Default)]
struct Size {
    depth: usize,
    fields: usize,
    /// Selections within each other, with and without a field.
    levels: usize,
}

impl Size {
    /// This and a part beside it.
    fn with(self, part: Self) -> Self {
        Self {
            depth: self.depth.max(part.depth),
            fields: self.fields.saturating_add(part.fields),
            levels: self.levels.max(part.levels),
        }
    }
}

fn check_levels(levels: usize) -> Result<()> {
    if levels > MOST_LEVELS {
        return Err(Error::Limit(format!(
            "the query's nesting: over {MOST_LEVELS} selections stand within each other through fragments; at most \
             {MOST_LEVELS} may"
        )));
    }
    Ok(())
}

/// Refuses a document that passes a limit; the error names the limit and the value.
pub fn check(document: &ExecutableDocument, limits: Limits) -> Result<()> {
    let defined = document.fragments.len();
    if defined > MOST_FRAGMENTS {
        return Err(Error::Limit(format!(
            "the query's fragments: {defined} given; at most {MOST_FRAGMENTS}"
        )));
    }
    let mut fragments = Fragments {
        level: 0,
        all: &document.fragments,
        sizes: HashMap::new(),
    };
    // Those that nothing uses are walked too: the validator does so.
    for name in document.fragments.keys() {
        fragments.fragment(name)?;
    }
    let mut size = Size::default();
    for (_, operation) in document.operations.iter() {
        let operation = fragments.selection(&operation.node.selection_set.node)?;
        size = size.with(operation);
    }
    for (what, asked, most) in [
        ("depth", size.depth, limits.depth),
        ("fields", size.fields, limits.fields),
    ] {
        if asked > most {
            return Err(Error::Limit(format!(
                "the query's {what}: {asked} asked; at most {most}"
            )));
        }
    }
    Ok(())
}

/// Fragments by name, each measured once: spreads can multiply to billions of fields.
struct Fragments<'a> {
    all: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// How deep the walk is in itself.
    level: usize,
    /// `None` while a fragment is being measured.
    sizes: HashMap<&'a str, Option<Size>>,
}

impl<'a> Fragments<'a> {
    fn selection(&mut self, set: &'a SelectionSet) -> Result<Size> {
        self.level += 1;
        // The walk itself must not go deeper either.
        check_levels(self.level)?;
        let mut size = Size::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let inner = self.selection(&field.node.selection_set.node)?;
                    Size {
                        depth: inner.depth + 1,
                        fields: inner.fields.saturating_add(1),
                        ..inner
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.selection(&fragment.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str())?
                }
            };
            size = size.with(part);
        }
        self.level -= 1;
        size.levels += 1;
        check_levels(size.levels)?;
        Ok(size)
    }

    fn fragment(&mut self, name: &str) -> Result<Size> {
        // An unknown fragment is the validator's to report.
        let Some((name, fragment)) = self.all.get_key_value(name) else {
            return Ok(Size::default());
        };
        match self.sizes.get(name.as_str()) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                return Err(Error::BadInput(format!(
                    "the fragment {name} spreads itself"
                )));
            }
            None => {}
        }
        self.sizes.insert(name, None);
        let size = self.selection(&fragment.node.selection_set.node)?;
        self.sizes.insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    const LIMITS: Limits = Limits {
        depth: 5,
        fields: 100,
    };

    #[test]
    fn a_query_that_is_too_deep_is_told_its_depth() {
        let error = check(
            &parse_query("{ a { a { a { a { a { a } } } } } }").unwrap(),
            LIMITS,
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "the query's depth: 6 asked; at most 5");
    }

    #[test]
    fn fragments_that_multiply_are_counted_without_being_walked() {
        let mut query = String::from("{ ...f0 }");
        for level in 0..60 {
            query.push_str(&format!(
                " fragment f{level} on Query {{ ...f{0} ...f{0} }}",
                level + 1
            ));
        }
        query.push_str(" fragment f60 on Query { a }");
        assert!(
            check(&parse_query(query).unwrap(), LIMITS)
                .unwrap_err()
                .to_string()
                .contains("fields")
        );
    }

    #[test]
    fn brackets_that_nest_too_deep_are_refused_before_the_parser_sees_them() {
        assert!(check_nesting(&"{a".repeat(101)).is_err());
        assert!(
            check_nesting(&format!(
                "{{ a(b: {}1{}) }}",
                "[".repeat(20_000),
                "]".repeat(20_000)
            ))
            .is_err()
        );
        assert!(
            check_nesting(&format!(
                "{{ a(b: \"{}\", c: \"\"\"{}\"\"\") # {} \n }}",
                "[".repeat(500),
                "{ \" ".repeat(500),
                "(".repeat(500)
            ))
            .is_ok()
        );
        assert!(check_nesting(&"{ a(b: [1]) }".repeat(500)).is_ok());
        assert!(check_nesting(&format!("{{ a(b: \"\", c: {}", "[".repeat(500))).is_err());
    }

    #[test]
    fn a_chain_of_fragments_is_refused_whether_it_is_used_or_not() {
        for (count, first) in [(5_000, "{ ...f0 }"), (5_000, "{ a }"), (99, "{ ...f0 }")] {
            let chain: String = (0..count)
                .map(|n| {
                    format!(
                        " fragment f{n} on Query {{ ... {{ ... {{ ...f{} }} }} }}",
                        n + 1
                    )
                })
                .collect();
            let query = format!("{first}{chain} fragment f{count} on Query {{ a }}");
            assert!(check(&parse_query(query).unwrap(), LIMITS).is_err());
        }
    }

    #[test]
    fn a_fragment_within_itself_is_refused() {
        let query = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert!(check(&parse_query(query).unwrap(), LIMITS).is_err());
    }
}
