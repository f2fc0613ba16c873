//! What a goal asks of its metric: checked, and with a baseline from history where none is given.

use async_graphql::MaybeUndefined;
use entity::goal::{self, BaselineSource, GoalKind};
use rust_decimal::Decimal;

use super::{
    Session, goal_check as check,
    goal_scope::{self, GoalScopeInput},
    payload::Mistakes,
};
use crate::{
    error::ApiResult,
    kpi::{
        Kpi, Undefined, UndefinedCode,
        format::Unit,
        goal::{Measured, Scope, answers},
        graphql_name,
    },
    store::TeamStore,
    time::{Calendar, Grain},
};

/// What is asked of a goal's metric.
pub struct Asked {
    /// The metric.
    pub metric: Option<Kpi>,
    /// The kind.
    pub kind: Option<GoalKind>,
    /// The facts that count.
    pub scope: Option<Vec<GoalScopeInput>>,
    /// Where it starts from.
    pub baseline: MaybeUndefined<Decimal>,
    /// What it shall come to.
    pub target: Option<Decimal>,
    /// The size of its buckets.
    pub grain: Option<Grain>,
}

/// Puts into the row what is asked of its metric, with a baseline from history where none is given.
pub async fn measure(
    session: &Session,
    store: &TeamStore,
    calendar: &Calendar,
    before: &Option<goal::Model>,
    row: &mut goal::Model,
    asked: Asked,
    mistakes: &mut Mistakes,
) -> ApiResult<()> {
    let today = calendar.today(store.clock().now());
    let Some(window) = check::window(row.starts_on, row.deadline, today, mistakes) else {
        return Ok(());
    };
    let Some(metric) = asked.metric else {
        let given = [
            ("kind", asked.kind.is_some()),
            ("scope", asked.scope.is_some()),
            ("baseline", asked.baseline.is_value()),
            ("target", asked.target.is_some()),
            ("grain", asked.grain.is_some()),
        ];
        for (field, _) in given.into_iter().filter(|(_, given)| *given) {
            let path = format!("input.{field}");
            mistakes.invalid(&path, format!("{path}: it needs a metric"));
        }
        return Ok(());
    };
    let old = match before {
        Some(before) => Measured::of(before)?,
        None => None,
    };
    let same_metric = old.as_ref().is_some_and(|old| old.kpi == metric);
    let kept = old.as_ref().filter(|_| same_metric);
    let kind = check::kind(metric, asked.kind.or(kept.map(|old| old.kind)), mistakes);
    let kept_grain = kept.filter(|old| old.kind == kind).map(|old| old.grain);
    let grain = check::grain(calendar, kind, asked.grain.or(kept_grain), window, mistakes);
    let scope = match asked.scope {
        Some(parts) => goal_scope::checked(store, parts, mistakes).await?,
        None => Scope::from_json(&row.scope)?,
    };
    let target = asked.target.or(kept.map(|old| old.target));
    let Some(target) = target else {
        mistakes.invalid("input.target", "input.target: a metric needs one");
        return Ok(());
    };
    let target = check::number("target", target, mistakes);
    if kind == GoalKind::Accumulate && target <= Decimal::ZERO {
        let text = format!("input.target: {target} was given; a sum's is above 0");
        mistakes.invalid("input.target", text);
    }
    let given = match asked.baseline {
        MaybeUndefined::Value(value) => Some(check::number("baseline", value, mistakes)),
        MaybeUndefined::Null => None,
        MaybeUndefined::Undefined => kept
            .filter(|_| row.baseline_source == Some(BaselineSource::Given))
            .map(|old| old.baseline),
    };
    if !mistakes.is_empty() {
        return Ok(());
    }
    let mut goal = Measured {
        kpi: metric,
        kind,
        grain,
        scope,
        window,
        baseline: Decimal::ZERO,
        target,
    };
    // Reading history also tells whether the metric can be read with this scope at all.
    let history = answers::baseline(store, session.rights(), &goal).await?;
    if let Err(reason) = history
        && reason.code() == UndefinedCode::IncompatibleDimension
    {
        let text = format!("input.scope: {}", reason.message());
        mistakes.invalid("input.scope", text);
        return Ok(());
    }
    let unchanged = kept.filter(|old| {
        given.is_none()
            && asked.baseline.is_undefined()
            && (&old.scope, old.kind, old.grain, old.window)
                == (&goal.scope, goal.kind, goal.grain, goal.window)
    });
    goal.baseline = match (given, unchanged, history) {
        (Some(value), _, _) => value,
        (None, Some(old), _) => old.baseline,
        (None, None, Ok(value)) => value.round_dp(12).normalize(),
        (None, None, Err(reason)) => {
            no_baseline(reason, mistakes);
            return Ok(());
        }
    };
    if goal.baseline == goal.target {
        let text = format!(
            "input.target: {target} is the baseline; a goal leads away from where it starts"
        );
        mistakes.invalid("input.target", text);
    }
    let unit = metric.definition().unit;
    let is_money = matches!(unit, Unit::Currency | Unit::CurrencyPerDay);
    row.metric = Some(graphql_name(metric));
    row.kind = Some(kind);
    row.grain = Some(graphql_name(grain));
    row.scope = goal.scope.to_json();
    row.baseline = Some(goal.baseline.to_string());
    row.baseline_source = Some(match given {
        Some(_) => BaselineSource::Given,
        None => BaselineSource::History,
    });
    row.target = Some(target.to_string());
    row.currency = is_money.then(|| store.team().currency.clone());
    Ok(())
}

fn no_baseline(reason: Undefined, mistakes: &mut Mistakes) {
    let text = format!(
        "input.baseline: history gives none, {}; give a number",
        reason.message()
    );
    mistakes.invalid("input.baseline", text);
}
