//! Many rows in one call. Each file but a few is one kind of row: its fields, and the columns of imports that they
//! are.

mod ad_days;
mod benchmarks;
mod content;
mod conversions;
mod costs;
mod customers;
mod email_days;
mod exchange_rates;
mod figures;
mod input;
mod mutation;
mod opportunities;
mod orders;
mod payload;
mod people_counts;
mod per_item;
mod refunds;
mod social_days;
mod stage_events;
mod surveys;
mod touchpoints;
mod web_days;

use async_graphql::{Context, InputType};

pub use mutation::BulkMutation;
pub use payload::unanswered;

use self::{
    input::{Item, Naming, PropertyInput, UpsertDaysInput, UpsertInput, code, pairs},
    payload::{BulkCounts, BulkPayload, faults},
    per_item::PerItem,
};
use super::{Session, payload::Mistakes};
use crate::{
    error::{ApiResult, Error},
    import::bulk::{Answer, Call, MOST_ROWS, answer},
    store::is_source_name,
    time::DateRange,
};

/// Writes rows.
async fn upsert<T: Item>(ctx: &Context<'_>, input: UpsertInput<T>) -> ApiResult<BulkPayload> {
    Ok(payload(work(ctx, input.into()).await?))
}

/// Writes daily figures.
async fn upsert_days<T: Item>(
    ctx: &Context<'_>,
    input: UpsertDaysInput<T>,
) -> ApiResult<BulkPayload> {
    Ok(payload(work(ctx, input).await?))
}

fn payload(worked: Result<Answer, Mistakes>) -> BulkPayload {
    match worked {
        Ok(answer) => answer.into(),
        Err(mistakes) => mistakes.into_errors().into(),
    }
}

impl<T: InputType> From<UpsertInput<T>> for UpsertDaysInput<T> {
    fn from(input: UpsertInput<T>) -> Self {
        Self {
            idempotency_key: input.idempotency_key,
            source: input.source,
            mode: input.mode,
            dry_run: input.dry_run,
            replace_window: None,
            items: input.items,
        }
    }
}

/// The answer to a call, or what is wrong with it as a whole.
async fn work<T: Item>(
    ctx: &Context<'_>,
    input: UpsertDaysInput<T>,
) -> ApiResult<Result<Answer, Mistakes>> {
    let session = Session::with_scope(ctx, T::SCOPE)?;
    let asked = input.items.len();
    let least = usize::from(input.replace_window.is_none());
    if !(least..=MOST_ROWS).contains(&asked) {
        let allowed = format!("{least} to {MOST_ROWS} are allowed");
        return Err(Error::Limit(format!("input.items: {asked} given; {allowed}")).into());
    }
    let mut mistakes = Mistakes::default();
    if !is_source_name(&input.source) {
        let shown: String = input.source.chars().take(60).collect();
        let allowed = "allowed are 1 to 60 characters without blanks around them";
        mistakes.invalid(
            "input.source",
            format!("input.source: '{shown}'; {allowed}"),
        );
    }
    if let Some(key) = &input.idempotency_key {
        mistakes.check_name("input.idempotencyKey", key, 200);
    }
    let window = input.replace_window.and_then(|days| {
        let window = DateRange::new(days.from.0, days.to.0);
        if window.is_none() {
            let text = format!(
                "input.replaceWindow: {} is before {}",
                days.to.0, days.from.0
            );
            mistakes.invalid("input.replaceWindow.to", text);
        }
        window
    });
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    let call = Call {
        mutation: T::MUTATION,
        kind: T::KIND,
        source: input.source,
        key: input.idempotency_key,
        mode: input.mode.unwrap_or_default(),
        dry_run: input.dry_run.unwrap_or_default(),
        window,
        rows: input.items.into_iter().map(T::given).collect(),
    };
    // Boxed, as eighteen resolvers would hold it else, and a worker's stack with them.
    let answered = Box::pin(answer(&session.store, call)).await?;
    session.forget_loaded();
    Ok(answered.map_err(|reason| {
        unanswered(reason, &mut mistakes);
        mistakes
    }))
}
