//! Alert rules as the database has them.

use entity::alert_rule::{self, AlertCondition};
use rust_decimal::Decimal;

use super::{
    alert::{Condition, Rule},
    scope,
};
use crate::{
    error::{Error, Result},
    kpi::by_name,
};

/// Decimal places of thresholds.
pub const THRESHOLD_PLACES: u32 = 6;

/// A stored rule as it is evaluated.
pub fn rule_of(row: &alert_rule::Model) -> Result<Rule> {
    let broken = |what: &str| Error::Internal(format!("alert rule {}: {what}", row.id));
    let threshold = row.op.zip(row.threshold);
    let threshold =
        threshold.map(|(op, value)| (op, Decimal::new(value, THRESHOLD_PLACES).normalize()));
    Ok(Rule {
        kpi: by_name(&row.metric).ok_or_else(|| broken("an unknown metric"))?,
        scope: scope::Scope::from_json(&row.scope)?,
        grain: by_name(&row.grain).ok_or_else(|| broken("an unknown grain"))?,
        condition: match (row.condition, threshold) {
            (AlertCondition::Value, Some((op, value))) => Condition::Value(op, value),
            (AlertCondition::Change, Some((op, value))) => Condition::Change(op, value),
            (AlertCondition::Anomaly, None) => Condition::Anomaly,
            _ => return Err(broken("a condition without its threshold")),
        },
        least_volume: row.min_volume.map(Decimal::from),
    })
}
