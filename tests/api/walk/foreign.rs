//! What one team knows of another, put wherever an answer takes an id, a name or a cursor: it is worth nothing.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use serde_json::{Map, Value};

use super::{
    NOBODY,
    asking::{Asking, DEPTH, Recipe, nobody},
    compared::masked,
    schema::{Field, Root, Selected, plain},
    values::{Given, ID, MARK, Values, with_texts},
};

/// How many questions are asked at the same time.
const AT_ONCE: usize = 8;

/// A call with the other team's id in one place, and the same with an id of nobody.
struct Case {
    /// What is called, where the id is, and what it is of.
    what: String,
    calls: [Call; 2],
}

struct Call {
    id: String,
    document: String,
    variables: Map<String, Value>,
}

impl Case {
    /// Both answer the same to the byte, with as many SQL statements, and without a name of the other team.
    async fn check(&self, asking: &Asking<'_>, other: &str) {
        let mut answers = Vec::new();
        for call in &self.calls {
            let variables = asking.fresh(&call.variables).await;
            let answer = asking.send(&call.document, &variables).await;
            answers.push(masked(&answer, &call.id, "<id>"));
        }
        assert_eq!(answers[0], answers[1], "{}", self.what);
        assert!(!answers[0].contains(other), "{}: {}", self.what, answers[0]);
    }
}

/// Whatever takes an id answers to those of the other team as to those of nobody.
pub async fn ids_are_nobodys(
    asking: &mut Asking<'_>,
    other: &Asking<'_>,
    recipes: &BTreeMap<String, Recipe>,
) {
    let mut compared = 0;
    for root in [Root::Query, Root::Mutation] {
        let mut all = Vec::new();
        for field in asking.values.schema.root(root) {
            let known = recipes.get(&format!("{root:?}.{}", field.name));
            all.extend(cases(asking, other, root, field, known));
        }
        compared += all.len();
        // Mutations follow one another, because they change what the next one finds.
        let at_once = if root == Root::Query { AT_ONCE } else { 1 };
        let asking = &*asking;
        stream::iter(&all)
            .for_each_concurrent(at_once, |case| case.check(asking, other.name))
            .await;
    }
    assert!(compared > 1000, "only {compared} were compared");
}

/// The calls of a field, one for each place of an id and each type of id that the other team knows.
fn cases(
    asking: &mut Asking<'_>,
    other: &Asking<'_>,
    root: Root,
    field: &Field,
    known: Option<&Recipe>,
) -> Vec<Case> {
    let (document, values) = (asking.brief(root, field), asking.values);
    let given = match known {
        Some(recipe) => recipe.variables.clone(),
        None => values.arguments(&field.args, Given::Required),
    };
    let mut given = with_texts(&Value::Object(given), &|text| {
        text.replace(MARK, asking.name)
    });
    // A call under a key is told apart by its key alone.
    if let Some(input) = given.pointer_mut("/input").and_then(Value::as_object_mut) {
        input.remove("idempotencyKey");
    }
    let given = given.as_object().cloned().unwrap_or_default();
    let mut cases = Vec::new();
    for way in values.ways_to_ids(&field.args) {
        for (of, ids) in pairs(other) {
            let what = format!("{}.{} with the id of a {of}", field.name, way.join("."));
            let calls = ids.map(|id| Call {
                document: document.clone(),
                variables: values.with_id(&field.args, &given, &way, &id),
                id,
            });
            cases.push(Case { what, calls });
        }
    }
    cases
}

/// An id of each type that the other team knows, and one of the same form that is nobody's.
fn pairs<'a>(other: &'a Asking<'_>) -> impl Iterator<Item = (&'a str, [String; 2])> {
    other.one_of_each().into_iter().map(|(of, foreign)| {
        let unknown = nobody(foreign).expect("only such ids are taken");
        (of, [foreign.to_owned(), unknown])
    })
}

