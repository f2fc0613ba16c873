//! Where an issuer's keys come from: a secret, a public key, or a key set in a file or behind a URL.

use std::{fs, path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use secrecy::ExposeSecret;

use super::{AuthSetupError, IssuerSettings, TokenError, key_set::KeySet, remote_keys::RemoteKeys};

/// The keys of one issuer.
#[derive(Debug)]
pub(super) enum KeySource {
    /// One key for every token.
    One(DecodingKey),
    /// A key set that stays as it was read.
    Set(KeySet),
    /// A key set that is read again when it lacks a key.
    Remote(Arc<RemoteKeys>),
}

impl KeySource {
    /// Opens the key source of checked settings; `at` is their name for errors, such as `auth.issuers[0]`.
    pub fn open(
        settings: &IssuerSettings,
        algorithms: &[Algorithm],
        at: &str,
    ) -> Result<Self, AuthSetupError> {
        if let Some(secret) = &settings.secret {
            return Ok(Self::One(DecodingKey::from_secret(
                secret.expose_secret().as_bytes(),
            )));
        }
        if let Some(path) = &settings.public_key_file {
            let key = |pem: &[u8]| public_key(pem, algorithms);
            return read(path, &format!("{at}.public_key_file"), key).map(Self::One);
        }
        if let Some(path) = &settings.jwks_file {
            let keys = |json: &[u8]| KeySet::parse(json).map_err(|error| error.to_string());
            return read(path, &format!("{at}.jwks_file"), keys).map(Self::Set);
        }
        let url = settings.jwks_url.as_deref().unwrap_or_default();
        RemoteKeys::new(url).map(|keys| Self::Remote(Arc::new(keys)))
    }

    /// The key that a token's header asks for.
    pub async fn find(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<DecodingKey, TokenError> {
        match self {
            Self::One(key) => Ok(key.clone()),
            Self::Set(keys) => keys.find(algorithm, id).ok_or(TokenError::UnknownKey),
            Self::Remote(keys) => keys.find(algorithm, id, now).await,
        }
    }
}

fn read<T>(
    path: &Path,
    name: &str,
    parse: impl FnOnce(&[u8]) -> Result<T, String>,
) -> Result<T, AuthSetupError> {
    fs::read(path)
        .map_err(|error| error.to_string())
        .and_then(|bytes| parse(&bytes))
        .map_err(|problem| AuthSetupError::KeyFile {
            name: name.to_owned(),
            path: path.to_owned(),
            problem,
        })
}

fn public_key(pem: &[u8], algorithms: &[Algorithm]) -> Result<DecodingKey, String> {
    if pem.windows(11).any(|part| part == b"PRIVATE KEY") {
        return Err("holds a private key; give the public key only".to_owned());
    }
    let (kind, key) = match algorithms.first().map(|algorithm| algorithm.family()) {
        Some(AlgorithmFamily::Rsa) => ("an RSA", DecodingKey::from_rsa_pem(pem)),
        Some(AlgorithmFamily::Ec) => ("an elliptic curve", DecodingKey::from_ec_pem(pem)),
        _ => ("an Ed25519", DecodingKey::from_ed_pem(pem)),
    };
    key.map_err(|_| format!("is not {kind} public key in PEM, which the issuer's algorithms need"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_or_a_key_of_another_kind_is_refused() {
        let private = b"-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n";
        assert!(
            public_key(private, &[Algorithm::EdDSA])
                .unwrap_err()
                .contains("holds a private key")
        );
        let ed = b"-----BEGIN PUBLIC KEY-----\n\
            MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
        assert!(public_key(ed, &[Algorithm::EdDSA]).is_ok());
        assert!(
            public_key(ed, &[Algorithm::RS256])
                .unwrap_err()
                .contains("is not an RSA public key")
        );
        assert!(
            public_key(ed, &[Algorithm::ES256])
                .unwrap_err()
                .contains("is not an elliptic curve public key")
        );
    }

    #[test]
    fn an_absent_file_is_named_with_its_setting() {
        let path = Path::new("no/such.pem");
        let error = read(path, "auth.issuers[0].public_key_file", |_| Ok(()))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("setting auth.issuers[0].public_key_file = no/such.pem: "),
            "{error}"
        );
    }
}
