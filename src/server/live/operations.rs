//! The operations that run over one WebSocket.

use std::{collections::HashMap, pin::pin, sync::Arc};

use actix_web::web::Data;
use async_graphql::{Response, parser::types::OperationType};
use futures_util::{
    Stream, StreamExt,
    future::Either,
    stream::{self, AbortHandle, BoxStream, SelectAll, abortable},
};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::{
    Live,
    charged::Charged,
    limits::{OPERATIONS, SUBSCRIPTIONS_OF_TEAM},
};
use crate::{
    error::Error,
    graphql::{Identity, Listener, Question, Whole, refusal},
    server::{
        Service,
        operation::{Operation, is_refused, with_codes},
        panics,
    },
};

/// Something that happened to an operation.
pub enum Step {
    /// It has a result.
    Result(Response),
    /// It did not run, and is over.
    Refused(Response),
    /// It is over.
    Done,
}

/// Operations by their ids, all polled by one task.
#[derive(Default)]
pub struct Operations {
    running: HashMap<String, AbortHandle>,
    steps: SelectAll<BoxStream<'static, (String, Step)>>,
}

impl Operations {
    /// Whether one runs under this id.
    pub fn has(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    /// Lets an operation run under an id that none has.
    pub fn start(&mut self, id: String, steps: BoxStream<'static, Step>) {
        if self.running.len() >= OPERATIONS {
            let error = Error::Limit(format!(
                "the connection's operations: {OPERATIONS} run already; at most {OPERATIONS} may"
            ));
            return self.start_unbounded(id, refused(refusal(&error)));
        }
        self.start_unbounded(id, steps);
    }

    fn start_unbounded(&mut self, id: String, steps: BoxStream<'static, Step>) {
        let (steps, handle) = abortable(steps);
        let name = id.clone();
        self.steps
            .push(steps.map(move |step| (name.clone(), step)).boxed());
        self.running.insert(id, handle);
    }

    /// Ends an operation, if it runs. Nothing more comes from it.
    pub fn end(&mut self, id: &str) {
        if let Some(handle) = self.running.remove(id) {
            handle.abort();
        }
    }

    /// The next step of any of them; waits for ever when none runs.
    pub async fn next(&mut self) -> (String, Step) {
        let Some((id, step)) = self.steps.next().await else {
            return std::future::pending().await;
        };
        if !matches!(step, Step::Result(_)) {
            self.end(&id);
        }
        (id, step)
    }
}

/// The steps of an operation that does not run.
pub fn refused(why: Response) -> BoxStream<'static, Step> {
    stream::once(async { Step::Refused(why) }).boxed()
}

/// Runs in a task of its own, which ends when nobody waits for it. Who takes no results of other operations must not keep
/// this one from its end, and others from what it holds meanwhile.
fn apart(results: impl Stream<Item = Response> + Send + 'static) -> impl Stream<Item = Response> {
    let begun = async {
        let (tell, mut told) = mpsc::channel(1);
        let running = async move {
            let mut results = pin!(results);
            while let Some(result) = results.next().await {
                if tell.send(result).await.is_err() {
                    return;
                }
            }
        };
        let task = AbortOnDropHandle::new(tokio::spawn(running.in_current_span()));
        stream::poll_fn(move |cx| {
            let _until_dropped = &task;
            told.poll_recv(cx)
        })
    };
    stream::once(begun).flatten()
}

impl Live {
    /// Runs an operation for whoever listens: one result for a query or a mutation, any number for a subscription.
    pub fn steps(
        &self,
        service: &Data<Service>,
        listener: Listener,
        operation: Operation,
    ) -> BoxStream<'static, Step> {
        let Some(identity) = listener.identity.borrow().clone() else {
            let error = Error::Unauthenticated("the token is in force no longer");
            return refused(refusal(&error));
        };
        let time = service.time_for(&operation);
        let request = operation.request.data(time);
        let request = match operation.kind {
            Some(OperationType::Mutation) => request.data(Whole),
            Some(OperationType::Subscription) => {
                let question = Question::of(&request, &listener.wanted);
                request.data(Arc::new(question))
            }
            Some(OperationType::Query) | None => request,
        };
        let request = request.data(listener);
        let (service, schema) = (service.clone(), self.schema.clone());
        let (about, cost) = (operation.about, operation.cost);
        let counted = service.clone();
        let results = if operation.kind == Some(OperationType::Subscription) {
            let begun = async move {
                let Identity { caller, store } = &*identity;
                let places = &service.live.subscriptions;
                let place = places.take(store.team().id, 1, SUBSCRIPTIONS_OF_TEAM);
                let admitted = match place {
                    Some(_) => service.quotas.admit(caller, store, cost.asked()).await,
                    None => Err(Error::Limit(format!(
                        "the team's subscriptions: {SUBSCRIPTIONS_OF_TEAM} are open already; at most {SUBSCRIPTIONS_OF_TEAM} may"
                    ))),
                };
                let open =
                    service.count_subscription(store, &about, &cost, admitted.as_ref().err());
                let results = match admitted {
                    Ok(_) => Either::Left(schema.execute_stream(request)),
                    Err(error) => Either::Right(stream::once(async move { refusal(&error) })),
                };
                let charged = Arc::new(Charged {
                    service,
                    identity,
                    cost,
                    open,
                    _place: place,
                });
                results.then(move |result| {
                    let charged = charged.clone();
                    async move { charged.paid(result).await }
                })
            };
            Either::Left(stream::once(begun).flatten())
        } else {
            let running = async move {
                let Identity { caller, store } = &*identity;
                let running = Box::pin(schema.execute(request));
                let metered = service
                    .metered(caller, store, (&about, &cost), running)
                    .await;
                metered.unwrap_or_else(|error| refusal(&error))
            };
            Either::Right(stream::once(running))
        };
        let results = panics::caught_each(results, move || counted.figures.panicked());
        let steps = apart(results).map(|response| {
            let response = with_codes(response);
            if is_refused(&response) {
                Step::Refused(response)
            } else {
                Step::Result(response)
            }
        });
        steps.chain(stream::once(async { Step::Done })).boxed()
    }
}
