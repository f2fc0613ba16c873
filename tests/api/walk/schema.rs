//! The served schema, read by introspection, and what can be selected of a type.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::values::{ID, Values};
use crate::support::App;

const INTROSPECTION: &str = "{ __schema { queryType { name } mutationType { name } subscriptionType { name }
    types { name kind isOneOf possibleTypes { name } enumValues { name }
        fields { name args { name type { ...T } } type { ...T } }
        inputFields { name type { ...T } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A type where it is used: with its lists and what may not be null.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeRef {
    pub kind: String,
    name: Option<String>,
    pub of_type: Option<Box<TypeRef>>,
}

impl TypeRef {
    pub fn is_required(&self) -> bool {
        self.kind == "NON_NULL"
    }

    /// The name of the type within lists.
    pub fn named(&self) -> &str {
        match (&self.of_type, &self.name) {
            (Some(inner), _) => inner.named(),
            (None, name) => name.as_deref().unwrap_or_default(),
        }
    }

    /// As it is written in a document.
    pub fn written(&self) -> String {
        match (&self.of_type, self.kind.as_str()) {
            (Some(inner), "NON_NULL") => format!("{}!", inner.written()),
            (Some(inner), _) => format!("[{}]", inner.written()),
            (None, _) => self.named().to_owned(),
        }
    }
}

/// A field, an argument or a field of an input.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    pub name: String,
    #[serde(default)]
    pub args: Vec<Field>,
    #[serde(rename = "type")]
    pub kind: TypeRef,
}

#[derive(Debug, Clone, Deserialize)]
struct Named {
    name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Type {
    name: String,
    pub kind: String,
    #[serde(default)]
    is_one_of: Option<bool>,
    possible_types: Option<Vec<Named>>,
    enum_values: Option<Vec<Named>>,
    fields: Option<Vec<Field>>,
    input_fields: Option<Vec<Field>>,
}

impl Type {
    pub fn is_one_of(&self) -> bool {
        self.is_one_of.unwrap_or_default()
    }

    pub fn fields(&self) -> &[Field] {
        let fields = self.fields.as_deref();
        fields.or(self.input_fields.as_deref()).unwrap_or_default()
    }

    pub fn first_value(&self) -> Option<&str> {
        Some(self.enum_values.as_ref()?.first()?.name.as_str())
    }
}

/// All types by name.
pub struct Schema {
    types: BTreeMap<String, Type>,
    roots: [String; 3],
}

/// An operation's root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    Query,
    Mutation,
    Subscription,
}

impl Schema {
    /// The schema that the service tells of.
    pub async fn of(app: &App, token: &str) -> Self {
        let answer = app.graphql(token, INTROSPECTION, json!({})).await;
        let told = &answer["data"]["__schema"];
        let types: Vec<Type> =
            serde_json::from_value(told["types"].clone()).expect("types have this form");
        let root = |which: &str| told[which]["name"].as_str().unwrap_or_default().to_owned();
        Self {
            types: types.into_iter().map(|of| (of.name.clone(), of)).collect(),
            roots: ["queryType", "mutationType", "subscriptionType"].map(root),
        }
    }

    pub fn of_name(&self, name: &str) -> &Type {
        let found = self.types.get(name);
        found.unwrap_or_else(|| panic!("there is no type {name}"))
    }

    pub fn root(&self, root: Root) -> &[Field] {
        let place = match root {
            Root::Query => 0,
            Root::Mutation => 1,
            Root::Subscription => 2,
        };
        self.of_name(&self.roots[place]).fields()
    }

    /// The types that implement an interface.
    pub fn possible(&self, interface: &str) -> Vec<&str> {
        let of = self.of_name(interface).possible_types.iter().flatten();
        of.map(|of| of.name.as_str()).collect()
    }

    /// Every type with fields that answers can hold, and each of its fields, as `Type.field`.
    pub fn all_fields(&self) -> BTreeSet<String> {
        let shown = self
            .types
            .values()
            .filter(|of| of.kind == "OBJECT" && !of.name.starts_with("__"));
        let fields = shown.flat_map(|of| {
            of.fields()
                .iter()
                .map(|field| format!("{}.{}", of.name, field.name))
        });
        fields.collect()
    }

    /// Everything that can be selected of a type, to a depth. What a type has below it is written out where the type
    /// is met first, nearest to the root; elsewhere there are its plain values alone.
    pub fn selection(
        &self,
        of: &str,
        depth: usize,
        values: &Values<'_>,
        seen: &mut Selected,
    ) -> String {
        let found = self.of_name(of);
        if found.kind != "OBJECT" {
            let parts = self.possible(of).into_iter().map(|object| {
                let inner = self.fields(object, depth, values, seen, true);
                format!("... on {object} {{ {inner} }}")
            });
            let parts: Vec<_> = parts.collect();
            let own = found.fields().iter().filter(|field| self.is_plain(field));
            let own: Vec<_> = own.map(|field| field.name.as_str()).collect();
            return format!("{{ __typename {} {} }}", own.join(" "), parts.join(" "));
        }
        format!(
            "{{ __typename {} }}",
            self.fields(of, depth, values, seen, false)
        )
    }

    fn is_plain(&self, field: &Field) -> bool {
        ["SCALAR", "ENUM"].contains(&self.of_name(field.kind.named()).kind.as_str())
    }

    fn fields(
        &self,
        of: &str,
        depth: usize,
        values: &Values<'_>,
        seen: &mut Selected,
        within: bool,
    ) -> String {
        let opened = depth > 0 && seen.opened.insert(of.to_owned());
        let mut text = String::new();
        for field in self.of_name(of).fields() {
            let target = field.kind.named();
            let composite = !self.is_plain(field);
            // A connection, its edges and its payloads are on the way to rows, not things of their own.
            let passing = ["Connection", "Edge", "Payload"]
                .iter()
                .any(|end| of.ends_with(end));
            if composite && !(opened || passing && depth > 0) {
                continue;
            }
            let Some(arguments) = values.written_arguments(&field.args) else {
                continue;
            };
            let below = match composite {
                true => self.selection(target, depth - 1, values, seen),
                false => String::new(),
            };
            let name = format!("{of}.{}", field.name);
            if arguments.contains(ID) {
                seen.by_id.insert(name.clone());
            }
            seen.fields.insert(name);
            // Fields of one name may differ in type between the types of an interface.
            let alias = match within {
                true => format!("{of}__{}: ", field.name),
                false => String::new(),
            };
            text += &format!("{alias}{}{arguments} {below} ", field.name);
        }
        text
    }
}

/// What a document selects.
#[derive(Default)]
pub struct Selected {
    /// The types whose parts are written out.
    opened: BTreeSet<String>,
    /// As `Type.field`.
    pub fields: BTreeSet<String>,
    /// Those of them that take an id.
    pub by_id: BTreeSet<String>,
}

impl Values<'_> {
    /// The document that asks for one field of a root, down to a depth. Its arguments are variables.
    pub fn document(&self, root: Root, field: &Field, depth: usize, seen: &mut Selected) -> String {
        let of = field.kind.named();
        let selection = match self.schema.is_plain(field) {
            true => String::new(),
            false => self.schema.selection(of, depth, self, seen),
        };
        let args = field.args.iter();
        let declared = args
            .clone()
            .map(|of| format!("${}: {}", of.name, of.kind.written()));
        let passed = args.map(|of| format!("{0}: ${0}", of.name));
        let within = |parts: Vec<String>| match parts.is_empty() {
            true => String::new(),
            false => format!("({})", parts.join(", ")),
        };
        format!(
            "{} {} {{ {}{} {selection} }}",
            format!("{root:?}").to_lowercase(),
            within(declared.collect()),
            field.name,
            within(passed.collect())
        )
    }
}

/// The name of a field in an answer without the type that [`Schema::selection`] puts before it.
pub fn plain(name: &str) -> &str {
    name.rsplit("__")
        .next()
        .filter(|plain| !plain.is_empty())
        .unwrap_or(name)
}

/// Whether an answer's operation did what it was asked: no error, neither of the request nor told as a mistake, and no
/// row refused.
pub fn succeeded(body: &Value) -> bool {
    fn free_of_mistakes(value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().all(free_of_mistakes),
            Value::Object(fields) => fields.iter().all(|(name, value)| match name.as_str() {
                "failed" => value.as_u64().unwrap_or_default() == 0,
                _ => free_of_mistakes(value),
            }),
            _ => true,
        }
    }
    let told = body["data"].as_object().into_iter().flatten();
    let mistakes = told.flat_map(|(_, payload)| payload["errors"].as_array().into_iter().flatten());
    body.get("errors").is_none() && mistakes.count() == 0 && free_of_mistakes(&body["data"])
}
