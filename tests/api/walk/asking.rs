//! A team's client, which knows what it has seen, and finds arguments that a field takes by trying.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kpigraph::auth::Role;
use reqwest::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};

use super::{
    schema::{Field, Root, Selected, plain, succeeded},
    values::{FILE, Given, ID, MARK, Values, with_texts},
};
use crate::support::{App, sql_statements};

/// What is imported where a file is asked for.
const ORDERS: &str =
    "order_id,customer_id,ordered_at,amount\nMARK file,MARK person,2026-06-11,30\n";
/// How far down everything is asked for, of queries, of what mutations answer, and of things by their ids.
pub const DEPTH: usize = 5;
const PAYLOAD_DEPTH: usize = 2;
const NODE_DEPTH: usize = 3;

/// An operation that does what it is asked.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub document: String,
    /// Of the team that found it.
    pub variables: Map<String, Value>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub statements: u32,
}

impl Answer {
    /// Whether the field did what it was asked, and with an id found something.
    fn did(&self, field: &str, id: &str) -> bool {
        let found = id.is_empty() || !self.body["data"][field].is_null();
        self.status == StatusCode::OK && succeeded(&self.body) && found
    }
}

/// Who asks for a team.
pub struct Asking<'a> {
    pub app: &'a App,
    pub values: &'a Values<'a>,
    pub name: &'static str,
    pub token: String,
    /// The ids that were told, by type, in their order.
    pub ids: BTreeMap<String, Vec<String>>,
    /// The types of what was told.
    pub types: BTreeSet<String>,
    /// What was selected in answers, as `Type.field`.
    pub selected: BTreeSet<String>,
    /// Why fields could not be called, as `Root.field`.
    pub failed: BTreeMap<String, String>,
    /// Every answer, as a text.
    pub heard: Vec<(String, String)>,
}

impl<'a> Asking<'a> {
    pub fn new(app: &'a App, values: &'a Values<'a>, name: &'static str) -> Self {
        Self {
            app,
            values,
            name,
            token: app.token(name, Role::Owner),
            ids: BTreeMap::new(),
            types: BTreeSet::new(),
            selected: BTreeSet::new(),
            failed: BTreeMap::new(),
            heard: Vec::new(),
        }
    }

    /// The document that asks for all of one field of a root.
    pub fn document(&mut self, root: Root, field: &Field) -> String {
        let depth = if root == Root::Query {
            DEPTH
        } else {
            PAYLOAD_DEPTH
        };
        self.document_to(root, field, depth)
    }

    /// The document that asks for the plain values of what one field of a root gives.
    pub fn brief(&mut self, root: Root, field: &Field) -> String {
        let of = self.values.schema.of_name(field.kind.named());
        // Of a thing of any type, those of each type.
        let depth = if of.kind == "OBJECT" { 1 } else { 0 };
        self.document_to(root, field, depth)
    }

    fn document_to(&mut self, root: Root, field: &Field, depth: usize) -> String {
        let mut seen = Selected::default();
        let document = self.values.document(root, field, depth, &mut seen);
        self.selected.extend(seen.fields);
        document
    }

    /// The document that asks for a thing of a type by its id.
    pub fn document_of_node(&mut self, of: &str) -> String {
        let mut seen = Selected::default();
        let schema = self.values.schema;
        let selection = schema.selection(of, NODE_DEPTH, self.values, &mut seen);
        self.selected.extend(seen.fields);
        format!("query ($id: ID!) {{ node(id: $id) {{ ... on {of} {selection} }} }}")
    }

    /// Asks, and remembers the ids that are told.
    pub async fn ask(&mut self, document: &str, variables: &Map<String, Value>) -> Answer {
        let answer = self.send(document, variables).await;
        self.note(&answer.body);
        let asked = format!("{document} {}", Value::Object(variables.clone()));
        self.heard.push((asked, answer.body.to_string()));
        answer
    }

