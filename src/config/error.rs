//! Why settings are refused. No text holds a secret.

use std::path::PathBuf;

use config::ConfigError;

use crate::auth::InvalidAuthSetting;

/// Why settings are refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A setting has a value that is not allowed.
    #[error("setting {name} = {value} (from {origin}): allowed are {allowed}")]
    NotAllowed {
        /// The setting's name.
        name: String,
        /// Its value, less any password.
        value: String,
        /// The variable, flag or file it comes from.
        origin: String,
        /// What is allowed.
        allowed: String,
    },
    /// There is no setting of that name.
    #[error("unknown setting {name} (from {origin}); the nearest allowed names are {nearest}")]
    Unknown {
        /// The name as given.
        name: String,
        /// The file or the environment.
        origin: String,
        /// The allowed names that look most like it.
        nearest: String,
    },
    /// The settings file cannot be read.
    #[error("settings file {path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A setting is missing, or a list or table stands where a single value belongs, or the reverse.
    #[error("{0}")]
    Shape(String),
    /// A setting below `auth` is wrong.
    #[error("{source} (from {origin})")]
    Auth {
        /// The setting and its problem.
        source: InvalidAuthSetting,
        /// The variable or file it comes from.
        origin: String,
    },
}

/// A text for an error of the `config` crate, whose own texts can repeat a secret's value.
pub(super) fn shape(error: &ConfigError) -> String {
    fn of(key: Option<&String>) -> String {
        key.map_or_else(|| "a setting".to_owned(), |key| format!("setting {key}"))
    }
    match error {
        ConfigError::NotFound(key) => format!("setting {key} is missing"),
        ConfigError::Type { key, expected, .. } => {
            format!("{} must be {expected}", of(key.as_ref()))
        }
        ConfigError::At { error, key, .. } => match &**error {
            ConfigError::NotFound(field) => format!("{} lacks {field}", of(key.as_ref())),
            ConfigError::Type { expected, .. } => {
                format!("{} must be {expected}", of(key.as_ref()))
            }
            _ => format!(
                "{} has a value of the wrong kind (text, number, list or table)",
                of(key.as_ref())
            ),
        },
        _ => "a setting has a value of the wrong kind (text, number, list or table)".to_owned(),
    }
}

/// The place and the message of a TOML error, without the line it quotes.
pub(super) fn toml_problem(error: &ConfigError) -> String {
    let text = match error {
        ConfigError::FileParse { cause, .. } => cause.to_string(),
        ConfigError::Foreign(cause) => cause.to_string(),
        _ => return "cannot be read".to_owned(),
    };
    let lines: Vec<&str> = text.lines().collect();
    match lines.as_slice() {
        [place, .., message] if lines.len() > 3 => format!("{place}: {message}"),
        _ => text,
    }
}
