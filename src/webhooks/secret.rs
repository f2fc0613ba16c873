//! The secrets that sign deliveries.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use standardwebhooks::{Webhook, WebhookError};

/// A secret of an endpoint: `whsec_` and 32 random bytes in base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self(format!("whsec_{}", BASE64_STANDARD.encode(key))))
    }

    /// A secret as it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// What the receiver needs to verify signatures.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The signature of a message by this secret, such as `v1,…`.
    pub(super) fn sign(
        &self,
        id: &str,
        timestamp: i64,
        body: &str,
    ) -> Result<String, WebhookError> {
        Webhook::new(&self.0)?.sign(id, timestamp, body.as_bytes())
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
        let secret = Secret::stored("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".into());
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;
        let signature = secret.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
        let known = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
        assert_eq!(signature.unwrap(), known);
    }

    #[test]
    fn secrets_have_32_bytes_and_are_not_shown_by_accident() {
        let (one, other) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one, other);
        let key = one.reveal().strip_prefix("whsec_").unwrap();
        assert_eq!(BASE64_STANDARD.decode(key).unwrap().len(), 32);
        assert_eq!(format!("{one:?}"), "Secret");
    }
}
