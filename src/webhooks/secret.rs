//! The secrets that sign deliveries.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::{Webhook, WebhookError};

/// A secret of an endpoint: `whsec_` and 32 random bytes in base64. Its memory is wiped in the end.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// A new secret.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self(
            format!("whsec_{}", BASE64_STANDARD.encode(key)).into(),
        ))
    }

    /// A secret as it was stored.
    pub fn stored(text: impl Into<SecretString>) -> Self {
        Self(text.into())
    }

    /// What the receiver needs to verify signatures.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// The signature of a message by this secret, such as `v1,…`.
    pub(super) fn sign(
        &self,
        id: &str,
        timestamp: i64,
        body: &str,
    ) -> Result<String, WebhookError> {
        Webhook::new(self.reveal())?.sign(id, timestamp, body.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_specification_s_example() {
        let secret = Secret::stored("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;
        let signature = secret.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
        let known = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
        assert_eq!(signature.unwrap(), known);
    }

    #[test]
    fn secrets_have_32_bytes_and_are_not_shown_by_accident() {
        let (one, other) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one.reveal(), other.reveal());
        let key = one.reveal().strip_prefix("whsec_").unwrap();
        assert_eq!(BASE64_STANDARD.decode(key).unwrap().len(), 32);
        assert_eq!(format!("{one:?}"), "Secret");
    }
}
