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

/// How deep brackets may stand within each other in a document's text. The parser recurses, and a text of a few
/// kilobytes that only opens brackets would overflow its stack and end the process.
const MOST_NESTING: usize = 100;

/// Refuses a text whose brackets nest too deep, in one pass and without recursion.
pub fn check_nesting(query: &str) -> Result<()> {
    let mut depth = 0_usize;
    let mut bytes = query.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            // A string: a quote that is not escaped ends it; three quotes begin and end a block string.
            b'"' => {
                let mut quotes = 1;
                while quotes < 3 && bytes.next_if_eq(&b'"').is_some() {
                    quotes += 1;
                }
                // Two quotes are an empty string.
                if quotes != 2 {
                    skip_string(&mut bytes, quotes);
                }
            }
            b'#' => {
                while bytes
                    .next_if(|byte| !matches!(byte, b'\n' | b'\r'))
                    .is_some()
                {}
            }
            b'{' | b'[' | b'(' => {
                depth += 1;
                if depth > MOST_NESTING {
                    return Err(Error::Limit(format!(
                        "the query's nesting: over {MOST_NESTING} brackets stand within each other; at most \
                         {MOST_NESTING} may"
                    )));
                }
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Goes on to the end of a string that began with so many quotes.
fn skip_string(bytes: &mut std::iter::Peekable<std::str::Bytes<'_>>, quotes: usize) {
    let mut seen = 0;
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
                seen = 0;
            }
            b'"' => {
                seen += 1;
                if seen == quotes {
                    return;
                }
            }
            // A string in single quotes ends with its line, whatever follows is not within it.
            b'\n' if quotes == 1 => return,
            _ => seen = 0,
        }
    }
}

/// Depth and number of fields of a selection, fragments spread out.
#[derive(Clone, Copy, Default)]
struct Size {
    depth: usize,
    fields: usize,
}

/// Refuses a document that passes a limit; the error names the limit and the value.
pub fn check(document: &ExecutableDocument, limits: Limits) -> Result<()> {
    let mut fragments = Fragments {
        all: &document.fragments,
        sizes: HashMap::new(),
    };
    let mut size = Size::default();
    for (_, operation) in document.operations.iter() {
        let operation = fragments.selection(&operation.node.selection_set.node)?;
        size = Size {
            depth: size.depth.max(operation.depth),
            fields: size.fields.saturating_add(operation.fields),
        };
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
    /// `None` while a fragment is being measured.
    sizes: HashMap<&'a str, Option<Size>>,
}

impl<'a> Fragments<'a> {
    fn selection(&mut self, set: &'a SelectionSet) -> Result<Size> {
        let mut size = Size::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let inner = self.selection(&field.node.selection_set.node)?;
                    Size {
                        depth: inner.depth + 1,
                        fields: inner.fields.saturating_add(1),
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.selection(&fragment.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str())?
                }
            };
            size.depth = size.depth.max(part.depth);
            size.fields = size.fields.saturating_add(part.fields);
        }
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
    fn a_fragment_within_itself_is_refused() {
        let query = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert!(check(&parse_query(query).unwrap(), LIMITS).is_err());
    }
}
