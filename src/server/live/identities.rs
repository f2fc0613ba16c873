//! Who is connected, asked anew every few seconds: once for all connections of one token.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use actix_web::web::Data;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::{sync::watch, task::AbortHandle};

use super::limits::IDENTIFY_EVERY;
use crate::{
    graphql::Identity,
    server::{Service, identity::Unknown},
};

/// Whom the tokens of open connections stand for, by the tokens' hashes.
#[derive(Default)]
pub struct Identities(Mutex<HashMap<[u8; 32], Weak<Known>>>);

/// Whom a token stands for, kept up to date while this exists.
pub struct Known {
    now: watch::Receiver<Option<Arc<Identity>>>,
    asking: AbortHandle,
}

impl Known {
    /// Whom it stands for now: `None` once that is nobody.
    pub fn watch(&self) -> watch::Receiver<Option<Arc<Identity>>> {
        self.now.clone()
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.asking.abort();
    }
}

impl Identities {
    /// Whom a token stands for, by an answer of now; and who asks again from then on.
    pub async fn of(
        &self,
        service: &Data<Service>,
        token: &str,
    ) -> Result<(Arc<Identity>, Arc<Known>), Unknown> {
        let (caller, store) = service.identify(token).await?;
        let identity = Arc::new(Identity { caller, store });
        let hash: [u8; 32] = Sha256::digest(token).into();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(&hash).and_then(Weak::upgrade)
            && known.now.borrow().is_some()
        {
            return Ok((identity, known));
        }
        all.retain(|_, known| known.strong_count() > 0);
        let (tell, now) = watch::channel(Some(identity.clone()));
        let asking = tokio::spawn(ask(service.clone(), token.into(), tell));
        let known = Arc::new(Known {
            now,
            asking: asking.abort_handle(),
        });
        all.insert(hash, Arc::downgrade(&known));
        Ok((identity, known))
    }
}

/// Asks again and again, until the token is good for nothing. A database that does not answer says nothing about the
/// token; meanwhile nothing can be read with it either.
async fn ask(
    service: Data<Service>,
    token: SecretString,
    tell: watch::Sender<Option<Arc<Identity>>>,
) {
    loop {
        tokio::time::sleep(IDENTIFY_EVERY).await;
        match service.identify(token.expose_secret()).await {
            Ok((caller, store)) => {
                tell.send_replace(Some(Arc::new(Identity { caller, store })));
            }
            Err(Unknown::BadToken(_)) => {
                tell.send_replace(None);
                return;
            }
            Err(Unknown::Unavailable(error)) => {
                tracing::warn!(%error, "it cannot be told whether an open connection may stay");
            }
        }
    }
}
