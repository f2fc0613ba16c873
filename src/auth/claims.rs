//! Reads the claims of a token whose signature has been checked.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::{
    Caller, ClaimNames, Role, Scope, Scopes, TokenError, UnknownRole, team_slug::InvalidTeamSlug,
};

const MAX_SUBJECT_BYTES: usize = 255;

/// What the claims are held against.
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub audience: &'a str,
    pub names: &'a ClaimNames,
    pub now: DateTime<Utc>,
    pub leeway: TimeDelta,
}

impl Expected<'_> {
    /// The caller that the claims describe. Every rule of this service on claims is in here:
    /// the token library's own checks are off, because they let absent or oddly typed claims pass.
    pub fn caller(&self, claims: &Map<String, Value>) -> Result<Caller, TokenError> {
        if text(claims, "iss")? != self.issuer {
            return Err(TokenError::UnknownIssuer);
        }
        self.check_audience(required(claims, "aud")?)?;
        let expires_at = instant("exp", required(claims, "exp")?)?;
        if self.now
            >= expires_at
                .checked_add_signed(self.leeway)
                .unwrap_or(expires_at)
        {
            return Err(TokenError::Expired);
        }
        if let Some(value) = claims.get("nbf") {
            let begins_at = instant("nbf", value)?;
            if self.now
                < begins_at
                    .checked_sub_signed(self.leeway)
                    .unwrap_or(begins_at)
            {
                return Err(TokenError::NotYetValid);
            }
        }
        let subject = text(claims, "sub")?;
        if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES {
            return Err(invalid(
                "sub",
                format!("texts of 1 to {MAX_SUBJECT_BYTES} bytes"),
            ));
        }
        let names = self.names;
        let team = text(claims, &names.team)?;
        let team = team
            .parse()
            .map_err(|error: InvalidTeamSlug| invalid(&names.team, allowed(&error)))?;
        let role = text(claims, &names.role)?;
        let role: Role = role
            .parse()
            .map_err(|error: UnknownRole| invalid(&names.role, allowed(&error)))?;
        let asked = claims
            .get(&names.scopes)
            .map(|value| scopes(&names.scopes, value))
            .transpose()?;
        Ok(Caller::verified(
            subject.to_owned(),
            team,
            role,
            asked,
            expires_at,
        ))
    }

    fn check_audience(&self, claim: &Value) -> Result<(), TokenError> {
        let meant = match claim {
            Value::String(audience) => audience == self.audience,
            Value::Array(list) if list.iter().all(Value::is_string) => list
                .iter()
                .any(|audience| audience.as_str() == Some(self.audience)),
            _ => return Err(invalid("aud", "a text, or a list of texts")),
        };
        if meant {
            Ok(())
        } else {
            Err(TokenError::WrongAudience)
        }
    }
}

fn required<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a Value, TokenError> {
    match claims.get(name) {
        None | Some(Value::Null) => Err(TokenError::MissingClaim(name.to_owned())),
        Some(value) => Ok(value),
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str, TokenError> {
    required(claims, name)?
        .as_str()
        .ok_or_else(|| invalid(name, "a text"))
}

fn instant(name: &str, value: &Value) -> Result<DateTime<Utc>, TokenError> {
    // RFC 7519 allows fractions of a second; a float too large for i64 saturates and is then out of chrono's range.
    let seconds = value
        .as_i64()
        .or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64));
    seconds
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .ok_or_else(|| invalid(name, "a number of seconds since 1970"))
}

/// Names that are not scopes of this service are passed over: issuers mix in theirs, such as `openid`.
fn scopes(name: &str, value: &Value) -> Result<Scopes, TokenError> {
    let known = |text: &str| text.parse::<Scope>().ok();
    match value {
        Value::String(list) => Ok(list.split_ascii_whitespace().filter_map(known).collect()),
        Value::Array(list) if list.iter().all(Value::is_string) => Ok(list
            .iter()
            .filter_map(Value::as_str)
            .filter_map(known)
            .collect()),
        _ => Err(invalid(
            name,
            "a text with names separated by spaces, or a list of names",
        )),
    }
}

fn invalid(name: &str, allowed: impl Into<String>) -> TokenError {
    TokenError::InvalidClaim {
        name: name.to_owned(),
        allowed: allowed.into(),
    }
}

