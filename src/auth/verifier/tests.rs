//! The tokens in `fixtures/` expire an hour after [`NOW`]; their private keys were thrown away.

mod headers;

use chrono::{DateTime, Utc};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::*;
use crate::auth::Role;

const NOW: i64 = 1_800_000_000;
const ISS: &str = "https://id.example";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const RSA_PEM: &str = include_str!("fixtures/rsa_public_key.pem");
const P256_PEM: &str = include_str!("fixtures/p256_public_key.pem");
const RS256: &str = include_str!("fixtures/rs256_token.txt");
const ES256: &str = include_str!("fixtures/es256_token.txt");

fn clock() -> Clock {
    Clock::fixed(DateTime::<Utc>::from_timestamp(NOW, 0).unwrap())
}

fn issuer(algorithm: &str) -> IssuerSettings {
    IssuerSettings {
        issuer: ISS.to_owned(),
        audience: "kpigraph".to_owned(),
        algorithms: vec![algorithm.to_owned()],
        secret: None,
        public_key_file: None,
        jwks_file: None,
        jwks_url: None,
        claims: None,
    }
}

fn verifier(issuer: IssuerSettings) -> Verifier {
    let settings = AuthSettings {
        issuers: vec![issuer],
        ..AuthSettings::default()
    };
    Verifier::new(&settings, Path::new("unused"), clock()).unwrap()
}

fn with_secret() -> Verifier {
    verifier(IssuerSettings {
        secret: Some(SECRET.into()),
        ..issuer("HS256")
    })
}

fn with_public_key(algorithm: &str, pem: &str) -> Verifier {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    verifier(IssuerSettings {
        public_key_file: Some(file.path().to_owned()),
        ..issuer(algorithm)
    })
}

fn claims() -> Value {
    json!({ "iss": ISS, "aud": "kpigraph", "sub": "ada", "exp": NOW + 60, "team": "acme", "role": "MANAGER" })
}

fn signed(header: &Header, claims: &Value, secret: &[u8]) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

async fn refusal(verifier: &Verifier, token: &str) -> TokenError {
    verifier.verify(token).await.unwrap_err()
}

#[tokio::test]
async fn tokens_of_every_kind_of_key_are_accepted() {
    let hs256 = signed(&Header::default(), &claims(), SECRET.as_bytes());
    for (verifier, token) in [
        (with_secret(), hs256.as_str()),
        (with_public_key("RS256", RSA_PEM), RS256.trim()),
        (with_public_key("ES256", P256_PEM), ES256.trim()),
    ] {
        let caller = verifier.verify(token).await.unwrap();
        assert_eq!((caller.team.as_str(), caller.role), ("acme", Role::Manager));
        assert!(!verifier.is_development());
    }
}

#[tokio::test]
async fn keys_and_claims_changed_after_signing_are_refused() {
    let token = signed(
        &Header::default(),
        &claims(),
        b"another secret of thirty-two bytes",
    );
    assert_eq!(
        refusal(&with_secret(), &token).await,
        TokenError::BadSignature
    );

    let token = signed(&Header::default(), &claims(), SECRET.as_bytes());
    let mut parts: Vec<&str> = token.split('.').collect();
    let mut forged = claims();
    forged["role"] = json!("OWNER");
    let forged = URL_SAFE_NO_PAD.encode(forged.to_string());
    parts[1] = &forged;
    assert_eq!(
        refusal(&with_secret(), &parts.join(".")).await,
        TokenError::BadSignature
    );
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    assert_eq!(
        refusal(&with_secret(), &unsigned).await,
        TokenError::BadSignature
    );

    let mut forged = RS256.trim().to_owned();
    let last = forged.len() - 10;
    forged.replace_range(
        last..=last,
        if &forged[last..=last] == "A" {
            "B"
        } else {
            "A"
        },
    );
    assert_eq!(
        refusal(&with_public_key("RS256", RSA_PEM), &forged).await,
        TokenError::BadSignature
    );
}

