//! Which addresses may be connected to.
//!
//! A webhook URL is written by a merchant, so it must not become a way into the network that the
//! server stands in. This module only judges addresses and URLs; [`crate::resolve`] applies it to
//! the addresses a name resolves to at the moment of connecting, so that a name which changes its
//! address between check and use (DNS rebinding) gains nothing.
//!
//! Invariant: an address that is not known to be public is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// What may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Whether loopback, private and other special addresses may be reached, and PGs without
    /// TLS. For sandboxes and simulators.
    pub allow_private: bool,
}

impl Policy {
    /// Everything may be reached.
    pub const SANDBOX: Self = Self {
        allow_private: true,
    };
    /// Only public addresses may be reached.
    pub const STRICT: Self = Self {
        allow_private: false,
    };

    /// Whether an address may be connected to.
    pub fn allows(self, address: IpAddr) -> bool {
        self.allow_private || is_public(address)
    }
}

/// Why a URL is refused. Names the host at most, never path or query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The URL can't be read.
    #[error("the URL is not valid")]
    NotAUrl,
    /// Neither `http` nor `https`.
    #[error("the URL's scheme must be `http` or `https`")]
    Scheme,
    /// Not `https` where it must be.
    #[error("the URL's scheme must be `https`")]
    NotEncrypted,
    /// The address of the host is not public.
    #[error("`{0}` has no public address")]
    Address(String),
}

impl Policy {
    /// Checks what can be known of a URL before its host is resolved: scheme, literal address.
    pub fn check_url(self, url: &str, encrypted_only: bool) -> Result<Url, Refused> {
        let url = Url::parse(url).map_err(|_| Refused::NotAUrl)?;
        match url.scheme() {
            "http" if encrypted_only && !self.allow_private => return Err(Refused::NotEncrypted),
            "https" | "http" => {}
            _ => return Err(Refused::Scheme),
        }
        // The URL parser has already turned `127.1`, `0x7f.0.0.1` and the like into dotted form.
        let host = url.host_str().ok_or(Refused::NotAUrl)?;
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) if !self.allows(address) => Err(Refused::Address(host.to_owned())),
            Ok(_) | Err(_) => Ok(url),
        }
    }
}

/// Whether an address belongs to the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Special-purpose IPv4 networks (IANA registry, RFC 6890 and its updates) as (base, prefix).
const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),            // "this network", unspecified
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // carrier-grade NAT; a cloud's metadata
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // a cloud's host agent, on a public address
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local; metadata of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments; a cloud's metadata
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // 6to4 relays, withdrawn
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 3),      // multicast, reserved, broadcast
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|&(base, prefix)| {
        let mask = u32::MAX << (32 - prefix);
        address.to_bits() & mask == base.to_bits()
    })
}

/// Special-purpose networks inside 2000::/3, the only global unicast space of IPv6.
const SPECIAL_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: wraps any IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// The prefix under which NAT64 shows IPv4 addresses.
const NAT64: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);

fn within_v6(address: Ipv6Addr, base: Ipv6Addr, prefix: u32) -> bool {
    let mask = u128::MAX << (128 - prefix);
    address.to_bits() & mask == base.to_bits()
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    if within_v6(address, NAT64, 96) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let global_unicast = Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0);
    within_v6(address, global_unicast, 3)
        && !SPECIAL_V6
            .iter()
            .any(|&(base, prefix)| within_v6(address, base, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
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
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_public() {
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.1",
            "118.129.210.166",
            "172.15.255.255",
            "172.32.0.1",
            "192.167.1.1",
            "223.255.255.255",
            "2001:4860::8888",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn literal_addresses_in_any_spelling_are_judged() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "127.0.0.1.",
            "0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[fd00::1]",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
        ] {
            let refused = Policy::STRICT.check_url(&format!("http://{host}:8080/hook"), false);
            assert!(
                matches!(refused, Err(Refused::Address(_))),
                "{host}: {refused:?}"
            );
            let allowed = Policy::SANDBOX.check_url(&format!("http://{host}:8080/hook"), true);
            assert!(allowed.is_ok(), "{host}: {allowed:?}");
        }
    }

    #[test]
    fn schemes_are_judged() {
        let strict = Policy::STRICT;
        assert!(strict.check_url("http://shop.example/hook", false).is_ok());
        assert_eq!(
            strict.check_url("http://pg.example/pay", true).unwrap_err(),
            Refused::NotEncrypted
        );
        assert!(strict.check_url("https://pg.example/pay", true).is_ok());
        for url in [
            "ftp://shop.example/",
            "file:///etc/passwd",
            "data:text/plain,x",
        ] {
            assert_eq!(
                strict.check_url(url, false).unwrap_err(),
                Refused::Scheme,
                "{url}"
            );
        }
        assert_eq!(
            strict.check_url("shop.example", false).unwrap_err(),
            Refused::NotAUrl
        );
    }
}
