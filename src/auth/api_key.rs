//! The secrets of API keys: how they look, and how one is told from another.
//!
//! A secret is `kpg_`, 12 hexadecimal digits that may be shown, `_`, and 256 random bits in base64url. Only its SHA-256
//! is stored: so many bits cannot be guessed from a hash however fast it is, so a slow password hash would cost time on
//! every request and gain nothing.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How every secret begins, so that people and secret scanners know one.
const MARK: &str = "kpg_";
/// The random bytes that may be shown.
const SHOWN_BYTES: usize = 6;
/// The mark and the part that may be shown.
const PREFIX_CHARS: usize = MARK.len() + 2 * SHOWN_BYTES;
/// The random bytes that nobody may see: 256 bits.
const HIDDEN_BYTES: usize = 32;
/// Those in base64url.
const HIDDEN_CHARS: usize = 43;

/// The secret of an API key. Its `Debug` shows the prefix alone, and its memory is wiped in the end.
pub struct ApiKeySecret(SecretString);

impl ApiKeySecret {
    /// A new one.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut shown = [0_u8; SHOWN_BYTES];
        let mut hidden = [0_u8; HIDDEN_BYTES];
        getrandom::fill(&mut shown)?;
        getrandom::fill(&mut hidden)?;
        let shown: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        let hidden = BASE64_URL_SAFE_NO_PAD.encode(hidden);
        Ok(Self(format!("{MARK}{shown}_{hidden}").into()))
    }

    /// Whether a bearer token wants to be an API key, rather than a token of an issuer.
    pub fn is_meant(token: &str) -> bool {
        token.starts_with(MARK)
    }

    /// The secret that a text is; `None` for texts that cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(MARK)?;
        let (shown, hidden) = rest.split_once('_')?;
        let shown_is_hex = shown
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let fits = shown.len() == 2 * SHOWN_BYTES && shown_is_hex && hidden.len() == HIDDEN_CHARS;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(hidden).ok()?;
        (fits && bytes.len() == HIDDEN_BYTES).then(|| Self(text.into()))
    }

    /// How it begins: the part that may be shown and by which it is found.
    pub fn prefix(&self) -> &str {
        &self.reveal()[..PREFIX_CHARS]
    }

    /// What is stored of it.
    pub fn hash(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.reveal().as_bytes()))
    }

    /// Whether a stored hash is its own; takes as long for a hash that differs early as for one that differs late.
    pub fn has_hash(&self, stored: &str) -> bool {
        self.hash().as_bytes().ct_eq(stored.as_bytes()).into()
    }

    /// The whole secret, for the one time that it is shown.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_and_fits_its_own_hash_alone() {
        let (one, other) = (
            ApiKeySecret::generate().unwrap(),
            ApiKeySecret::generate().unwrap(),
        );
        assert_ne!(one.reveal(), other.reveal());
        let read = ApiKeySecret::parse(one.reveal()).unwrap();
        assert_eq!(read.prefix(), one.prefix());
        assert!(one.reveal().starts_with(one.prefix()));
        assert!(read.has_hash(&one.hash()));
        assert!(!read.has_hash(&other.hash()) && !read.has_hash(""));
    }

    #[test]
    fn the_hash_and_the_debug_text_do_not_hold_the_secret() {
        let secret = ApiKeySecret::generate().unwrap();
        let hidden = &secret.reveal()[PREFIX_CHARS + 1..];
        assert_eq!(hidden.len(), HIDDEN_CHARS);
        assert!(!secret.hash().contains(hidden));
        assert_eq!(format!("{secret:?}"), format!("{}…", secret.prefix()));
    }

    #[test]
    fn other_texts_are_no_secrets() {
        let secret = ApiKeySecret::generate().unwrap();
        let whole = secret.reveal();
        for text in [
            "",
            "kpg_",
            "kpg__",
            &whole[1..],
            &whole[..whole.len() - 1],
            &format!("{whole}A"),
            &whole.to_uppercase(),
            &whole.replacen('_', "-", 2),
            &format!("kpg_é12345678901_{}", "A".repeat(HIDDEN_CHARS)),
        ] {
            assert!(ApiKeySecret::parse(text).is_none(), "{text}");
        }
    }
}
