//! How large an answer may become. A small one is measured when it is there; what may become large is watched while it
//! grows, because its values take many times the memory of their text.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_graphql::{
    Response, ServerError, ServerResult, Value,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
    },
};
use tokio::sync::Notify;

use crate::{error::Error, guard::Exceeded};

/// What a value counts at least, in bytes: about what it holds beside its text until it is written.
const VALUE: usize = 32;

/// The most bytes that an answer may have.
#[derive(Clone, Copy, Debug)]
pub struct MaxSize(pub usize);

impl MaxSize {
    /// Refuses data that would be too large a text, before the text is made.
    ///
    /// # Errors
    /// The limit that is passed.
    pub fn check(self, data: &Value) -> Result<(), Error> {
        match fits(data, &mut self.0.clone()) {
            true => Ok(()),
            false => Err(self.passed()),
        }
    }

    fn passed(self) -> Error {
        let limit = u64::try_from(self.0).unwrap_or(u64::MAX);
        Error::Exceeded(Exceeded {
            what: "bytes of the answer",
            limit,
            // It is not counted any further.
            actual: limit.saturating_add(1),
        })
    }
}

/// Whether the text of a value fits in what is left, which becomes less by it.
fn fits(value: &Value, left: &mut usize) -> bool {
    let mut held = || match value {
        Value::List(list) => list.iter().all(|value| fits(value, left)),
        Value::Object(fields) => fields
            .iter()
            .all(|(name, value)| take(name.len(), left) && fits(value, left)),
        _ => true,
    };
    held() && take(bytes(value), left)
}

fn take(bytes: usize, left: &mut usize) -> bool {
    let rest = left.checked_sub(bytes);
    *left = rest.unwrap_or_default();
    rest.is_some()
}

/// What a value counts that holds no others.
fn bytes(value: &Value) -> usize {
    let text = match value {
        Value::String(text) => text.len(),
        Value::Enum(name) => name.len(),
        _ => 0,
    };
    text.max(VALUE)
}

/// Among the data of a request that must not be cut off: what of a mutation was written would not be told.
pub struct Whole;

/// Ends executions whose answers become too large.
pub struct WatchSize(pub MaxSize);

impl ExtensionFactory for WatchSize {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Watched {
            most: self.0,
            bytes: AtomicUsize::new(0),
            off: AtomicBool::new(false),
            passed: Notify::new(),
        })
    }
}

/// One request; a subscription's events are executed one after another.
struct Watched {
    most: MaxSize,
    bytes: AtomicUsize,
    off: AtomicBool,
    passed: Notify,
}

impl Watched {
    fn is_passed(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.most.0 && !self.off.load(Ordering::Relaxed)
    }
}

#[async_trait::async_trait]
impl Extension for Watched {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        if ctx.data_opt::<Whole>().is_some() {
            self.off.store(true, Ordering::Relaxed);
        }
        self.bytes.store(0, Ordering::Relaxed);
        let mut passed = pin!(self.passed.notified());
        passed.as_mut().enable();
        let done = tokio::select! {
            biased;
            () = passed => None,
            response = next.run(ctx, operation_name) => Some(response),
        };
        // It may have come to its end by the errors that it was given.
        let done = done.filter(|_| !self.is_passed());
        done.unwrap_or_else(|| super::refusal(&self.most.passed()))
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        if self.is_passed() {
            // Nobody reads it: the execution ends when it is next looked at.
            return Err(ServerError::new("the answer is too large", None));
        }
        // What still waits takes memory, too.
        let name = info.alias.unwrap_or(info.name).len();
        self.bytes.fetch_add(name + VALUE, Ordering::Relaxed);
        let value = next.run(ctx, info).await?;
        let text = match &value {
            None | Some(Value::List(_) | Value::Object(_)) => VALUE,
            Some(value) => bytes(value),
        };
        self.bytes.fetch_add(text - VALUE, Ordering::Relaxed);
        if self.is_passed() {
            self.passed.notify_waiters();
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, value};

    use super::*;

    #[test]
    fn a_value_is_measured_no_further_than_the_limit() {
        let long = "x".repeat(100);
        let value = value!({ "rows": [{ "name": long.clone() }, { "name": long, "n": 1 }] });
        let (mut small, mut large) = (200, 500);
        assert!(!fits(&value, &mut small));
        assert!(fits(&value, &mut large));
        assert!((10..200).contains(&large), "{large}");
        assert!(MaxSize(500).check(&value).is_ok());
        assert!(matches!(
            MaxSize(200).check(&value),
            Err(Error::Exceeded(_))
        ));
    }

    /// Counts the fields that were resolved.
    struct Rows(Arc<AtomicUsize>);

    #[Object]
    impl Rows {
        async fn text(&self) -> String {
            self.0.fetch_add(1, Ordering::Relaxed);
            "x".repeat(1000)
        }

        async fn rows(&self) -> Vec<Rows> {
            (0..100).map(|_| Rows(self.0.clone())).collect()
        }
    }

    #[tokio::test]
    async fn an_execution_ends_once_its_answer_is_too_large() {
        let resolved = Arc::new(AtomicUsize::new(0));
        let schema = Schema::build(Rows(resolved.clone()), EmptyMutation, EmptySubscription)
            .extension(WatchSize(MaxSize(1_000_000)))
            .finish();
        let fits = schema
            .execute("{ rows { text rows { __typename } } }")
            .await;
        assert!(fits.errors.is_empty(), "{:?}", fits.errors);
        resolved.store(0, Ordering::Relaxed);
        let refused = schema.execute("{ rows { rows { rows { text } } } }").await;
        assert_eq!(refused.data, Value::Null);
        let [error] = &refused.errors[..] else {
            panic!("{:?}", refused.errors);
        };
        assert!(error.message.contains("bytes of the answer"), "{error}");
        let resolved = resolved.load(Ordering::Relaxed);
        assert!((900..1_100).contains(&resolved), "{resolved} of a million");
    }
}
