//! `graphql-sse` in its mode of distinct connections: the answer to one operation as a stream of events, `next` for
//! each result and `complete` at the end.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, VARY},
    },
    web::{Bytes, Data},
};
use async_graphql::Response;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc::{self, Sender};
use tracing::{Instrument, Span};

use super::{
    Connected, Refused,
    limits::{COMMENT_EVERY, EVENTS_WAITING, SEND_TIME},
    locales, lost,
    operations::Step,
};
use crate::{
    error::Error,
    graphql::refusal,
    server::{
        Service,
        answer::{Media, UNCOMPRESSED},
        identity::token_of,
        operation::{Operation, Sent},
        outflow::Outflow,
    },
};

/// Proxies shall pass every event on at once.
const NO_BUFFERING: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");
const COMPLETE: &str = "event: complete\ndata:\n\n";
const COMMENT: &str = ":\n\n";

/// The answer to an operation that does not run.
pub fn refused(why: &Response) -> HttpResponse {
    start().body(format!("{}{COMPLETE}", next(why)))
}

/// The answer to an operation, as it comes.
pub async fn answer(
    service: &Data<Service>,
    request: &HttpRequest,
    operation: Operation,
) -> HttpResponse {
    let live = &service.live;
    let Some(place) = live.places.enter() else {
        return busy("too many connections are open; try again later");
    };
    let connecting = live.connect(service, place, token_of(request), locales(request));
    let connected = match connecting.await {
        Ok(connected) => connected,
        Err(Refused::Token(why)) => return Media::Json.unauthenticated(Some(&why)),
        Err(Refused::Full) => return busy("the team has too many connections; try again later"),
        Err(Refused::Unavailable) => return busy("the service is busy; try again later"),
    };
    let (events, waiting) = mpsc::channel(EVENTS_WAITING);
    let flow = Outflow::default();
    flow.belongs_to(&service.outflows, connected.team);
    let client = Client {
        events,
        flow: flow.clone(),
    };
    let serving = serve(service.clone(), connected, operation, client);
    actix_web::rt::spawn(serving.instrument(Span::current()));
    let body = stream::unfold(waiting, |mut waiting| async {
        let event: Bytes = waiting.recv().await?;
        Some((Ok::<_, actix_web::Error>(event), waiting))
    });
    flow.told_by(start().streaming(body))
}

fn busy(why: &'static str) -> HttpResponse {
    Media::Json.error(StatusCode::SERVICE_UNAVAILABLE, &Error::Busy(why))
}

fn start() -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "Accept"))
        .insert_header(UNCOMPRESSED)
        .insert_header(NO_BUFFERING);
    answer
}

fn next(response: &Response) -> String {
    // JSON has no line breaks of its own, so one line of data holds it.
    let data = serde_json::to_string(&Sent::from(response)).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written");
        r#"{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}"#.into()
    });
    format!("event: next\ndata: {data}\n\n")
}

/// Writes events until the operation is over, or nobody is known by the token, or the client is gone.
async fn serve(service: Data<Service>, connected: Connected, operation: Operation, client: Client) {
    let live = &service.live;
    let mut identity = connected.identity.clone();
    let writing = async {
        let mut steps = live.steps(&service, connected.listener(live), operation);
        // Headers reach the client with the first byte of the body.
        client.write(COMMENT.to_owned()).await?;
        loop {
            match tokio::time::timeout(COMMENT_EVERY, steps.next()).await {
                Err(_) => client.write(COMMENT.to_owned()).await?,
                Ok(Some(Step::Result(response))) => client.write(next(&response)).await?,
                Ok(Some(Step::Refused(response))) => {
                    return client.write(next(&response) + COMPLETE).await;
                }
                Ok(Some(Step::Done) | None) => return client.write(COMPLETE.to_owned()).await,
            }
        }
    };
    tokio::select! {
        // The client sees that it is cut off, and comes back.
        () = live.stopping.cancelled() => {}
        () = lost(&mut identity) => {
            let error = Error::Unauthenticated("the token is in force no longer");
            client.write(next(&refusal(&error)) + COMPLETE).await;
        }
        () = client.events.closed() => {}
        _ = writing => {}
    }
}

/// The way to the client.
struct Client {
    events: Sender<Bytes>,
    flow: Outflow,
}

impl Client {
    /// Hands an event to the connection; `None` when the client is gone or takes nothing.
    async fn write(&self, event: String) -> Option<()> {
        self.flow.add(event.len(), SEND_TIME).await.ok()?;
        let sending = self.events.send(Bytes::from(event));
        tokio::time::timeout(SEND_TIME, sending).await.ok()?.ok()
    }
}
