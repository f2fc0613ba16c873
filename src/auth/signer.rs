//! Makes tokens, for the command line and for tests.

use std::{fmt, path::Path};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::{AuthSettings, AuthSetupError, ClaimNames, DevelopmentKey, Role, Scopes, TeamSlug};
use crate::time::Clock;

/// Signs tokens with a shared secret.
#[derive(Clone)]
pub struct Signer {
    issuer: String,
    audience: String,
    key: EncodingKey,
    claims: ClaimNames,
}

/// The signer of the first configured issuer that has a secret, or of the development key when no issuer is configured.
///
/// # Errors
/// When every configured issuer is asymmetric, a setting is wrong, or the development key cannot be read or made.
pub fn signer(settings: &AuthSettings, data_dir: &Path) -> Result<Signer, AuthSetupError> {
    settings.validate()?;
    if settings.issuers.is_empty() {
        return Ok(DevelopmentKey::load_or_create(data_dir)?.signer(settings.claims.clone()));
    }
    let with_secret = settings
        .issuers
        .iter()
        .find_map(|issuer| Some((issuer, issuer.secret.as_ref()?)));
    let (issuer, secret) = with_secret.ok_or(AuthSetupError::NoSigningKey)?;
    let claims = issuer.claims.as_ref().unwrap_or(&settings.claims).clone();
    Ok(Signer::new(
        &issuer.issuer,
        &issuer.audience,
        secret.expose_secret().as_bytes(),
        claims,
    ))
}

impl Signer {
    pub(super) fn new(issuer: &str, audience: &str, secret: &[u8], claims: ClaimNames) -> Self {
        let key = EncodingKey::from_secret(secret);
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            key,
            claims,
        }
    }

    /// The `iss` claim of the tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A token and when it ends. It lives `ttl` from now on; `scopes` can only narrow the role's.
    pub fn mint(
        &self,
        clock: &Clock,
        team: &TeamSlug,
        role: Role,
        scopes: Option<Scopes>,
        ttl: TimeDelta,
        subject: &str,
    ) -> (String, DateTime<Utc>) {
        let now = clock.now().trunc_subsecs(0);
        let expires_at = now
            .checked_add_signed(ttl)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
            .trunc_subsecs(0);
        let mut claims = Map::new();
        claims.insert(self.claims.team.clone(), json!(team.as_str()));
        claims.insert(self.claims.role.clone(), json!(role.as_str()));
        if let Some(scopes) = scopes {
            let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
            claims.insert(self.claims.scopes.clone(), json!(names));
        }
        // The registered claims come last: a configured name cannot replace them.
        for (name, value) in [
            ("iss", json!(self.issuer)),
            ("aud", json!(self.audience)),
            ("sub", json!(subject)),
            ("iat", json!(now.timestamp())),
            ("exp", json!(expires_at.timestamp())),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let token = encode(
            &Header::new(Algorithm::HS256),
            &Value::Object(claims),
            &self.key,
        )
        .expect("HS256 signs every JSON object with every secret");
        (token, expires_at)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{IssuerSettings, Scope, Verifier};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 500_000_000).unwrap()
    }

    fn issuer(secret: Option<&str>) -> IssuerSettings {
        IssuerSettings {
            issuer: format!("issuer {}", secret.is_some()),
            audience: "api".to_owned(),
            algorithms: vec![if secret.is_some() { "HS256" } else { "ES256" }.to_owned()],
            secret: secret.map(Into::into),
            public_key_file: None,
            jwks_file: None,
            jwks_url: secret
                .is_none()
                .then(|| "https://id.example/keys".to_owned()),
            claims: Some(ClaimNames {
                team: "https://example/team".to_owned(),
                ..ClaimNames::default()
            }),
        }
    }

    async fn round_trip(settings: &AuthSettings) {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(now());
        let scopes = Scopes::from_iter([Scope::MetricsRead]);
        let signer = signer(settings, dir.path()).unwrap();
        let team = "acme".parse().unwrap();
        let (token, ends) = signer.mint(
            &clock,
            &team,
            Role::Admin,
            Some(scopes),
            TimeDelta::hours(1),
            "ada",
        );
        let caller = Verifier::new(settings, dir.path(), clock)
            .unwrap()
            .verify(&token)
            .await
            .unwrap();
        assert_eq!(
            (caller.subject.as_str(), &caller.team, caller.role),
            ("ada", &team, Role::Admin)
        );
        assert_eq!((caller.scopes, caller.expires_at), (scopes, ends));
        assert_eq!(ends.timestamp(), now().timestamp() + 3_600);
    }

    #[tokio::test]
    async fn tokens_of_the_development_key_are_accepted() {
        round_trip(&AuthSettings::default()).await;
    }

    #[tokio::test]
    async fn tokens_of_the_first_issuer_with_a_secret_are_accepted() {
        let issuers = vec![
            issuer(None),
            issuer(Some("0123456789abcdef0123456789abcdef")),
        ];
        round_trip(&AuthSettings {
            issuers,
            ..AuthSettings::default()
        })
        .await;
    }

    #[test]
    fn asymmetric_issuers_alone_cannot_sign() {
        let settings = AuthSettings {
            issuers: vec![issuer(None)],
            ..AuthSettings::default()
        };
        let error = signer(&settings, Path::new("unused"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("none of the configured issuers has a `secret`"),
            "{error}"
        );
    }

    #[test]
    fn an_endless_life_ends_with_the_calendar() {
        let signer = Signer::new("i", "a", &[7; 32], ClaimNames::default());
        let team = "acme".parse().unwrap();
        let (_, ends) = signer.mint(
            &Clock::fixed(now()),
            &team,
            Role::Viewer,
            None,
            TimeDelta::MAX,
            "ada",
        );
        assert_eq!(ends, DateTime::<Utc>::MAX_UTC.trunc_subsecs(0));
        assert!(!format!("{signer:?}").contains('7'));
    }
}
