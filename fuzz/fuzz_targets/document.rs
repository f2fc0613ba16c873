//! The document guard: what it counts is what the parser finds, and what it lets pass the parser, the price list and the
//! schema survive on the stack of a request. Behind a U+0000, which no document has, come variables.
#![no_main]

use std::sync::{Arc, LazyLock};

use async_graphql::{
    Positioned, Request, Variables,
    parser::{
        parse_query,
        types::{Directive, ExecutableDocument, Selection, SelectionSet},
    },
};
use kpigraph::{
    config::Settings,
    graphql::{CostPlan, KnownTypes, Prices, Schema, schema},
    guard::{Bounds, check_document, check_json, check_text},
    webhooks::Reach,
};
use kpigraph_fuzz::{block_on, limit_stack};
use libfuzzer_sys::fuzz_target;

/// What documents go to.
struct Service {
    bounds: Bounds,
    max_cost: u64,
    prices: Prices,
    types: KnownTypes,
    schema: Schema,
}

static SERVICE: LazyLock<Service> = LazyLock::new(|| {
    let settings = Settings::default();
    Service {
        bounds: Bounds::from(&settings),
        max_cost: settings.max_cost,
        prices: Prices::of_schema(),
        types: KnownTypes::of_schema(),
        schema: schema(Arc::new(Reach::new(settings.webhook_private_networks))),
    }
});

fuzz_target!(init: {
    LazyLock::force(&SERVICE);
    limit_stack();
}, |input: &str| {
    let (text, variables) = input.split_once('\0').unwrap_or((input, ""));
    let Service { bounds, max_cost, prices, types, schema } = &*SERVICE;
    let Ok(counts) = check_text(text, bounds) else {
        return;
    };
    assert!(counts.nesting <= Bounds::NESTING && counts.tokens <= bounds.tokens.min(text.len()));
    let Ok(mut document) = parse_query(text) else {
        return;
    };
    let written = Written::of(&document);
    assert_eq!(written.aliases, counts.aliases, "aliases");
    assert_eq!(written.directives, counts.directives, "directives");
    assert!(written.nesting <= counts.nesting && written.fields <= counts.tokens);
    if check_document(&document, bounds).is_err() {
        return;
    }
    check_spread_out(&document, bounds);
    types.forget_unknown_defaults(&mut document);
    let variables = match check_json(variables.as_bytes(), bounds) {
        Ok(()) => serde_json::from_str(variables).ok(),
        Err(_) => None,
    };
    for (_, operation) in document.operations.iter() {
        let cost = CostPlan::of(&document, &operation.node, variables.as_ref(), prices).asked();
        assert!(cost > 0);
        if cost > *max_cost {
            return;
        }
    }
    let variables = variables.map(|map| Variables::from_json(map.into()));
    let mut request = Request::new(text).variables(variables.unwrap_or_default());
    request.set_parsed_query(document);
    // Without a session nothing is found out, but all is validated and all arguments are read.
    let response = block_on(schema.execute(request));
    serde_json::to_string(&response).expect("an answer can be written");
});

/// What a document has, fragments not spread out.
#[derive(Default)]
struct Written {
    aliases: usize,
    directives: usize,
    fields: usize,
    nesting: usize,
}

impl Written {
    fn of(document: &ExecutableDocument) -> Self {
        let mut written = Self::default();
        for (_, operation) in document.operations.iter() {
            let operation = &operation.node;
            written.directives(&operation.directives);
            for variable in &operation.variable_definitions {
                written.directives(&variable.node.directives);
            }
            written.selection(&operation.selection_set.node, 1);
        }
        for fragment in document.fragments.values() {
            written.directives(&fragment.node.directives);
            written.selection(&fragment.node.selection_set.node, 1);
        }
        written
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        self.directives += directives.len();
    }

    fn selection(&mut self, set: &SelectionSet, nesting: usize) {
        if set.items.is_empty() {
            return;
        }
        self.nesting = self.nesting.max(nesting);
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    self.fields += 1;
                    self.aliases += usize::from(field.node.alias.is_some());
                    self.directives(&field.node.directives);
                    self.selection(&field.node.selection_set.node, nesting + 1);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives);
                    self.selection(&fragment.node.selection_set.node, nesting + 1);
                }
                Selection::FragmentSpread(spread) => self.directives(&spread.node.directives),
            }
        }
    }
}

/// Spreads a document out, which the guard has said is no more than so much work.
fn check_spread_out(document: &ExecutableDocument, bounds: &Bounds) {
    let mut all = SpreadOut::default();
    for (_, operation) in document.operations.iter() {
        all.roots = 0;
        all.walk(document, &operation.node.selection_set.node, 0, 1, bounds);
        assert!(all.roots <= bounds.root_fields, "root fields");
    }
}

#[derive(Default)]
struct SpreadOut {
    fields: usize,
    selections: usize,
    roots: usize,
}

impl SpreadOut {
    fn walk(
        &mut self,
        document: &ExecutableDocument,
        set: &SelectionSet,
        depth: usize,
        level: usize,
        bounds: &Bounds,
    ) {
        assert!(level <= Bounds::LEVELS + 1, "levels");
        for item in &set.items {
            self.selections += 1;
            assert!(
                self.selections <= bounds.fields * Bounds::SELECTIONS_PER_FIELD,
                "selections"
            );
            let (set, depth) = match &item.node {
                Selection::Field(field) => {
                    self.fields += 1;
                    self.roots += usize::from(depth == 0);
                    assert!(
                        depth < bounds.depth && self.fields <= bounds.fields,
                        "fields"
                    );
                    (&field.node.selection_set.node, depth + 1)
                }
                Selection::InlineFragment(fragment) => (&fragment.node.selection_set.node, depth),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    match document.fragments.get(name) {
                        Some(fragment) => (&fragment.node.selection_set.node, depth),
                        None => continue,
                    }
                }
            };
            self.walk(document, set, depth, level + 1, bounds);
        }
    }
}
