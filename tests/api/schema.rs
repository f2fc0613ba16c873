//! The schema itself: the file that clients generate code from, and that everything in it is explained.

use std::{env, fs, path::Path};

use kpigraph::auth::Role;
use serde_json::{Value, json};

use crate::{
    fixtures::clock,
    support::{App, TestDatabase, json::path, on_both_databases},
};

const EVERYTHING: &str = "{ __schema { types {
    name kind description
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description }
    enumValues(includeDeprecated: true) { name description }
} } }";

const LISTS: &str =
    "{ __schema { types { name kind fields(includeDeprecated: true) { name args { name }
    type { ...T ofType { ...T ofType { ...T ofType { ...T } } } } } } } }
    fragment T on __Type { name kind }";
/// Types whose lists have pages by their own rules: those of connections, and answers that come whole.
const PAGED: [&str; 4] = ["Connection", "Payload", "Report", "Result"];

const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

#[test]
fn the_schema_file_is_the_schema_that_is_served() {
    is_kept("schema.graphql", kpigraph::cli::sdl());
}

#[test]
fn the_page_of_kpis_is_what_the_catalogue_says() {
    is_kept("docs/kpis.md", kpigraph::cli::catalog::markdown());
}

/// Compares a file with what makes it and, on a developer's machine, writes it anew.
fn is_kept(name: &str, made: String) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if fs::read_to_string(&file).is_ok_and(|stored| stored == made) {
        return;
    }
    if env::var_os("CI").is_none() {
        fs::write(&file, made).expect("the file can be written");
        panic!("{name} was not up to date and has been written anew: review and keep it");
    }
    panic!("{name} is not up to date: run this test on your machine, it rewrites the file");
}

on_both_databases! {
    async fn everything_in_the_schema_has_a_description(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Viewer);
        let answer = app.graphql(&token, EVERYTHING, json!({})).await;
        let types = path(&answer, "data.__schema.types");
        let mut silent = Vec::new();
        for ty in list(types) {
            let name = name(ty);
            if name.starts_with("__") || BUILT_IN.contains(&name) {
                continue;
            }
            note_silent(ty, name, &mut silent);
            for members in ["fields", "inputFields", "enumValues"] {
                for member in list(&ty[members]) {
                    let place = format!("{name}.{}", self::name(member));
                    note_silent(member, &place, &mut silent);
                    for argument in list(&member["args"]) {
                        let place = format!("{place}({})", self::name(argument));
                        note_silent(argument, &place, &mut silent);
                    }
                }
            }
        }
        assert!(silent.is_empty(), "without a description: {silent:#?}");
    }

    async fn every_list_of_objects_has_pages_or_a_limit(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Viewer);
        let answer = app.graphql(&token, LISTS, json!({})).await;
        let mut endless = Vec::new();
        for ty in list(path(&answer, "data.__schema.types")) {
            let name = name(ty);
            let paged = name.starts_with("__") || PAGED.iter().any(|end| name.ends_with(end));
            if ty["kind"] != "OBJECT" || paged {
                continue;
            }
            for field in list(&ty["fields"]) {
                let arguments = list(&field["args"]);
                let bounded = ["first", "ids", "limit"];
                if is_list_of_objects(&field["type"])
                    && !arguments.iter().any(|argument| bounded.contains(&self::name(argument)))
                {
                    endless.push(format!("{name}.{}", self::name(field)));
                }
            }
        }
        assert!(endless.is_empty(), "{endless:#?}");
    }

    async fn a_limit_cuts_a_short_list(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Viewer);
        let query = "query ($limit: Int) { recommendedMetrics(objective: SALES, limit: $limit) { key } }";
        let keys = async |limit: Value| {
            let answer = app.graphql(&token, query, json!({ "limit": limit })).await;
            list(path(&answer, "data.recommendedMetrics")).to_vec()
        };
        let all = keys(Value::Null).await;
        assert!(all.len() > 2, "{all:?}");
        assert_eq!(keys(json!(2)).await, all[..2]);
        assert_eq!(keys(json!(1_000)).await, all);
        let (_, _, refused) = app.graphql_raw(&token, query, json!({ "limit": -1 })).await;
        assert!(refused.get("errors").is_some(), "{refused}");
    }
}

/// Whether a type, with what it is made of, is a list and has rows of its own fields.
fn is_list_of_objects(ty: &Value) -> bool {
    let mut listed = false;
    let mut part = ty;
    while part.is_object() {
        listed |= part["kind"] == "LIST";
        if listed && (part["kind"] == "OBJECT" || part["kind"] == "INTERFACE") {
            return true;
        }
        part = &part["ofType"];
    }
    false
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap_or_default()
}

fn note_silent(value: &Value, place: &str, silent: &mut Vec<String>) {
    if value["description"]
        .as_str()
        .is_none_or(|text| text.trim().is_empty())
    {
        silent.push(place.to_owned());
    }
}
