//! What is seen of operations, whichever transport they came over: figures, a log line for slow ones, a span of traces.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{
    Response,
    parser::types::{OperationDefinition, OperationType},
};
use tracing::Instrument;

use super::{Service, documents::hash, gate::Gate, operation::code, panics::caught};
use crate::{
    error::Error,
    graphql::CostPlan,
    store::TeamStore,
    telemetry::{OperationLabels, Subscribed, Tally},
};

/// The most characters of an operation's name that are told.
const NAME: usize = 100;

/// What an operation is.
#[derive(Clone, Debug)]
pub struct About {
    kind: &'static str,
    field: String,
    name: String,
    document: Arc<str>,
}

impl About {
    /// Tells of an operation of a document, if it is clear which is meant.
    pub fn of(
        document: &str,
        name: Option<&str>,
        operation: Option<&OperationDefinition>,
        gate: &Gate,
    ) -> Self {
        let kind = operation.map(|operation| match operation.ty {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        });
        let field = operation.map(|operation| gate.root_field(operation));
        Self {
            kind: kind.unwrap_or("unknown"),
            field: field.unwrap_or_else(|| "none".into()),
            name: name.unwrap_or_default().chars().take(NAME).collect(),
            document: document.into(),
        }
    }

    /// The name under which clients may ask for the document: its SHA-256.
    fn hash(&self) -> String {
        hash(&self.document)
    }

    fn labels(&self, code: String) -> OperationLabels {
        OperationLabels {
            kind: self.kind,
            field: self.field.clone(),
            code,
        }
    }
}

impl Service {
    /// Runs an operation under observation. Where it panics, its answer is one opaque error.
    pub(super) async fn observed(
        &self,
        store: &TeamStore,
        about: &About,
        running: impl Future<Output = Result<Response, Error>>,
    ) -> Result<Response, Error> {
        let mut observed = Observed {
            service: self,
            about,
            team: store.team().id,
            started: Instant::now(),
            tally: Arc::default(),
            code: "CANCELLED".into(),
        };
        let span = tracing::info_span!(
            "operation",
            kind = about.kind,
            field = about.field,
            name = about.name
        );
        // In the heap, as everything that an operation does runs on top of it.
        let running = Box::pin(caught(self, running));
        let counted = observed.tally.clone().over(running);
        let done = counted.instrument(span).await;
        observed.code = match &done {
            Ok(response) => match response.errors.first() {
                None => "OK".into(),
                Some(error) => code(error).into_owned(),
            },
            Err(error) => error.code().into(),
        };
        done
    }

    /// Counts an operation that the limits refused, or that could not be read and so is not known.
    pub(super) fn count_refused(&self, about: Option<&About>, refusal: &Response) {
        let code = refusal.errors.first().map(|error| code(error).into_owned());
        let code = code.unwrap_or_default();
        let labels = match about {
            Some(about) => about.labels(code),
            None => OperationLabels {
                kind: "unknown",
                field: "none".into(),
                code,
            },
        };
        self.figures.operation(&labels, None);
    }

    /// Counts a subscription that begins, until what this gives is dropped, or one that was refused.
    pub(super) fn count_subscription(
        &self,
        store: &TeamStore,
        about: &About,
        cost: &CostPlan,
        refused: Option<&Error>,
    ) -> Option<Subscribed> {
        let code = refused.map_or("OK", Error::code);
        self.figures.operation(&about.labels(code.into()), None);
        if refused.is_some() {
            return None;
        }
        self.count_points(store, cost.asked());
        Some(self.figures.subscribed())
    }

    /// Counts what an operation of a team has cost.
    pub(super) fn count_points(&self, store: &TeamStore, points: u64) {
        let team = store.team();
        self.figures.teams().add(team.id, &team.slug, points);
    }
}

/// An operation that runs; whatever ends it, it is counted when this is dropped.
struct Observed<'a> {
    service: &'a Service,
    about: &'a About,
    team: i64,
    started: Instant,
    tally: Arc<Tally>,
    /// What came of it.
    code: String,
}

impl Drop for Observed<'_> {
    fn drop(&mut self) {
        let elapsed = self.started.elapsed();
        let Self { about, tally, .. } = self;
        let labels = about.labels(std::mem::take(&mut self.code));
        let figures = &self.service.figures;
        // What an allowance refuses has not run: its instant would make the others look quick.
        let ran = labels.code != "RATE_LIMITED";
        figures.operation(&labels, ran.then_some(elapsed));
        if self.service.slow_after.is_none_or(|slow| elapsed < slow) {
            return;
        }
        figures.slow();
        // Variables may be personal, and so may be what stands in the document itself: its hash tells which it was.
        tracing::warn!(
            document = about.hash(),
            name = about.name,
            kind = about.kind,
            field = about.field,
            team_id = self.team,
            ms = millis(elapsed),
            statements = tally.statements(),
            sql_ms = millis(tally.time()),
            code = labels.code,
            "a slow operation"
        );
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