#[tokio::test]
async fn the_issuer_claim_chooses_the_issuer_and_must_be_known() {
    for (iss, error) in [
        (json!("https://other.example"), TokenError::UnknownIssuer),
        (json!("kpigraph-development"), TokenError::UnknownIssuer),
        (Value::Null, TokenError::MissingClaim("iss".to_owned())),
    ] {
        let mut claims = claims();
        claims["iss"] = iss;
        assert_eq!(
            refusal(
                &with_secret(),
                &signed(&Header::default(), &claims, SECRET.as_bytes())
            )
            .await,
            error
        );
    }
    let mut claims = claims();
    claims["iss"] = json!([ISS]);
    let error = refusal(
        &with_secret(),
        &signed(&Header::default(), &claims, SECRET.as_bytes()),
    )
    .await;
    assert!(matches!(error, TokenError::InvalidClaim { name, .. } if name == "iss"));
}

#[tokio::test]
async fn the_key_of_one_issuer_does_not_sign_for_another() {
    let second = "another secret of thirty-two bytes";
    let issuers = vec![
        IssuerSettings {
            secret: Some(SECRET.into()),
            ..issuer("HS256")
        },
        IssuerSettings {
            issuer: "second".to_owned(),
            secret: Some(second.into()),
            ..issuer("HS256")
        },
    ];
    let settings = AuthSettings {
        issuers,
        ..AuthSettings::default()
    };
    let verifier = Verifier::new(&settings, Path::new("unused"), clock()).unwrap();
    let token = signed(&Header::default(), &claims(), second.as_bytes());
    assert_eq!(refusal(&verifier, &token).await, TokenError::BadSignature);
}

#[tokio::test]
async fn claims_are_checked_after_the_signature() {
    let refused = async |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        refusal(
            &with_secret(),
            &signed(&Header::default(), &claims, SECRET.as_bytes()),
        )
        .await
    };
    assert_eq!(
        refused("aud", Value::Null).await,
        TokenError::MissingClaim("aud".to_owned())
    );
    assert_eq!(
        refused("aud", json!(["other"])).await,
        TokenError::WrongAudience
    );
    assert_eq!(
        refused("exp", Value::Null).await,
        TokenError::MissingClaim("exp".to_owned())
    );
    assert_eq!(refused("exp", json!(NOW - 30)).await, TokenError::Expired);
    assert_eq!(
        refused("nbf", json!(NOW + 31)).await,
        TokenError::NotYetValid
    );
    assert_eq!(
        refused("sub", Value::Null).await,
        TokenError::MissingClaim("sub".to_owned())
    );
}

#[tokio::test]
async fn a_key_set_file_gives_the_key_by_its_name() {
    let jwk = json!({
        "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig",
            "x": "c95p9DPYjfRj2xALhlYgvk6WGhqPWKCBC1UARPkIUlo", "y": "OBkOimqbsnl9Q2cQBJEOGeTNGLjIr6rMBbNyeRlajVg",
        }]
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), jwk.to_string()).unwrap();
    let settings = IssuerSettings {
        jwks_file: Some(file.path().to_owned()),
        ..issuer("ES256")
    };
    let verifier = verifier(settings);
    assert!(verifier.verify(ES256.trim()).await.is_ok());

    let claims = ES256.split('.').nth(1).unwrap();
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "ES256", "kid": "unheard-of" }).to_string());
    assert_eq!(
        refusal(&verifier, &format!("{header}.{claims}.AAAA")).await,
        TokenError::UnknownKey
    );
}

#[test]
fn wrong_settings_and_key_files_are_refused_at_start() {
    let build = |issuer| {
        let settings = AuthSettings {
            issuers: vec![issuer],
            ..AuthSettings::default()
        };
        Verifier::new(&settings, Path::new("unused"), clock())
            .unwrap_err()
            .to_string()
    };
    assert!(build(issuer("HS256")).starts_with("setting auth.issuers[0]: give exactly one of"));
    let text = build(IssuerSettings {
        jwks_file: Some("no/such.json".into()),
        ..issuer("RS256")
    });
    assert!(
        text.starts_with("setting auth.issuers[0].jwks_file = no/such.json: "),
        "{text}"
    );
}

#[test]
fn only_the_development_key_counts_as_development_and_debug_output_hides_keys() {
    let dir = tempfile::tempdir().unwrap();
    let development = Verifier::new(&AuthSettings::default(), dir.path(), clock()).unwrap();
    assert!(development.is_development());
    let text = format!("{:?}", with_secret());
    assert!(
        text.contains("redacted") && !text.contains(SECRET),
        "{text}"
    );
}
