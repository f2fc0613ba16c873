//! `graphql-transport-ws`: one WebSocket, any number of operations, whose results come as they happen.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    guard::{self, Guard},
    http::{
        StatusCode,
        header::{CONNECTION, UPGRADE},
    },
    web::{Data, Payload},
};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError, Session};
use serde_json::{Map, Value};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};
use tracing::{Instrument, Span};

use super::{
    Connected, Live, Refused,
    limits::{INIT_TIME, MESSAGE_BYTES, PING_EVERY, SEND_TIME},
    locales, lost,
    operations::{Operations, Step, refused},
    origin,
    places::Place,
    protocol::{ClientMessage, Close, OLD_PROTOCOL, PROTOCOL, ServerMessage, Words, is_offered},
};
use crate::{
    error::Error,
    guard::{Bounds, check_json},
    locale::Locale,
    server::{
        Service,
        answer::Media,
        identity::{bearer, token_of},
        operation::is_refused,
        outflow::{Outflow, Stalled},
    },
};

/// Whether a request wants to become a WebSocket.
pub fn is_asked() -> impl Guard {
    guard::fn_guard(|ctx| {
        let head = ctx.head();
        let names = |header, name: &str| {
            let value = head.headers().get(header);
            value
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| {
                    value
                        .split(',')
                        .any(|part| part.trim().eq_ignore_ascii_case(name))
                })
        };
        names(CONNECTION, "upgrade") && names(UPGRADE, "websocket")
    })
}

/// Opens a WebSocket. Who is connected is told by its first message, or by the header of this request.
pub async fn open(service: Data<Service>, request: HttpRequest, body: Payload) -> HttpResponse {
    if !origin::is_allowed(&request, &service.origins) {
        let why = "a page of another origin may not open a WebSocket";
        return Media::Json.error(StatusCode::FORBIDDEN, &Error::BadInput(why.into()));
    }
    let Some(place) = service.live.places.enter() else {
        let why = "too many connections are open; try again later";
        return Media::Json.error(StatusCode::SERVICE_UNAVAILABLE, &Error::Busy(why));
    };
    let (mut answer, session, messages) =
        match actix_ws::handle_with_protocols(&request, body, &[PROTOCOL]) {
            Ok(opened) => opened,
            Err(error) => return error.error_response(),
        };
    // Some clients look for `Sec-Websocket-Protocol` letter by letter.
    answer.head_mut().set_camel_case_headers(true);
    let waiting = Outflow::default();
    let answer = waiting.told_by(answer);
    let socket = Socket {
        client: Client {
            session,
            waiting,
            bounds: service.gate.bounds,
            may: match is_offered(request.headers(), OLD_PROTOCOL) {
                true => Words::Old,
                false => Words::Current,
            },
            words: Words::Current,
        },
        speaks: is_offered(request.headers(), PROTOCOL),
        header_token: token_of(&request).map(str::to_owned),
        wanted: locales(&request),
        operations: Operations::default(),
        service,
    };
    let messages = messages
        .max_frame_size(MESSAGE_BYTES)
        .aggregate_continuations()
        .max_continuation_size(MESSAGE_BYTES);
    actix_web::rt::spawn(socket.serve(place, messages).instrument(Span::current()));
    answer
}

/// The way to the client.
struct Client {
    session: Session,
    waiting: Outflow,
    bounds: Bounds,
    /// Which words it may use.
    may: Words,
    /// Which words it uses.
    words: Words,
}

struct Socket {
    service: Data<Service>,
    client: Client,
    speaks: bool,
    header_token: Option<String>,
    wanted: Arc<[Locale]>,
    operations: Operations,
}

/// How a connection ends: with a word, or without one because nobody takes it any more.
type Ended = Option<Close>;

