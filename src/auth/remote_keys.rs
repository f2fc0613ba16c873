//! An issuer's key set behind a URL: kept, and read again when a token names a key that is not in it.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::{Client, StatusCode, Url, redirect};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    AuthSetupError, InvalidAuthSetting, TokenError,
    key_set::{InvalidKeySet, KeySet},
    settings::is_loopback,
};

const TIME_LIMIT: Duration = Duration::from_secs(5);
const MAX_BODY_BYTES: usize = 256 * 1024;
/// The least time between two readings for an unknown key: tokens with invented key names must not turn into traffic.
const REFRESH_GAP: TimeDelta = TimeDelta::seconds(60);
/// The same while no key is known at all, so that an issuer that starts late is found soon.
const FIRST_READ_GAP: TimeDelta = TimeDelta::seconds(5);
/// Older keys are read again in the background, so that withdrawn ones are refused within a minute.
const MAX_AGE: TimeDelta = TimeDelta::seconds(45);

/// The keys of one issuer, read over HTTP.
#[derive(Debug)]
pub(super) struct RemoteKeys {
    url: Url,
    client: Client,
    loaded: RwLock<Option<Loaded>>,
    /// Whoever holds the lock reads; the others wait for the result.
    attempts: Arc<Mutex<Attempts>>,
}

/// When the last readings began. Those for unknown keys count apart, so that a new key is found at once although the set
/// was read a moment ago.
#[derive(Debug, Default)]
struct Attempts {
    any: Option<DateTime<Utc>>,
    for_unknown: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
struct Loaded {
    keys: Arc<KeySet>,
    at: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("the request failed")]
    Request(#[from] reqwest::Error),
    #[error("the answer has status {0}")]
    Status(StatusCode),
    #[error("the answer is longer than 256 KiB")]
    TooLong,
    #[error("the answer {0}")]
    Invalid(#[from] InvalidKeySet),
}

impl RemoteKeys {
    /// Prepares reading; nothing is read before the first token comes.
    pub fn new(url: &str) -> Result<Self, AuthSetupError> {
        let url = Url::parse(url).map_err(|_| InvalidAuthSetting {
            name: "auth.issuers.jwks_url".to_owned(),
            problem: "is not a URL".to_owned(),
        })?;
        // A redirect could lead to another host or away from https.
        let mut client = Client::builder()
            .timeout(TIME_LIMIT)
            .redirect(redirect::Policy::none());
        if is_loopback(&url) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(AuthSetupError::HttpClient)?;
        Ok(Self {
            url,
            client,
            loaded: RwLock::default(),
            attempts: Arc::default(),
        })
    }

    /// The key for a token, reading the set again if it lacks the key and the last reading is old enough.
    pub async fn find(
        self: &Arc<Self>,
        algorithm: Algorithm,
        id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<DecodingKey, TokenError> {
        let find = || {
            self.loaded()
                .and_then(|loaded| loaded.keys.find(algorithm, id))
        };
        if let Some(key) = find() {
            self.refresh_in_background_if_old(now);
            return Ok(key);
        }
        let mut guard = Arc::clone(&self.attempts).lock_owned().await;
        // Whoever held the lock before may have brought the key.
        if let Some(key) = find() {
            return Ok(key);
        }
        if self.is_due(guard.for_unknown, now) {
            guard.for_unknown = Some(now);
            // In a task of its own: a caller that goes away must not break the reading off.
            let reading = tokio::spawn(Arc::clone(self).refresh(guard, now));
            if let Err(error) = reading.await {
                tracing::error!(%error, "reading an issuer's keys broke off");
            }
        }
        let missing = if self.loaded().is_some() {
            TokenError::UnknownKey
        } else {
            TokenError::KeysUnavailable
        };
        find().ok_or(missing)
    }

    fn refresh_in_background_if_old(self: &Arc<Self>, now: DateTime<Utc>) {
        let old = self
            .loaded()
            .is_some_and(|loaded| (now - loaded.at).abs() >= MAX_AGE);
        if !old {
            return;
        }
        if let Ok(guard) = Arc::clone(&self.attempts).try_lock_owned()
            && guard.any.is_none_or(|last| (now - last).abs() >= MAX_AGE)
        {
            tokio::spawn(Arc::clone(self).refresh(guard, now));
        }
    }

    fn is_due(&self, last_attempt: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let gap = if self.loaded().is_some() {
            REFRESH_GAP
        } else {
            FIRST_READ_GAP
        };
        // The absolute value, so that a clock set back does not stop the readings.
        last_attempt.is_none_or(|last| (now - last).abs() >= gap)
    }

    async fn refresh(self: Arc<Self>, mut attempts: OwnedMutexGuard<Attempts>, now: DateTime<Utc>) {
        attempts.any = Some(now);
        match self.read().await {
            Ok(keys) => {
                let loaded = Loaded {
                    keys: Arc::new(keys),
                    at: now,
                };
                *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(url = %self.url, %error, cause, "cannot read an issuer's keys, keeping the known ones");
            }
        }
    }

    async fn read(&self) -> Result<KeySet, ReadError> {
        let mut response = self.client.get(self.url.clone()).send().await?;
        if response.status() != StatusCode::OK {
            return Err(ReadError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(ReadError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(KeySet::parse(&body)?)
    }

    fn loaded(&self) -> Option<Loaded> {
        self.loaded
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests;
