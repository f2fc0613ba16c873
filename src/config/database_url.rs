//! The database's URL: its default, its check, and how it is shown without its password.

use std::path::Path;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

/// Whether the URL has the form of a supported database's.
pub(super) fn is_supported(text: &str) -> bool {
    match text.split_once(':') {
        Some(("sqlite", rest)) => !rest.trim_start_matches('/').is_empty(),
        Some(("postgres" | "postgresql", rest)) => {
            rest.starts_with("//") && Url::parse(text).is_ok()
        }
        _ => false,
    }
}

/// The URL of the embedded database in a directory; the file is made when it does not exist.
pub(super) fn in_directory(data_dir: &Path) -> String {
    let path = data_dir.join("kpigraph.db").display().to_string();
    let path = path
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23");
    format!("sqlite://{path}?mode=rwc")
}

/// The URL without password and options, either of which can be a secret.
pub(super) fn shown(url: &SecretString) -> String {
    let text = url.expose_secret();
    if let Some(path) = text.strip_prefix("sqlite:") {
        return format!("sqlite:{}", path.split('?').next().unwrap_or_default());
    }
    match Url::parse(text) {
        Ok(mut url) if url.has_host() => {
            url.set_query(None);
            url.set_fragment(None);
            if url.password().is_some() && url.set_password(Some("***")).is_err() {
                return "***".to_owned();
            }
            url.to_string()
        }
        // Where the password is cannot be told.
        _ => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_and_postgres_are_supported() {
        for url in [
            "sqlite::memory:",
            "sqlite://data/a.db?mode=rwc",
            "sqlite:///a.db",
            "postgres://u:p@h:5432/d",
        ] {
            assert!(is_supported(url), "{url}");
        }
        for url in [
            "",
            "sqlite:",
            "sqlite://",
            "mysql://h/d",
            "postgres:h/d",
            "postgres://u:p/x@h/d",
            "/a.db",
            "h/d",
        ] {
            assert!(!is_supported(url), "{url}");
        }
    }

    #[test]
    fn the_default_is_a_file_in_the_data_directory() {
        assert_eq!(
            in_directory(Path::new("./data")),
            "sqlite://./data/kpigraph.db?mode=rwc"
        );
        assert_eq!(
            in_directory(Path::new("/a?b#c%")),
            "sqlite:///a%3Fb%23c%25/kpigraph.db?mode=rwc"
        );
    }

    #[test]
    fn passwords_are_not_shown() {
        for (url, text) in [
            (
                "postgres://ada:pass@db.example:5432/kpi?sslmode=require",
                "postgres://ada:***@db.example:5432/kpi",
            ),
            (
                "postgres://db.example/kpi?password=pass",
                "postgres://db.example/kpi",
            ),
            (
                "mysql://ada:pass@db.example/kpi",
                "mysql://ada:***@db.example/kpi",
            ),
            ("postgres://ada:pa/ss@db.example/kpi", "***"),
            ("ada:pass@db.example/kpi", "***"),
            ("pass", "***"),
            (
                "sqlite://data/kpigraph.db?mode=rwc",
                "sqlite://data/kpigraph.db",
            ),
        ] {
            assert_eq!(shown(&url.into()), text);
        }
    }
}
