//! The names of settings in the file and in the environment, and what to suggest for a wrong one.

use super::{Allowed, SCALARS};
use crate::auth::{AuthSettings, ClaimNames, IssuerSettings};

/// A setting that is one value.
#[derive(Debug)]
pub(super) struct Scalar {
    /// The name in the file, and with dashes the flag.
    pub name: &'static str,
    /// The environment variable.
    pub environment: &'static str,
    pub initial: Initial,
    pub allowed: Allowed,
}

/// What holds when nothing is set.
#[derive(Debug)]
pub(super) enum Initial {
    /// This value.
    Value(&'static str),
    /// A value that depends on other settings, in words.
    Derived(
        #[expect(
            dead_code,
            reason = "the words are for help texts, made at compile time"
        )]
        &'static str,
    ),
}

impl Scalar {
    /// The flag, such as `--data-dir`.
    pub fn flag(&self) -> String {
        format!("--{}", self.name.replace('_', "-"))
    }
}

/// The variable that names the settings file.
pub(super) const CONFIG_VARIABLE: &str = "KPIGRAPH_CONFIG";

const PREFIX: &str = "KPIGRAPH_";

/// What a variable of the environment is to the settings.
#[derive(Debug, PartialEq)]
pub(super) enum Variable {
    /// It sets the setting of this name.
    Setting(String),
    /// It is none of ours.
    Foreign,
    /// It looks like ours, but there is no such setting.
    Unknown,
}

/// Sorts a variable of the environment.
pub(super) fn variable(name: &str, value: &str) -> Variable {
    if let Some(scalar) = SCALARS.iter().find(|scalar| scalar.environment == name) {
        return Variable::Setting(scalar.name.to_owned());
    }
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return Variable::Foreign;
    };
    if name == CONFIG_VARIABLE || is_service_link(rest, value) {
        return Variable::Foreign;
    }
    let key = rest.to_ascii_lowercase().replace("__", ".");
    if settable().any(|known| known == key) {
        Variable::Setting(key)
    } else {
        Variable::Unknown
    }
}

/// Kubernetes and Docker set such variables for a service that is called `kpigraph`.
fn is_service_link(rest: &str, value: &str) -> bool {
    let is_port = rest == "PORT" || rest.starts_with("PORT_");
    rest == "SERVICE_HOST"
        || rest == "SERVICE_PORT"
        || rest.starts_with("SERVICE_PORT_")
        || (is_port && (value.contains("://") || rest.contains("_TCP") || rest.contains("_UDP")))
}

/// The names that the environment can set.
fn settable() -> impl Iterator<Item = String> {
    let below = |table: &'static str, fields: &[&'static str]| {
        fields
            .iter()
            .map(|field| format!("{table}.{field}"))
            .collect::<Vec<_>>()
    };
    SCALARS
        .iter()
        .map(|scalar| scalar.name.to_owned())
        .chain(below("auth", &["leeway_seconds", "issuers"]))
        .chain(below("auth.claims", ClaimNames::FIELDS))
}

/// The environment variables that look most like `name`.
pub(super) fn nearest_variables(name: &str) -> String {
    let nested = settable().filter(|key| key.contains('.'));
    let nested =
        nested.map(|key| format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__")));
    let flat = SCALARS.iter().map(|scalar| scalar.environment.to_owned());
    nearest(name, flat.chain(nested).chain([CONFIG_VARIABLE.to_owned()]))
}

/// The allowed fields of the table at `path` in the file, or nothing when its fields are not settings of ours.
pub(super) fn fields_of(path: &str) -> Vec<&'static str> {
    match path {
        "" => SCALARS
            .iter()
            .map(|scalar| scalar.name)
            .chain(["auth"])
            .collect(),
        "auth" => AuthSettings::FIELDS.to_vec(),
        "auth.claims" => ClaimNames::FIELDS.to_vec(),
        _ if path.ends_with("].claims") => ClaimNames::FIELDS.to_vec(),
        _ => IssuerSettings::FIELDS.to_vec(),
    }
}

/// The three of `names` that look most like `name`.
pub(super) fn nearest(name: &str, names: impl IntoIterator<Item = String>) -> String {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_cached_key(|known| strsim::osa_distance(name, known));
    names.truncate(3);
    names.join(", ")
}
