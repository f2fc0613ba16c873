//! The messages of `graphql-transport-ws`, and the codes with which a connection is closed.

use actix_web::http::header::{HeaderMap, SEC_WEBSOCKET_PROTOCOL};
use actix_ws::{CloseCode, CloseReason};
use async_graphql::{Response, ServerError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::limits::ID_BYTES;
use crate::server::operation::{Asked, Sent};

/// The name of the protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// The name of the protocol before it. It is not chosen, but Python's `gql`, which offers both, takes it to be: it looks
/// for `Sec-WebSocket-Protocol` letter by letter, in a spelling that the server cannot write.
pub const OLD_PROTOCOL: &str = "graphql-ws";

/// Whether the client offers a protocol.
pub fn is_offered(headers: &HeaderMap, protocol: &str) -> bool {
    let mut offered = headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    offered.any(|name| name.trim() == protocol)
}

/// Whose words a client uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Words {
    /// Those of the protocol.
    #[default]
    Current,
    /// Those of [`OLD_PROTOCOL`].
    Old,
}

/// What a client says.
pub enum ClientMessage {
    /// Who it is, perhaps.
    Init(Map<String, Value>),
    /// It wants a `pong`.
    Ping,
    /// It answers a `ping`.
    Pong,
    /// It wants an operation to run under an id.
    Subscribe {
        /// The id.
        id: String,
        /// The operation.
        asked: Asked,
        /// In whose words it wants its answer.
        words: Words,
    },
    /// It wants no more of an operation.
    Complete {
        /// The operation's id.
        id: String,
    },
    /// The same in the old words: it waits for a last word then.
    Stop {
        /// The operation's id.
        id: String,
    },
}

/// A message as it stands in JSON.
#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    payload: Option<Value>,
}

impl ClientMessage {
    /// Reads a message; in the old words, too, from a client that may use them.
    ///
    /// # Errors
    /// How to close the connection over it. The text repeats nothing of the message.
    pub fn read(text: &str, may: Words) -> Result<Self, Close> {
        // Serde would read a list as the fields in their order.
        let object = Some(text).filter(|text| text.trim_start().starts_with('{'));
        let raw: Raw = object
            .and_then(|text| serde_json::from_str(text).ok())
            .ok_or(Close::Malformed("no message of the protocol"))?;
        let id = |id: Option<String>| {
            id.filter(|id| (1..=ID_BYTES).contains(&id.len()))
                .ok_or(Close::Malformed("`id` must be a text of 1 to 256 bytes"))
        };
        let object = |payload: Option<Value>| match payload {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(fields)) => Ok(fields),
            Some(_) => Err(Close::Malformed("`payload` must be an object")),
        };
        match raw.kind.as_str() {
            "connection_init" => Ok(Self::Init(object(raw.payload)?)),
            "ping" => object(raw.payload).map(|_| Self::Ping),
            "pong" => object(raw.payload).map(|_| Self::Pong),
            "complete" => Ok(Self::Complete { id: id(raw.id)? }),
            "stop" if may == Words::Old => Ok(Self::Stop { id: id(raw.id)? }),
            // What follows is the end of the connection.
            "connection_terminate" if may == Words::Old => Ok(Self::Pong),
            kind if kind == "subscribe" || (kind == "start" && may == Words::Old) => {
                Ok(Self::Subscribe {
                    words: if kind == "start" {
                        Words::Old
                    } else {
                        Words::Current
                    },
                    id: id(raw.id)?,
                    asked: raw
                        .payload
                        .filter(Value::is_object)
                        .and_then(|payload| serde_json::from_value(payload).ok())
                        .ok_or(Close::Malformed(
                            "`payload` must be an operation with `query`",
                        ))?,
                })
            }
            _ => Err(Close::Malformed("an unknown `type`")),
        }
    }
}

