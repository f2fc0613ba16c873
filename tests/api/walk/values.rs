//! Values for arguments, made from their types; a small table says what a type does not.

use serde_json::{Map, Value, json};

use super::schema::{Field, Schema, TypeRef};

/// Stands for the name of the team that asks.
pub const MARK: &str = "MARK";
/// Stands for an id, of which only a try tells what it shall be of.
pub const ID: &str = "<id>";
/// Stands for a file.
pub const FILE: &str = "<file>";

/// Fields of inputs, as `Input.field` or as `field` of any input, that need other values than their types tell.
/// `null` leaves a field out.
const SPECIAL: &[(&str, &str)] = &[
    // What turns a call into another one.
    ("dryRun", "null"),
    ("replaceWindow", "null"),
    ("after", "null"),
    ("before", "null"),
    ("last", "null"),
    ("first", "100"),
    // Names and addresses.
    ("email", r#""0@MARK.example""#),
    ("url", r#""http://127.0.0.1:9/MARK""#),
    ("referrer", r#""https://MARK.example/""#),
    ("source", r#""MARK""#),
    ("system", r#""MARK""#),
    ("country", r#""DE""#),
    ("ExternalRefInput.id", r#""0""#),
    (
        "CreateCampaignInput.externalRefs",
        r#"[{"system": "MARK", "id": "MARK spring"}]"#,
    ),
    (
        "MergeCustomersInput.merge",
        r#"{"external": {"system": "MARK", "id": "1"}}"#,
    ),
    (
        "EraseCustomerInput.customer",
        r#"{"external": {"system": "MARK", "id": "2"}}"#,
    ),
    ("property", r#""tone""#),
    ("PropertyInput.key", r#""tone""#),
    // Spans.
    ("startsOn", r#""2026-06-01""#),
    ("endsOn", r#""2026-06-30""#),
    ("deadline", r#""2026-06-30""#),
    ("from", r#""2026-06-01""#),
    ("to", r#""2026-06-30""#),
    ("expiresAt", r#""2026-12-01T00:00:00Z""#),
    // Figures that fit one another.
    ("ExchangeRateUpsert.from", r#""USD""#),
    ("ExchangeRateUpsert.to", r#""EUR""#),
    ("FigureUpsert.figure", r#""brand_searches""#),
    ("OpportunityUpsert.openedAt", "null"),
    ("OrderUpsert.gross", r#""120""#),
    ("OrderUpsert.tax", r#""20""#),
    ("OrderUpsert.net", "null"),
    ("OrderUpsert.discount", "null"),
    ("OrderUpsert.shipping", "null"),
    ("OrderUpsert.status", r#""paid""#),
    ("RefundUpsert.orderId", r#""MARK id""#),
    ("SurveyAnswerUpsert.scaleMax", "5"),
    ("p25", r#""0.1""#),
    ("p50", r#""0.2""#),
    ("p75", r#""0.3""#),
    ("baseline", r#""0""#),
    ("target", r#""1000""#),
    // Kinds of questions.
    ("FunnelInput.steps", r#"["LEAD", "CUSTOMER"]"#),
    ("expression", r#""SPEND / CLICKS""#),
    ("SetBenchmarkInput.source", r#""MARK by hand""#),
    ("SetAlertRuleInput.condition", r#""VALUE""#),
    ("SetAlertRuleInput.op", r#""GT""#),
    ("SetAlertRuleInput.minVolume", "null"),
    ("SetAlertRuleInput.scope", "null"),
    ("SetGoalInput.scope", "null"),
    (
        "SetImportMappingInput.columns",
        r#"[{"column": "date", "names": ["Datum"]}, {"column": "campaign_id", "names": ["MARK"]}, {"column": "clicks", "names": ["Klicks"]}]"#,
    ),
    (
        "SetExperimentInput.variants",
        r#"[{"name": "MARK a", "exposures": 100, "conversions": 10}, {"name": "MARK b", "exposures": 100, "conversions": 20}]"#,
    ),
    ("CompareInput.range", "null"),
    ("CompareInput.to", r#""PREVIOUS_PERIOD""#),
];

/// Values that enums and inputs with one field begin with, where the first would not do.
const PREFERRED: &[(&str, &str)] = &[
    ("MetricKey", "CLICKS"),
    ("Dimension", "CAMPAIGN"),
    ("Grain", "DAY"),
    ("LifecycleStage", "LEAD"),
    ("GoalKind", "ACCUMULATE"),
    ("ImportFormat", "AD_STATS"),
    ("MetricFilter", "dimension"),
    ("OrderTarget", "metric"),
    ("PeriodInput", "preset"),
    ("PeriodPreset", "ALL_TIME"),
    ("RefInput", "external"),
];

/// How much of what may be left out is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// What must be.
    Required,
    /// All but ids.
    Everything,
}

/// Makes values.
pub struct Values<'a> {
    pub schema: &'a Schema,
    /// Whether fields within a selection that need an id are asked for, with [`ID`] in its place.
    pub ids_within: bool,
}

/// A way down to one id in a value: names of fields; lists have one item.
pub type Way = Vec<String>;

impl Values<'_> {
    /// The arguments of a field.
    pub fn arguments(&self, arguments: &[Field], given: Given) -> Map<String, Value> {
        let made = arguments.iter().filter_map(|argument| {
            Some((argument.name.clone(), self.field("", argument, given, 0)?))
        });
        made.collect()
    }

    /// The arguments that a field within a selection needs, as they are written in a document; `None` where that cannot
    /// be told. Lists are short.
    pub fn written_arguments(&self, arguments: &[Field]) -> Option<String> {
        let mut parts = Vec::new();
        for argument in arguments {
            if argument.kind.is_required() || argument.name == "first" {
                let value = self.field("", argument, Given::Required, 0)?;
                // Which id would be right cannot be told.
                if !self.ids_within && value.to_string().contains(ID) {
                    return None;
                }
                let value = if argument.name == "first" {
                    json!(2)
                } else {
                    value
                };
                parts.push(format!(
                    "{}: {}",
                    argument.name,
                    self.written(&argument.kind, &value)
                ));
            }
        }
        match parts.is_empty() {
            true => Some(String::new()),
            false => Some(format!("({})", parts.join(", "))),
        }
    }

    fn field(&self, owner: &str, field: &Field, given: Given, depth: usize) -> Option<Value> {
        let own = format!("{owner}.{}", field.name);
        let special = |name: &str| SPECIAL.iter().find(|(of, _)| *of == name);
        // A name says nothing about an argument that is an input of its own.
        let fits = |text: &str| match self.schema.of_name(field.kind.named()).kind.as_str() {
            "INPUT_OBJECT" | "ENUM" => text == "null",
            _ => true,
        };
        let found = special(&own).or_else(|| special(&field.name).filter(|(_, text)| fits(text)));
        let wanted = field.kind.is_required()
            || given == Given::Everything && self.may_be_given(field, depth);
        if !wanted && field.name != "first" {
            return None;
        }
        match found {
            Some((_, "null")) => None,
            Some((_, text)) => Some(serde_json::from_str(text).expect("the table holds JSON")),
            None => self.value(&field.kind, &field.name, given, depth),
        }
    }

    /// Ids that are not needed, versions of what has an id, and inputs far down are left out.
    fn may_be_given(&self, field: &Field, depth: usize) -> bool {
        !["ID", "Upload"].contains(&field.kind.named()) && field.name != "version" && depth < 4
    }

    fn value(&self, of: &TypeRef, name: &str, given: Given, depth: usize) -> Option<Value> {
        match (&of.of_type, of.kind.as_str()) {
            (Some(inner), "NON_NULL") => return self.value(inner, name, given, depth),
            (Some(inner), _) => return Some(json!([self.value(inner, name, given, depth)?])),
            (None, _) => {}
        }
        let kind = self.schema.of_name(of.named());
        let preferred = PREFERRED.iter().find(|(of_kind, _)| *of_kind == of.named());
        Some(match kind.kind.as_str() {
            "ENUM" => json!(preferred.map(|(_, value)| *value).or(kind.first_value())?),
            "INPUT_OBJECT" => {
                let fields = kind.fields().iter();
                let made = |field: &Field| {
                    let field = match kind.is_one_of() {
                        true => {
                            return Some((
                                field.name.clone(),
                                self.value(&field.kind, &field.name, given, depth + 1)?,
                            ));
                        }
                        false => field,
                    };
                    Some((
                        field.name.clone(),
                        self.field(of.named(), field, given, depth + 1)?,
                    ))
                };
                let one = preferred.map(|(_, name)| *name);
                let made: Map<String, Value> = match kind.is_one_of() {
                    true => fields
                        .filter(|field| one.is_none_or(|one| field.name == one))
                        .take(1)
                        .filter_map(made)
                        .collect(),
                    false => fields.filter_map(made).collect(),
                };
                Value::Object(made)
            }
            _ => match of.named() {
                "ID" => json!(ID),
                "Upload" => json!(FILE),
                "Int" => json!(1),
                "Float" => json!(1.5),
                "Boolean" => json!(true),
                "Decimal" => json!("1.5"),
                "Date" => json!("2026-06-10"),
                "DateTime" => json!("2026-06-10T12:00:00Z"),
                "CurrencyCode" => json!("EUR"),
                "TimeZone" => json!("UTC"),
                "String" => json!(format!("{MARK} {name}")),
                _ => return None,
            },
        })
    }

    /// A value as it is written in a document.
    fn written(&self, of: &TypeRef, value: &Value) -> String {
        match (&of.of_type, value) {
            (Some(inner), Value::Array(items)) if of.kind == "LIST" => {
                let items: Vec<_> = items.iter().map(|item| self.written(inner, item)).collect();
                format!("[{}]", items.join(", "))
            }
            (Some(inner), value) => self.written(inner, value),
            (None, Value::Object(fields)) => {
                let kind = self.schema.of_name(of.named());
                let parts = kind.fields().iter().filter_map(|field| {
                    let value = fields.get(&field.name)?;
                    Some(format!(
                        "{}: {}",
                        field.name,
                        self.written(&field.kind, value)
                    ))
                });
                format!("{{ {} }}", parts.collect::<Vec<_>>().join(", "))
            }
            (None, Value::String(name)) if self.schema.of_name(of.named()).kind == "ENUM" => {
                name.clone()
            }
            (None, value) => value.to_string(),
        }
    }

    /// The ways to every id that the arguments can hold. The value of a dimension can be an id, too.
    pub fn ways_to_ids(&self, arguments: &[Field]) -> Vec<Way> {
        let mut ways = Vec::new();
        for argument in arguments {
            self.ways(argument, false, vec![argument.name.clone()], &mut ways);
        }
        ways
    }

    fn ways(&self, field: &Field, beside_dimension: bool, way: Way, found: &mut Vec<Way>) {
        let name = field.kind.named();
        if name == "ID" || beside_dimension && name == "String" && field.name != "property" {
            found.push(way);
            return;
        }
        let kind = self.schema.of_name(name);
        // Inputs within inputs of their own kind tell nothing new.
        if kind.kind != "INPUT_OBJECT" || way.len() > 6 {
            return;
        }
        let with_dimension = kind
            .fields()
            .iter()
            .any(|field| field.kind.named() == "Dimension")
            && !kind.is_one_of();
        for inner in kind.fields() {
            if inner.kind.named() == name {
                continue;
            }
            let way = way.iter().cloned().chain([inner.name.clone()]).collect();
            self.ways(inner, with_dimension, way, found);
        }
    }

    /// The arguments with an id at the end of a way. What is missing on the way is made.
    pub fn with_id(
        &self,
        arguments: &[Field],
        given: &Map<String, Value>,
        way: &[String],
        id: &str,
    ) -> Map<String, Value> {
        let mut changed = given.clone();
        let Some((first, rest)) = way.split_first() else {
            return changed;
        };
        if let Some(argument) = arguments.iter().find(|argument| argument.name == *first) {
            let value = self.put(&argument.kind, given.get(first), rest, id);
            changed.insert(first.clone(), value);
        }
        changed
    }

    fn put(&self, of: &TypeRef, value: Option<&Value>, way: &[String], id: &str) -> Value {
        match (&of.of_type, of.kind.as_str()) {
            (Some(inner), "NON_NULL") => return self.put(inner, value, way, id),
            (Some(inner), _) => {
                let first = value.and_then(|value| value.get(0));
                return json!([self.put(inner, first, way, id)]);
            }
            (None, _) => {}
        }
        let Some((first, rest)) = way.split_first() else {
            return json!(id);
        };
        let kind = self.schema.of_name(of.named());
        let known = value.and_then(Value::as_object).cloned();
        let mut fields = match kind.is_one_of() {
            true => known
                .unwrap_or_default()
                .into_iter()
                .filter(|(name, _)| name == first)
                .collect(),
            false => known.unwrap_or_else(|| {
                let made = self.value(of, first, Given::Required, 1);
                made.and_then(|made| made.as_object().cloned())
                    .unwrap_or_default()
            }),
        };
        if let Some(field) = kind.fields().iter().find(|field| field.name == *first) {
            let value = self.put(&field.kind, fields.get(first), rest, id);
            fields.insert(first.clone(), value);
        }
        Value::Object(fields)
    }
}

/// The value with texts changed.
pub fn with_texts(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => json!(change(text)),
        Value::Array(items) => items.iter().map(|item| with_texts(item, change)).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), with_texts(value, change)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}
