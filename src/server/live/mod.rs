//! Connections that stay open: WebSockets that speak `graphql-transport-ws`, and streams of events (`graphql-sse` in
//! its mode of distinct connections).

mod charged;
mod identities;
pub mod limits;
mod operations;
mod origin;
mod places;
mod protocol;
pub mod sse;
pub mod websocket;

use std::{any::Any, sync::Arc};

use actix_web::{HttpRequest, dev::Extensions, rt::net::TcpStream, web::Data};
use socket2::SockRef;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::{
    identities::{Identities, Known},
    places::{Place, Places},
};
use super::{Service, graphql::wanted_locales, identity::Unknown, seats::Seats};
use crate::{
    graphql::{Identity, Listener, LiveSchema},
    live::Feeds,
    locale::Locale,
};

/// What open connections share.
pub struct Live {
    schema: LiveSchema,
    feeds: Feeds,
    identities: Identities,
    places: Places,
    subscriptions: Seats,
    stopping: CancellationToken,
}

/// Whom a connection belongs to.
struct Connected {
    team: i64,
    identity: watch::Receiver<Option<Arc<Identity>>>,
    wanted: Arc<[Locale]>,
    /// Keeps the identity up to date.
    _known: Arc<Known>,
    /// Counts the connection.
    _place: Place,
}

/// Why a connection is not taken.
enum Refused {
    /// The token is missing or no good; the text says why.
    Token(String),
    /// The team has too many connections.
    Full,
    /// The database could not tell.
    Unavailable,
}

impl Live {
    /// For a service whose connections end when `stopping` is cancelled.
    pub fn new(schema: LiveSchema, feeds: Feeds, stopping: CancellationToken) -> Self {
        Self {
            schema,
            feeds,
            identities: Identities::default(),
            places: Places::default(),
            subscriptions: Seats::default(),
            stopping,
        }
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.places.open()
    }

    async fn connect(
        &self,
        service: &Data<Service>,
        mut place: Place,
        token: Option<&str>,
        wanted: Arc<[Locale]>,
    ) -> Result<Connected, Refused> {
        let token = token.ok_or_else(|| Refused::Token("a bearer token is needed".into()))?;
        let known = self.identities.of(service, token).await;
        let (identity, known) = known.map_err(|unknown| match unknown {
            Unknown::BadToken(why) => Refused::Token(why),
            Unknown::Unavailable(error) => {
                tracing::error!(%error, "the team could not be read");
                Refused::Unavailable
            }
        })?;
        let team = identity.store.team().id;
        if !place.belongs_to(team) {
            return Err(Refused::Full);
        }
        Ok(Connected {
            team,
            identity: known.watch(),
            wanted,
            _known: known,
            _place: place,
        })
    }
}

impl Connected {
    fn listener(&self, live: &Live) -> Listener {
        Listener {
            identity: self.identity.clone(),
            wanted: self.wanted.clone(),
            feeds: live.feeds.clone(),
        }
    }
}

/// Resolves when nobody is known by the connection's token any more.
async fn lost(identity: &mut watch::Receiver<Option<Arc<Identity>>>) {
    // An error means that nobody asks any more, which is as good as not to know.
    identity.wait_for(Option::is_none).await.ok();
}

fn locales(request: &HttpRequest) -> Arc<[Locale]> {
    wanted_locales(request).into()
}

/// Lets the system end connections whose client takes nothing: what was sent to it, and the task that waits to send
/// more, would stay as long as it likes. What such a client is still sent is little, so that it shows soon.
pub fn limit_stalls(connection: &dyn Any, _: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else {
        return;
    };
    #[cfg(target_os = "linux")]
    {
        let socket = SockRef::from(stream);
        let ends = socket.set_tcp_user_timeout(Some(limits::STALL_TIME));
        let holds = socket.set_tcp_notsent_lowat(limits::UNSENT_BYTES);
        if let Err(error) = ends.and(holds) {
            tracing::debug!(%error, "a stalled connection would not be ended");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}
