//! A JSON web key set: the public keys of an issuer.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{Jwk, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

/// The keys of one issuer that can verify a signature.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<PublishedKey>);

#[derive(Debug)]
struct PublishedKey {
    id: Option<String>,
    algorithm: Option<Algorithm>,
    key: DecodingKey,
}

/// The text is no key set, or has no key that can verify a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a JSON web key set with at least one public key for signatures")]
pub(super) struct InvalidKeySet;

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a key set. Keys of another purpose, of an unknown kind, and symmetric ones are passed over.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidKeySet> {
        let document: Document = serde_json::from_slice(json).map_err(|_| InvalidKeySet)?;
        let keys: Vec<_> = document
            .keys
            .into_iter()
            .filter_map(PublishedKey::read)
            .collect();
        if keys.is_empty() {
            Err(InvalidKeySet)
        } else {
            Ok(Self(keys))
        }
    }

    /// The key for a token. A token that names no key gets one only when there is no choice.
    pub fn find(&self, algorithm: Algorithm, id: Option<&str>) -> Option<DecodingKey> {
        let mut fitting = self.0.iter().filter(|key| key.fits(algorithm));
        let found = match id {
            Some(id) => fitting.find(|key| key.id.as_deref() == Some(id))?,
            None => fitting.next().filter(|_| fitting.next().is_none())?,
        };
        Some(found.key.clone())
    }
}

impl PublishedKey {
    fn read(json: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(json).ok()?;
        let common = &jwk.common;
        let for_signatures = common
            .public_key_use
            .as_ref()
            .is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
            && common
                .key_operations
                .as_ref()
                .is_none_or(|list| list.contains(&KeyOperations::Verify));
        let algorithm = common
            .key_algorithm
            .map(Algorithm::try_from)
            .transpose()
            .ok()?;
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        // A published symmetric key would let everybody sign.
        let usable = for_signatures && key.family() != AlgorithmFamily::Hmac;
        usable.then_some(Self {
            id: jwk.common.key_id,
            algorithm,
            key,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        self.key.family() == algorithm.family() && self.algorithm.is_none_or(|own| own == algorithm)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // The x of RFC 8037, appendix A.2.
    const ED: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn set(keys: Value) -> Result<KeySet, InvalidKeySet> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    fn ed(change: Value) -> Value {
        let mut key = json!({ "kty": "OKP", "crv": "Ed25519", "x": ED, "kid": "a" });
        key.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        key
    }

    #[test]
    fn a_key_is_found_by_its_name() {
        let set = set(json!([ed(json!({})), ed(json!({ "kid": "b" }))])).unwrap();
        assert!(set.find(Algorithm::EdDSA, Some("b")).is_some());
        assert!(set.find(Algorithm::EdDSA, Some("c")).is_none());
        assert!(set.find(Algorithm::RS256, Some("b")).is_none());
    }

    #[test]
    fn a_token_without_a_key_name_gets_the_only_key() {
        assert!(
            set(json!([ed(json!({}))]))
                .unwrap()
                .find(Algorithm::EdDSA, None)
                .is_some()
        );
        let two = set(json!([ed(json!({})), ed(json!({ "kid": "b" }))])).unwrap();
        assert!(two.find(Algorithm::EdDSA, None).is_none());
    }

    #[test]
    fn keys_of_another_purpose_are_passed_over() {
        for change in [
            json!({ "use": "enc" }),
            json!({ "key_ops": ["encrypt"] }),
            json!({ "alg": "RSA-OAEP" }),
            json!({ "kty": "oct", "k": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY" }),
            json!({ "kty": "unheard-of" }),
        ] {
            assert_eq!(
                set(json!([ed(change.clone())])).err(),
                Some(InvalidKeySet),
                "{change}"
            );
            assert!(set(json!([ed(change), ed(json!({ "kid": "b", "use": "sig" }))])).is_ok());
        }
    }

    #[test]
    fn other_documents_are_refused() {
        for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[]}"#, "<html>"] {
            assert_eq!(
                KeySet::parse(text.as_bytes()).err(),
                Some(InvalidKeySet),
                "{text}"
            );
        }
    }
}
