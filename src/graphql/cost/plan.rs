//! What one operation asks for, with its prices.

use std::iter::Sum;

use async_graphql::{
    Name, Value,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};
use serde_json::Map;

use super::{
    page::Arguments,
    prices::{Elements, Fields, Price, Prices},
};

/// So many values are a point where an object has more of them than usual.
const VALUES: u64 = 10;
/// How many elements a list is taken to have that comes whole.
const ASSUMED: u64 = 10;
/// How many it may well have; the longest, such as a cohort's, have more, but hold little each.
const LONGEST: u64 = 1000;

/// An operation's fields with their prices, fragments spread out.
#[derive(Debug, Default)]
pub struct Plan {
    nodes: Vec<Node>,
    asked: Amount,
    most_values: u64,
}

/// A field.
#[derive(Debug)]
struct Node {
    /// The name under which the answer has it.
    key: Name,
    /// Points for itself.
    weight: u64,
    /// How many objects it is taken to give.
    elements: u64,
    /// How many it may give.
    most: u64,
    /// What is asked of each.
    children: Vec<Node>,
}

impl Plan {
    /// The plan of an operation of a document that keeps the guard's bounds.
    pub fn of(
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: Option<&Map<String, serde_json::Value>>,
        prices: &Prices,
    ) -> Self {
        let planner = Planner {
            document,
            prices,
            arguments: Arguments::new(&operation.variable_definitions, variables),
        };
        let mut nodes = Vec::new();
        let root = prices.fields(Prices::root(operation.ty));
        planner.plan(&operation.selection_set.node, root, 1, &mut nodes);
        Self {
            asked: asked(&nodes),
            most_values: most_values(&nodes),
            nodes,
        }
    }

    /// The most points that the operation takes, as far as its document tells; 1 at least.
    pub fn asked(&self) -> u64 {
        self.asked.points()
    }

    /// How many values the answer is taken to have.
    pub fn values(&self) -> u64 {
        self.asked.values
    }

    /// About the most values that the answer may have.
    pub fn most_values(&self) -> u64 {
        self.most_values
    }

    /// The points of what an answer holds; 1 at least.
    pub fn actual(&self, answer: &Value) -> u64 {
        actual(&self.nodes, answer).points()
    }
}

/// What an answer holds, and what it took.
#[derive(Clone, Copy, Debug, Default)]
struct Amount {
    /// Objects, and the weights of fields.
    objects: u64,
    /// Values, each as often as it is asked.
    values: u64,
}

impl Amount {
    fn points(self) -> u64 {
        self.objects.max(self.values / VALUES).max(1)
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            objects: sum.objects.saturating_add(one.objects),
            values: sum.values.saturating_add(one.values),
        })
    }
}

fn asked(nodes: &[Node]) -> Amount {
    let each = |node: &Node| {
        let Amount { objects, values } = asked(&node.children);
        let all = node.elements.saturating_mul(objects.saturating_add(1));
        Amount {
            objects: node.weight.saturating_add(all),
            values: node.elements.saturating_mul(values).saturating_add(1),
        }
    };
    nodes.iter().map(each).sum()
}

fn most_values(nodes: &[Node]) -> u64 {
    nodes.iter().fold(0, |sum: u64, node| {
        let all = node.most.saturating_mul(most_values(&node.children));
        sum.saturating_add(1).saturating_add(all)
    })
}

fn actual(nodes: &[Node], object: &Value) -> Amount {
    let Value::Object(fields) = object else {
        return Amount::default();
    };
    // What the object does not have was asked of another type, or left out.
    let found = nodes
        .iter()
        .filter_map(|node| Some((node, fields.get(&node.key)?)));
    found
        .map(|(node, value)| {
            let Amount { objects, values } = of_objects(&node.children, value);
            Amount {
                objects: node.weight + objects,
                values: 1 + values,
            }
        })
        .sum()
}

