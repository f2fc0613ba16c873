//! Where deliveries may go: which URLs, and which addresses behind their hosts.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use url::{Host, Url};

use super::{
    address::{Networks, is_public},
    lookup::{Lookup, SystemLookup},
};

/// The longest URL.
const LONGEST: usize = 2_000;
/// How long a look-up may take when an endpoint is made.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why nothing is sent to a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The host has an address that is neither public nor in a network that may be entered.
    /// Which one it is stays untold: who makes endpoints must not learn the addresses of a private network.
    #[error(
        "the host's address is not public; the setting webhook_private_networks of the service can allow it"
    )]
    Address(IpAddr),
    /// The host has no address.
    #[error("the host has no address now")]
    UnknownHost,
    /// Without TLS deliveries only go to networks that are allowed by the setting.
    #[error("https is needed")]
    Plain,
}

/// Reads a URL that deliveries may go to, in its normal form.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse_url(text: &str) -> Result<Url, String> {
    if text.len() > LONGEST {
        return Err(format!(
            "{} bytes were given; up to {LONGEST} are allowed",
            text.len()
        ));
    }
    let url = Url::parse(text).map_err(|error| format!("it is no URL: {error}"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(format!(
            "the scheme {} was given; https is needed",
            url.scheme()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "a user and password are not allowed in it; verify the signature instead".into(),
        );
    }
    if url.fragment().is_some() {
        return Err("a fragment (#…) is not allowed in it".into());
    }
    if url.as_str().len() > LONGEST {
        return Err(format!("it is over {LONGEST} bytes when encoded"));
    }
    Ok(url)
}

/// How far deliveries reach.
pub struct Reach {
    networks: Networks,
    lookup: Arc<dyn Lookup>,
}

impl Reach {
    /// The public internet over TLS, and these networks with and without.
    pub fn new(networks: Networks) -> Self {
        Self::with_lookup(networks, Arc::new(SystemLookup))
    }

    /// The same with another way from names to addresses.
    pub fn with_lookup(networks: Networks, lookup: Arc<dyn Lookup>) -> Self {
        Self { networks, lookup }
    }

    /// Whether a delivery to a URL would be sent now.
    pub async fn check(&self, url: &Url) -> Result<(), Refused> {
        let plain = url.scheme() == "http";
        match url.host() {
            Some(Host::Domain(host)) => {
                let resolved = tokio::time::timeout(PATIENCE, self.addresses(host, plain)).await;
                resolved.unwrap_or(Err(Refused::UnknownHost)).map(|_| ())
            }
            _ => self.check_literal(url),
        }
    }

    /// Whether the address that a URL names, if it names one, may be connected to. Names are resolved and checked by
    /// [`Reach::addresses`] when they are connected to.
    pub fn check_literal(&self, url: &Url) -> Result<(), Refused> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(Refused::UnknownHost),
        };
        self.allow(address, url.scheme() == "http")
    }

    /// The addresses of a host, each of which may be connected to. One that may not spoils them all: which of them a
    /// connection takes is left to chance.
    pub async fn addresses(&self, host: &str, plain: bool) -> Result<Vec<IpAddr>, Refused> {
        let found = self.lookup.addresses(host).await;
        let found = found.map_err(|_| Refused::UnknownHost)?;
        if found.is_empty() {
            return Err(Refused::UnknownHost);
        }
        for address in &found {
            self.allow(*address, plain)?;
        }
        Ok(found)
    }

    fn allow(&self, address: IpAddr, plain: bool) -> Result<(), Refused> {
        if self.networks.contain(address) {
            return Ok(());
        }
        match (is_public(address), plain) {
            (true, false) => Ok(()),
            (true, true) => Err(Refused::Plain),
            (false, _) => Err(Refused::Address(address)),
        }
    }
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reach({})", self.networks)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::webhooks::lookup::Addresses;

    struct Names(Vec<IpAddr>);

    impl Lookup for Names {
        fn addresses<'a>(&'a self, host: &'a str) -> Addresses<'a> {
            let found = match host {
                "unknown.example" => Err(io::Error::other("no such name")),
                _ => Ok(self.0.clone()),
            };
            Box::pin(async move { found })
        }
    }

    async fn check(networks: &str, addresses: &[&str], url: &str) -> Result<(), Refused> {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let names = Arc::new(Names(addresses));
        let reach = Reach::with_lookup(networks.parse().unwrap(), names);
        reach.check(&parse_url(url).unwrap()).await
    }

    #[tokio::test]
    async fn public_hosts_are_reached_over_tls_alone() {
        assert_eq!(
            check("none", &["1.1.1.1"], "https://a.example/x").await,
            Ok(())
        );
        assert_eq!(
            check("none", &["1.1.1.1"], "http://a.example/x").await,
            Err(Refused::Plain)
        );
        assert_eq!(
            check("none", &[], "http://1.1.1.1/").await,
            Err(Refused::Plain)
        );
    }

    #[tokio::test]
    async fn private_hosts_are_reached_where_the_setting_allows_it() {
        let private = "10.0.0.7".parse().unwrap();
        for url in ["https://a.example/", "http://a.example/"] {
            let refused = check("none", &["10.0.0.7"], url).await;
            assert_eq!(refused, Err(Refused::Address(private)));
            assert_eq!(check("10.0.0.0/24", &["10.0.0.7"], url).await, Ok(()));
        }
    }

    #[tokio::test]
    async fn one_private_address_among_public_ones_is_enough_to_refuse() {
        let refused = check("none", &["1.1.1.1", "::1"], "https://a.example").await;
        assert_eq!(refused, Err(Refused::Address("::1".parse().unwrap())));
    }

    #[tokio::test]
    async fn a_host_without_address_is_refused() {
        for (addresses, url) in [
            (&["1.1.1.1"][..], "https://unknown.example"),
            (&[], "https://a.example"),
        ] {
            assert_eq!(
                check("none", addresses, url).await,
                Err(Refused::UnknownHost)
            );
        }
    }

    #[tokio::test]
    async fn odd_spellings_of_near_addresses_are_seen_through() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "①②⑦.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:0:0:1]",
            "169.254.169.254",
            "%31%32%37.0.0.1",
        ] {
            let url = format!("https://{host}:8443/hook");
            let refused = check("none", &["1.1.1.1"], &url).await;
            assert!(
                matches!(refused, Err(Refused::Address(_))),
                "{host}: {refused:?}"
            );
        }
    }

    #[test]
    fn urls_with_users_fragments_and_other_schemes_are_refused() {
        for url in [
            "ftp://a.example",
            "file:///etc/passwd",
            "gopher://a.example",
            "//a.example",
            "a.example/hook",
            "https://",
            "https://user@a.example/",
            "https://user:word@a.example/",
            "https://1.1.1.1@127.0.0.1/",
            "https://a.example/#part",
            "https://[::1%25eth0]/",
        ] {
            assert!(parse_url(url).is_err(), "{url}");
        }
        assert!(parse_url(&format!("https://a.example/{}", "x".repeat(2_000))).is_err());
        let url = parse_url("HTTPS://A.Example:443/a b").unwrap();
        assert_eq!(url.as_str(), "https://a.example/a%20b");
    }
}
