//! Many listen to the same: an event is answered once for all who ask the same of it and may see the same.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex as SyncMutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use async_graphql::{Request, Response, Value};
use sha2::{Digest, Sha256};
use tokio::{sync::Mutex, time::timeout};

use super::caller::Identity;
use crate::{auth::Scopes, graphql::size::MaxSize, locale::Locale};

/// For so long an answer counts as one of now.
const FRESH: Duration = Duration::from_millis(500);
/// For so long somebody waits for another's answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most answers that are kept, and how large one may be.
const KEPT: usize = 256;
const LARGEST: MaxSize = MaxSize(16 * 1024);

/// What a subscription asks of each event, among the data of its request.
pub struct Question {
    hash: [u8; 32],
    /// The event that it is told of now; none yet before the first.
    event: AtomicI64,
}

/// Who asks what of which event, as far as the answer depends on it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    team: i64,
    event: i64,
    question: [u8; 32],
    scopes: Scopes,
}

/// An answer that somebody works on, or has worked on.
#[derive(Default)]
enum Answer {
    #[default]
    Missing,
    Made(Instant, Value),
    /// It is an error, or large: everybody asks for themselves.
    NotShared,
}

/// The answers of the last moments.
#[derive(Clone, Default)]
pub struct Answers(Arc<SyncMutex<Kept>>);

#[derive(Default)]
struct Kept {
    answers: HashMap<Key, Arc<Mutex<Answer>>>,
    /// From the oldest to the youngest.
    order: VecDeque<Key>,
}

impl Question {
    /// What a request asks, in the languages that are wanted.
    pub fn of(request: &Request, wanted: &[Locale]) -> Self {
        // Variables were read from JSON.
        let variables = serde_json::to_string(&request.variables).unwrap_or_default();
        let operation = request.operation_name.as_deref().unwrap_or_default();
        let mut hash = Sha256::new();
        for part in [
            &request.query,
            operation,
            &variables,
            &format!("{wanted:?}"),
        ] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        Self {
            hash: hash.finalize().into(),
            event: AtomicI64::default(),
        }
    }

    /// The next answer is of this event. A subscription has one field, whose events are answered one after the other.
    pub(super) fn tells_of(&self, event: i64) {
        self.event.store(event, Ordering::Release);
    }
}

impl Answers {
    /// What another listener was just answered; else what `ask` answers, which others then get.
    pub(super) async fn shared(
        &self,
        question: &Question,
        identity: &Identity,
        ask: impl Future<Output = Response>,
    ) -> Response {
        let place = match question.event.load(Ordering::Acquire) {
            0 => return ask.await,
            event => self.place(Key {
                team: identity.store.team().id,
                event,
                question: question.hash,
                scopes: identity.caller.scopes(),
            }),
        };
        // Whoever comes first asks, and the others wait for that, unless it takes long.
        let Ok(mut answer) = timeout(PATIENCE, place.lock()).await else {
            return ask.await;
        };
        match &*answer {
            Answer::Made(at, data) if at.elapsed() < FRESH => return Response::new(data.clone()),
            Answer::Made(..) | Answer::Missing => {}
            Answer::NotShared => {
                drop(answer);
                return ask.await;
            }
        }
        // Should this be given up, nobody waits for it in vain.
        *answer = Answer::NotShared;
        let response = ask.await;
        if response.errors.is_empty()
            && response.extensions.is_empty()
            && LARGEST.check(&response.data).is_ok()
        {
            *answer = Answer::Made(Instant::now(), response.data.clone());
        }
        response
    }

    fn place(&self, key: Key) -> Arc<Mutex<Answer>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = kept.answers.get(&key) {
            return place.clone();
        }
        if kept.order.len() >= KEPT
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.answers.remove(&oldest);
        }
        let place = Arc::<Mutex<Answer>>::default();
        kept.answers.insert(key.clone(), place.clone());
        kept.order.push_back(key);
        place
    }
}
