//! The web sites whose pages may ask from a browser.

use std::{fmt, str::FromStr};

use serde::Deserialize;
use url::{Origin, Url};

/// Origins as browsers name them, such as `https://app.example:8443`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origins(Vec<String>);

/// The text is no list of origins.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a list of origins such as https://app.example,http://localhost:3000 is needed, or none")]
pub struct NoOrigins;

impl Origins {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an origin, as a browser writes it, is one of them.
    pub fn has(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl FromStr for Origins {
    type Err = NoOrigins;

    fn from_str(text: &str) -> Result<Self, NoOrigins> {
        if text.trim() == "none" {
            return Ok(Self::default());
        }
        text.split(',')
            .map(origin)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// One origin: a scheme, a host, perhaps a port, and nothing else that could be meant to narrow or widen it.
fn origin(text: &str) -> Result<String, NoOrigins> {
    let url = Url::parse(text.trim()).map_err(|_| NoOrigins)?;
    let bare = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.contains('*'))
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    match url.origin() {
        origin @ Origin::Tuple(..) if bare => Ok(origin.ascii_serialization()),
        _ => Err(NoOrigins),
    }
}

impl TryFrom<String> for Origins {
    type Error = NoOrigins;

    fn try_from(text: String) -> Result<Self, NoOrigins> {
        text.parse()
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        f.write_str(&self.0.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_kept_as_browsers_name_them() {
        let origins: Origins = "https://App.example:443/, http://localhost:3000"
            .parse()
            .unwrap();
        assert_eq!(
            origins.to_string(),
            "https://app.example,http://localhost:3000"
        );
        assert!(origins.has("https://app.example"));
        assert!(!origins.has("http://app.example"));
        assert!("none".parse::<Origins>().unwrap().is_empty());
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "*",
            "null",
            "app.example",
            "https://*.example",
            "https://app.example/page",
            "https://app.example?a",
            "https://user@app.example",
            "ftp://app.example",
            "https://app.example,",
        ] {
            assert!(text.parse::<Origins>().is_err(), "{text}");
        }
    }
}
