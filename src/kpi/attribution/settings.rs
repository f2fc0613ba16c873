//! A team's own choices, kept as JSON beside its other settings.

use std::borrow::Cow;

use entity::{team, values::ChannelKind};
use sea_orm::ActiveEnum;

use super::{
    AttributionModel, Rules,
    channel_rules::{ChannelRule, ChannelRules, RuleField},
};
use crate::error::{Error, Result};

#[derive(serde::Serialize, serde::Deserialize)]
struct StoredRules {
    model: AttributionModel,
    lookback_days: u32,
    half_life_seconds: u32,
    exclude_channels: Vec<String>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct StoredChannelRule {
    field: RuleField,
    pattern: String,
    kind: String,
}

impl Rules {
    /// The team's own, or the defaults.
    pub fn of(team: &team::Model) -> Result<Self> {
        let Some(stored) = &team.attribution else {
            return Ok(Self::default());
        };
        let stored: StoredRules = parse(stored)?;
        let kinds = stored.exclude_channels.iter().map(|kind| read_kind(kind));
        Ok(Self {
            model: stored.model,
            lookback_days: stored.lookback_days,
            half_life_seconds: stored.half_life_seconds,
            exclude_channels: kinds.collect::<Result<_>>()?,
            restart: false,
        })
    }

    /// As the team's row keeps them.
    pub fn stored(&self) -> Result<String> {
        write(&StoredRules {
            model: self.model,
            lookback_days: self.lookback_days,
            half_life_seconds: self.half_life_seconds,
            exclude_channels: self
                .exclude_channels
                .iter()
                .map(ActiveEnum::to_value)
                .collect(),
        })
    }
}

impl ChannelRules {
    /// The team's own, or the defaults.
    pub fn of(team: &team::Model) -> Result<Cow<'static, Self>> {
        let Some(stored) = &team.channel_rules else {
            return Ok(Cow::Borrowed(Self::defaults()));
        };
        let stored: Vec<StoredChannelRule> = parse(stored)?;
        let rules = stored.into_iter().map(|rule| {
            let kind = read_kind(&rule.kind)?;
            Ok(ChannelRule {
                field: rule.field,
                pattern: rule.pattern,
                kind,
            })
        });
        Self::new(rules.collect::<Result<_>>()?)
            .map(Cow::Owned)
            .map_err(|(place, error)| Error::Internal(format!("channel rule {place}: {error}")))
    }

    /// As the team's row keeps them.
    pub fn stored(&self) -> Result<String> {
        let stored = |rule: &ChannelRule| StoredChannelRule {
            field: rule.field,
            pattern: rule.pattern.clone(),
            kind: rule.kind.to_value(),
        };
        write(&self.rules().map(stored).collect::<Vec<_>>())
    }
}

fn read_kind(name: &str) -> Result<ChannelKind> {
    ChannelKind::try_from_value(&name.to_owned()).map_err(Error::from)
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Error::Internal(format!("a team's settings: {error}")))
}

fn write<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team() -> team::Model {
        team::Model {
            id: 1,
            slug: "acme".into(),
            name: "Acme".into(),
            currency: "EUR".into(),
            time_zone: "UTC".into(),
            week_start: "MONDAY".into(),
            fiscal_year_start_month: 1,
            ad_basis: entity::values::Basis::Attributed,
            attribution: None,
            channel_rules: None,
            match_by_email: true,
            created_at: Default::default(),
            churn_days: None,
            version: 1,
        }
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let rules = Rules {
            model: AttributionModel::TimeDecay,
            lookback_days: 90,
            half_life_seconds: 3_600,
            exclude_channels: vec![ChannelKind::Direct, ChannelKind::PaidSearch],
            restart: false,
        };
        let mut team = team();
        assert_eq!(Rules::of(&team).unwrap(), Rules::default());
        team.attribution = Some(rules.stored().unwrap());
        assert_eq!(Rules::of(&team).unwrap(), rules);

        let defaults = ChannelRules::of(&team).unwrap();
        team.channel_rules = Some(defaults.stored().unwrap());
        assert!(
            ChannelRules::of(&team)
                .unwrap()
                .rules()
                .eq(defaults.rules())
        );
    }
}
