//! Bearer tokens and API keys: whatever is accepted was signed with the key of the issuer, and what it says is what the
//! claims say. The input is a token as it is, and a header and, on the next line, claims that are signed here.
#![no_main]

use std::{collections::HashMap, path::Path, sync::LazyLock};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::DateTime;
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use kpigraph::{
    auth::{ApiKeySecret, AuthSettings, Caller, IssuerSettings, TokenError, Verifier},
    time::Clock,
};
use kpigraph_fuzz::block_on;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

/// The tokens of the fixtures are in force then.
const NOW: i64 = 1_800_000_000;
const LEEWAY: i64 = 30;
const ISSUER: &str = "https://id.example";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const RSA_KEY: &str = include_str!("../../src/auth/verifier/fixtures/rsa_public_key.pem");
const RSA_TOKEN: &str = include_str!("../../src/auth/verifier/fixtures/rs256_token.txt");
const EC_KEY: &str = include_str!("../../src/auth/verifier/fixtures/p256_public_key.pem");
const EC_TOKEN: &str = include_str!("../../src/auth/verifier/fixtures/es256_token.txt");

/// One that shares a secret, and the only tokens that those with key pairs have ever signed.
struct Issuers {
    secret: Verifier,
    pairs: HashMap<&'static str, Verifier>,
}

static ISSUERS: LazyLock<Issuers> = LazyLock::new(|| {
    let pair = |algorithm, key: &str| {
        let file = tempfile::NamedTempFile::new().expect("there is a folder for temporary files");
        std::fs::write(file.path(), key).expect("a temporary file can be written");
        verifier(algorithm, |issuer| {
            issuer.public_key_file = Some(file.path().to_owned())
        })
    };
    Issuers {
        secret: verifier("HS256", |issuer| issuer.secret = Some(SECRET.into())),
        pairs: HashMap::from([
            (RSA_TOKEN.trim(), pair("RS256", RSA_KEY)),
            (EC_TOKEN.trim(), pair("ES256", EC_KEY)),
        ]),
    }
});

fn verifier(algorithm: &str, with_key: impl FnOnce(&mut IssuerSettings)) -> Verifier {
    let mut issuer = IssuerSettings {
        issuer: ISSUER.to_owned(),
        audience: "kpigraph".to_owned(),
        algorithms: vec![algorithm.to_owned()],
        secret: None,
        public_key_file: None,
        jwks_file: None,
        jwks_url: None,
        claims: None,
    };
    with_key(&mut issuer);
    let settings = AuthSettings {
        issuers: vec![issuer],
        ..AuthSettings::default()
    };
    let now = DateTime::from_timestamp(NOW, 0).expect("an instant of 2027");
    Verifier::new(&settings, Path::new("unused"), Clock::fixed(now))
        .expect("the settings are allowed")
}

fuzz_target!(init: LazyLock::force(&ISSUERS), |input: &str| {
    let _ = verify(input);
    check_api_key(input);
    let (header, claims) = input.split_once('\n').unwrap_or((r#"{"alg":"HS256"}"#, input));
    let message = [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).join(".");
    assert!(verify(&format!("{message}.")).is_err(), "not signed at all");
    // The public key is no secret, whatever a header says.
    for key in [RSA_KEY, EC_KEY] {
        let token = signed(&message, key);
        assert!(verify(&token).is_err(), "signed with a public key");
    }
    let token = signed(&message, SECRET);
    if verify(&token).is_ok() {
        for place in [0, message.len() / 3, message.len() / 2, message.len() - 1, token.len() - 1] {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("an ASCII letter replaced another");
            assert!(verify(&changed).is_err(), "changed after signing");
        }
    }
});

fn signed(message: &str, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signature =
        sign(message.as_bytes(), &key, Algorithm::HS256).expect("a secret signs all bytes");
    format!("{message}.{signature}")
}

/// What the issuer with a secret makes of a token. The others take none but their own.
fn verify(token: &str) -> Result<Caller, TokenError> {
    for (own, verifier) in &ISSUERS.pairs {
        assert!(
            token == *own || block_on(verifier.verify(token)).is_err(),
            "nobody signed this"
        );
    }
    let caller = block_on(ISSUERS.secret.verify(token))?;
    let (message, _) = token.rsplit_once('.').expect("a token has parts");
    assert_eq!(signed(message, SECRET), token, "nobody signed this");
    let (header, claims) = message.split_once('.').expect("a token has parts");
    let read = |part: &str| -> Map<String, Value> {
        let json = BASE64_URL_SAFE_NO_PAD
            .decode(part)
            .expect("the part was read before");
        serde_json::from_slice(&json).expect("the part was read before")
    };
    let (header, claims) = (read(header), read(claims));
    assert_eq!(header["alg"], "HS256");
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["sub"], caller.subject());
    assert_eq!(claims["team"], caller.team().as_str());
    assert_eq!(claims["role"], caller.role().as_str());
    assert!(caller.expires_at().timestamp() > NOW - LEEWAY);
    assert_eq!(
        caller.scopes().intersection(caller.role().default_scopes()),
        caller.scopes()
    );
    assert_eq!(caller.api_key(), None);
    Ok(caller)
}

fn check_api_key(text: &str) {
    let Some(secret) = ApiKeySecret::parse(text) else {
        return;
    };
    assert!(ApiKeySecret::is_meant(text));
    assert_eq!(secret.reveal(), text);
    assert!(text.starts_with(secret.prefix()) && text.is_ascii());
    assert!(secret.has_hash(&secret.hash()) && !secret.has_hash(text));
    let hidden = &text[secret.prefix().len() + 1..];
    let shown = format!("{secret:?}");
    assert!(!shown.contains(hidden), "the secret shows");
}
