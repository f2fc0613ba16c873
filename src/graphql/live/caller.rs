//! Who listens. A connection outlives what was known when it was opened: keys are revoked, roles and settings change,
//! rows are written. So every event gets a session of its own, with the caller's rights of now and empty loaders.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Context, Data, Response,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
};
use tokio::sync::watch;
use tokio_util::sync::DropGuard;

use super::answers::{Answers, Question};
use crate::{
    auth::{Caller, Scope},
    error::{ApiResult, Error},
    graphql::{Session, refusal},
    live::Feeds,
    locale::{Locale, RequestLocale},
    store::TeamStore,
};

/// Whom a token stands for.
pub struct Identity {
    /// The caller.
    pub caller: Caller,
    /// The store of the caller's team.
    pub store: TeamStore,
}

/// Who listens over an open connection, among the data of its requests.
#[derive(Clone)]
pub struct Listener {
    /// Whom its token stands for; `None` once that is nobody.
    pub identity: watch::Receiver<Option<Arc<Identity>>>,
    /// What the client wants texts and numbers in, the best first.
    pub wanted: Arc<[Locale]>,
    /// Where events come from.
    pub feeds: Feeds,
}

impl Listener {
    /// Who listens in this request, if the caller has the scope.
    pub fn with_scope(ctx: &Context<'_>, scope: Scope) -> ApiResult<(Self, Arc<Identity>)> {
        let listener = ctx
            .data_opt::<Self>()
            .ok_or_else(|| Error::Internal("a subscription without a listener".into()))?;
        let identity = listener.now()?;
        identity.caller.require(scope)?;
        Ok((listener.clone(), identity))
    }

    /// Whom the token stands for now.
    pub fn now(&self) -> Result<Arc<Identity>, Error> {
        let known = self.identity.borrow().clone();
        known.ok_or(Error::Unauthenticated("the token is in force no longer"))
    }

    /// A session of its own, whose statements are given up when the guard is dropped.
    fn session(&self, identity: &Identity) -> (Session, DropGuard) {
        let (store, over) = identity.store.for_request().until_dropped();
        let locale = RequestLocale::preferring(&self.wanted);
        (Session::new(identity.caller.clone(), store, locale), over)
    }
}

/// How long an execution may take, among the data of its requests.
pub struct TimeLimit(pub Duration);

impl TimeLimit {
    /// What is said once it is over.
    pub fn passed(&self) -> Error {
        let seconds = self.0.as_secs();
        Error::Timeout(format!(
            "the request took over {seconds} s: the setting request_timeout_seconds, or what a file may take"
        ))
    }
}

/// Gives each execution a session, and ends it in time.
pub struct FreshSession(pub Answers);

impl ExtensionFactory for FreshSession {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self(self.0.clone()))
    }
}

#[async_trait::async_trait]
impl Extension for FreshSession {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let Some(listener) = ctx.data_opt::<Listener>() else {
            return refusal(&Error::Internal("a request without a listener".into()));
        };
        let identity = match listener.now() {
            Ok(identity) => identity,
            Err(error) => return refusal(&error),
        };
        let answering = async {
            let (session, _until_here) = listener.session(&identity);
            let mut data = Data::default();
            data.insert(session);
            next.run_with_data(ctx, operation_name, data).await
        };
        let running = async {
            match ctx.data_opt::<Arc<Question>>() {
                Some(question) => self.0.shared(question, &identity, answering).await,
                None => answering.await,
            }
        };
        match ctx.data_opt::<TimeLimit>() {
            None => running.await,
            Some(limit) => tokio::time::timeout(limit.0, running)
                .await
                .unwrap_or_else(|_| refusal(&limit.passed())),
        }
    }
}
