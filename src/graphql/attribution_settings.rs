//! The team's settings for attribution: how results are credited, and which channel a touch came by.

use async_graphql::{Context, InputObject, SimpleObject};
use entity::{team, values::ChannelKind};

use super::{
    Session,
    attribution_input::{checked_half_life, checked_lookback},
    payload::{Mistakes, Outcome, payload},
    team::TeamSettings,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    kpi::attribution::{
        AttributionModel, ChannelRule, ChannelRules, RuleField, Rules,
        channel_rules::{LONGEST_PATTERN, MOST_RULES},
    },
    store::TeamWriter,
};

/// How results are credited to touches where a query does not say.
#[derive(SimpleObject)]
pub struct AttributionSettings {
    /// By which model.
    model: AttributionModel,
    /// How many days before a result a touch still counts.
    lookback_days: u32,
    /// After how many days TIME_DECAY halves a touch's weight.
    half_life_days: f64,
    /// Touches through channels of these kinds get nothing.
    exclude_channels: Vec<ChannelKind>,
}

impl AttributionSettings {
    /// The team's own, or the defaults.
    pub fn of(team: &team::Model) -> Result<Self> {
        let rules = Rules::of(team)?;
        Ok(Self {
            model: rules.model,
            lookback_days: rules.lookback_days,
            half_life_days: rules.half_life_days(),
            exclude_channels: rules.exclude_channels,
        })
    }
}

/// A rule that tells the kind of channel of touches that name none. Rules are tried in their order; the first that
/// matches decides.
#[derive(SimpleObject)]
#[graphql(name = "ChannelRule")]
pub struct ChannelRuleValue {
    /// Its place, from 1 on.
    order: i32,
    /// What of the touch it looks at.
    field: RuleField,
    /// A regular expression for the whole value, letters in either case.
    pattern: String,
    /// The kind of channel of what matches.
    kind: ChannelKind,
}

/// The team's rules, or the defaults.
pub fn channel_rules(team: &team::Model) -> Result<Vec<ChannelRuleValue>> {
    let rules = ChannelRules::of(team)?;
    let value = |(order, rule): (i32, &ChannelRule)| ChannelRuleValue {
        order,
        field: rule.field,
        pattern: rule.pattern.clone(),
        kind: rule.kind,
    };
    Ok((1..).zip(rules.rules()).map(value).collect())
}

/// How results are credited where a query does not say. What is left out stays.
#[derive(InputObject)]
pub struct SetAttributionSettingsInput {
    /// The version of the team's settings that the caller has read.
    version: i32,
    /// By which model.
    model: Option<AttributionModel>,
    /// How many days before a result a touch still counts, 1 to 730.
    lookback_days: Option<i32>,
    /// After how many days TIME_DECAY halves a touch's weight, 0.01 to 365.
    half_life_days: Option<f64>,
    /// Touches through channels of these kinds get nothing.
    exclude_channels: Option<Vec<ChannelKind>>,
}

/// One rule.
#[derive(InputObject)]
pub struct ChannelRuleInput {
    /// What of the touch it looks at.
    field: RuleField,
    /// A regular expression for the whole value, letters in either case, 1 to 1000 bytes.
    pattern: String,
    /// The kind of channel of what matches.
    kind: ChannelKind,
}

/// Which kind of channel touches without a channel came by.
#[derive(InputObject)]
pub struct SetChannelRulesInput {
    /// The version of the team's settings that the caller has read.
    version: i32,
    /// All rules in their order, up to 200; the defaults again when left out.
    rules: Option<Vec<ChannelRuleInput>>,
}

payload!(SetAttributionSettingsPayload, settings: TeamSettings, "The settings. Null when there are mistakes.");
payload!(SetChannelRulesPayload, settings: TeamSettings, "The settings. Null when there are mistakes.");

/// Changes how results are credited.
pub async fn set_attribution(
    ctx: &Context<'_>,
    input: SetAttributionSettingsInput,
) -> ApiResult<Outcome<TeamSettings>> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let mut team = writer.team_now().await?;
    let mut rules = Rules::of(&team)?;
    rules.model = input.model.unwrap_or(rules.model);
    if let Some(days) = input.lookback_days
        && let Some(days) = checked("input.lookbackDays", days, checked_lookback, &mut mistakes)
    {
        rules.lookback_days = days;
    }
    if let Some(days) = input.half_life_days
        && let Some(seconds) = checked("input.halfLifeDays", days, checked_half_life, &mut mistakes)
    {
        rules.half_life_seconds = seconds;
    }
    if let Some(kinds) = input.exclude_channels {
        rules.exclude_channels = super::campaign_list::distinct(kinds);
    }
    team.attribution = Some(rules.stored()?);
    save(session, writer, team, input.version, mistakes).await
}

/// Changes the rules for channels.
pub async fn set_channel_rules(
    ctx: &Context<'_>,
    input: SetChannelRulesInput,
) -> ApiResult<Outcome<TeamSettings>> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let mut team = writer.team_now().await?;
    team.channel_rules = match input.rules {
        None => None,
        Some(rules) => checked_rules(rules, &mut mistakes)?,
    };
    save(session, writer, team, input.version, mistakes).await
}

fn checked<T, U>(
    field: &str,
    value: T,
    check: fn(&str, T) -> Result<U>,
    mistakes: &mut Mistakes,
) -> Option<U> {
    let checked = check(field, value);
    checked
        .map_err(|error| mistakes.invalid(field, error.to_string()))
        .ok()
}

fn checked_rules(rules: Vec<ChannelRuleInput>, mistakes: &mut Mistakes) -> Result<Option<String>> {
    if rules.len() > MOST_RULES {
        let text = format!(
            "input.rules: {} were given; at most {MOST_RULES} are allowed",
            rules.len()
        );
        mistakes.invalid("input.rules", text);
        return Ok(None);
    }
    let mut refuse = |place: usize, text: &str| {
        let path = format!("input.rules[{place}].pattern");
        mistakes.invalid(&path, format!("{path}: {text}"));
    };
    let rule = |rule: ChannelRuleInput| ChannelRule {
        field: rule.field,
        pattern: rule.pattern,
        kind: rule.kind,
    };
    let rules: Vec<ChannelRule> = rules.into_iter().map(rule).collect();
    for (place, rule) in rules.iter().enumerate() {
        let bytes = rule.pattern.len();
        if !(1..=LONGEST_PATTERN).contains(&bytes) {
            refuse(
                place,
                &format!("{bytes} bytes were given; 1 to {LONGEST_PATTERN} are allowed"),
            );
            return Ok(None);
        }
    }
    match ChannelRules::new(rules) {
        Ok(rules) => rules.stored().map(Some),
        Err((place, error)) => {
            refuse(place, &format!("this is no regular expression: {error}"));
            Ok(None)
        }
    }
}

async fn save(
    session: &Session,
    writer: TeamWriter,
    mut team: team::Model,
    known_version: i32,
    mut mistakes: Mistakes,
) -> ApiResult<Outcome<TeamSettings>> {
    if team.version != known_version {
        mistakes.conflict(known_version, team.version);
    }
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    team.version += 1;
    // Writers of one team follow one another, so that nobody can have come between.
    if !writer.update_team(team.clone(), known_version).await? {
        return Err(
            Error::Internal("a team's settings changed within a transaction".into()).into(),
        );
    }
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(TeamSettings::of(
        &team,
        session.store.calendar()?.week_start,
    )?))
}