/// The same where a field below the roots takes an id, each such field once, as near to a root as it is met.
pub async fn ids_within_selections_are_nobodys(
    asking: &mut Asking<'_>,
    other: &Asking<'_>,
    recipes: &BTreeMap<String, Recipe>,
) {
    let schema = asking.values.schema;
    let values = Values {
        schema,
        ids_within: true,
    };
    let mut all = Vec::new();
    let roots = schema.root(Root::Query).iter();
    for (depth, field) in (1..=DEPTH).flat_map(|depth| roots.clone().map(move |of| (depth, of))) {
        let Some(recipe) = recipes.get(&format!("Query.{}", field.name)) else {
            continue;
        };
        let mut seen = Selected::default();
        let document = values.document(Root::Query, field, depth, &mut seen);
        let names: Vec<String> = seen.by_id.difference(&asking.selected).cloned().collect();
        if names.is_empty() {
            continue;
        }
        for (of, ids) in pairs(other) {
            let calls = ids.map(|id| Call {
                document: document.replace(ID, &id),
                variables: recipe.variables.clone(),
                id,
            });
            let what = format!("{} with the id of a {of}", names.join(" and "));
            all.push(Case { what, calls });
        }
        asking.selected.extend(names);
    }
    let asking = &*asking;
    stream::iter(&all)
        .for_each_concurrent(AT_ONCE, |case| case.check(asking, other.name))
        .await;
}

/// Names that the other team has given, and keys under which it has called, answer like those that nobody has given.
pub async fn names_are_nobodys(asking: &Asking<'_>, recipes: &BTreeMap<String, Recipe>) {
    let mut compared = 0;
    // What reads comes before what writes under these names.
    let (reads, writes): (Vec<_>, Vec<_>) = recipes
        .iter()
        .partition(|(field, _)| field.starts_with("Query."));
    for (field, recipe) in reads.into_iter().chain(writes) {
        let given = Value::Object(recipe.variables.clone());
        if !given.to_string().contains(asking.name) {
            continue;
        }
        let mut answers = Vec::new();
        for name in [super::RED, NOBODY] {
            let variables = with_texts(&given, &|text| text.replace(asking.name, name));
            let variables = variables.as_object().cloned().unwrap_or_default();
            let variables = asking.fresh(&variables).await;
            let answer = asking.send(&recipe.document, &variables).await;
            answers.push(masked(&answer, name, "<name>"));
        }
        assert_eq!(answers[0], answers[1], "{field}: {given}");
        compared += 1;
    }
    assert!(compared > 20, "only {compared} were compared");
}

/// A cursor of the other team's lists leads to nothing of it.
pub async fn places_are_places_only(
    asking: &Asking<'_>,
    other: &Asking<'_>,
    walked: &BTreeMap<&str, BTreeMap<String, Recipe>>,
) {
    let (foreign, mut followed) = (other.own_ids(), 0);
    for field in asking.values.schema.root(Root::Query) {
        let args = field.args.iter().map(|argument| argument.name.as_str());
        let ways: Vec<&str> = args
            .filter(|name| ["after", "before"].contains(name))
            .collect();
        let name = format!("Query.{}", field.name);
        let recipes = [other, asking].map(|team| walked[team.name].get(&name));
        let ([Some(theirs), Some(own)], false) = (recipes, ways.is_empty()) else {
            continue;
        };
        let told = other.send(&theirs.document, &theirs.variables).await;
        for (way, cursor) in ways.iter().flat_map(|way| {
            let found = cursors(&told.body["data"][&field.name]).into_iter();
            found.map(move |cursor| (way, cursor))
        }) {
            let mut variables = own.variables.clone();
            if *way == "before" {
                variables.remove("first");
            }
            variables.insert((*way).to_owned(), cursor.into());
            let answer = asking
                .send(&own.document, &variables)
                .await
                .body
                .to_string();
            assert!(!answer.contains(other.name), "{name}.{way}: {answer}");
            let id = foreign.iter().find(|id| answer.contains(id.as_str()));
            assert_eq!(id, None, "{name}.{way}: {answer}");
            followed += 1;
        }
    }
    assert!(followed > 10, "only {followed} cursors were followed");
}

/// The first cursors of a list's answer: those of its first row and of its end.
fn cursors(list: &Value) -> BTreeSet<String> {
    let edge = list.pointer("/edges/0/cursor");
    let ends = list["pageInfo"].as_object().into_iter().flatten();
    let ends = ends.filter(|(name, _)| plain(name).ends_with("Cursor"));
    let found = ends
        .map(|(_, cursor)| cursor)
        .chain(edge)
        .chain(list.get("cursor"));
    found
        .filter_map(|cursor| cursor.as_str().map(str::to_owned))
        .collect()
}
