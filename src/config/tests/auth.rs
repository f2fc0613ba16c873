//! Issuers in the settings, and secrets that must not show.

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn issuers_come_from_the_file_or_as_json_from_the_environment() {
    let text = format!(
        "[auth.claims]\nteam = 'org'\n[[auth.issuers]]\nissuer = 'id'\naudience = 'a'\nalgorithms = ['HS256']\n\
         secret = '{SECRET}'"
    );
    let settings = from_file(&text).unwrap();
    assert_eq!(
        settings.auth.issuers[0]
            .secret
            .as_ref()
            .unwrap()
            .expose_secret(),
        SECRET
    );
    assert_eq!(
        (
            settings.auth.claims.team.as_str(),
            settings.auth.claims.role.as_str()
        ),
        ("org", "role")
    );

    let json = r#"[{"issuer": "id", "audience": "a", "algorithms": ["RS256"], "jwks_url": "https://id.example/k"}]"#;
    let settings = from_env(&[
        ("KPIGRAPH_AUTH__ISSUERS", json),
        ("KPIGRAPH_AUTH__CLAIMS__ROLE", "r"),
    ])
    .unwrap();
    assert_eq!(
        settings.auth.issuers[0].jwks_url.as_deref(),
        Some("https://id.example/k")
    );
    assert_eq!(settings.auth.claims.role, "r");
}

#[test]
fn wrong_issuers_are_refused_by_name_and_origin() {
    let error = from_env(&[("KPIGRAPH_AUTH__ISSUERS", "{")]).unwrap_err();
    assert_eq!(
        error,
        "setting auth.issuers (from KPIGRAPH_AUTH__ISSUERS) must be a JSON list of issuers"
    );
    let json =
        r#"[{"issuer": "id", "audience": "a", "algorithms": ["HS256"], "secret": "hunter2"}]"#;
    let error = from_env(&[("KPIGRAPH_AUTH__ISSUERS", json)]).unwrap_err();
    assert!(
        error.starts_with("setting auth.issuers[0].secret: is too short"),
        "{error}"
    );
    assert!(
        error.ends_with("(from KPIGRAPH_AUTH__ISSUERS)") && !error.contains("hunter2"),
        "{error}"
    );
    let error = from_file("[[auth.issuers]]\nissuer = 'id'").unwrap_err();
    assert!(
        error.contains("auth.issuers[0]") && error.contains("audience"),
        "{error}"
    );
}

#[test]
fn a_wrong_file_is_refused_without_quoting_it() {
    let error = from_file(&format!("[[auth.issuers]]\nsecret = \"{SECRET}\n")).unwrap_err();
    assert!(
        error.contains("line 2") && !error.contains(SECRET),
        "{error}"
    );
    let given = flags(&["--config", "no/such/file.toml"]);
    let error = Settings::load_from(&given, [], None)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("settings file no/such/file.toml: "),
        "{error}"
    );
    let shapes = [
        format!("[[auth.issuers]]\nissuer = 'i'\naudience = 'a'\nalgorithms = '{SECRET}'"),
        format!("[auth]\nissuers = '{SECRET}'"),
        format!(
            "[[auth.issuers]]\nissuer = 'i'\naudience = 'a'\nalgorithms = ['HS256']\nsecret = ['{SECRET}']"
        ),
        format!("auth = '{SECRET}'"),
    ];
    for text in shapes {
        let error = from_file(&text).unwrap_err();
        assert!(
            error.contains("setting auth") && !error.contains(SECRET),
            "{error}"
        );
    }
}

#[test]
fn secrets_show_neither_in_errors_nor_in_debug_output() {
    let error = from_env(&[("DATABASE_URL", "mysql://ada:hunter2@db.example/kpi")]).unwrap_err();
    assert!(
        error.starts_with(
            "setting database_url = mysql://ada:***@db.example/kpi (from DATABASE_URL)"
        ),
        "{error}"
    );

    let settings = from_env(&[("DATABASE_URL", "postgres://ada:hunter2@db.example/kpi")]).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
    assert_eq!(
        settings.database_shown(),
        "postgres://ada:***@db.example/kpi"
    );

    let given = flags(&["--database-url", "postgres://ada:hunter2@db.example/kpi"]);
    assert_eq!(format!("{given:?}"), r#"{"database_url"}"#);
}
