//! How deep and how large a parsed document is with its fragments spread out, measured without spreading them.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{Directive, ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

use super::{Bounds, Exceeded, Refusal};

/// The fields of introspection that lead from a type to others.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// Refuses a document that passes a bound.
///
/// # Errors
/// The first bound that is passed, or a fragment that spreads itself.
pub fn check(document: &ExecutableDocument, bounds: &Bounds) -> Result<(), Refusal> {
    let operations = document.operations.iter().count();
    Exceeded::check("operations", operations, Bounds::OPERATIONS)?;
    Exceeded::check("fragments", document.fragments.len(), Bounds::FRAGMENTS)?;
    let mut fragments = Fragments {
        level: 0,
        all: &document.fragments,
        sizes: HashMap::new(),
    };
    // Those that nothing uses are walked too: the validator does so.
    for name in document.fragments.keys() {
        fragments.fragment(name)?;
    }
    let mut all = Size::default();
    let mut roots = 0;
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        check_directives(&operation.directives)?;
        for variable in &operation.variable_definitions {
            check_directives(&variable.node.directives)?;
        }
        let size = fragments.selection(&operation.selection_set.node)?;
        roots = roots.max(size.roots);
        all = all.with(size);
    }
    for (what, actual, limit) in [
        ("depth", all.depth, bounds.depth),
        ("fields", all.fields, bounds.fields),
        ("root fields", roots, bounds.root_fields),
        (
            "selections",
            all.selections,
            bounds.fields.saturating_mul(Bounds::SELECTIONS_PER_FIELD),
        ),
    ] {
        Exceeded::check(what, actual, limit)?;
    }
    Ok(())
}

/// What a selection amounts to, fragments spread out.
#[derive(Clone, Copy, Default)]
struct Size {
    /// Fields within each other.
    depth: usize,
    fields: usize,
    /// Fields of the selection itself, in fragments or not.
    roots: usize,
    /// Fields and fragments.
    selections: usize,
    /// Selections within each other, with and without a field.
    levels: usize,
    /// Fields within each other that lead from type to type in introspection.
    lists: usize,
}

impl Size {
    /// This and a part beside it.
    fn with(self, part: Self) -> Self {
        Self {
            depth: self.depth.max(part.depth),
            fields: self.fields.saturating_add(part.fields),
            roots: self.roots.saturating_add(part.roots),
            selections: self.selections.saturating_add(part.selections),
            levels: self.levels.max(part.levels),
            lists: self.lists.max(part.lists),
        }
    }

    /// The field of this name around it.
    fn within(self, name: &str) -> Result<Self, Refusal> {
        if matches!(name, "__schema" | "__type") {
            Exceeded::check("introspection", self.lists, Bounds::INTROSPECTION)?;
        }
        Ok(Self {
            depth: self.depth + 1,
            fields: self.fields.saturating_add(1),
            roots: 1,
            lists: self.lists + usize::from(INTROSPECTION_LISTS.contains(&name)),
            ..self
        })
    }
}

