//! One attempt: a signed POST to an address that may be reached, and what came back.

use std::{
    error::Error as StdError,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::webhook_delivery::Failure;
use reqwest::{
    Client, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
    redirect::Policy,
    retry,
};

use super::{Reach, Refused, Secret, parse_url, schedule::retry_after};
use crate::error::{Error, Result};

/// How long an endpoint may take for its answer.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// The most bytes of an answer that are kept.
const HEAD: usize = 1_024;
/// The most bytes of an answer that are read.
const MOST_READ: usize = 65_536;

/// What is sent.
#[derive(Debug, Clone)]
pub struct Message {
    /// Where to.
    pub url: String,
    /// The same in every attempt.
    pub id: String,
    /// The JSON.
    pub body: String,
    /// Each signs it.
    pub secrets: Vec<Secret>,
}

/// What one attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// Why it failed; `None` when the endpoint has taken the message.
    pub failure: Option<Failure>,
    /// How long it took.
    pub latency: Duration,
    /// The beginning of the answer's body, 1 KiB at most; `None` when there was no answer.
    pub head: Option<String>,
    /// How long the endpoint asks to be left alone.
    pub retry_after: Option<TimeDelta>,
}

/// Sends messages.
pub struct Sender {
    reach: Arc<Reach>,
    /// For https.
    secure: Client,
    /// For http, which only goes to networks that are allowed by the setting.
    plain: Client,
    timeout: Duration,
}

impl Sender {
    /// A sender that reaches so far and waits so long for an answer.
    ///
    /// # Errors
    /// When the system has no TLS roots.
    pub fn new(reach: Arc<Reach>, timeout: Duration) -> Result<Self> {
        Ok(Self {
            secure: client(&reach, false)?,
            plain: client(&reach, true)?,
            reach,
            timeout,
        })
    }

    /// Makes one attempt.
    pub async fn send(&self, message: &Message, now: DateTime<Utc>) -> Outcome {
        let started = Instant::now();
        let mut outcome = match tokio::time::timeout(self.timeout, self.post(message, now)).await {
            Ok(outcome) => outcome,
            Err(_) => failed(Failure::Timeout),
        };
        outcome.latency = started.elapsed();
        outcome
    }

    async fn post(&self, message: &Message, now: DateTime<Utc>) -> Outcome {
        let Ok(url) = parse_url(&message.url) else {
            return failed(Failure::UnknownHost);
        };
        // A client connects to addresses in URLs without asking its resolver.
        if let Err(refused) = self.reach.check_literal(&url) {
            return failed(failure_of(&refused));
        }
        let timestamp = now.timestamp();
        let sign = |secret: &Secret| secret.sign(&message.id, timestamp, &message.body);
        let signatures = message.secrets.iter().map(sign);
        let signatures: Vec<String> = match signatures.collect() {
            Ok(signatures) => signatures,
            Err(error) => {
                tracing::error!(%error, "a webhook could not be signed");
                return failed(Failure::Connection);
            }
        };
        let client = match url.scheme() {
            "https" => &self.secure,
            _ => &self.plain,
        };
        let sent = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(standardwebhooks::HEADER_WEBHOOK_ID, &message.id)
            .header(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, timestamp)
            .header(
                standardwebhooks::HEADER_WEBHOOK_SIGNATURE,
                signatures.join(" "),
            )
            .body(message.body.clone())
            .send()
            .await;
        match sent {
            Ok(answer) => read(answer, now).await,
            Err(error) => failed(failure_of_send(&error)),
        }
    }
}

/// A client that follows nothing, keeps no cookies, and knows no proxy of the environment.
fn client(reach: &Arc<Reach>, plain: bool) -> Result<Client> {
    let resolver = Guarded {
        reach: reach.clone(),
        plain,
    };
    Client::builder()
        .dns_resolver(Arc::new(resolver))
        .redirect(Policy::none())
        .retry(retry::never())
        .no_proxy()
        .https_only(!plain)
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(Duration::from_secs(20))
        .pool_max_idle_per_host(2)
        .user_agent(concat!("kpigraph/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Error::Internal(format!("webhooks cannot be sent: {error}")))
}

/// Resolves names for a client to addresses that may be reached: those that it connects to are those that were checked.
struct Guarded {
    reach: Arc<Reach>,
    plain: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, plain) = (self.reach.clone(), self.plain);
        Box::pin(async move {
            let found = reach.addresses(name.as_str(), plain).await?;
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}

/// What an answer says. A body that breaks off spoils a success; of one without end only the beginning is read.
async fn read(mut answer: Response, now: DateTime<Utc>) -> Outcome {
    let status = answer.status();
    let asked = asked_pause(answer.headers(), now);
    let (mut head, mut read, mut whole) = (Vec::new(), 0, true);
    while read < MOST_READ {
        match answer.chunk().await {
            Ok(Some(chunk)) => {
                read += chunk.len();
                let room = HEAD - head.len();
                head.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            Ok(None) => break,
            Err(_) => {
                whole = false;
                break;
            }
        }
    }
    let failure = match status {
        _ if status.is_redirection() => Some(Failure::Redirect),
        _ if !status.is_success() => Some(Failure::Status),
        _ => (!whole).then_some(Failure::Incomplete),
    };
    // PostgreSQL cannot store the character U+0000.
    let head = String::from_utf8_lossy(&head).replace('\0', "\u{fffd}");
    Outcome {
        status: Some(StatusCode::as_u16(&status)),
        failure,
        latency: Duration::ZERO,
        head: Some(head),
        retry_after: asked,
    }
}

fn asked_pause(headers: &HeaderMap, now: DateTime<Utc>) -> Option<TimeDelta> {
    retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?, now)
}

fn failed(failure: Failure) -> Outcome {
    Outcome {
        status: None,
        failure: Some(failure),
        latency: Duration::ZERO,
        head: None,
        retry_after: None,
    }
}

fn failure_of(refused: &Refused) -> Failure {
    match refused {
        Refused::UnknownHost => Failure::UnknownHost,
        Refused::Address(_) | Refused::Plain => Failure::ForbiddenAddress,
    }
}

fn failure_of_send(error: &reqwest::Error) -> Failure {
    let mut cause: Option<&dyn StdError> = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<Refused>() {
            return failure_of(refused);
        }
        cause = error.source();
    }
    match error.is_timeout() {
        true => Failure::Timeout,
        false => Failure::Connection,
    }
}
