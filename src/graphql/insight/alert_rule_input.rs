//! Making, changing and deleting alert rules.

use async_graphql::{Context, ID, InputObject};
use entity::alert_rule::{self, AlertCondition, AlertOp};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::alert_rule::AlertRule;
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        GlobalId, Session,
        global_id::NodeType,
        payload::{Mistakes, Outcome, payload},
    },
    insight::{scope, stored_rule::THRESHOLD_PLACES},
    kpi::{Kpi, graphql_name},
    store::{
        TeamStore, TeamWriter,
        measures::{Cut, Dimension, Key},
    },
    time::Grain,
};

/// The most dimensions of a scope.
const MOST_DIMENSIONS: usize = 3;
/// The longest text of a scope.
const LONGEST_TEXT: usize = 200;

/// An alert rule, as a whole: what is left out takes its default, also when a rule is changed.
#[derive(InputObject)]
pub struct SetAlertRuleInput {
    /// Which rule to change; a new one is made when left out.
    id: Option<ID>,
    /// The version that the caller has read; needed to change a rule.
    version: Option<i32>,
    /// Its name, 1 to 200 characters.
    name: String,
    /// Which KPI it watches.
    metric: Kpi,
    /// Of which facts, up to 3 dimensions. Default: all.
    scope: Option<Vec<AlertScopeInput>>,
    /// The size of the buckets. Default: DAY.
    grain: Option<Grain>,
    /// What it looks at.
    condition: AlertCondition,
    /// How that stands to the threshold when the rule fires; with VALUE and CHANGE, and only there.
    op: Option<AlertOp>,
    /// The threshold, up to 6 decimal places: a value of the KPI with VALUE, a fraction with CHANGE (0.2 is 20 %); only
    /// there.
    threshold: Option<Decimal>,
    /// How much a value must rest on, 0 or more: a ratio's denominator, a count itself; of KPIs made of amounts of money an
    /// amount. Default: nothing, with ANOMALY the KPI's usual number.
    min_volume: Option<i32>,
    /// Whether it is in use. Default: true.
    enabled: Option<bool>,
}

/// A value of a dimension that facts must have.
#[derive(InputObject)]
pub struct AlertScopeInput {
    /// Which dimension; not TIME, COHORT and CUSTOMER.
    dimension: Dimension,
    /// The property's name; for PROPERTY, and only there.
    property: Option<String>,
    /// The value: an id for CAMPAIGN and CHANNEL, a text otherwise. Facts that name none when left out.
    value: Option<String>,
}

/// Which alert rule to delete.
#[derive(InputObject)]
pub struct DeleteAlertRuleInput {
    /// The rule.
    id: ID,
    /// The version that the caller has read.
    version: i32,
}

payload!(SetAlertRulePayload, alert_rule: AlertRule, "The rule. Null when there are mistakes.");
payload!(DeleteAlertRulePayload, alert_rule: AlertRule, "The rule as it was. Null when there are mistakes.");

