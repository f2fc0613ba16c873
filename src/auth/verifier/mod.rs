//! Checks bearer tokens and turns them into callers.

use std::{collections::HashMap, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, Validation, decode, errors::ErrorKind};
use serde_json::{Map, Value};

use super::{
    AuthSettings, AuthSetupError, Caller, ClaimNames, DevelopmentKey, IssuerSettings, TokenError,
    claims::Expected,
    development_key::{AUDIENCE, ISSUER},
    key_source::KeySource,
};
use crate::time::Clock;

const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Checks tokens against the configured issuers, or against the development key when there is none.
#[derive(Debug)]
pub struct Verifier {
    issuers: HashMap<String, Issuer>,
    leeway: TimeDelta,
    clock: Clock,
    development: bool,
}

#[derive(Debug)]
struct Issuer {
    audience: String,
    algorithms: Vec<Algorithm>,
    keys: KeySource,
    claims: ClaimNames,
}

impl Verifier {
    /// Opens every key file of `settings`; without an issuer, reads or makes the development key in `data_dir`.
    pub fn new(
        settings: &AuthSettings,
        data_dir: &Path,
        clock: Clock,
    ) -> Result<Self, AuthSetupError> {
        settings.validate()?;
        let mut issuers = HashMap::new();
        for (index, issuer) in settings.issuers.iter().enumerate() {
            let at = format!("auth.issuers[{index}]");
            issuers.insert(
                issuer.issuer.clone(),
                Issuer::open(issuer, &settings.claims, &at)?,
            );
        }
        let development = issuers.is_empty();
        if development {
            let key = DevelopmentKey::load_or_create(data_dir)?;
            issuers.insert(
                ISSUER.to_owned(),
                Issuer::development(&key, &settings.claims),
            );
        }
        // The settings allow 60 at most, so the conversion does not fail.
        let leeway = TimeDelta::seconds(i64::try_from(settings.leeway_seconds).unwrap_or(0));
        Ok(Self {
            issuers,
            leeway,
            clock,
            development,
        })
    }

    /// Whether tokens are signed with the development key, which everybody on this machine may be able to read.
    /// The service must then listen on loopback addresses only.
    pub fn is_development(&self) -> bool {
        self.development
    }

    /// The caller that `token` (without `Bearer `) describes.
    ///
    /// # Errors
    /// Says why the token is refused, without repeating any of it.
    pub async fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let unverified = Unverified::read(token)?;
        let name = unverified.issuer()?;
        let issuer = self.issuers.get(name).ok_or(TokenError::UnknownIssuer)?;
        let algorithm = unverified.algorithm(&issuer.algorithms)?;
        let now = self.clock.now();
        let key = issuer
            .keys
            .find(algorithm, unverified.key_id()?, now)
            .await?;
        let claims = decode::<Map<String, Value>>(token, &key, &signature_only(algorithm))
            .map_err(refusal)?
            .claims;
        let expected = Expected {
            issuer: name,
            audience: &issuer.audience,
            names: &issuer.claims,
            now,
            leeway: self.leeway,
        };
        expected.caller(&claims)
    }
}

impl Issuer {
    fn open(
        settings: &IssuerSettings,
        default_claims: &ClaimNames,
        at: &str,
    ) -> Result<Self, AuthSetupError> {
        let algorithms = settings.parsed_algorithms(&format!("{at}.algorithms"))?;
        let keys = KeySource::open(settings, &algorithms, at)?;
        let claims = settings.claims.as_ref().unwrap_or(default_claims).clone();
        Ok(Self {
            audience: settings.audience.clone(),
            algorithms,
            keys,
            claims,
        })
    }

    fn development(key: &DevelopmentKey, claims: &ClaimNames) -> Self {
        Self {
            audience: AUDIENCE.to_owned(),
            algorithms: vec![Algorithm::HS256],
            keys: KeySource::One(key.decoding_key()),
            claims: claims.clone(),
        }
    }
}

/// Checks the signature and nothing else: [`Expected::caller`] checks the claims, with the injected clock.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn refusal(error: jsonwebtoken::errors::Error) -> TokenError {
    match error.into_kind() {
        ErrorKind::InvalidAlgorithm => TokenError::AlgorithmNotAllowed,
        ErrorKind::InvalidToken
        | ErrorKind::Base64(_)
        | ErrorKind::Json(_)
        | ErrorKind::Utf8(_) => TokenError::Malformed,
        _ => TokenError::BadSignature,
    }
}

/// The header and claims of a token before its signature is checked: good for choosing the key, and for nothing else.
struct Unverified {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Unverified {
    fn read(token: &str) -> Result<Self, TokenError> {
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed);
        };
        let read = |part: &str| {
            let json = URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| TokenError::Malformed)?;
            serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)
        };
        Ok(Self {
            header: read(header)?,
            claims: read(claims)?,
        })
    }

    fn issuer(&self) -> Result<&str, TokenError> {
        match self.claims.get("iss") {
            None | Some(Value::Null) => Err(TokenError::MissingClaim("iss".to_owned())),
            Some(Value::String(issuer)) => Ok(issuer),
            Some(_) => Err(TokenError::InvalidClaim {
                name: "iss".to_owned(),
                allowed: "a text".to_owned(),
            }),
        }
    }

    fn algorithm(&self, pinned: &[Algorithm]) -> Result<Algorithm, TokenError> {
        if self.header.contains_key("crit") {
            return Err(TokenError::CriticalHeader);
        }
        let name = self
            .header
            .get("alg")
            .and_then(Value::as_str)
            .ok_or(TokenError::Malformed)?;
        let algorithm = name.parse().map_err(|_| TokenError::AlgorithmNotAllowed)?;
        if pinned.contains(&algorithm) {
            Ok(algorithm)
        } else {
            Err(TokenError::AlgorithmNotAllowed)
        }
    }

    fn key_id(&self) -> Result<Option<&str>, TokenError> {
        match self.header.get("kid") {
            None => Ok(None),
            Some(Value::String(id)) => Ok(Some(id)),
            Some(_) => Err(TokenError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests;
