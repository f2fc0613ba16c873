//! Identity: a bearer token becomes a [`Caller`] with a team, a role and scopes.
//!
//! [`Verifier`] checks tokens of the configured issuers, or of the development key when none is configured;
//! [`signer`] makes tokens for the command line; [`ApiKeySecret`] is what a team's API key is proved by. Everything else in here serves one of the two.

mod api_key;
mod caller;
mod claims;
mod development_key;
mod error;
mod key_set;
mod key_source;
mod remote_keys;
mod role;
mod scope;
mod settings;
mod signer;
mod team_slug;
mod verifier;

pub use api_key::ApiKeySecret;
pub use caller::{Caller, MissingScope};
pub use development_key::{DevelopmentKey, DevelopmentKeyError};
pub use error::{AuthSetupError, TokenError};
pub use role::{Role, UnknownRole};
pub use scope::{Scope, Scopes, UnknownScope};
pub(crate) use settings::MAX_LEEWAY_SECONDS;
pub use settings::{AuthSettings, ClaimNames, InvalidAuthSetting, IssuerSettings};
pub use signer::{Signer, signer};
pub use team_slug::{InvalidTeamSlug, TeamSlug};
pub use verifier::Verifier;
