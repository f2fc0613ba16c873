//! Lays defaults, file, environment and flags over one another, and checks the result.

use std::path::{Path, PathBuf};

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use super::{
    Allowed, SCALARS, Settings, SettingsError, SettingsFlags,
    error::{shape, toml_problem},
    names::{self, CONFIG_VARIABLE, Initial, Variable},
};
use crate::auth::MAX_LEEWAY_SECONDS;

const DEFAULTS: &str = "the defaults";

pub(super) fn load(
    flags: &SettingsFlags,
    environment: impl IntoIterator<Item = (String, String)>,
    file: Option<PathBuf>,
) -> Result<Settings, SettingsError> {
    // Compose files and the like set variables to nothing when they mean not to set them.
    let mut environment: Vec<_> = environment
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    // So that KPIGRAPH_DATABASE_URL always comes after, and wins over, DATABASE_URL.
    environment.sort();
    let named = environment
        .iter()
        .find(|(name, _)| name == CONFIG_VARIABLE)
        .map(|(_, path)| PathBuf::from(path));
    let mut builder = Config::builder().add_source(defaults());
    if let Some(path) = flags.config.clone().or(named).or(file) {
        builder = builder.add_source(from_file(&path)?);
    }
    let config = builder
        .add_source(from_environment(environment)?)
        .add_source(from_flags(flags))
        .build()
        .map_err(|error| SettingsError::Shape(shape(&error)))?;
    let merged = config
        .collect()
        .map_err(|error| SettingsError::Shape(shape(&error)))?;
    check_names(&merged, "", DEFAULTS)?;
    for scalar in SCALARS {
        check_value(&merged, scalar.name, scalar.allowed)?;
    }
    let auth = merged.get("auth").map(|auth| (auth, &auth.kind));
    if let Some((_, ValueKind::Table(auth))) = auth {
        check_value_as(
            auth,
            "leeway_seconds",
            "auth.leeway_seconds",
            Allowed::Range(0, MAX_LEEWAY_SECONDS),
        )?;
    }
    let settings: Settings = config
        .try_deserialize()
        .map_err(|error| SettingsError::Shape(shape(&error)))?;
    settings.auth.validate().map_err(|source| {
        let origin = auth
            .and_then(|(auth, _)| origin_below(auth))
            .unwrap_or(DEFAULTS)
            .to_owned();
        SettingsError::Auth { source, origin }
    })?;
    Ok(settings)
}

/// Values with the place each comes from.
#[derive(Debug, Clone, Default)]
struct Layer(Map<String, Value>);

impl Layer {
    fn set(&mut self, name: &str, origin: &str, kind: impl Into<ValueKind>) {
        self.0
            .insert(name.to_owned(), Value::new(Some(&origin.to_owned()), kind));
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

fn defaults() -> Layer {
    let mut layer = Layer::default();
    for scalar in SCALARS {
        if let Initial::Value(value) = scalar.initial {
            layer.set(scalar.name, DEFAULTS, value);
        }
    }
    layer
}

fn from_file(path: &Path) -> Result<Layer, SettingsError> {
    let refused = |problem: String| SettingsError::File {
        path: path.to_owned(),
        problem,
    };
    // The config crate would also try the name with other endings.
    if let Err(error) = std::fs::File::open(path) {
        return Err(refused(error.to_string()));
    }
    let file = File::from(path).format(FileFormat::Toml);
    file.collect()
        .map(Layer)
        .map_err(|error| refused(toml_problem(&error)))
}

fn from_environment(environment: Vec<(String, String)>) -> Result<Layer, SettingsError> {
    let mut layer = Layer::default();
    for (variable, value) in environment {
        match names::variable(&variable, &value) {
            Variable::Foreign => {}
            Variable::Unknown => {
                let nearest = names::nearest_variables(&variable);
                return Err(SettingsError::Unknown {
                    name: variable,
                    origin: "the environment".to_owned(),
                    nearest,
                });
            }
            Variable::Setting(name) if name == "auth.issuers" => {
                let issuers: Value = serde_json::from_str(&value).map_err(|_| {
                    SettingsError::Shape(format!(
                        "setting {name} (from {variable}) must be a JSON list of issuers"
                    ))
                })?;
                layer.set(&name, &variable, issuers.kind);
            }
            Variable::Setting(name) => layer.set(&name, &variable, value),
        }
    }
    Ok(layer)
}

fn from_flags(flags: &SettingsFlags) -> Layer {
    let mut layer = Layer::default();
    for (scalar, value) in flags.given() {
        layer.set(scalar.name, &scalar.flag(), value);
    }
    layer
}

/// Refuses names that are no settings, in every table of the merged layers.
fn check_names(table: &Map<String, Value>, path: &str, origin: &str) -> Result<(), SettingsError> {
    let known = names::fields_of(path);
    for (field, value) in table {
        let name = if path.is_empty() {
            field.clone()
        } else {
            format!("{path}.{field}")
        };
        let origin = origin_below(value).unwrap_or(origin);
        if !known.contains(&field.as_str()) {
            let nearest = names::nearest(field, known.iter().map(|known| (*known).to_owned()));
            return Err(SettingsError::Unknown {
                name,
                origin: origin.to_owned(),
                nearest,
            });
        }
        match &value.kind {
            ValueKind::Table(inner) if !is_scalar(path, field) => {
                check_names(inner, &name, origin)?
            }
            ValueKind::Array(list) if name == "auth.issuers" => {
                for (index, item) in list.iter().enumerate() {
                    if let ValueKind::Table(inner) = &item.kind {
                        check_names(inner, &format!("{name}[{index}]"), origin)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether the field holds one value, so that a table there is wrong as a whole.
fn is_scalar(path: &str, field: &str) -> bool {
    !matches!((path, field), ("", "auth") | (_, "claims"))
}

fn check_value(
    table: &Map<String, Value>,
    name: &str,
    allowed: Allowed,
) -> Result<(), SettingsError> {
    check_value_as(table, name, name, allowed)
}

fn check_value_as(
    table: &Map<String, Value>,
    field: &str,
    name: &str,
    allowed: Allowed,
) -> Result<(), SettingsError> {
    let Some(value) = table.get(field) else {
        return Ok(());
    };
    let text = value.clone().into_string().ok();
    if text.as_deref().is_some_and(|text| allowed.accepts(text)) {
        return Ok(());
    }
    Err(SettingsError::NotAllowed {
        name: name.to_owned(),
        value: text.map_or_else(
            || "(a list or table)".to_owned(),
            |text| allowed.shown(&text),
        ),
        origin: origin_below(value).unwrap_or(DEFAULTS).to_owned(),
        allowed: allowed.to_string(),
    })
}

/// Where a value comes from; tables that several layers share take the place of a value in them.
fn origin_below(value: &Value) -> Option<&str> {
    value.origin().or_else(|| match &value.kind {
        ValueKind::Table(table) => table.values().find_map(origin_below),
        ValueKind::Array(list) => list.iter().find_map(origin_below),
        _ => None,
    })
}