/// Makes or changes a rule.
pub async fn set(ctx: &Context<'_>, input: SetAlertRuleInput) -> ApiResult<Outcome<AlertRule>> {
    let session = Session::with_scope(ctx, Scope::GoalsWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let before = match (&input.id, input.version) {
        (None, version) => {
            mistakes.check_no_version(version);
            None
        }
        (Some(_), None) => {
            mistakes.invalid(
                "input.version",
                "input.version: it is needed to change a rule",
            );
            None
        }
        (Some(id), Some(version)) => known(&writer, id, version, &mut mistakes).await?,
    };
    let (op, threshold) = input.threshold(&mut mistakes);
    mistakes.check_name("input.name", &input.name, 200);
    if let Some(least) = input.min_volume.filter(|least| *least < 0) {
        let text = format!("input.minVolume: {least} was given; 0 or more is allowed");
        mistakes.invalid("input.minVolume", text);
    }
    let scope = checked_scope(&writer, input.scope.unwrap_or_default(), &mut mistakes).await?;
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    let now = session.store.clock().now();
    let known_version = before.as_ref().map(|row| row.version);
    let row = alert_rule::Model {
        team_id: session.store.team().id,
        id: before.as_ref().map_or_else(|| writer.id(), |row| row.id),
        name: input.name,
        metric: graphql_name(input.metric),
        scope: scope.to_json()?,
        grain: graphql_name(input.grain.unwrap_or(Grain::Day)),
        condition: input.condition,
        op,
        threshold,
        min_volume: input.min_volume,
        enabled: input.enabled.unwrap_or(true),
        created_at: before.map_or(now, |row| row.created_at),
        updated_at: now,
        version: known_version.unwrap_or(0) + 1,
    };
    match known_version {
        None => {
            writer
                .insert::<alert_rule::Entity>(vec![row.clone()])
                .await?
        }
        Some(version) => {
            if !writer.update_alert_rule(row.clone(), version).await? {
                let current = writer.alert_rules_by_id(&[row.id]).await?.remove(&row.id);
                mistakes.conflict(version, current.map_or(0, |row| row.version));
                return Ok(Err(mistakes));
            }
        }
    }
    writer.commit().await?;
    session.store.wake();
    session.forget_loaded();
    Ok(Ok(AlertRule::of(row)?))
}

/// Deletes a rule.
pub async fn delete(
    ctx: &Context<'_>,
    input: DeleteAlertRuleInput,
) -> ApiResult<Outcome<AlertRule>> {
    let session = Session::with_scope(ctx, Scope::GoalsWrite)?;
    let writer: TeamWriter = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(row) = known(&writer, &input.id, input.version, &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    writer.delete_alert_rule(row.id).await?;
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(AlertRule::of(row)?))
}

impl SetAlertRuleInput {
    /// The operator and the threshold in millionths, where the condition takes them.
    fn threshold(&self, mistakes: &mut Mistakes) -> (Option<AlertOp>, Option<i64>) {
        let condition = graphql_name(self.condition);
        if self.condition == AlertCondition::Anomaly {
            if self.op.is_some() {
                mistakes.invalid("input.op", "input.op: the condition ANOMALY takes none");
            }
            if self.threshold.is_some() {
                let text = "input.threshold: the condition ANOMALY takes none";
                mistakes.invalid("input.threshold", text);
            }
            return (None, None);
        }
        if self.op.is_none() {
            mistakes.invalid(
                "input.op",
                format!("input.op: the condition {condition} needs one"),
            );
        }
        let Some(threshold) = self.threshold else {
            let text = format!("input.threshold: the condition {condition} needs one");
            mistakes.invalid("input.threshold", text);
            return (self.op, None);
        };
        let millionths = threshold
            .checked_mul(Decimal::from(10_i64.pow(THRESHOLD_PLACES)))
            .filter(|millionths| millionths.fract().is_zero())
            .and_then(|millionths| millionths.to_i64());
        if millionths.is_none() {
            let text = format!(
                "input.threshold: {threshold} is not allowed; up to {THRESHOLD_PLACES} decimal places and below \
                 9.2 trillion are"
            );
            mistakes.invalid("input.threshold", text);
        }
        (self.op, millionths)
    }
}

/// The rule with this id, if it is still at this version.
async fn known(
    store: &TeamStore,
    id: &ID,
    version: i32,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<alert_rule::Model>> {
    let found = match GlobalId::expect("input.id", id, NodeType::AlertRule) {
        Ok(id) => store.alert_rules_by_id(&[id]).await?.remove(&id),
        Err(_) => None,
    };
    match found {
        None => mistakes.not_found("input.id", "input.id: there is no alert rule with this id"),
        Some(row) if row.version != version => mistakes.conflict(version, row.version),
        Some(row) => return Ok(Some(row)),
    }
    Ok(None)
}

async fn checked_scope(
    store: &TeamStore,
    parts: Vec<AlertScopeInput>,
    mistakes: &mut Mistakes,
) -> ApiResult<scope::Scope> {
    if parts.len() > MOST_DIMENSIONS {
        let text = format!(
            "input.scope: {} dimensions were given; up to {MOST_DIMENSIONS} are allowed",
            parts.len()
        );
        mistakes.invalid("input.scope", text);
        return Ok(scope::Scope::default());
    }
    let mut checked: Vec<(Cut, Key)> = Vec::new();
    for (place, part) in parts.into_iter().enumerate() {
        let path = format!("input.scope[{place}]");
        let Some(cut) = part.cut(&path, mistakes) else {
            continue;
        };
        if checked.iter().any(|(other, _)| *other == cut) {
            mistakes.invalid(&path, format!("{path}: it is given already"));
            continue;
        }
        if let Some(key) = part.key(&path, store, mistakes).await? {
            checked.push((cut, key));
        }
    }
    Ok(scope::Scope(checked))
}

impl AlertScopeInput {
    fn cut(&self, path: &str, mistakes: &mut Mistakes) -> Option<Cut> {
        let fits = |name: &String| {
            (1..=LONGEST_TEXT).contains(&name.len()) && !name.contains(['"', '\\', '\0'])
        };
        match (self.dimension, &self.property) {
            (Dimension::Time | Dimension::Cohort | Dimension::Customer, _) => {
                let name = graphql_name(self.dimension);
                let text = format!("{path}.dimension: {name} is not allowed");
                mistakes.invalid(&format!("{path}.dimension"), text);
                None
            }
            (Dimension::Property, Some(name)) if fits(name) => Some(Cut::Property(name.clone())),
            (Dimension::Property, _) => {
                let text = format!(
                    "{path}.property: PROPERTY needs a name of 1 to {LONGEST_TEXT} bytes without quotes and backslashes"
                );
                mistakes.invalid(&format!("{path}.property"), text);
                None
            }
            (_, Some(_)) => {
                let text = format!("{path}.property: only PROPERTY takes one");
                mistakes.invalid(&format!("{path}.property"), text);
                None
            }
            (dimension, None) => Some(Cut::By(dimension)),
        }
    }

    async fn key(
        self,
        path: &str,
        store: &TeamStore,
        mistakes: &mut Mistakes,
    ) -> ApiResult<Option<Key>> {
        let path = format!("{path}.value");
        let Some(value) = self.value.filter(|value| !value.is_empty()) else {
            return Ok(Some(Key::None));
        };
        let (node, what) = match self.dimension {
            Dimension::Campaign => (NodeType::Campaign, "campaign"),
            Dimension::Channel => (NodeType::Channel, "channel"),
            _ if value.len() > LONGEST_TEXT || value.contains('\0') => {
                let text = format!("{path}: up to {LONGEST_TEXT} bytes are allowed");
                mistakes.invalid(&path, text);
                return Ok(None);
            }
            _ => return Ok(Some(Key::Text(value))),
        };
        let id = GlobalId::expect(&path, &ID(value), node).ok();
        let known = match (id, node) {
            (None, _) => false,
            (Some(id), NodeType::Campaign) => store.campaigns_by_id(&[id]).await?.contains_key(&id),
            (Some(id), _) => store.channels_by_id(&[id]).await?.contains_key(&id),
        };
        if !known {
            mistakes.not_found(&path, format!("{path}: there is no {what} with this id"));
        }
        Ok(id.filter(|_| known).map(Key::Id))
    }
}
