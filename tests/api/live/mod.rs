//! Connections that stay open: WebSockets and streams of events.

mod cursors;
mod events;
mod identity;
mod instances;
mod listeners;
mod protocol;
mod sse;
mod watch;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::ClientRequestBuilder, http::Uri},
};

use crate::{
    bulk::send,
    support::{App, json::text},
};

/// Longer than anything that is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// So long nothing comes where nothing shall come.
const SILENCE: Duration = Duration::from_millis(400);

/// What is told when data comes in.
pub const REFRESHED: &str = "subscription ($after: String) { event: dataRefreshed(after: $after) { cursor source from to } }";

/// A client of `graphql-transport-ws`.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// A WebSocket on which nothing was said yet.
    pub async fn open(app: &App) -> Self {
        Self::asked(request(app).with_sub_protocol("graphql-transport-ws"))
            .await
            .expect("the WebSocket opens")
    }

    /// What a request to become a WebSocket comes to.
    pub async fn asked(request: ClientRequestBuilder) -> Result<Self, Error> {
        Ok(Self(connect_async(request).await?.0))
    }

    /// A WebSocket whose client is known by a token.
    pub async fn greeted(app: &App, token: &str) -> Self {
        let mut socket = Self::open(app).await;
        socket.send(init(token)).await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        socket
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    /// Sends a text.
    pub async fn send_text(&mut self, text: String) {
        let sent = self.0.send(Message::text(text)).await;
        sent.expect("the message can be sent");
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    /// The next message.
    pub async fn next(&mut self) -> Value {
        let next = tokio::time::timeout(PATIENCE, self.message()).await;
        match next.expect("a message comes in time") {
            Ok(message) => message,
            Err(closed) => panic!("closed with {closed:?}"),
        }
    }

    /// The `data` of the next message, which must be a result of this operation.
    pub async fn data(&mut self, id: &str) -> Value {
        let message = self.next().await;
        assert_eq!(
            (&message["type"], &message["id"]),
            (&json!("next"), &json!(id)),
            "{message}"
        );
        assert!(message["payload"].get("errors").is_none(), "{message}");
        message["payload"]["data"].clone()
    }

    /// Waits until the service has read all that was sent.
    pub async fn is_read(&mut self) {
        self.send(json!({ "type": "ping" })).await;
        assert_eq!(self.next().await["type"], "pong");
    }

    /// Whether nothing comes for a while.
    pub async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(SILENCE, self.message()).await.is_err()
    }

    /// The code and the reason with which the service closes; 0 where the connection breaks off. Messages before it are
    /// passed over.
    pub async fn closed(&mut self) -> (u16, String) {
        let closing = async {
            loop {
                if let Err(closed) = self.message().await {
                    return closed;
                }
            }
        };
        let closed = tokio::time::timeout(PATIENCE, closing).await;
        closed.expect("the service closes the connection")
    }

    async fn message(&mut self) -> Result<Value, (u16, String)> {
        loop {
            return match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    Ok(serde_json::from_str(&text).expect("messages are JSON"))
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    Err((frame.code.into(), frame.reason.to_string()))
                }
                Some(Ok(Message::Close(None)) | Err(_)) | None => Err((0, String::new())),
                Some(Ok(_)) => continue,
            };
        }
    }
}

/// A request to become a WebSocket.
pub fn request(app: &App) -> ClientRequestBuilder {
    let url = format!("ws://{}/graphql", app.address);
    ClientRequestBuilder::new(url.parse::<Uri>().expect("a URL"))
}

/// The first message of a client.
pub fn init(token: &str) -> Value {
    json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } })
}

/// Has a source deliver one figure.
pub async fn deliver(app: &App, token: &str, source: &str, date: &str) {
    let item = json!({ "figure": "brand_searches", "date": date, "value": "5" });
    let options = json!({ "source": source });
    let done = send(app, token, "upsertFigures", vec![item], options).await;
    assert_eq!(done["counts"]["failed"], 0, "{done}");
}

/// The events of this query that are told from now on, by the text at `field`.
pub async fn told(socket: &mut Socket, id: &str, field: &str, count: usize) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..count {
        told.push(text(&socket.data(id).await, field).to_owned());
    }
    told
}

/// Where the team's events stand.
pub async fn now(app: &App, token: &str) -> String {
    let answer = app
        .graphql(token, "{ viewer { eventCursor } }", json!({}))
        .await;
    text(&answer, "data.viewer.eventCursor").to_owned()
}