fn of_objects(children: &[Node], value: &Value) -> Amount {
    match value {
        Value::List(list) => list.iter().map(|value| of_objects(children, value)).sum(),
        Value::Object(_) if !children.is_empty() => {
            let Amount { objects, values } = actual(children, value);
            Amount {
                objects: 1 + objects,
                values,
            }
        }
        _ => Amount::default(),
    }
}

struct Planner<'a> {
    document: &'a ExecutableDocument,
    prices: &'a Prices,
    arguments: Arguments<'a>,
}

impl<'a> Planner<'a> {
    /// Adds the fields of a selection, whose connection asks for such a page.
    fn plan(
        &self,
        set: &'a SelectionSet,
        on: Option<&'a Fields>,
        page: u64,
        nodes: &mut Vec<Node>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => nodes.push(self.field(&field.node, on, page)),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let narrowed = condition.map(|condition| condition.node.on.node.as_str());
                    let on = narrowed.map_or(on, |name| self.prices.fields(name));
                    self.plan(&fragment.node.selection_set.node, on, page, nodes);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        let on = self.prices.fields(on);
                        self.plan(&fragment.node.selection_set.node, on, page, nodes);
                    }
                }
            }
        }
    }

    fn field(&self, field: &'a Field, on: Option<&'a Fields>, page: u64) -> Node {
        let key = field.response_key().node.clone();
        let name = field.name.node.as_str();
        let Some(price) = on.and_then(|fields| fields.get(name)) else {
            return self.introspection(field, key);
        };
        let Price {
            weight,
            elements,
            of,
        } = price;
        let rows = self.arguments.rows(field);
        let mut inner_page = 1;
        let elements = match elements {
            Elements::None => 0,
            Elements::One => 1,
            Elements::Whole => ASSUMED,
            Elements::OfPage => page,
            // One that stands for a list of one is an id, too.
            Elements::OfIds => rows.max(1),
            Elements::Connection(usual) => {
                inner_page = self.arguments.page(field, *usual);
                1
            }
        };
        let most = match price.elements {
            Elements::Whole => LONGEST,
            _ => elements,
        };
        let mut children = Vec::new();
        let inner = of.as_deref().and_then(|name| self.prices.fields(name));
        self.plan(&field.selection_set.node, inner, inner_page, &mut children);
        Node {
            key,
            weight: weight.saturating_add(rows),
            elements,
            most,
            children,
        }
    }

    /// What belongs to no type of ours: `__typename`, and the schema about itself, which reads nothing, so that every
    /// field counts once.
    fn introspection(&self, field: &'a Field, key: Name) -> Node {
        let mut nodes = Vec::new();
        self.plan(&field.selection_set.node, None, 1, &mut nodes);
        Node {
            key,
            weight: nodes.iter().fold(nodes.len() as u64, |sum, node| {
                sum.saturating_add(node.weight)
            }),
            elements: 0,
            most: 0,
            children: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn plan(query: &str, variables: serde_json::Value) -> Plan {
        let document = parse_query(query).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let prices = Prices::of_schema();
        Plan::of(&document, &operation.node, variables.as_object(), &prices)
    }

    fn cost(query: &str) -> u64 {
        plan(query, json!({})).asked()
    }

    #[test]
    fn an_object_is_a_point_and_a_scalar_is_free() {
        assert_eq!(cost("{ __typename }"), 1);
        assert_eq!(cost("{ viewer { role subject } }"), 1);
        assert_eq!(cost("{ viewer { team { name } } }"), 2);
    }

    #[test]
    fn lists_multiply_by_the_page_asked_for() {
        assert_eq!(cost("{ campaigns { nodes { id } } }"), 1 + 20);
        assert_eq!(
            cost("{ campaigns(first: 5) { nodes { id } totalCount } }"),
            1 + 5 + 10
        );
        assert_eq!(
            cost("{ campaigns(last: 5) { edges { node { id } } } }"),
            1 + 5 * 2
        );
        let nested = "{ campaigns(first: 10) { nodes { channels(first: 3) { nodes { id } } } } }";
        assert_eq!(cost(nested), 1 + 10 * (1 + 1 + 3));
        let both = "{ campaigns(first: 10) { nodes { id } edges { cursor } } }";
        assert_eq!(cost(both), 21);
    }

    #[test]
    fn variables_their_defaults_and_fragments_hide_nothing() {
        let query = "query ($n: Int = 7) { ...f } fragment f on Query { campaigns(first: $n) { ...c } } \
                     fragment c on CampaignConnection { ... @include(if: false) { nodes { id } } }";
        assert_eq!(cost(query), 8);
        assert_eq!(plan(query, json!({ "n": 50 })).asked(), 51);
        assert_eq!(plan(query, json!({ "n": -1 })).asked(), 1);
        assert_eq!(plan(query, json!({ "n": 4_000_000_000_u64 })).asked(), 1001);
    }

    #[test]
    fn rows_of_an_input_and_heavy_fields_weigh() {
        let mutation =
            "mutation ($i: UpsertAdDaysInput!) { upsertAdDays(input: $i) { __typename } }";
        let input = json!({ "i": { "items": [{}, {}, {}] } });
        assert_eq!(plan(mutation, input).asked(), 10 + 3 + 1);
        assert_eq!(cost("{ nodes(ids: [\"a\", \"b\"]) { id } }"), 2 + 2);
        let kpis = "{ campaigns(first: 2) { nodes { kpis(period: {preset: TODAY}) { roas { value } } } } }";
        assert_eq!(cost(kpis), 1 + 2 * (1 + 10 + 1 + 1));
    }

    #[test]
    fn values_are_counted_with_those_of_all_elements() {
        let values = |query| {
            let plan = plan(query, json!({}));
            (plan.values(), plan.most_values())
        };
        assert_eq!(values("{ viewer { role subject } }"), (3, 3));
        let nested = "{ campaigns(first: 10) { pageInfo { hasNextPage } nodes { id name } } }";
        assert_eq!(values(nested), (24, 24));
        assert_eq!(values("{ metricCatalog { key name } }"), (21, 2001));
    }

    #[test]
    fn a_value_that_is_asked_often_costs_as_often() {
        let often = format!(
            "{{ campaigns(first: 10) {{ nodes {{ {} }} }} }}",
            "id ".repeat(500)
        );
        assert_eq!(cost(&often), 500);
        let answer = json!({ "campaigns": { "nodes": [{ "id": "a" }] } });
        let answer = Value::from_json(answer).unwrap();
        assert_eq!(plan(&often, json!({})).actual(&answer), 50);
    }

    #[test]
    fn one_id_that_stands_for_a_list_costs_as_one() {
        let kpis = "... on Campaign { kpis(period: { preset: TODAY }) { roas { value } } }";
        let cost = |ids: &str| cost(&format!("{{ nodes(ids: {ids}) {{ {kpis} }} }}"));
        assert_eq!(cost("[\"a\"]"), cost("\"a\"") + 1);
    }

    #[test]
    fn introspection_is_cheap_and_huge_products_do_not_overflow() {
        assert!(cost("{ __schema { types { name fields { name args { name } } } } }") < 10);
        let mut query = String::from("id");
        for _ in 0..8 {
            query = format!("earlierVersions {{ {query} }}");
        }
        assert!(cost(&format!("{{ metricCatalog {{ {query} }} }}")) > 100_000_000);
    }

    #[test]
    fn an_answer_costs_what_it_holds() {
        let query =
            "{ campaigns(first: 100) { nodes { id channels { nodes { id } } } totalCount } }";
        let answer = json!({ "campaigns": {
            "nodes": [{ "id": "a", "channels": { "nodes": [] } }, { "id": "b", "channels": null }],
            "totalCount": 2
        }});
        let answer = Value::from_json(answer).unwrap();
        assert_eq!(plan(query, json!({})).actual(&answer), 1 + 2 + 1 + 10);
        assert_eq!(plan(query, json!({})).actual(&Value::Null), 1);
    }
}
