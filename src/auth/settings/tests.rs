//! Which `auth` settings are refused, and with which words.

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn issuer() -> IssuerSettings {
    IssuerSettings {
        issuer: "https://id.example".to_owned(),
        audience: "kpigraph".to_owned(),
        algorithms: vec!["HS256".to_owned()],
        secret: Some(SECRET.into()),
        public_key_file: None,
        jwks_file: None,
        jwks_url: None,
        claims: None,
    }
}

fn with_url(url: &str) -> IssuerSettings {
    IssuerSettings {
        algorithms: vec!["RS256".to_owned(), "EdDSA".to_owned()],
        secret: None,
        jwks_url: Some(url.to_owned()),
        ..issuer()
    }
}

fn problem(change: impl FnOnce(&mut IssuerSettings)) -> String {
    let mut issuer = issuer();
    change(&mut issuer);
    let settings = AuthSettings {
        issuers: vec![issuer],
        ..AuthSettings::default()
    };
    settings.validate().unwrap_err().to_string()
}

#[test]
fn no_issuer_and_a_complete_issuer_are_accepted() {
    assert_eq!(AuthSettings::default().validate(), Ok(()));
    let issuers = vec![
        issuer(),
        IssuerSettings {
            issuer: "other".to_owned(),
            ..with_url("https://id.example/keys")
        },
    ];
    assert_eq!(
        AuthSettings {
            issuers,
            ..AuthSettings::default()
        }
        .validate(),
        Ok(())
    );
}

#[test]
fn an_issuer_has_exactly_one_key_source() {
    let text = "setting auth.issuers[0]: give exactly one of secret, public_key_file, jwks_file and jwks_url";
    assert_eq!(problem(|issuer| issuer.secret = None), text);
    assert_eq!(
        problem(|issuer| issuer.jwks_file = Some("keys.json".into())),
        text
    );
}

#[test]
fn symmetric_and_asymmetric_algorithms_do_not_mix() {
    let text = problem(|issuer| issuer.algorithms.push("RS256".to_owned()));
    assert!(text.contains("cannot be mixed"), "{text}");
    let text = problem(|issuer| issuer.algorithms = vec!["RS256".to_owned()]);
    assert!(text.contains("HS256 goes with a secret"), "{text}");
    let text = problem(|issuer| {
        *issuer = IssuerSettings {
            algorithms: vec!["HS256".into()],
            ..with_url("https://a")
        }
    });
    assert!(text.contains("HS256 goes with a secret"), "{text}");
}

#[test]
fn unsupported_and_missing_algorithms_are_refused_with_the_allowed_ones() {
    for name in ["none", "HS512", "hs256", ""] {
        let text = problem(|issuer| issuer.algorithms = vec![name.to_owned()]);
        assert!(text.contains("allowed are HS256, RS256"), "{text}");
    }
    assert!(problem(|issuer| issuer.algorithms.clear()).contains("is empty; allowed are HS256"));
}

#[test]
fn one_public_key_fits_one_family() {
    let text = problem(|issuer| {
        issuer.secret = None;
        issuer.public_key_file = Some("key.pem".into());
        issuer.algorithms = vec!["RS256".to_owned(), "ES256".to_owned()];
    });
    assert!(text.contains("one family only"), "{text}");
}

#[test]
fn a_weak_secret_is_refused_without_showing_it() {
    let text = problem(|issuer| issuer.secret = Some("hunter2".into()));
    assert!(
        text.contains("at least 32 bytes") && !text.contains("hunter2"),
        "{text}"
    );
    let text = problem(|issuer| {
        issuer.secret = Some(format!("-----BEGIN PUBLIC KEY-----\n{SECRET}").into())
    });
    assert!(
        text.contains("is a PEM key") && !text.contains(SECRET),
        "{text}"
    );
}

#[test]
fn key_sets_are_read_over_https_or_from_this_machine() {
    let check = |url: &str| {
        AuthSettings {
            issuers: vec![with_url(url)],
            ..AuthSettings::default()
        }
        .validate()
    };
    for url in [
        "https://id.example/keys",
        "http://127.0.0.1:9/keys",
        "http://[::1]/k",
        "http://localhost:1/k",
    ] {
        assert_eq!(check(url), Ok(()), "{url}");
    }
    for url in [
        "http://id.example/keys",
        "http://127.0.0.1.example/",
        "https://a:b@id.example/",
        "file:///k",
        "keys",
    ] {
        let text = check(url).unwrap_err().to_string();
        assert!(
            text.starts_with("setting auth.issuers[0].jwks_url: allowed are https URLs"),
            "{url}: {text}"
        );
    }
}

#[test]
fn empty_names_repeated_issuers_and_a_large_leeway_are_refused() {
    assert!(
        problem(|issuer| issuer.audience = " ".to_owned())
            .starts_with("setting auth.issuers[0].audience")
    );
    assert!(problem(|issuer| issuer.issuer.clear()).starts_with("setting auth.issuers[0].issuer"));
    let twice = AuthSettings {
        issuers: vec![issuer(), issuer()],
        ..AuthSettings::default()
    };
    assert!(
        twice
            .validate()
            .unwrap_err()
            .to_string()
            .contains("given twice")
    );
    let late = AuthSettings {
        leeway_seconds: 61,
        ..AuthSettings::default()
    };
    assert_eq!(
        late.validate().unwrap_err().to_string(),
        "setting auth.leeway_seconds: allowed are 0 to 60"
    );
    let claims = ClaimNames {
        role: String::new(),
        ..ClaimNames::default()
    };
    let nameless = AuthSettings {
        claims,
        ..AuthSettings::default()
    };
    assert!(
        nameless
            .validate()
            .unwrap_err()
            .to_string()
            .starts_with("setting auth.claims.role")
    );
}

#[test]
fn debug_output_hides_the_secret() {
    let text = format!(
        "{:?}",
        AuthSettings {
            issuers: vec![issuer()],
            ..AuthSettings::default()
        }
    );
    assert!(
        text.contains("REDACTED") && !text.contains(SECRET),
        "{text}"
    );
}

#[test]
fn the_lists_of_fields_are_the_fields() {
    fn accepted<'de, T: Deserialize<'de> + std::fmt::Debug>(json: &'de str) -> Vec<String> {
        let text = serde_json::from_str::<T>(json).unwrap_err().to_string();
        text.split('`')
            .skip(3)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }
    assert_eq!(
        accepted::<AuthSettings>(r#"{"?": 1}"#),
        AuthSettings::FIELDS
    );
    assert_eq!(
        accepted::<IssuerSettings>(r#"{"?": 1}"#),
        IssuerSettings::FIELDS
    );
    assert_eq!(accepted::<ClaimNames>(r#"{"?": 1}"#), ClaimNames::FIELDS);
}
