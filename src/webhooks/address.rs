//! Which IP addresses are public, and the networks beside them that deliveries may enter.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

/// IPv4 blocks that are not for the public internet, by IANA's registry of special-purpose addresses.
const SPECIAL_V4: [([u8; 4], u8); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // The metadata service of Azure's machines, though its address is a public one.
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// The only IPv6 block whose addresses are given out for the public internet.
const GLOBAL_V6: ([u16; 8], u8) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Blocks within it that are for something else: protocols such as Teredo, documentation, 6to4.
const SPECIAL_V6: [([u16; 8], u8); 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Where translators of IPv6-only networks put IPv4 addresses.
const TRANSLATED_V4: ([u16; 8], u8) = ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

/// Whether an address is one of the public internet's hosts.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|block| v4(*block).contains(&address)),
        IpAddr::V6(address) if v6(TRANSLATED_V4).contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            is_public(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
        }
        IpAddr::V6(address) => {
            let special = SPECIAL_V6.iter().any(|block| v6(*block).contains(&address));
            v6(GLOBAL_V6).contains(&address) && !special
        }
    }
}

fn v4((address, prefix): ([u8; 4], u8)) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::from(address), prefix)
}

fn v6((address, prefix): ([u16; 8], u8)) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from(address), prefix)
}

/// The networks that are not public and may be entered all the same: a comma-separated list such as
/// `10.0.0.0/8,127.0.0.1`, or `none`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether an address is in one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The text is no list of networks.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a list of networks such as 10.0.0.0/8,127.0.0.1 is needed, or none")]
pub struct NoNetworks;

impl FromStr for Networks {
    type Err = NoNetworks;

    fn from_str(text: &str) -> Result<Self, NoNetworks> {
        if text.trim() == "none" {
            return Ok(Self::default());
        }
        let network = |part: &str| {
            let part = part.trim();
            let one = part.parse::<IpAddr>().map(IpNet::from);
            one.or_else(|_| part.parse::<IpNet>())
                .map_err(|_| NoNetworks)
        };
        text.split(',')
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl TryFrom<String> for Networks {
    type Error = NoNetworks;

    fn try_from(text: String) -> Result<Self, NoNetworks> {
        text.parse()
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let networks: Vec<String> = self.0.iter().map(IpNet::to_string).collect();
        f.write_str(&networks.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn hosts_of_the_internet_are_public() {
        for text in [
            "1.1.1.1",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(public(text), "{text}");
        }
    }

    #[test]
    fn what_is_near_is_not_public_however_it_is_written() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn networks_are_read_and_hold_their_addresses() {
        let networks: Networks = "10.0.0.0/8, 127.0.0.1,fd00::/8".parse().unwrap();
        let within = |text: &str| networks.contain(text.parse().unwrap());
        assert!(within("10.9.8.7") && within("127.0.0.1") && within("fd12::1"));
        assert!(within("::ffff:10.0.0.1"));
        assert!(!within("127.0.0.2") && !within("11.0.0.1") && !within("fe80::1"));
        assert_eq!(networks.to_string(), "10.0.0.0/8,127.0.0.1/32,fd00::/8");
        assert_eq!("none".parse::<Networks>().unwrap(), Networks::default());
        for text in ["", "all", "10.0.0.0/33", "10.0.0.0/8,", "localhost"] {
            assert!(text.parse::<Networks>().is_err(), "{text}");
        }
    }
}
