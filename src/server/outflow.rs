//! Answers on their way to clients who may be slow to take them. Large ones count among their team's until they are
//! taken, and the connection is handed them in pieces, because it copies what it is handed.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use tokio::{
    sync::Notify,
    time::{Sleep, sleep},
};

use super::seats::{Held, Seats};
use crate::error::{Error, RateLimited, Result};

/// What is larger counts; what is not, the system takes at once for all but the slowest.
const LARGE: usize = 16 * 1024;
/// The connection is handed so much at once.
const PIECE: usize = 32 * 1024;
/// The most bytes of answers of one team that wait to be taken before it is answered no more.
const WAITING_OF_TEAM: usize = 128 * 1024 * 1024;
/// An answer that is not taken within this time is cut off.
const TAKING_TIME: Duration = Duration::from_secs(300);

/// What all teams have waiting.
#[derive(Clone, Default)]
pub struct Outflows(Seats);

/// What waits for one client.
#[derive(Clone, Default)]
pub struct Outflow(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    bytes: AtomicUsize,
    less: Notify,
    /// Among whose it counts, once that is known.
    owner: OnceLock<(Outflows, i64)>,
    /// The place of what is large among its team's.
    held: Mutex<Option<Held>>,
}

impl Outflows {
    /// Refuses a team whose clients leave too much waiting.
    ///
    /// # Errors
    /// When to come again.
    pub fn check(&self, team: i64) -> Result<()> {
        match self.0.of(team) < WAITING_OF_TEAM {
            true => Ok(()),
            false => Err(Error::RateLimited(RateLimited {
                whose: "bytes of the team's answers that wait to be taken",
                limit: i64::try_from(WAITING_OF_TEAM).unwrap_or(i64::MAX),
                wait: Duration::from_secs(1),
            })),
        }
    }

    /// An answer of a team. It counts, if large, until it is taken.
    pub fn follow(&self, team: i64, answer: HttpResponse) -> HttpResponse {
        let BodySize::Sized(size) = answer.body().size() else {
            return answer;
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size <= LARGE {
            return answer;
        }
        let flow = Outflow::default();
        flow.belongs_to(self, team);
        flow.hand_over(size);
        let end = Box::pin(sleep(TAKING_TIME));
        answer.map_body(|_, body| Pieces::of(body, flow, Some(end)))
    }
}

impl Outflow {
    /// From now on it counts among a team's.
    pub fn belongs_to(&self, all: &Outflows, team: i64) {
        self.0.owner.get_or_init(|| (all.clone(), team));
    }

    /// An answer whose body tells what the connection takes of it.
    pub fn told_by(&self, answer: HttpResponse) -> HttpResponse {
        answer.map_body(|_, body| Pieces::of(body, self.clone(), None))
    }

    /// Counts so many bytes more, once there is room for them. What is large goes alone, and counts among its team's.
    pub async fn add(&self, bytes: usize) {
        loop {
            let before = self.0.bytes.load(Ordering::Acquire);
            if before == 0 || before.saturating_add(bytes) <= LARGE {
                return self.hand_over(bytes);
            }
            // One that comes in between is kept for this call.
            self.0.less.notified().await;
        }
    }

    fn hand_over(&self, bytes: usize) {
        self.0.bytes.fetch_add(bytes, Ordering::AcqRel);
        if bytes > LARGE
            && let Some((all, team)) = self.0.owner.get()
        {
            *self.held() = all.0.take(*team, bytes, usize::MAX);
        }
    }

    fn took(&self, bytes: usize) {
        // Frames are longer than their texts, and some were not counted.
        let fewer = |before: usize| Some(before.saturating_sub(bytes));
        let both = (Ordering::AcqRel, Ordering::Acquire);
        let before = self.0.bytes.fetch_update(both.0, both.1, fewer);
        if before.is_ok_and(|before| before <= bytes) {
            *self.held() = None;
        }
        self.0.less.notify_one();
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body in pieces.
struct Pieces {
    body: BoxBody,
    rest: Bytes,
    flow: Outflow,
    end: Option<Pin<Box<Sleep>>>,
}

impl Pieces {
    fn of(body: BoxBody, flow: Outflow, end: Option<Pin<Box<Sleep>>>) -> BoxBody {
        BoxBody::new(Self {
            body,
            rest: Bytes::new(),
            flow,
            end,
        })
    }
}

impl MessageBody for Pieces {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(end) = &mut self.end
            && end.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err("the client took too long".into())));
        }
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(cx)) {
                Some(Ok(chunk)) => self.rest = chunk,
                ended => return Poll::Ready(ended),
            }
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        self.flow.took(length);
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn who_takes_nothing_is_handed_no_more_than_so_many_bytes() {
        let (all, flow) = (Outflows::default(), Outflow::default());
        flow.belongs_to(&all, 1);
        let add = |bytes| flow.add(bytes).now_or_never();
        add(LARGE * 2).unwrap();
        assert!(add(1).is_none());
        assert_eq!(all.0.of(1), LARGE * 2);
        flow.took(LARGE + 1);
        add(1).unwrap();
        assert!(add(1).is_none());
        flow.took(LARGE * 2);
        assert!(add(1).is_some());
        assert_eq!(all.0.of(1), 0);
    }

    #[tokio::test]
    async fn a_large_answer_counts_until_its_last_piece_is_taken() {
        let all = Outflows::default();
        let sent: Vec<u8> = (0..PIECE * 2 + 1).map(|at| at.to_le_bytes()[0]).collect();
        let answer = all.follow(1, HttpResponse::Ok().body(sent.clone()));
        let mut body = answer.into_body();
        let mut taken = Vec::new();
        for expected in [PIECE, PIECE, 1] {
            assert_eq!(all.0.of(1), sent.len());
            let piece = poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await;
            taken.extend(piece.unwrap().unwrap());
            assert_eq!(taken.len() % PIECE, expected % PIECE);
        }
        assert_eq!((taken, all.0.of(1)), (sent, 0));
        let ended = poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await;
        assert!(ended.is_none());
    }

    #[test]
    fn a_team_whose_clients_take_nothing_is_answered_no_more_until_one_gives_up() {
        let all = Outflows::default();
        let flow = Outflow::default();
        flow.belongs_to(&all, 1);
        flow.hand_over(WAITING_OF_TEAM);
        assert!(all.check(1).is_err());
        assert!(all.check(2).is_ok());
        drop(flow);
        assert!(all.check(1).is_ok());
    }
}
