//! The subscriptions.

use std::sync::Arc;

use async_graphql::{Context, ID, Subscription};
use entity::event::Kind;
use futures_util::{Stream, StreamExt};

use super::{
    answers::Question,
    caller::{Identity, Listener},
    cursor,
    events::{AnomalyEvent, CustomerStageEvent, DataRefreshEvent, GoalStatusEvent, Happened},
    import::{self, ImportEvent},
};
use crate::{
    auth::Scope,
    error::{ApiError, Error},
    kpi::{Kpi, by_name, goal::Measured, needs_money},
    live::{Listening, Told},
    store::Event,
};

/// What can be listened to.
pub struct Subscription;

/// Events of the team as they happen, each with a `cursor`. A client that was cut off gives the last cursor that it got
/// as `after`, and misses nothing and gets nothing twice; without `after` a subscription begins with what happens next.
/// Events are kept for 30 days; an older cursor is refused with the code EXPIRED.
#[Subscription]
impl Subscription {
    /// Goals that stand otherwise than before, such as AT_RISK after ON_TRACK. They are looked at after facts came in,
    /// after goals were changed, and once a day. Needs METRICS_READ; without MONEY_READ, goals of amounts of money and
    /// objectives that key results measure are left out.
    async fn goal_status_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor of the last event that the client got. Default: begin now.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = GoalStatusEvent> + use<>, ApiError> {
        let events = listen(ctx, Scope::MetricsRead, Kind::GoalStatusChanged, after).await?;
        Ok(events.filter_map(async |(listener, told)| {
            let Event::GoalStatusChanged { goal, from, to } = &told.recorded.event else {
                return None;
            };
            let identity = listener.now().ok()?;
            if !may_know_goal(&identity, *goal).await {
                return None;
            }
            Some(GoalStatusEvent {
                happened: happened(&told),
                goal: *goal,
                from: from.as_deref().and_then(by_name),
                to: by_name(to)?,
            })
        }))
    }

    /// Anomalies and broken alert rules, each once. They are looked for after facts came in, after alert rules were
    /// changed, and once a day, in teams that have goals or alert rules. Needs METRICS_READ; without MONEY_READ, those of
    /// amounts of money are left out.
    async fn anomaly_detected(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor of the last event that the client got. Default: begin now.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = AnomalyEvent> + use<>, ApiError> {
        let events = listen(ctx, Scope::MetricsRead, Kind::AnomalyDetected, after).await?;
        Ok(events.filter_map(async |(listener, told)| {
            let Event::AnomalyDetected {
                rule,
                kpi,
                scope,
                day,
                anomaly,
            } = &told.recorded.event
            else {
                return None;
            };
            let kpi: Kpi = by_name(kpi)?;
            let scopes = listener.now().ok()?.caller.scopes();
            if needs_money(kpi) && !scopes.contains(Scope::MoneyRead) {
                return None;
            }
            Some(AnomalyEvent {
                happened: happened(&told),
                rule: *rule,
                kpi,
                scope: scope.clone(),
                day: *day,
                anomaly: anomaly.clone(),
            })
        }))
    }

    /// Sources of which facts were written, by a file or by a bulk call, once for each that was published. Needs
    /// METRICS_READ.
    async fn data_refreshed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this source. Default: all.")] source: Option<String>,
        #[graphql(desc = "The cursor of the last event that the client got. Default: begin now.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = DataRefreshEvent> + use<>, ApiError> {
        let events = listen(ctx, Scope::MetricsRead, Kind::DataRefreshed, after).await?;
        let wanted = move |found: &str| source.as_deref().is_none_or(|source| source == found);
        Ok(events.filter_map(move |(_, told)| {
            let event = match &told.recorded.event {
                Event::DataRefreshed { source, from, to } if wanted(source) => {
                    Some(DataRefreshEvent {
                        happened: happened(&told),
                        source: source.clone(),
                        from: *from,
                        to: *to,
                    })
                }
                _ => None,
            };
            std::future::ready(event)
        }))
    }

    /// How far an import is, then each step of it; ends when the import does. Needs INGEST.
    async fn import_progressed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The import.")] id: ID,
        #[graphql(
            desc = "The cursor of the last event that the client got. Default: begin with how far it is now."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = ImportEvent> + use<>, ApiError> {
        import::progress(ctx, id, after).await
    }

    /// Customers who enter a stage. Needs CUSTOMERS_READ.
    async fn customer_stage_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor of the last event that the client got. Default: begin now.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = CustomerStageEvent> + use<>, ApiError> {
        let events = listen(ctx, Scope::CustomersRead, Kind::CustomerStageChanged, after).await?;
        Ok(
            events.filter_map(async |(_, told)| match &told.recorded.event {
                Event::CustomerStageChanged { stage, .. } => Some(CustomerStageEvent {
                    happened: happened(&told),
                    stage: by_name(stage)?,
                    told,
                }),
                _ => None,
            }),
        )
    }
}

/// The team's events of a kind after a cursor, while the caller has the scope.
async fn listen(
    ctx: &Context<'_>,
    scope: Scope,
    kind: Kind,
    after: Option<String>,
) -> Result<impl Stream<Item = (Listener, Arc<Told>)> + use<>, ApiError> {
    let (listener, identity) = Listener::with_scope(ctx, scope)?;
    let after = cursor::after(after.as_deref())?;
    let listening = Listening::to(&listener.feeds, &identity.store, &[kind], after).await?;
    let question = ctx.data_opt::<Arc<Question>>().cloned();
    // The nodes check the scope again, so that whoever lost it learns so.
    Ok(listening.events().map(move |told| {
        if let Some(question) = &question {
            question.tells_of(told.recorded.seq);
        }
        (listener.clone(), told)
    }))
}

fn happened(told: &Told) -> Happened {
    Happened {
        seq: told.recorded.seq,
        at: told.recorded.at,
    }
}

/// Whether a caller may know where a goal stands. Where an objective stands can follow from amounts of money.
async fn may_know_goal(identity: &Identity, goal: i64) -> bool {
    if identity.caller.scopes().contains(Scope::MoneyRead) {
        return true;
    }
    let kpi = async {
        let row = identity.store.goals_by_id(&[goal]).await?.remove(&goal);
        let measured = row.as_ref().map(Measured::of).transpose()?.flatten();
        Ok::<_, Error>(measured.map(|measured| measured.kpi))
    };
    match kpi.await {
        Ok(kpi) => kpi.is_some_and(|kpi| !needs_money(kpi)),
        Err(error) => {
            tracing::error!(%error, "whether a goal may be told of is unknown");
            false
        }
    }
}
