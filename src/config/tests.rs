//! What each layer can set, and which layer wins.

mod auth;

use std::io::Write;

use clap::{CommandFactory, Parser};
use secrecy::ExposeSecret;

use super::*;

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    settings: SettingsFlags,
}

fn flags(given: &[&str]) -> SettingsFlags {
    Cli::parse_from(["kpigraph"].iter().chain(given)).settings
}

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn from_env(pairs: &[(&str, &str)]) -> Result<Settings, String> {
    Settings::load_from(&SettingsFlags::default(), env(pairs), None)
        .map_err(|error| error.to_string())
}

fn from_file(text: &str) -> Result<Settings, String> {
    let file = file(text);
    let path = Some(file.path().to_owned());
    Settings::load_from(&SettingsFlags::default(), [], path).map_err(|error| error.to_string())
}

#[test]
fn nothing_set_gives_the_defaults() {
    let settings = Settings::default();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(
        settings.database().expose_secret(),
        "sqlite://./data/kpigraph.db?mode=rwc"
    );
    assert_eq!(settings.database_shown(), "sqlite://./data/kpigraph.db");
    assert_eq!(
        (
            settings.database_connections,
            settings.database_wait_seconds
        ),
        (10, 30)
    );
    assert_eq!(
        (settings.acquire_timeout_seconds, settings.body_limit_bytes),
        (3, 8_388_608)
    );
    assert_eq!(
        (settings.upload_limit_bytes, settings.import_jobs),
        (1 << 30, 2)
    );
    assert_eq!(
        (
            settings.max_depth,
            settings.max_fields,
            settings.request_timeout_seconds
        ),
        (15, 2_000, 30)
    );
    assert_eq!(
        (settings.log_format, settings.log_level.as_str()),
        (LogFormat::Human, "info")
    );
    assert_eq!((settings.graphiql, settings.shutdown_seconds), (true, 10));
    assert!(settings.auth.issuers.is_empty());
    assert_eq!(settings.auth.leeway_seconds, 30);
}

#[test]
fn later_layers_win() {
    let file = file("max_depth = 2\nmax_fields = 2\nshutdown_seconds = 2\n");
    let environment = env(&[("KPIGRAPH_MAX_DEPTH", "3"), ("KPIGRAPH_MAX_FIELDS", "3")]);
    let path = Some(file.path().to_owned());
    let settings = Settings::load_from(&flags(&["--max-depth", "4"]), environment, path).unwrap();
    assert_eq!((settings.max_depth, settings.max_fields), (4, 3));
    assert_eq!(
        (settings.shutdown_seconds, settings.request_timeout_seconds),
        (2, 30)
    );
}

#[test]
fn the_file_is_named_by_flag_then_environment_then_default() {
    let [by_flag, by_env, by_default] =
        ["max_depth = 1", "max_depth = 2", "max_depth = 3"].map(file);
    let environment = env(&[("KPIGRAPH_CONFIG", by_env.path().to_str().unwrap())]);
    let fallback = Some(by_default.path().to_owned());
    let given = flags(&["--config", by_flag.path().to_str().unwrap()]);
    let depth = |flags: &SettingsFlags, environment, file| {
        Settings::load_from(flags, environment, file)
            .unwrap()
            .max_depth
    };
    assert_eq!(depth(&given, environment.clone(), fallback.clone()), 1);
    assert_eq!(depth(&flags(&[]), environment, fallback.clone()), 2);
    assert_eq!(depth(&flags(&[]), vec![], fallback), 3);
}

#[test]
fn every_setting_can_be_given_in_every_layer() {
    for scalar in SCALARS {
        let value = match scalar.initial {
            Initial::Value(value) => value,
            Initial::Derived(_) => "sqlite::memory:",
        };
        from_env(&[(scalar.environment, value)]).unwrap();
        from_file(&format!("{} = \"{value}\"", scalar.name)).unwrap();
        Settings::load_from(&flags(&[&scalar.flag(), value]), [], None).unwrap();
    }
    let settings =
        from_file("graphiql = false\nlog_format = 'json'\ndatabase_connections = 7").unwrap();
    assert_eq!(
        (
            settings.graphiql,
            settings.log_format,
            settings.database_connections
        ),
        (false, LogFormat::Json, 7)
    );
}

#[test]
fn a_refusal_names_setting_value_origin_and_what_is_allowed() {
    assert_eq!(
        from_env(&[("KPIGRAPH_DATABASE_CONNECTIONS", "0")]).unwrap_err(),
        "setting database_connections = 0 (from KPIGRAPH_DATABASE_CONNECTIONS): allowed are 1 to 200"
    );
    let error = Settings::load_from(&flags(&["--log-format", "xml"]), [], None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting log_format = xml (from --log-format): allowed are human, json"
    );
    let error = from_file("body_limit_bytes = 5").unwrap_err();
    assert!(
        error.starts_with("setting body_limit_bytes = 5 (from "),
        "{error}"
    );
    assert!(
        error.ends_with(".toml): allowed are 1024 to 67108864"),
        "{error}"
    );
}

