//! How many connections stay open, how large messages are, and how long anybody is waited for.

use std::time::Duration;

/// The most open connections of one instance, WebSockets and event streams together.
pub const CONNECTIONS: usize = 10_000;
/// The most of them that have not said yet who they are; one more, and the oldest gives way.
pub const CONNECTIONS_UNKNOWN: usize = 1_000;
/// The most of them of one team.
pub const CONNECTIONS_OF_TEAM: usize = 500;
/// The most operations that run over one WebSocket at once.
pub const OPERATIONS: usize = 100;
/// The most subscriptions of one team on one instance.
pub const SUBSCRIPTIONS_OF_TEAM: usize = 5_000;
/// The most bytes of a message from a client. What is larger belongs into the body of a POST.
pub const MESSAGE_BYTES: usize = 1024 * 1024;
/// The most bytes of an operation's id.
pub const ID_BYTES: usize = 256;

/// So many bytes, and what was written with the last of them, the system keeps that it has not sent yet.
pub const UNSENT_BYTES: u32 = 16 * 1024;

/// Within this time a WebSocket must send `connection_init`.
pub const INIT_TIME: Duration = Duration::from_secs(3);
/// A client that takes nothing for this long is left.
pub const SEND_TIME: Duration = Duration::from_secs(5);
/// A connection of any kind whose client takes nothing for this long is ended by the system.
pub const STALL_TIME: Duration = Duration::from_secs(30);
/// How often a WebSocket is pinged; one that does not answer before the next ping is left.
pub const PING_EVERY: Duration = Duration::from_secs(20);
/// After this long without an event a stream of events carries a comment, so that nobody between cuts it.
pub const COMMENT_EVERY: Duration = Duration::from_secs(12);
/// How often it is asked anew who is connected. A revoked key thus has an end within 5 seconds.
pub const IDENTIFY_EVERY: Duration = Duration::from_millis(2_500);
/// How many events wait for a client of a stream of events.
pub const EVENTS_WAITING: usize = 8;
