//! What a setting may hold: one check and one text for every layer.

use std::{fmt, net::SocketAddr};

use tracing_subscriber::EnvFilter;
use url::Url;

use super::{OrNone, Origins, database_url};
use crate::webhooks::Networks;

/// The allowed values of a setting.
#[derive(Debug, Clone, Copy)]
pub(super) enum Allowed {
    /// Whole numbers from the first to the second.
    Range(u64, u64),
    /// The same, or `none`.
    RangeOrNone(u64, u64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An address with a port.
    Address,
    /// The same, or `none`.
    AddressOrNone,
    /// A URL of HTTP, or `none`.
    UrlOrNone,
    /// A path in the file system.
    Path,
    /// A URL of a supported database.
    DatabaseUrl,
    /// A filter of the `tracing` crates.
    LogFilter,
    /// A list of IP networks.
    Networks,
    /// A list of origins of web pages.
    Origins,
}

impl Allowed {
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Range(least, most) => text
                .parse()
                .is_ok_and(|number: u64| (least..=most).contains(&number)),
            Self::RangeOrNone(least, most) => {
                text.trim() == "none" || Self::Range(least, most).accepts(text)
            }
            Self::OneOf(words) => words.contains(&text),
            Self::Address => text.parse::<SocketAddr>().is_ok(),
            Self::AddressOrNone => text.parse::<OrNone<SocketAddr>>().is_ok(),
            Self::UrlOrNone => text.parse::<OrNone<Url>>().is_ok_and(|url| is_http(&url)),
            Self::Path => !text.trim().is_empty(),
            Self::DatabaseUrl => database_url::is_supported(text),
            Self::Networks => text.parse::<Networks>().is_ok(),
            Self::Origins => text.parse::<Origins>().is_ok(),
            Self::LogFilter => !text.trim().is_empty() && text.parse::<EnvFilter>().is_ok(),
        }
    }

    /// The value as an error may show it.
    pub fn shown(self, text: &str) -> String {
        match self {
            Self::DatabaseUrl => database_url::shown(&text.into()),
            // A password may stand in it.
            Self::UrlOrNone => "(a URL)".to_owned(),
            _ => text.to_owned(),
        }
    }
}

/// Whether it can be sent to over HTTP. Secrets in it would be shown with the settings; they belong into headers.
fn is_http(url: &OrNone<Url>) -> bool {
    url.0.as_ref().is_none_or(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    })
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(least, most) => write!(f, "{least} to {most}"),
            Self::RangeOrNone(least, most) => write!(f, "{least} to {most}, and none"),
            Self::OneOf(words) => f.write_str(&words.join(", ")),
            Self::Address => f.write_str("IP addresses with a port such as 127.0.0.1:8080 or [::1]:8080"),
            Self::AddressOrNone => {
                f.write_str("IP addresses with a port such as 127.0.0.1:9464, and none")
            }
            Self::UrlOrNone => f.write_str("URLs such as http://127.0.0.1:4318, without a password, and none"),
            Self::Path => f.write_str("paths that are not empty"),
            Self::DatabaseUrl => f.write_str(
                "sqlite: URLs and postgres://user:password@host/database URLs, special characters percent-encoded",
            ),
            Self::Networks => f.write_str("lists of IP networks such as 10.0.0.0/8,127.0.0.1, and none"),
            Self::Origins => f.write_str("lists of origins such as https://app.example,http://localhost:3000, and none"),
            Self::LogFilter => f.write_str("error, warn, info, debug, trace, and filters such as kpigraph=debug,info"),
        }
    }
}
