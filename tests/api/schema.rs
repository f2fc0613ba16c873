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
