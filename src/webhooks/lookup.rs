//! From host names to addresses.

use std::{io, net::IpAddr, pin::Pin};

/// What a look-up comes to.
pub type Addresses<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Knows the addresses of host names.
pub trait Lookup: Send + Sync {
    /// The addresses that a name has now.
    fn addresses<'a>(&'a self, host: &'a str) -> Addresses<'a>;
}

/// The system's own: its files and its DNS servers.
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
