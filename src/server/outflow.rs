//! Answers on their way to clients who may be slow to take them. Large ones count among their team's until they are
//! taken, and the connection is handed them in pieces, because it copies what it is handed.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
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
    time::{Sleep, sleep, timeout},
};

use super::seats::{Held, Seats};
use crate::error::{Error, RateLimited};

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

/// A client does not take what is sent to it.
#[derive(Debug)]
pub struct Stalled;

/// What waits for one client.
#[derive(Clone, Default)]
pub struct Outflow(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    bytes: AtomicUsize,
    less: Notify,
    /// Nobody takes anything any more.
    gone: AtomicBool,
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
    pub fn check(&self, team: i64) -> Result<(), Error> {
        match self.0.of(team) < WAITING_OF_TEAM {
            true => Ok(()),
            false => Err(too_much()),
        }
    }

    /// An answer of a team. It counts, if large, until it is taken.
    ///
    /// # Errors
    /// When to come again: the team leaves too much waiting. What a mutation wrote is always told.
    pub fn follow(
        &self,
        team: i64,
        mutated: bool,
        answer: HttpResponse,
    ) -> Result<HttpResponse, Error> {
        let BodySize::Sized(size) = answer.body().size() else {
            return Ok(answer);
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size <= LARGE {
            return Ok(answer);
        }
        let most = match mutated {
            true => usize::MAX,
            false => WAITING_OF_TEAM,
        };
        let flow = Outflow::default();
        flow.belongs_to(self, team);
        if !flow.hand_over(size, most) {
            return Err(too_much());
        }
        let end = Box::pin(sleep(TAKING_TIME));
        Ok(answer.map_body(|_, body| Pieces::of(body, flow, Some(end))))
    }
}

fn too_much() -> Error {
    Error::RateLimited(RateLimited {
        whose: "bytes of the team's answers that wait to be taken",
        limit: i64::try_from(WAITING_OF_TEAM).unwrap_or(i64::MAX),
        wait: Duration::from_secs(1),
    })
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
    ///
    /// # Errors
    /// The client took nothing for so long that it is to be left, or it is gone, or its team leaves too much.
    pub async fn add(&self, bytes: usize, patience: Duration) -> Result<(), Stalled> {
        loop {
            let before = self.0.bytes.load(Ordering::Acquire);
            if self.0.gone.load(Ordering::Acquire) {
                return Err(Stalled);
            }
            if before == 0 || before.saturating_add(bytes) <= LARGE {
                return match self.hand_over(bytes, WAITING_OF_TEAM) {
                    true => Ok(()),
                    false => Err(Stalled),
                };
            }
            // One that comes in between is kept for this call.
            let less = timeout(patience, self.0.less.notified());
            less.await.map_err(|_| Stalled)?;
        }
    }

    /// False when the team would have more waiting than `most`.
    fn hand_over(&self, bytes: usize, most: usize) -> bool {
        if bytes > LARGE
            && let Some((all, team)) = self.0.owner.get()
        {
            let held = all.0.take(*team, bytes, most);
            if held.is_none() {
                return false;
            }
            *self.held() = held;
        }
        self.0.bytes.fetch_add(bytes, Ordering::AcqRel);
        true
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

impl Drop for Pieces {
    fn drop(&mut self) {
        self.flow.0.gone.store(true, Ordering::Release);
        self.flow.0.less.notify_one();
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

    #[tokio::test]
    async fn who_takes_nothing_is_handed_no_more_than_so_many_bytes() {
        let (all, flow) = (Outflows::default(), Outflow::default());
        flow.belongs_to(&all, 1);
        let add = |bytes| {
            flow.add(bytes, TAKING_TIME)
                .now_or_never()
                .map(Result::unwrap)
        };
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
        let answer = all.follow(1, false, HttpResponse::Ok().body(sent.clone()));
        let mut body = answer.unwrap().into_body();
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

    #[tokio::test]
    async fn who_waits_for_a_client_is_told_when_it_takes_nothing_and_when_it_is_gone() {
        let flow = Outflow::default();
        let answer = flow.told_by(HttpResponse::Ok().body("x"));
        flow.add(LARGE, Duration::ZERO).await.unwrap();
        assert!(flow.add(1, Duration::from_millis(10)).await.is_err());
        let waiting = flow.add(1, TAKING_TIME);
        let (waited, ()) = tokio::join!(waiting, async { drop(answer) });
        assert!(waited.is_err());
    }

    #[tokio::test]
    async fn a_team_whose_clients_take_nothing_is_answered_no_more_until_one_gives_up() {
        let all = Outflows::default();
        let flow = Outflow::default();
        flow.belongs_to(&all, 1);
        assert!(flow.hand_over(WAITING_OF_TEAM, WAITING_OF_TEAM));
        assert!(all.check(1).is_err());
        let large = || HttpResponse::Ok().body(vec![0; LARGE + 1]);
        assert!(all.follow(1, false, large()).is_err());
        assert!(all.follow(1, true, large()).is_ok());
        assert!(all.check(2).is_ok());
        drop(flow);
        assert!(all.check(1).is_ok());
    }
}
