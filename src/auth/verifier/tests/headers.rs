//! Headers that try to choose their own rules.

use super::*;

/// A token of any header, signed like HS256.
fn with_header(header: &Value, secret: &[u8]) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims().to_string())
    );
    let signature = jsonwebtoken::crypto::sign(
        message.as_bytes(),
        &EncodingKey::from_secret(secret),
        Algorithm::HS256,
    )
    .unwrap();
    format!("{message}.{signature}")
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    let token = signed(&Header::default(), &claims(), RSA_PEM.as_bytes());
    assert_eq!(
        refusal(&with_public_key("RS256", RSA_PEM), &token).await,
        TokenError::AlgorithmNotAllowed
    );
    let trimmed = signed(&Header::default(), &claims(), RSA_PEM.trim().as_bytes());
    assert_eq!(
        refusal(&with_public_key("RS256", RSA_PEM), &trimmed).await,
        TokenError::AlgorithmNotAllowed
    );
}

#[tokio::test]
async fn only_the_pinned_algorithms_are_accepted() {
    assert_eq!(
        refusal(&with_public_key("RS512", RSA_PEM), RS256.trim()).await,
        TokenError::AlgorithmNotAllowed
    );
    for algorithm in ["none", "None", "HS384", "RS256", "made-up"] {
        let token = with_header(
            &json!({ "alg": algorithm, "typ": "JWT" }),
            SECRET.as_bytes(),
        );
        assert_eq!(
            refusal(&with_secret(), &token).await,
            TokenError::AlgorithmNotAllowed,
            "{algorithm}"
        );
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert_eq!(
            refusal(&with_secret(), &unsigned).await,
            TokenError::AlgorithmNotAllowed,
            "{algorithm}"
        );
    }
}

#[tokio::test]
async fn headers_with_extensions_or_odd_key_names_are_refused() {
    for crit in [json!(["exp"]), json!([]), Value::Null] {
        let token = with_header(&json!({ "alg": "HS256", "crit": crit }), SECRET.as_bytes());
        assert_eq!(
            refusal(&with_secret(), &token).await,
            TokenError::CriticalHeader
        );
    }
    let token = with_header(&json!({ "alg": "HS256", "kid": 7 }), SECRET.as_bytes());
    assert_eq!(refusal(&with_secret(), &token).await, TokenError::Malformed);
    let token = with_header(&json!({ "typ": "JWT" }), SECRET.as_bytes());
    assert_eq!(refusal(&with_secret(), &token).await, TokenError::Malformed);
}

#[tokio::test]
async fn other_texts_are_refused_as_malformed_or_too_long() {
    for text in [
        "",
        ".",
        "..",
        "a.b.c",
        "a.b",
        "a.b.c.d",
        "Bearer x",
        "e30.e30",
        "ö.ö.ö",
        "W10.W10.x",
    ] {
        assert_eq!(
            refusal(&with_secret(), text).await,
            TokenError::Malformed,
            "{text:?}"
        );
    }
    assert_eq!(
        refusal(&with_secret(), &"a".repeat(8 * 1024 + 1)).await,
        TokenError::TooLong
    );
}
