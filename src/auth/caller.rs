//! Who asks.

use chrono::{DateTime, Utc};

use super::{Role, Scope, Scopes, TeamSlug};

/// The sender of a request, as its verified token or API key tells.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(super) subject: String,
    pub(super) team: TeamSlug,
    pub(super) role: Role,
    pub(super) scopes: Scopes,
    pub(super) expires_at: DateTime<Utc>,
    api_key: Option<i64>,
}

/// The caller lacks a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the scope {scope}, which the role {role} or the token does not give")]
pub struct MissingScope {
    /// The scope that is needed.
    pub scope: Scope,
    /// The caller's role.
    pub role: Role,
}

impl Caller {
    /// A caller with the role's scopes, narrowed to `asked` when the token names scopes.
    pub(super) fn verified(
        subject: String,
        team: TeamSlug,
        role: Role,
        asked: Option<Scopes>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        let most = role.default_scopes();
        let scopes = asked.map_or(most, |asked| most.intersection(asked));
        Self {
            subject,
            team,
            role,
            scopes,
            expires_at,
            api_key: None,
        }
    }

    /// A program with an API key whose secret was checked. It has the key's scopes, whatever its role's are.
    pub(crate) fn with_api_key(
        id: i64,
        prefix: &str,
        team: TeamSlug,
        scopes: Scopes,
        expires_at: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            subject: prefix.to_owned(),
            team,
            role: Role::Integration,
            scopes,
            expires_at: expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC),
            api_key: Some(id),
        }
    }

    /// The id of the API key; `None` for a token.
    pub fn api_key(&self) -> Option<i64> {
        self.api_key
    }

    /// The `sub` claim: who this is at the issuer. Of an API key, how its secret begins.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The only team whose data the request may touch.
    pub fn team(&self) -> &TeamSlug {
        &self.team
    }

    /// The role in that team.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What the request may do: the role's scopes, less those the token leaves out.
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// When the token or the key's secret ends.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Succeeds when the caller has `scope`.
    pub fn require(&self, scope: Scope) -> Result<(), MissingScope> {
        if self.scopes.contains(scope) {
            Ok(())
        } else {
            Err(MissingScope {
                scope,
                role: self.role,
            })
        }
    }

    /// A caller without a token, for tests.
    #[cfg(test)]
    pub(crate) fn for_tests(team: &str, role: Role) -> Self {
        let team = team.parse().expect("a test names a valid team");
        Self::verified(
            "tester".to_owned(),
            team,
            role,
            None,
            DateTime::<Utc>::MAX_UTC,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_scope_is_refused_by_name() {
        let viewer = Caller::for_tests("acme", Role::Viewer);
        assert_eq!(viewer.require(Scope::MetricsRead), Ok(()));
        let error = viewer.require(Scope::MoneyRead).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this needs the scope MONEY_READ, which the role VIEWER or the token does not give"
        );
    }

    #[test]
    fn asked_scopes_narrow_and_never_widen() {
        let asked = Scopes::from_iter([Scope::MetricsRead, Scope::TeamAdmin]);
        let team = "acme".parse().unwrap();
        let caller = Caller::verified(
            "s".into(),
            team,
            Role::Viewer,
            Some(asked),
            DateTime::<Utc>::MAX_UTC,
        );
        assert_eq!(
            caller.scopes.iter().collect::<Vec<_>>(),
            [Scope::MetricsRead]
        );
    }
}
