//! The `auth` part of the settings: who may issue tokens, and how their claims are named.

use std::{collections::HashSet, path::PathBuf};

use jsonwebtoken::Algorithm;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The largest allowed difference between the clocks of an issuer and of this machine.
pub(crate) const MAX_LEEWAY_SECONDS: u64 = 60;

const MIN_SECRET_BYTES: usize = 32;

const ALGORITHMS: &str = "HS256, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA";

/// Who may issue tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthSettings {
    /// Seconds by which the clocks of an issuer and of this machine may differ; 0 to 60. Default 30.
    pub leeway_seconds: u64,
    /// The issuers whose tokens are accepted. Without any, only tokens of the development key are.
    pub issuers: Vec<IssuerSettings>,
    /// The names of the claims, for issuers that do not set their own.
    pub claims: ClaimNames,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            leeway_seconds: 30,
            issuers: Vec::new(),
            claims: ClaimNames::default(),
        }
    }
}

/// One issuer of tokens. Exactly one of `secret`, `public_key_file`, `jwks_file` and `jwks_url` is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// The `iss` claim of its tokens, compared exactly.
    pub issuer: String,
    /// The `aud` claim that its tokens must hold, alone or in a list.
    pub audience: String,
    /// The algorithms its tokens may be signed with: `HS256` alone with a secret, otherwise asymmetric ones.
    pub algorithms: Vec<String>,
    /// A secret of at least 32 bytes that the issuer and this service share.
    pub secret: Option<SecretString>,
    /// A PEM file with the issuer's public key.
    pub public_key_file: Option<PathBuf>,
    /// A file with the issuer's JSON web key set, read at start.
    pub jwks_file: Option<PathBuf>,
    /// Where the issuer publishes its JSON web key set: https, or http on a loopback address.
    pub jwks_url: Option<String>,
    /// The names of this issuer's claims, in place of `auth.claims`.
    pub claims: Option<ClaimNames>,
}

/// The names of the claims that say what a caller is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimNames {
    /// The claim with the team's slug. Default `team`.
    pub team: String,
    /// The claim with the role, such as `VIEWER`. Default `role`.
    pub role: String,
    /// The optional claim that narrows the role's scopes: a list, or one text separated by spaces. Default `scopes`.
    pub scopes: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            team: "team".to_owned(),
            role: "role".to_owned(),
            scopes: "scopes".to_owned(),
        }
    }
}

/// A setting below `auth` is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting {name}: {problem}")]
pub struct InvalidAuthSetting {
    /// The setting's name, such as `auth.issuers[0].secret`.
    pub name: String,
    /// What is wrong and what is allowed; never a secret.
    pub problem: String,
}

fn refused<T>(
    name: impl Into<String>,
    problem: impl Into<String>,
) -> Result<T, InvalidAuthSetting> {
    Err(InvalidAuthSetting {
        name: name.into(),
        problem: problem.into(),
    })
}

impl AuthSettings {
    pub(crate) const FIELDS: &[&str] = &["leeway_seconds", "issuers", "claims"];

    /// Checks every rule that can be checked without opening a file.
    pub fn validate(&self) -> Result<(), InvalidAuthSetting> {
        if self.leeway_seconds > MAX_LEEWAY_SECONDS {
            return refused(
                "auth.leeway_seconds",
                format!("allowed are 0 to {MAX_LEEWAY_SECONDS}"),
            );
        }
        self.claims.validate("auth.claims")?;
        let mut seen = HashSet::new();
        for (index, issuer) in self.issuers.iter().enumerate() {
            let at = format!("auth.issuers[{index}]");
            issuer.validate(&at)?;
            if !seen.insert(issuer.issuer.as_str()) {
                return refused(
                    format!("{at}.issuer"),
                    format!("the issuer {:?} is given twice", issuer.issuer),
                );
            }
        }
        Ok(())
    }
}

impl IssuerSettings {
    pub(crate) const FIELDS: &[&str] = &[
        "issuer",
        "audience",
        "algorithms",
        "secret",
        "public_key_file",
        "jwks_file",
        "jwks_url",
        "claims",
    ];

