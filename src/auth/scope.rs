//! Single permissions, and small sets of them.

use std::{fmt, str::FromStr};

/// One thing a caller may do.
#[derive(async_graphql::Enum, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Read campaigns, channels and budgets.
    CampaignsRead,
    /// Create and change campaigns, channels and budgets.
    CampaignsWrite,
    /// Read customers and their journeys; names and addresses only together with `PERSONAL_DATA_READ`.
    CustomersRead,
    /// Create and change customers.
    CustomersWrite,
    /// Read KPIs and metrics; amounts of money only together with `MONEY_READ`.
    MetricsRead,
    /// Send facts in: orders, touchpoints, daily figures, files.
    Ingest,
    /// Create and change goals, benchmarks, dashboards and alert rules.
    GoalsWrite,
    /// Create and change webhook endpoints.
    WebhooksWrite,
    /// Change the team's settings, members and API keys, and read the audit log.
    TeamAdmin,
    /// See amounts of money: spend, revenue, budgets, lifetime value.
    MoneyRead,
    /// See personal data: names, e-mail addresses, telephone numbers.
    PersonalDataRead,
}

impl Scope {
    /// Every scope, in order.
    pub const ALL: [Self; 11] = [
        Self::CampaignsRead,
        Self::CampaignsWrite,
        Self::CustomersRead,
        Self::CustomersWrite,
        Self::MetricsRead,
        Self::Ingest,
        Self::GoalsWrite,
        Self::WebhooksWrite,
        Self::TeamAdmin,
        Self::MoneyRead,
        Self::PersonalDataRead,
    ];

    /// The name in tokens and in GraphQL, such as `CAMPAIGNS_READ`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CampaignsRead => "CAMPAIGNS_READ",
            Self::CampaignsWrite => "CAMPAIGNS_WRITE",
            Self::CustomersRead => "CUSTOMERS_READ",
            Self::CustomersWrite => "CUSTOMERS_WRITE",
            Self::MetricsRead => "METRICS_READ",
            Self::Ingest => "INGEST",
            Self::GoalsWrite => "GOALS_WRITE",
            Self::WebhooksWrite => "WEBHOOKS_WRITE",
            Self::TeamAdmin => "TEAM_ADMIN",
            Self::MoneyRead => "MONEY_READ",
            Self::PersonalDataRead => "PERSONAL_DATA_READ",
        }
    }

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no scope's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope; allowed are {}", Scope::ALL.map(Scope::as_str).join(", "))]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or(UnknownScope)
    }
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u16);

impl Scopes {
    /// The set of every scope.
    pub fn all() -> Self {
        Self::from_iter(Scope::ALL)
    }

    /// Whether `scope` is in the set.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The scopes of the set, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }

    /// The scopes that are in both sets.
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The set less one scope.
    pub fn without(self, scope: Scope) -> Self {
        Self(self.0 & !scope.bit())
    }

    /// Whether the set has no scope.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_refused_with_the_allowed_ones() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        let error = "EVERYTHING".parse::<Scope>().unwrap_err().to_string();
        assert!(
            error.starts_with("unknown scope; allowed are CAMPAIGNS_READ, "),
            "{error}"
        );
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set = Scopes::from_iter([Scope::PersonalDataRead, Scope::Ingest]);
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [Scope::Ingest, Scope::PersonalDataRead]
        );
        assert!(!set.contains(Scope::TeamAdmin));
        assert_eq!(
            set.intersection(Scopes::from_iter([Scope::Ingest, Scope::TeamAdmin]))
                .iter()
                .count(),
            1
        );
        assert!(
            set.without(Scope::Ingest)
                .without(Scope::PersonalDataRead)
                .is_empty()
        );
        assert_eq!(format!("{set:?}"), "{Ingest, PersonalDataRead}");
    }
}
