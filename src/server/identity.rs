//! Who sends a request: the bearer token, or the API key, in its `Authorization`.

use actix_web::{HttpRequest, HttpResponse, http::header::AUTHORIZATION};
use tracing::Span;

use super::{Service, answer::Media};
use crate::{
    auth::{ApiKeySecret, Caller, TokenError},
    error::Error,
    store::TeamStore,
};

/// Why nobody is known by a token.
pub enum Unknown {
    /// The token is no good; the text says why without repeating it.
    BadToken(String),
    /// The database could not tell.
    Unavailable(Error),
}

impl Service {
    /// The caller that a token or API key stands for, and the store of its team. Ask again to learn whether a key still
    /// is in force.
    pub async fn identify(&self, token: &str) -> Result<(Caller, TeamStore), Unknown> {
        let refused = |error: TokenError| Unknown::BadToken(error.to_string());
        if ApiKeySecret::is_meant(token) {
            let secret = ApiKeySecret::parse(token).ok_or_else(|| refused(TokenError::ApiKey))?;
            let found = self.store.for_api_key(&secret).await;
            return found
                .map_err(Unknown::Unavailable)?
                .ok_or_else(|| refused(TokenError::ApiKey));
        }
        let caller = self.verifier.verify(token).await.map_err(refused)?;
        let store = self.store.for_caller(&caller).await;
        match store.map_err(Unknown::Unavailable)? {
            Some(store) => Ok((caller, store)),
            None => Err(Unknown::BadToken("the token's team does not exist".into())),
        }
    }
}

/// The token of a request.
pub fn token_of(request: &HttpRequest) -> Option<&str> {
    bearer(request.headers().get(AUTHORIZATION)?.to_str().ok()?)
}

/// The token in an `Authorization`.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Who sends a request; else the answer that refuses it.
pub async fn authenticate(
    service: &Service,
    request: &HttpRequest,
    media: Media,
) -> Result<(Caller, TeamStore), Box<HttpResponse>> {
    let token = token_of(request).ok_or_else(|| Box::new(media.unauthenticated(None)))?;
    match service.identify(token).await {
        Ok((caller, store)) => {
            Span::current().record("team", caller.team().as_str());
            Ok((caller, store))
        }
        Err(Unknown::BadToken(why)) => Err(Box::new(media.unauthenticated(Some(&why)))),
        Err(Unknown::Unavailable(error)) => {
            tracing::error!(%error, "the team could not be read");
            Err(Box::new(media.failure(&error)))
        }
    }
}
