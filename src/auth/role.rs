//! The roles a member or a program can have in a team, and what each may do by default.

use std::{fmt, str::FromStr};

use super::scope::{Scope, Scopes};

/// What a caller is in its team. The role decides which scopes the caller can have at most.
#[derive(async_graphql::Enum, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Owns the team: every scope.
    Owner,
    /// Administers the team: every scope.
    Admin,
    /// Runs the marketing of the team: everything but the team's members and its webhooks.
    Manager,
    /// Works on campaigns: reads campaigns, customers, metrics and money, writes campaigns; sees no personal data.
    Specialist,
    /// Reads campaigns, customers and metrics; sees neither money nor personal data.
    Viewer,
    /// A program that exchanges data with the team: reads and writes campaigns and customers, and sends facts in.
    Integration,
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: [Self; 6] = [
        Self::Owner,
        Self::Admin,
        Self::Manager,
        Self::Specialist,
        Self::Viewer,
        Self::Integration,
    ];

    /// The name in tokens and in GraphQL, such as `OWNER`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Admin => "ADMIN",
            Self::Manager => "MANAGER",
            Self::Specialist => "SPECIALIST",
            Self::Viewer => "VIEWER",
            Self::Integration => "INTEGRATION",
        }
    }

    /// The scopes of this role. A token can take some away, it can never add one.
    pub fn default_scopes(self) -> Scopes {
        match self {
            Self::Owner | Self::Admin => Scopes::all(),
            Self::Manager => Scopes::all()
                .without(Scope::TeamAdmin)
                .without(Scope::WebhooksWrite),
            Self::Specialist => Scopes::from_iter([
                Scope::CampaignsRead,
                Scope::CampaignsWrite,
                Scope::CustomersRead,
                Scope::MetricsRead,
                Scope::MoneyRead,
            ]),
            Self::Viewer => Scopes::from_iter([
                Scope::CampaignsRead,
                Scope::CustomersRead,
                Scope::MetricsRead,
            ]),
            Self::Integration => Scopes::from_iter([
                Scope::CampaignsRead,
                Scope::CampaignsWrite,
                Scope::CustomersRead,
                Scope::CustomersWrite,
                Scope::MetricsRead,
                Scope::Ingest,
                Scope::MoneyRead,
                Scope::PersonalDataRead,
            ]),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no role's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown role; allowed are {}", Role::ALL.map(Role::as_str).join(", "))]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_refused_with_the_allowed_ones() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        let error = "owner".parse::<Role>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown role; allowed are OWNER, ADMIN, MANAGER, SPECIALIST, VIEWER, INTEGRATION"
        );
    }

    #[test]
    fn only_owner_and_admin_administer_the_team() {
        for role in Role::ALL {
            let scopes = role.default_scopes();
            let administers = matches!(role, Role::Owner | Role::Admin);
            assert_eq!(scopes.contains(Scope::TeamAdmin), administers, "{role}");
            assert_eq!(scopes.contains(Scope::WebhooksWrite), administers, "{role}");
        }
    }

    #[test]
    fn viewer_and_specialist_see_no_personal_data_and_viewer_no_money() {
        assert!(
            !Role::Viewer
                .default_scopes()
                .contains(Scope::PersonalDataRead)
        );
        assert!(!Role::Viewer.default_scopes().contains(Scope::MoneyRead));
        assert!(
            !Role::Specialist
                .default_scopes()
                .contains(Scope::PersonalDataRead)
        );
        assert!(Role::Specialist.default_scopes().contains(Scope::MoneyRead));
    }

    #[test]
    fn manager_and_integration_keep_what_their_work_needs() {
        assert_eq!(
            Role::Manager.default_scopes().iter().count(),
            Scope::ALL.len() - 2
        );
        let integration = Role::Integration.default_scopes();
        assert!(
            integration.contains(Scope::Ingest) && integration.contains(Scope::PersonalDataRead)
        );
        assert!(!integration.contains(Scope::GoalsWrite));
    }
}