    fn validate(&self, at: &str) -> Result<(), InvalidAuthSetting> {
        for (field, text) in [("issuer", &self.issuer), ("audience", &self.audience)] {
            if text.trim().is_empty() {
                return refused(
                    format!("{at}.{field}"),
                    "allowed are texts that are not empty",
                );
            }
        }
        let sources = [
            self.secret.is_some(),
            self.public_key_file.is_some(),
            self.jwks_file.is_some(),
            self.jwks_url.is_some(),
        ];
        if sources.into_iter().filter(|given| *given).count() != 1 {
            return refused(
                at,
                "give exactly one of secret, public_key_file, jwks_file and jwks_url",
            );
        }
        self.validate_algorithms(&format!("{at}.algorithms"))?;
        if let Some(secret) = &self.secret {
            validate_secret(secret, &format!("{at}.secret"))?;
        }
        if let Some(url) = &self.jwks_url {
            validate_jwks_url(url, &format!("{at}.jwks_url"))?;
        }
        self.claims
            .as_ref()
            .map_or(Ok(()), |claims| claims.validate(&format!("{at}.claims")))
    }

    fn validate_algorithms(&self, name: &str) -> Result<(), InvalidAuthSetting> {
        let algorithms = self.parsed_algorithms(name)?;
        let Some(first) = algorithms.first() else {
            return refused(name, format!("is empty; allowed are {ALGORITHMS}"));
        };
        let symmetric = algorithms
            .iter()
            .filter(|algorithm| **algorithm == Algorithm::HS256)
            .count();
        if symmetric != 0 && symmetric != algorithms.len() {
            return refused(
                name,
                "HS256 cannot be mixed with asymmetric algorithms in one issuer",
            );
        }
        if self.secret.is_some() != (symmetric > 0) {
            return refused(
                name,
                "HS256 goes with a secret, every other algorithm with a public key or key set",
            );
        }
        let one_family = algorithms
            .iter()
            .all(|algorithm| algorithm.family() == first.family());
        if self.public_key_file.is_some() && !one_family {
            return refused(
                name,
                "one public key fits one family only: RS and PS, ES, or EdDSA",
            );
        }
        Ok(())
    }

    /// The algorithms by type; `name` is the setting's name for the error.
    pub(super) fn parsed_algorithms(
        &self,
        name: &str,
    ) -> Result<Vec<Algorithm>, InvalidAuthSetting> {
        let parse = |text: &String| match text.parse() {
            Ok(Algorithm::HS384 | Algorithm::HS512) | Err(_) => refused(
                name,
                format!("{text:?} is not supported; allowed are {ALGORITHMS}"),
            ),
            Ok(algorithm) => Ok(algorithm),
        };
        self.algorithms.iter().map(parse).collect()
    }
}

impl ClaimNames {
    pub(crate) const FIELDS: &[&str] = &["team", "role", "scopes"];

    fn validate(&self, at: &str) -> Result<(), InvalidAuthSetting> {
        let names = [
            ("team", &self.team),
            ("role", &self.role),
            ("scopes", &self.scopes),
        ];
        match names.into_iter().find(|(_, name)| name.is_empty()) {
            Some((field, _)) => refused(
                format!("{at}.{field}"),
                "allowed are names that are not empty",
            ),
            None => Ok(()),
        }
    }
}

fn validate_secret(secret: &SecretString, name: &str) -> Result<(), InvalidAuthSetting> {
    let secret = secret.expose_secret();
    if secret.len() < MIN_SECRET_BYTES {
        return refused(
            name,
            format!("is too short; allowed are secrets of at least {MIN_SECRET_BYTES} bytes"),
        );
    }
    // A public key is known to everybody: as a secret it would let anybody sign.
    if secret.contains("-----BEGIN ") {
        return refused(
            name,
            "is a PEM key, not a secret; use public_key_file for a public key",
        );
    }
    Ok(())
}

fn validate_jwks_url(text: &str, name: &str) -> Result<(), InvalidAuthSetting> {
    const ALLOWED: &str =
        "allowed are https URLs, and http URLs on a loopback address, without user and password";
    match Url::parse(text) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => refused(name, ALLOWED),
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => {
            Ok(())
        }
        _ => refused(name, ALLOWED),
    }
}

/// Whether the URL's host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