/// The part of a parse error that says what is allowed.
fn allowed(error: &impl ToString) -> String {
    let text = error.to_string();
    text.split_once("allowed are ")
        .map_or(text.clone(), |(_, allowed)| allowed.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn read(change: Value) -> Result<Caller, TokenError> {
        let mut claims = json!({
            "iss": "id", "aud": "kpigraph", "sub": "ada", "exp": NOW + 60, "team": "acme", "role": "MANAGER",
        });
        let object = claims.as_object_mut().unwrap();
        for (name, value) in change.as_object().unwrap() {
            if value == "ABSENT" {
                object.remove(name)
            } else {
                object.insert(name.clone(), value.clone())
            };
        }
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        let names = ClaimNames::default();
        let leeway = TimeDelta::seconds(30);
        Expected {
            issuer: "id",
            audience: "kpigraph",
            names: &names,
            now,
            leeway,
        }
        .caller(object)
    }

    #[test]
    fn complete_claims_make_a_caller() {
        let caller = read(json!({})).unwrap();
        assert_eq!(
            (caller.subject.as_str(), caller.team.as_str(), caller.role),
            ("ada", "acme", Role::Manager)
        );
        assert_eq!(caller.scopes, Role::Manager.default_scopes());
        assert_eq!(caller.expires_at.timestamp(), NOW + 60);
    }

    #[test]
    fn absent_and_null_claims_are_refused_by_name() {
        for name in ["iss", "aud", "sub", "exp", "team", "role"] {
            for value in [json!("ABSENT"), Value::Null] {
                assert_eq!(
                    read(json!({ name: value })).unwrap_err(),
                    TokenError::MissingClaim(name.to_owned())
                );
            }
        }
    }

    #[test]
    fn oddly_typed_claims_are_refused_by_name() {
        for name in ["iss", "aud", "sub", "exp", "nbf", "team", "role", "scopes"] {
            for value in [json!({}), json!([1]), json!(true)] {
                let error = read(json!({ name: value })).unwrap_err();
                assert!(
                    matches!(&error, TokenError::InvalidClaim { name: n, .. } if n == name),
                    "{name}: {error}"
                );
            }
        }
        assert!(read(json!({ "nbf": null })).is_err());
        assert!(read(json!({ "scopes": null })).is_err());
        assert!(read(json!({ "iss": ["id"] })).is_err());
        assert!(read(json!({ "exp": "1900000000" })).is_err());
        assert!(read(json!({ "exp": 1e300 })).is_err());
        assert!(read(json!({ "sub": "" })).is_err());
        assert!(read(json!({ "sub": "x".repeat(256) })).is_err());
    }

    #[test]
    fn the_audience_may_be_one_of_a_list() {
        assert!(read(json!({ "aud": ["other", "kpigraph"] })).is_ok());
        for aud in [json!("other"), json!(["other"]), json!([]), json!("")] {
            assert_eq!(
                read(json!({ "aud": aud })).unwrap_err(),
                TokenError::WrongAudience
            );
        }
        assert!(matches!(
            read(json!({ "aud": ["kpigraph", 7] })),
            Err(TokenError::InvalidClaim { .. })
        ));
    }

    #[test]
    fn another_issuer_is_refused() {
        assert_eq!(
            read(json!({ "iss": "id2" })).unwrap_err(),
            TokenError::UnknownIssuer
        );
    }

    #[test]
    fn a_token_ends_at_its_expiry_plus_the_leeway() {
        assert!(read(json!({ "exp": NOW - 29 })).is_ok());
        assert!(read(json!({ "exp": NOW as f64 - 28.5 })).is_ok());
        assert_eq!(
            read(json!({ "exp": NOW - 30 })).unwrap_err(),
            TokenError::Expired
        );
        assert_eq!(read(json!({ "exp": -1 })).unwrap_err(), TokenError::Expired);
    }

    #[test]
    fn a_token_begins_at_its_not_before_less_the_leeway() {
        assert!(read(json!({ "nbf": NOW + 30 })).is_ok());
        assert_eq!(
            read(json!({ "nbf": NOW + 31 })).unwrap_err(),
            TokenError::NotYetValid
        );
    }

    #[test]
    fn scopes_narrow_the_role_and_never_widen_it() {
        let scopes = |claim: Value| {
            read(json!({ "role": "VIEWER", "scopes": claim }))
                .unwrap()
                .scopes
        };
        let metrics = Scopes::from_iter([Scope::MetricsRead]);
        assert_eq!(scopes(json!("openid METRICS_READ TEAM_ADMIN")), metrics);
        assert_eq!(
            scopes(json!(["METRICS_READ", "PERSONAL_DATA_READ", "MONEY_READ"])),
            metrics
        );
        assert!(scopes(json!("")).is_empty() && scopes(json!([])).is_empty());
    }

    #[test]
    fn wrong_roles_and_teams_are_refused_without_repeating_them() {
        let error = read(json!({ "role": "emperor" })).unwrap_err().to_string();
        assert!(
            error.contains("allowed are OWNER, ADMIN") && !error.contains("emperor"),
            "{error}"
        );
        let error = read(json!({ "team": "No Team" })).unwrap_err().to_string();
        assert!(
            error.contains("allowed are 1 to 63 characters") && !error.contains("No Team"),
            "{error}"
        );
    }
}
