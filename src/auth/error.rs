//! Why a token is refused, and why the verifier or the signer cannot be set up.
//! No text holds a token, a claim's value or key material.

use std::path::PathBuf;

use super::{DevelopmentKeyError, InvalidAuthSetting};

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// No API key in force has this secret.
    #[error("the API key is unknown, revoked or expired")]
    ApiKey,
    /// Longer than 8 KiB.
    #[error("the token is longer than 8 KiB")]
    TooLong,
    /// Not three base64url parts with JSON objects, separated by dots.
    #[error("the token is not a signed JSON web token")]
    Malformed,
    /// The header's `alg` is not one of the issuer's algorithms.
    #[error("the token's algorithm is not allowed for its issuer")]
    AlgorithmNotAllowed,
    /// The header has `crit`: it asks for an extension that is not understood here.
    #[error("the token's header asks for a critical extension, which is not supported")]
    CriticalHeader,
    /// No issuer of that name is configured.
    #[error("the token's issuer is not known here")]
    UnknownIssuer,
    /// The issuer's key set has no (single) key that fits.
    #[error("the token's key is not among its issuer's keys")]
    UnknownKey,
    /// The issuer's key set could not be read yet; trying again later may help.
    #[error("the keys of the token's issuer cannot be read at the moment")]
    KeysUnavailable,
    /// The signature does not fit the key.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// `aud` does not name this service.
    #[error("the token is meant for another audience")]
    WrongAudience,
    /// `exp` is past.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// A required claim is absent or null.
    #[error("the token has no claim {0}")]
    MissingClaim(String),
    /// A claim's value cannot be used.
    #[error("the token's claim {name} is not usable; allowed are {allowed}")]
    InvalidClaim {
        /// The claim's name.
        name: String,
        /// What the claim may hold.
        allowed: String,
    },
}

/// Why tokens cannot be verified or signed at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthSetupError {
    /// A setting is wrong.
    #[error(transparent)]
    Setting(#[from] InvalidAuthSetting),
    /// The development key cannot be read or made.
    #[error(transparent)]
    DevelopmentKey(#[from] DevelopmentKeyError),
    /// A key file cannot be used.
    #[error("setting {name} = {path}: {problem}")]
    KeyFile {
        /// The setting that names the file.
        name: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The client that reads key sets cannot be made.
    #[error("cannot prepare reading key sets over HTTP")]
    HttpClient(#[source] reqwest::Error),
    /// There is no secret to sign with.
    #[error(
        "none of the configured issuers has a `secret`, so tokens cannot be made here: \
         get one from an issuer, or add an issuer with algorithms [\"HS256\"] and a secret"
    )]
    NoSigningKey,
}