impl Socket {
    async fn serve(mut self, place: Place, mut messages: AggregatedMessageStream) {
        let gives_way = place.gives_way();
        let greeted = tokio::select! {
            greeted = self.greet(place, &mut messages) => greeted,
            () = gives_way => Err(Some(Close::TryLater("too many connections are open"))),
        };
        let ended = match greeted {
            Ok(connected) => self.work(connected, &mut messages).await,
            Err(ended) => ended,
        };
        let Some(close) = ended else {
            return;
        };
        tracing::debug!(?close, "a connection is closed");
        let closing = self.client.session.close(Some(close.into()));
        tokio::time::timeout(SEND_TIME, closing).await.ok();
    }

    /// Waits until the client has said who it is.
    async fn greet(
        &mut self,
        place: Place,
        messages: &mut AggregatedMessageStream,
    ) -> Result<Connected, Ended> {
        if !self.speaks {
            return Err(Some(Close::OtherProtocol));
        }
        let deadline = Instant::now() + INIT_TIME;
        let fields = loop {
            let message = tokio::select! {
                message = messages.recv() => self.client.read(message).await?,
                () = sleep_until(deadline) => return Err(Some(Close::NoInit)),
                () = self.service.live.stopping.cancelled() => return Err(Some(Close::Stopping)),
            };
            match message {
                Some(ClientMessage::Init(fields)) => break fields,
                Some(ClientMessage::Ping) => self.client.send(&ServerMessage::Pong).await?,
                Some(ClientMessage::Subscribe { .. }) => return Err(Some(Close::Unacknowledged)),
                Some(
                    ClientMessage::Pong
                    | ClientMessage::Complete { .. }
                    | ClientMessage::Stop { .. },
                )
                | None => {}
            }
        };
        let token = token_in(&fields).or(self.header_token.as_deref());
        let service = self.service.clone();
        let connecting = service
            .live
            .connect(&service, place, token, self.wanted.clone());
        let connected = connecting.await.map_err(|refused| {
            Some(match refused {
                Refused::Token(why) => Close::Forbidden(why),
                Refused::Full => Close::TryLater("the team has too many connections"),
                Refused::Unavailable => Close::TryLater("the service is busy"),
            })
        })?;
        let waiting = &self.client.waiting;
        waiting.belongs_to(&service.outflows, connected.team);
        self.client.send(&ServerMessage::ConnectionAck).await?;
        Ok(connected)
    }

    /// Runs operations until the connection ends.
    async fn work(
        &mut self,
        connected: Connected,
        messages: &mut AggregatedMessageStream,
    ) -> Ended {
        let mut identity = connected.identity.clone();
        let stopping = self.service.live.stopping.clone();
        let working = async {
            let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
            pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut heard = true;
            loop {
                tokio::select! {
                    message = messages.recv() => {
                        heard = true;
                        if let Some(message) = self.client.read(message).await? {
                            self.obey(&connected, message).await?;
                        }
                    }
                    (id, step) = self.operations.next() => self.client.tell(&id, step).await?,
                    _ = pings.tick() => {
                        if !std::mem::take(&mut heard) {
                            return Err(None);
                        }
                        self.client.ping().await?;
                    }
                }
            }
        };
        let ended: Result<(), Ended> = tokio::select! {
            ended = working => ended,
            () = lost(&mut identity) => {
                Err(Some(Close::Forbidden("the token is in force no longer".into())))
            }
            () = stopping.cancelled() => Err(Some(Close::Stopping)),
        };
        ended.err().flatten()
    }

    async fn obey(&mut self, connected: &Connected, message: ClientMessage) -> Result<(), Ended> {
        match message {
            ClientMessage::Init(_) => return Err(Some(Close::SecondInit)),
            ClientMessage::Ping => self.client.send(&ServerMessage::Pong).await?,
            ClientMessage::Pong => {}
            ClientMessage::Complete { id } => self.operations.end(&id),
            ClientMessage::Stop { id } => {
                self.operations.end(&id);
                self.client.tell(&id, Step::Done).await?;
            }
            ClientMessage::Subscribe { id, .. } if self.operations.has(&id) => {
                return Err(Some(Close::TakenId));
            }
            ClientMessage::Subscribe { id, asked, words } => {
                self.client.words = words;
                let live: &Live = &self.service.live;
                let steps = match asked.check(&self.service, connected.team) {
                    Ok(operation) => live.steps(&self.service, connected.listener(live), operation),
                    Err(refusal) => refused(*refusal),
                };
                self.operations.start(id, steps);
            }
        }
        Ok(())
    }
}