    /// Asks without remembering anything.
    pub async fn send(&self, document: &str, variables: &Map<String, Value>) -> Answer {
        let variables = Value::Object(variables.clone());
        let mut request = self
            .app
            .client
            .post(self.app.url("/graphql"))
            .bearer_auth(&self.token);
        let has_file = variables
            .pointer("/input/file")
            .is_some_and(|file| file == FILE);
        request = match has_file {
            false => request.json(&json!({ "query": document, "variables": variables })),
            true => request
                .header(CONTENT_TYPE, "multipart/form-data; boundary=limit")
                .header("GraphQL-Require-Preflight", "1")
                .body(self.parts(document, variables)),
        };
        let answer = request.send().await.expect("the service answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await.expect("the answer can be read");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            status,
            body,
            statements: sql_statements(&headers),
        }
    }

    fn parts(&self, document: &str, mut variables: Value) -> String {
        variables["input"]["file"] = Value::Null;
        let operations = json!({ "query": document, "variables": variables });
        let part = |name: &str, rest: &str, body: &str| {
            format!(
                "--limit\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n{body}\r\n"
            )
        };
        let file = format!("; filename=\"{}.csv\"\r\nContent-Type: text/csv", self.name);
        part("operations", "", &operations.to_string())
            + &part("map", "", r#"{"0": ["variables.input.file"]}"#)
            + &part("0", &file, &ORDERS.replace(MARK, self.name))
            + "--limit--\r\n"
    }

    fn note(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.note(item)),
            Value::Object(fields) => {
                if let Some(of) = fields.get("__typename").and_then(Value::as_str) {
                    self.types.insert(of.to_owned());
                    let ids = fields.iter().filter(|(name, _)| plain(name) == "id");
                    for id in ids.filter_map(|(_, id)| id.as_str()) {
                        // A change has the id of what has changed.
                        let kind =
                            decoded(id).and_then(|text| Some(text.split_once(':')?.0.to_owned()));
                        let kind = kind.filter(|_| is_id(id)).unwrap_or(of.to_owned());
                        let known = self.ids.entry(kind).or_default();
                        if !known.iter().any(|known| known == id) {
                            known.push(id.to_owned());
                        }
                    }
                }
                fields.values().for_each(|field| self.note(field));
            }
            _ => {}
        }
    }

    /// Arguments with which a field does what it is asked; else the last reason why it does not.
    pub async fn find(&mut self, root: Root, field: &Field) -> Result<Recipe, String> {
        // A try of a query shall not take long.
        let document = match root {
            Root::Query => self.brief(root, field),
            _ => self.document(root, field),
        };
        let mut reasons: BTreeMap<String, String> = BTreeMap::new();
        let mut tries = 0;
        for given in [Given::Everything, Given::Required] {
            let made = Value::Object(self.values.arguments(&field.args, given));
            let made = with_texts(&made, &|text| text.replace(MARK, self.name));
            let ids: Vec<String> = match made.to_string().contains(ID) {
                false => vec![String::new()],
                // The newest are of the mutations before.
                true => {
                    let newest = |ids: &Vec<String>| {
                        let own = ids.iter().rev().find(|id| nobody(id).is_some());
                        own.or(ids.last()).cloned()
                    };
                    self.ids.values().filter_map(newest).collect()
                }
            };
            for id in ids {
                let mut tried = with_texts(&made, &|text| text.replace(ID, &id));
                for version in self.versions(&tried, &id).await {
                    if let (Some(version), Some(asked)) =
                        (version, tried.pointer_mut("/input/version"))
                    {
                        *asked = json!(version);
                    }
                    // A key stands for one content, and this try for another than the last.
                    let key = format!("{} key {tries}", self.name);
                    if let Some(asked) = tried.pointer_mut("/input/idempotencyKey") {
                        *asked = json!(key);
                    }
                    let variables = tried.as_object().cloned().unwrap_or_default();
                    let mut answer = self.ask(&document, &variables).await;
                    if answer.did(&field.name, &id) {
                        if root != Root::Query {
                            return Ok(Recipe {
                                document,
                                variables,
                            });
                        }
                        let document = self.document(root, field);
                        answer = self.ask(&document, &variables).await;
                        if answer.did(&field.name, &id) {
                            return Ok(Recipe {
                                document,
                                variables,
                            });
                        }
                    }
                    tries += 1;
                    let body = &answer.body;
                    let mistakes = body.get("errors").unwrap_or(&body["data"]);
                    let said: String = mistakes.to_string().chars().take(800).collect();
                    let asked = Value::Object(variables);
                    reasons.insert(format!("{given:?}"), format!("{asked} {said}"));
                }
            }
        }
        Err(format!("{reasons:#?}"))
    }

    /// The versions to try: the one that the thing with the id has now, or the first few.
    async fn versions(&self, arguments: &Value, id: &str) -> Vec<Option<u64>> {
        if arguments.pointer("/input/version").is_none() {
            return vec![None];
        }
        match self.version_of(id).await {
            Some(version) => vec![Some(version)],
            None if id.is_empty() => (0..12).map(Some).collect(),
            None => vec![Some(1)],
        }
    }

    async fn version_of(&self, id: &str) -> Option<u64> {
        let schema = self.values.schema;
        let nodes = schema.possible("Node").into_iter();
        let nodes = nodes.filter(|of| {
            schema
                .of_name(of)
                .fields()
                .iter()
                .any(|field| field.name == "version")
        });
        let parts: String = nodes
            .map(|of| format!("... on {of} {{ {of}__version: version }} "))
            .collect();
        let document = format!("query ($id: ID!) {{ node(id: $id) {{ __typename {parts} }} }}");
        let variables = Map::from_iter([("id".to_owned(), json!(id))]);
        let answer = self.send(&document, &variables).await;
        let fields = answer.body["data"]["node"].as_object()?;
        fields.values().find_map(Value::as_u64)
    }

    /// The same arguments with the version that the thing has now.
    pub async fn fresh(&self, variables: &Map<String, Value>) -> Map<String, Value> {
        let mut variables = Value::Object(variables.clone());
        let has_version = variables.pointer("/input/version").is_some();
        let id = variables.pointer("/input/id").and_then(Value::as_str);
        if let Some(id) = id.map(str::to_owned).filter(|_| has_version)
            && let Some(version) = self.version_of(&id).await
            && let Some(asked) = variables.pointer_mut("/input/version")
        {
            *asked = json!(version);
        }
        variables.as_object().cloned().unwrap_or_default()
    }

    /// One id of each type.
    pub fn one_of_each(&self) -> Vec<(&str, &str)> {
        let own = |ids: &'_ [String]| ids.iter().position(|id| nobody(id).is_some());
        let each = self
            .ids
            .iter()
            .filter_map(|(of, ids)| Some((of.as_str(), ids[own(ids)?].as_str())));
        each.collect()
    }

    /// Every id of this team alone, as clients see it and as it is in the database.
    pub fn own_ids(&self) -> BTreeSet<String> {
        let ids = self
            .ids
            .values()
            .flatten()
            .filter(|id| nobody(id).is_some());
        let both = ids.flat_map(|id| {
            let number = decoded(id).and_then(|text| Some(text.split_once(':')?.1.to_owned()));
            [Some(id.clone()), number.filter(|number| number.len() > 9)]
        });
        both.flatten().collect()
    }
}

fn decoded(id: &str) -> Option<String> {
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(id).ok()?).ok()
}

/// An id of the same form that is nobody's; `None` for what is no team's own.
pub fn nobody(id: &str) -> Option<String> {
    let text = decoded(id)?;
    let (of, rest) = text.split_once(':')?;
    let other = match rest.parse::<i64>() {
        // As many digits.
        Ok(number) => (number - 1_234_567).max(1).to_string(),
        Err(_) => {
            let parts: Value = serde_json::from_str(rest).ok()?;
            let check = parts.get("check")?.as_u64()?;
            // As it was written, but for this.
            let [old, new] = [check, check ^ 1].map(|check| format!("\"check\":{check}"));
            rest.replace(&old, &new)
        }
    };
    Some(BASE64_URL_SAFE_NO_PAD.encode(format!("{of}:{other}")))
}

/// Whether a text is an id.
pub fn is_id(text: &str) -> bool {
    decoded(text).is_some_and(|text| {
        let (of, rest) = text.split_once(':').unwrap_or_default();
        of.starts_with(|first: char| first.is_ascii_uppercase()) && !rest.is_empty()
    })
}
