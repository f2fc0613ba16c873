//! A campaign's budget over its flight, as inputs give it.

use entity::{budget, campaign};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::payload::Mistakes;
use crate::{error::ApiResult, store::TeamWriter};

/// The largest budget, in micros.
const MOST_BUDGET: i64 = 9_000_000_000_000_000_000;
/// The most days that a flight with a budget may have.
const MOST_DAYS: i64 = 3_660;

/// A budget over the whole flight.
pub fn flight_budget(
    writer: &TeamWriter,
    row: &campaign::Model,
    amount: Decimal,
    mistakes: &mut Mistakes,
) -> Option<budget::Model> {
    let micros = amount
        .checked_mul(Decimal::from(1_000_000))
        .and_then(|micros| micros.round().to_i64());
    let Some(micros) = micros.filter(|micros| (0..=MOST_BUDGET).contains(micros)) else {
        mistakes.invalid(
            "input.budget",
            format!("input.budget: {amount} is not allowed; 0 to 9 000 000 000 000 are"),
        );
        return None;
    };
    let (Some(starts_on), Some(ends_on)) = (row.starts_on, row.ends_on) else {
        mistakes.invalid(
            "input.budget",
            "input.budget: it needs startsOn and endsOn, over which it is spread",
        );
        return None;
    };
    if (ends_on - starts_on).num_days() >= MOST_DAYS {
        mistakes.invalid(
            "input.endsOn",
            format!("input.endsOn: a budget spans up to {MOST_DAYS} days"),
        );
        return None;
    }
    Some(budget::Model {
        team_id: row.team_id,
        id: writer.id(),
        campaign_id: row.id,
        starts_on,
        ends_on,
        amount: micros,
        currency: writer.team().currency.clone(),
    })
}

/// A budget over the whole flight moves with it; budgets with days of their own stay.
pub async fn moved_budget(
    writer: &TeamWriter,
    before: &campaign::Model,
    row: &campaign::Model,
    mistakes: &mut Mistakes,
) -> ApiResult<Option<Vec<budget::Model>>> {
    let budgets = writer
        .budgets_of(&[row.id])
        .await?
        .remove(&row.id)
        .unwrap_or_default();
    let flight = (before.starts_on, before.ends_on);
    let [only] = &budgets[..] else {
        return Ok(None);
    };
    if (Some(only.starts_on), Some(only.ends_on)) != flight {
        return Ok(None);
    }
    let amount = Decimal::new(only.amount, 6);
    let moved = flight_budget(writer, row, amount, mistakes);
    let same_currency = |budget| budget::Model {
        currency: only.currency.clone(),
        ..budget
    };
    Ok(Some(moved.map(same_currency).into_iter().collect()))
}