impl Client {
    /// The message of the protocol in what arrived, if there is one.
    async fn read(
        &mut self,
        arrived: Option<Result<AggregatedMessage, ProtocolError>>,
    ) -> Result<Option<ClientMessage>, Ended> {
        match arrived {
            Some(Ok(AggregatedMessage::Text(text))) => {
                check_json(text.as_bytes(), &self.bounds).map_err(|_| {
                    let why = "the message is nested too deeply, or has too many values";
                    Some(Close::Malformed(why))
                })?;
                ClientMessage::read(&text, self.may).map(Some).map_err(Some)
            }
            Some(Ok(AggregatedMessage::Binary(_))) => {
                Err(Some(Close::Malformed("only texts are understood")))
            }
            Some(Ok(AggregatedMessage::Ping(bytes))) => {
                let sending = self.session.pong(&bytes);
                in_time(sending).await?;
                Ok(None)
            }
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(None),
            Some(Err(ProtocolError::Overflow)) => Err(Some(Close::TooLarge)),
            Some(Err(ProtocolError::Io(_))) => Err(Some(Close::Malformed("no text"))),
            Some(Err(_)) => Err(Some(Close::Malformed("no WebSocket frame"))),
            Some(Ok(AggregatedMessage::Close(_))) | None => Err(None),
        }
    }

    async fn tell(&mut self, id: &str, step: Step) -> Result<(), Ended> {
        match step {
            // The old words know no answer without a result but one result that says so.
            Step::Result(response) | Step::Refused(response) if self.words == Words::Old => {
                let payload = (&response).into();
                self.send(&ServerMessage::Data { id, payload }).await?;
                match is_refused(&response) {
                    true => self.send(&ServerMessage::Complete { id }).await,
                    false => Ok(()),
                }
            }
            Step::Result(response) => {
                let payload = &response;
                self.send(&ServerMessage::Next { id, payload }).await
            }
            Step::Refused(response) => {
                let payload = &response.errors;
                self.send(&ServerMessage::Error { id, payload }).await
            }
            Step::Done => self.send(&ServerMessage::Complete { id }).await,
        }
    }

    async fn send(&mut self, message: &ServerMessage<'_>) -> Result<(), Ended> {
        match serde_json::to_string(message) {
            Ok(text) => {
                let room = self.waiting.add(text.len(), SEND_TIME).await;
                room.map_err(|Stalled| left())?;
                in_time(self.session.text(text)).await
            }
            Err(error) => {
                tracing::error!(%error, "a message could not be written");
                Err(Some(Close::TryLater("a message could not be written")))
            }
        }
    }

    async fn ping(&mut self) -> Result<(), Ended> {
        in_time(self.session.ping(b"")).await
    }
}

/// Waits for the client to take something, but not for long: what it does not take would pile up.
async fn in_time(sending: impl Future<Output = Result<(), actix_ws::Closed>>) -> Result<(), Ended> {
    const PATIENCE: Duration = SEND_TIME;
    match tokio::time::timeout(PATIENCE, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(None),
        Err(_) => Err(left()),
    }
}

/// Ends without a word, as nobody takes it.
fn left() -> Ended {
    tracing::info!("a client that takes nothing is left");
    None
}

/// The token in the payload of `connection_init`, under `Authorization` in any case.
fn token_in(fields: &Map<String, Value>) -> Option<&str> {
    let named = |(name, _): &(&String, &Value)| name.eq_ignore_ascii_case("authorization");
    let (_, value) = fields.iter().find(named)?;
    bearer(value.as_str()?)
}
