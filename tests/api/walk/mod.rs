//! Two teams walk through the whole schema, as the service tells it, and neither finds anything of the other's.
//!
//! No field is named here: arguments are made from their types ([`values`]), and a team tries until a field does what it
//! is asked ([`asking`]). A new field is walked by itself; where that cannot be, the test fails and says what to supply
//! ([`covered`]).

mod asking;
mod compared;
mod covered;
mod foreign;
mod rows;
mod schema;
mod streams;
mod timing;
mod values;

use std::collections::BTreeMap;

use kpigraph::auth::Role;
use serde_json::{Map, Value};

use self::{
    asking::{Asking, Recipe},
    compared::settled,
    covered::everything_was_walked,
    schema::{Field, Root, Schema},
    values::{Given, MARK, Values, with_texts},
};
use crate::{
    fixtures::clock,
    support::{App, TestDatabase, on_both_databases},
};

const BLUE: &str = "sapphire";
const RED: &str = "vermeils";
/// A name that nobody has, as long as the others.
const NOBODY: &str = "magentas";

/// How many things of a type are asked for by their ids.
const MOST_OF_A_TYPE: usize = 5;

/// What takes away comes after what reads.
const LAST: [&str; 7] = [
    "archive", "cancel", "delete", "erase", "merge", "revoke", "unmerge",
];
/// What is made is there for what changes it.
const FIRST: [&str; 5] = ["create", "define", "upsert", "set", "start"];

on_both_databases! {
    async fn nothing_of_another_team_is_found_anywhere_in_the_schema(database: TestDatabase) {
        let app = App::start_with(&database, clock(), |settings| {
            // All of a type is asked for at once.
            (settings.max_depth, settings.max_fields, settings.max_aliases) = (100, 100_000, 10_000);
            (settings.max_cost, settings.rate_burst_points) = (1_000_000_000, 1_000_000_000);
            settings.max_values = 1_000_000_000;
            settings.request_timeout_seconds = 600;
            // An import goes on by itself; here it stays as it is.
            settings.import_jobs = 0;
            // Nobody answers there.
            settings.webhook_private_networks = "127.0.0.1".parse().expect("a network");
        })
        .await;
        let mut stores = Vec::new();
        for name in [RED, BLUE] {
            let team = app.team(name).await;
            rows::fill(&team, name).await;
            stores.push(team);
        }
        let schema = Schema::of(&app, &app.token(RED, Role::Owner)).await;
        let values = Values { schema: &schema, ids_within: false };
        let (mut red, mut blue) = (Asking::new(&app, &values, RED), Asking::new(&app, &values, BLUE));

        let mut walked = BTreeMap::new();
        for team in [&mut red, &mut blue] {
            let recipes = walk(team, &schema).await;
            walked.insert(team.name, recipes);
        }
        apart(&red, &blue);
        for team in &stores {
            rows::happen(team).await;
        }
        let before = snapshot(&red, &walked[RED]).await;

        foreign::places_are_places_only(&blue, &red, &walked).await;
        foreign::ids_are_nobodys(&mut blue, &red, &walked[BLUE]).await;
        foreign::ids_within_selections_are_nobodys(&mut blue, &red, &walked[BLUE]).await;
        foreign::names_are_nobodys(&blue, &walked[BLUE]).await;
        streams::tell_of_ones_own(&mut blue, &red).await;
        let after = snapshot(&red, &walked[RED]).await;
        for (field, was) in &before {
            assert_eq!(after[field], *was, "{field} of the other team has changed");
        }

        // At last what takes away: the ids of others were tried on it above.
        for team in [&mut red, &mut blue] {
            team.heard.clear();
            let recipes = walked.entry(team.name).or_default();
            for field in mutations(&schema, true) {
                call(team, Root::Mutation, &field, recipes).await;
            }
        }
        ids_are_apart(&red, &blue);
        everything_was_walked(&schema, &walked, &blue);
    }
}

