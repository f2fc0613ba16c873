//! A client of `graphql-transport-ws` that listens.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::ClientRequestBuilder},
};

use crate::instance::{Instance, PATIENCE};

/// A WebSocket whose client is known.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens one by a token.
    pub async fn open(service: &Instance, token: &str) -> Self {
        let url = service.url.replace("http", "ws") + "/graphql";
        let request = ClientRequestBuilder::new(url.parse().unwrap());
        let request = request.with_sub_protocol("graphql-transport-ws");
        let (socket, _) = connect_async(request).await.unwrap();
        let mut socket = Self(socket);
        let authorization = format!("Bearer {token}");
        socket
            .send(
                json!({ "type": "connection_init", "payload": { "Authorization": authorization } }),
            )
            .await;
        assert_eq!(socket.next().await.unwrap()["type"], "connection_ack");
        socket
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "id": "1", "type": "subscribe", "payload": payload }))
            .await;
    }

    async fn send(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    /// The next message; else the code and the reason of the end, 0 where the connection breaks off.
    pub async fn next(&mut self) -> Result<Value, (u16, String)> {
        let next = async {
            loop {
                return match self.0.next().await {
                    Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(Some(frame)))) => {
                        Err((frame.code.into(), frame.reason.to_string()))
                    }
                    Some(Ok(Message::Close(None)) | Err(_)) | None => Err((0, String::new())),
                    Some(Ok(_)) => continue,
                };
            }
        };
        tokio::time::timeout(PATIENCE, next).await.unwrap()
    }

    /// The code and the reason of the end; messages before it are passed over.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Err(closed) = self.next().await {
                return closed;
            }
        }
    }
}