fn check_directives(directives: &[Positioned<Directive>]) -> Result<(), Refusal> {
    Exceeded::check(
        "directives at one place",
        directives.len(),
        Bounds::DIRECTIVES_AT_A_PLACE,
    )
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
    fn selection(&mut self, set: &'a SelectionSet) -> Result<Size, Refusal> {
        self.level += 1;
        // The walk itself must not go deeper either.
        Exceeded::check("levels", self.level, Bounds::LEVELS)?;
        let mut size = Size::default();
        for selection in &set.items {
            let mut part = match &selection.node {
                Selection::Field(field) => {
                    check_directives(&field.node.directives)?;
                    let inner = self.selection(&field.node.selection_set.node)?;
                    inner.within(&field.node.name.node)?
                }
                Selection::InlineFragment(fragment) => {
                    check_directives(&fragment.node.directives)?;
                    self.selection(&fragment.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    check_directives(&spread.node.directives)?;
                    self.fragment(spread.node.fragment_name.node.as_str())?
                }
            };
            part.selections = part.selections.saturating_add(1);
            size = size.with(part);
        }
        self.level -= 1;
        size.levels += 1;
        Exceeded::check("levels", size.levels, Bounds::LEVELS)?;
        Ok(size)
    }

    fn fragment(&mut self, name: &str) -> Result<Size, Refusal> {
        // An unknown fragment is the validator's to report.
        let Some((name, fragment)) = self.all.get_key_value(name) else {
            return Ok(Size::default());
        };
        match self.sizes.get(name.as_str()) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(Refusal::Cycle(name.to_string())),
            None => {}
        }
        self.sizes.insert(name, None);
        check_directives(&fragment.node.directives)?;
        let size = self.selection(&fragment.node.selection_set.node)?;
        self.sizes.insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;
    use crate::config::Settings;

    fn refused(query: &str) -> Option<String> {
        let bounds = Bounds {
            depth: 5,
            fields: 100,
            ..Bounds::from(&Settings::default())
        };
        let document = parse_query(query).unwrap();
        check(&document, &bounds)
            .err()
            .map(|refusal| match refusal {
                Refusal::Exceeded(exceeded) => exceeded.what.to_owned(),
                other => other.to_string(),
            })
    }

    /// A fragment that spreads the next twice, to a last one.
    fn doubling(levels: usize, last: &str) -> String {
        let fragments: String = (0..levels)
            .map(|level| {
                let next = level + 1;
                format!(" fragment f{level} on Query {{ ...f{next} ...f{next} }}")
            })
            .collect();
        format!("{{ ...f0 }}{fragments}{last}")
    }

    #[test]
    fn a_query_that_is_too_deep_is_told_its_depth() {
        let document = parse_query("{ a { a { a { a { a { a } } } } } }").unwrap();
        let bounds = Bounds {
            depth: 5,
            ..Bounds::from(&Settings::default())
        };
        let error = check(&document, &bounds).unwrap_err();
        assert_eq!(error.to_string(), "the query's depth: 6 asked; at most 5");
    }

    #[test]
    fn fragments_that_multiply_are_counted_without_being_walked() {
        let fields = doubling(60, " fragment f60 on Query { a }");
        assert_eq!(refused(&fields).as_deref(), Some("fields"));
        // The last one is unknown, so that there is not a single field.
        assert_eq!(refused(&doubling(60, "")).as_deref(), Some("selections"));
        assert_eq!(refused(&doubling(5, " fragment f5 on Query { a }")), None);
    }

    #[test]
    fn a_chain_of_fragments_is_refused_whether_it_is_used_or_not() {
        for (count, first) in [(5_000, "{ ...f0 }"), (5_000, "{ a }"), (99, "{ ...f0 }")] {
            let chain: String = (0..count)
                .map(|n| {
                    let next = n + 1;
                    format!(" fragment f{n} on Query {{ ... {{ ... {{ ...f{next} }} }} }}")
                })
                .collect();
            let query = format!("{first}{chain} fragment f{count} on Query {{ a }}");
            assert!(refused(&query).is_some());
        }
    }

    #[test]
    fn a_fragment_within_itself_is_refused() {
        let query = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert!(refused(query).unwrap().ends_with("spreads itself"));
    }

    #[test]
    fn root_fields_are_counted_through_fragments() {
        let half = "a ".repeat(30);
        let query = format!("{{ {half} ...f }} fragment f on Query {{ ... {{ {half} }} }}");
        assert_eq!(refused(&query).as_deref(), Some("root fields"));
        assert_eq!(refused(&format!("{{ x {{ {half}{half} }} }}")), None);
    }

    #[test]
    fn directives_do_not_pile_up_at_any_place() {
        let many = "@include(if: true) ".repeat(5);
        for query in [
            format!("{{ a {many} }}"),
            format!("{{ ... {many} {{ a }} }}"),
            format!("{{ ...f {many} }} fragment f on Query {{ a }}"),
            format!("{{ ...f }} fragment f on Query {many} {{ a }}"),
            format!("query {many} {{ a }}"),
            format!("query ($a: Int {many}) {{ a }}"),
        ] {
            assert_eq!(refused(&query).as_deref(), Some("directives at one place"));
        }
    }

    #[test]
    fn introspection_cannot_go_round_in_circles() {
        let round =
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        let bounds = Bounds::from(&Settings::default());
        assert!(check(&parse_query(round).unwrap(), &bounds).is_err());
        let tools = "{ __schema { types { fields { type { ofType { ofType { name } } } } } } }";
        assert!(check(&parse_query(tools).unwrap(), &bounds).is_ok());
        // A field of ours may have such a name.
        let own = "{ a { fields { fields { fields { fields } } } } }";
        assert_eq!(refused(own), None);
    }
}