/// Fills a team through its own mutations, then reads whatever can be read.
async fn walk(team: &mut Asking<'_>, schema: &Schema) -> BTreeMap<String, Recipe> {
    let mut recipes = BTreeMap::new();
    // What one needs, another may make.
    for _ in 0..2 {
        for field in mutations(schema, false) {
            call(team, Root::Mutation, &field, &mut recipes).await;
        }
        for field in schema.root(Root::Query) {
            call(team, Root::Query, field, &mut recipes).await;
        }
    }
    // Each thing by its id, with what lies around it.
    for of in schema.possible("Node") {
        let document = team.document_of_node(of);
        let ids = team.ids.get(of).cloned().unwrap_or_default();
        for id in ids.into_iter().rev().take(MOST_OF_A_TYPE) {
            let variables = Map::from_iter([("id".to_owned(), id.into())]);
            team.ask(&document, &variables).await;
        }
    }
    recipes
}

async fn call(
    team: &mut Asking<'_>,
    root: Root,
    field: &Field,
    recipes: &mut BTreeMap<String, Recipe>,
) {
    let name = format!("{root:?}.{}", field.name);
    if recipes.contains_key(&name) {
        return;
    }
    match team.find(root, field).await {
        Ok(recipe) => {
            team.failed.remove(&name);
            recipes.insert(name, recipe);
        }
        Err(reason) => {
            team.failed.insert(name, reason);
        }
    }
    // With the fewest arguments it tells the most.
    let fewest = team.values.arguments(&field.args, Given::Required);
    let document = team.document(root, field);
    if root == Root::Query {
        let fewest = with_texts(&Value::Object(fewest), &|text| {
            text.replace(MARK, team.name)
        });
        team.ask(&document, &fewest.as_object().cloned().unwrap_or_default())
            .await;
    }
}

/// The mutations in an order in which they can be called.
fn mutations(schema: &Schema, last: bool) -> Vec<Field> {
    let begins =
        |field: &Field, verbs: &[&str]| verbs.iter().position(|verb| field.name.starts_with(verb));
    let all = schema.root(Root::Mutation).iter();
    let mut wanted: Vec<Field> = all
        .filter(|field| begins(field, &LAST).is_some() == last)
        .cloned()
        .collect();
    wanted.sort_by_key(|field| {
        (
            begins(field, &FIRST).unwrap_or(FIRST.len()),
            field.name.starts_with("upsert") && !field.name.contains("Customers"),
        )
    });
    wanted
}

/// Neither team has heard of the other: no text of it, no id.
fn apart(red: &Asking<'_>, blue: &Asking<'_>) {
    for (team, other) in [(red, blue), (blue, red)] {
        for (asked, heard) in &team.heard {
            assert!(!heard.contains(other.name), "{asked}: {heard}");
        }
    }
    ids_are_apart(red, blue);
}

/// Neither team has heard an id of the other.
fn ids_are_apart(red: &Asking<'_>, blue: &Asking<'_>) {
    for (team, other) in [(red, blue), (blue, red)] {
        let foreign = other.own_ids();
        assert!(foreign.len() > 40, "{} ids", foreign.len());
        assert_eq!(team.own_ids().intersection(&foreign).next(), None);
        for (asked, heard) in &team.heard {
            let mut words = heard.split(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c));
            let told = words.find(|word| foreign.contains(*word));
            assert_eq!(told, None, "{asked}: {heard}");
        }
    }
}

/// What a team's queries answer.
async fn snapshot(
    team: &Asking<'_>,
    recipes: &BTreeMap<String, Recipe>,
) -> BTreeMap<String, Value> {
    let mut answers = BTreeMap::new();
    for (field, recipe) in recipes
        .iter()
        .filter(|(field, _)| field.starts_with("Query."))
    {
        let answer = team.send(&recipe.document, &recipe.variables).await;
        answers.insert(field.clone(), settled(&answer.body["data"], false));
    }
    answers
}