#[test]
fn values_that_are_not_allowed_are_refused_by_name() {
    for (variable, value) in [
        ("KPIGRAPH_LISTEN", "localhost"),
        ("KPIGRAPH_LISTEN", "127.0.0.1"),
        ("KPIGRAPH_DATA_DIR", " "),
        ("DATABASE_URL", "mysql://h/d"),
        ("KPIGRAPH_DATABASE_CONNECTIONS", "201"),
        ("KPIGRAPH_DATABASE_CONNECTIONS", "ten"),
        ("KPIGRAPH_DATABASE_WAIT_SECONDS", "601"),
        ("KPIGRAPH_ACQUIRE_TIMEOUT_SECONDS", "0"),
        ("KPIGRAPH_BODY_LIMIT_BYTES", "67108865"),
        ("KPIGRAPH_MAX_DEPTH", "-1"),
        ("KPIGRAPH_MAX_FIELDS", "0"),
        ("KPIGRAPH_REQUEST_TIMEOUT_SECONDS", "1.5"),
        ("KPIGRAPH_LOG_FORMAT", "JSON"),
        ("KPIGRAPH_LOG_LEVEL", "info,=,"),
        ("KPIGRAPH_GRAPHIQL", "yes"),
        ("KPIGRAPH_SHUTDOWN_SECONDS", "301"),
        ("KPIGRAPH_AUTH__LEEWAY_SECONDS", "61"),
    ] {
        let error = from_env(&[(variable, value)]).unwrap_err();
        assert!(
            error.starts_with("setting ")
                && error.contains(&format!("(from {variable}): allowed are")),
            "{error}"
        );
    }
    for text in [
        "max_depth = [1]",
        "listen = {a = 1}",
        "auth = 3",
        "auth.issuers = 'x'",
        "auth.claims = 1",
    ] {
        assert!(from_file(text).is_err(), "{text}");
    }
}

#[test]
fn unknown_names_are_refused_with_the_nearest_allowed_ones() {
    let error = from_env(&[("KPIGRAPH_LISTN", "x")]).unwrap_err();
    assert!(
        error.starts_with("unknown setting KPIGRAPH_LISTN (from the environment)"),
        "{error}"
    );
    assert!(
        error.contains("nearest allowed names are KPIGRAPH_LISTEN, "),
        "{error}"
    );
    let error = from_env(&[("KPIGRAPH_AUTH__CLAIMS__TEEM", "x")]).unwrap_err();
    assert!(error.contains("KPIGRAPH_AUTH__CLAIMS__TEAM"), "{error}");

    for (text, name, nearest) in [
        ("max_dept = 3", "max_dept", "max_depth"),
        ("[auth]\nissuer = 1", "auth.issuer", "issuers"),
        ("[auth.claims]\nroles = 'x'", "auth.claims.roles", "role"),
        (
            "[[auth.issuers]]\nissuer = 'a'\nsecrets = 'b'",
            "auth.issuers[0].secrets",
            "secret",
        ),
        (
            "[[auth.issuers]]\nclaims.teams = 'b'",
            "auth.issuers[0].claims.teams",
            "team",
        ),
    ] {
        let error = from_file(text).unwrap_err();
        assert!(
            error.starts_with(&format!("unknown setting {name} (from ")),
            "{error}"
        );
        assert!(
            error.contains(".toml") && error.contains(nearest),
            "{error}"
        );
    }
}

#[test]
fn variables_of_others_are_passed_over() {
    let settings = from_env(&[
        ("PATH", "/bin"),
        ("KPIGRAPH_LISTEN", ""),
        ("KPIGRAPH_SERVICE_HOST", "10.0.0.1"),
        ("KPIGRAPH_SERVICE_PORT_HTTP", "8080"),
        ("KPIGRAPH_PORT", "tcp://10.0.0.1:8080"),
        ("KPIGRAPH_PORT_8080_TCP_ADDR", "10.0.0.1"),
    ]);
    assert_eq!(settings.unwrap().listen.port(), 8080);
    assert!(from_env(&[("KPIGRAPH_PORT", "8080")]).is_err());
}

#[test]
fn the_help_text_lists_every_setting_with_default_and_variable() {
    let help = Cli::command().term_width(400).render_help().to_string();
    for scalar in SCALARS {
        let line = help
            .lines()
            .skip_while(|line| !line.contains(&format!("{} <", scalar.flag())))
            .take(2);
        let line: String = line.collect();
        assert!(
            line.contains(&format!("[environment: {}]", scalar.environment)),
            "{}: {help}",
            scalar.name
        );
        if let Initial::Value(value) = scalar.initial {
            assert!(
                line.contains(&format!("[default: {value}]")),
                "{}: {help}",
                scalar.name
            );
        }
    }
}

#[test]
fn the_own_variable_for_the_database_wins_over_the_common_one() {
    let settings = from_env(&[
        ("KPIGRAPH_DATABASE_URL", "sqlite://own.db"),
        ("DATABASE_URL", "sqlite://common.db"),
    ]);
    assert_eq!(settings.unwrap().database_shown(), "sqlite://own.db");
}

#[test]
fn every_setting_stands_in_the_documents_table_with_its_name_default_and_variable() {
    let documented = include_str!("../../docs/settings.md");
    for scalar in SCALARS {
        let row = documented
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", scalar.name)));
        let row = row.unwrap_or_else(|| panic!("docs/settings.md has no {}", scalar.name));
        assert!(row.contains(&format!("`{}`", scalar.environment)), "{row}");
        if let Initial::Value(default) = scalar.initial {
            assert!(row.contains(&format!("`{default}`")), "{row}: {default}");
        }
    }
}