/// What the service says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage<'a> {
    /// The client is known.
    ConnectionAck,
    /// The answer to a `ping`.
    Pong,
    /// A result.
    Next {
        /// Of which operation.
        id: &'a str,
        /// The result.
        payload: &'a Response,
    },
    /// An operation that did not run, and is over.
    Error {
        /// Which operation.
        id: &'a str,
        /// Why.
        payload: &'a [ServerError],
    },
    /// A result in the old words.
    Data {
        /// Of which operation.
        id: &'a str,
        /// The result.
        payload: Sent<'a>,
    },
    /// An operation that is over.
    Complete {
        /// Which operation.
        id: &'a str,
    },
}

/// Why the service closes a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// 4400: the client sent something that the protocol does not know.
    Malformed(&'static str),
    /// 4401: an operation before the connection was acknowledged.
    Unacknowledged,
    /// 4403: the token is missing, no good, or in force no longer.
    Forbidden(String),
    /// 4406: the client does not speak the protocol.
    OtherProtocol,
    /// 4408: no `connection_init` in time.
    NoInit,
    /// 4409: an operation runs under that id.
    TakenId,
    /// 4429: a second `connection_init`.
    SecondInit,
    /// 1001: the service stops.
    Stopping,
    /// 1009: a message is too large.
    TooLarge,
    /// 1013: the team has too many connections, or the database does not answer.
    TryLater(&'static str),
}

impl From<Close> for CloseReason {
    fn from(close: Close) -> Self {
        let (code, text) = match close {
            Close::Malformed(what) => (4400, what.to_owned()),
            Close::Unacknowledged => (4401, "Unauthorized".to_owned()),
            Close::Forbidden(why) => (4403, format!("Forbidden: {why}")),
            Close::OtherProtocol => (4406, "Subprotocol not acceptable".to_owned()),
            Close::NoInit => (4408, "Connection initialisation timeout".to_owned()),
            Close::TakenId => (4409, "Subscriber for that id already exists".to_owned()),
            Close::SecondInit => (4429, "Too many initialisation requests".to_owned()),
            Close::Stopping => (1001, "the service stops".to_owned()),
            Close::TooLarge => (1009, "a message is too large".to_owned()),
            Close::TryLater(why) => (1013, why.to_owned()),
        };
        Self {
            code: CloseCode::from(code),
            description: Some(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_closes_the_connection_and_is_not_repeated() {
        for text in [
            "",
            "{oops",
            "[]",
            "null",
            r#"["ping"]"#,
            r#"{"type":"subscribe","id":"1","payload":["{a}"]}"#,
            r#"{"id":"1"}"#,
            r#"{"type":1}"#,
            r#"{"type":"frobnicate"}"#,
            r#"{"type":"start","id":"1","payload":{"query":"{a}"}}"#,
            r#"{"type":"stop","id":"1"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"connection_init","payload":[1]}"#,
            r#"{"type":"ping","payload":"text"}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":7,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":null}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":"x"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","extensions":4}}"#,
        ] {
            let Err(Close::Malformed(why)) = ClientMessage::read(text, Words::Current) else {
                panic!("{text} was taken");
            };
            assert!(!why.contains("frobnicate"));
        }
    }

    #[test]
    fn messages_are_read() {
        let read = |text| ClientMessage::read(text, Words::Current).ok();
        assert!(matches!(
            read(r#"{"type":"connection_init"}"#),
            Some(ClientMessage::Init(fields)) if fields.is_empty()
        ));
        assert!(matches!(
            read(r#"{"type":"subscribe","id":"a","payload":{"query":"{a}","operationName":null}}"#),
            Some(ClientMessage::Subscribe { id, asked, words: Words::Current }) if id == "a" && asked.query == "{a}"
        ));
        let old = r#"{"type":"start","id":"1","payload":{"query":"{a}"}}"#;
        assert!(matches!(
            ClientMessage::read(old, Words::Old),
            Ok(ClientMessage::Subscribe {
                words: Words::Old,
                ..
            })
        ));
        let deep = format!(
            r#"{{"type":"ping","payload":{}1{}}}"#,
            "[".repeat(3000),
            "]".repeat(3000)
        );
        assert!(read(&deep).is_none());
    }
}
