//! Which addresses are a public server's, and which are not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not a public server's. The blocks are those of IANA's two registries of
/// special-purpose addresses (RFC 6890 and its successors), and IPv6 outside of global unicast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpecialUse {
    /// This host or this network: `0.0.0.0/8`, `::`.
    Unspecified,
    /// `127.0.0.0/8`, `::1`.
    Loopback,
    /// RFC 1918, and unique local addresses (`fc00::/7`).
    Private,
    /// Behind a carrier's NAT: `100.64.0.0/10`.
    Shared,
    /// `169.254.0.0/16` with the clouds' metadata services, `fe80::/10`, and the site-local `fec0::/10`.
    LinkLocal,
    /// `224.0.0.0/4`, `ff00::/8`.
    Multicast,
    /// Every host of this network: `255.255.255.255`.
    Broadcast,
    /// Documentation and benchmarks: no server can be there.
    Documentation,
    /// An IPv4 address in IPv6 clothes, which would pass for another: mapped, compatible, translated locally, 6to4, Teredo.
    Embedded,
    /// Reserved, or not handed out as global unicast.
    Reserved,
}

impl SpecialUse {
    /// A stable name, as errors carry it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::LinkLocal => "link-local",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Documentation => "documentation",
            Self::Embedded => "embedded-ipv4",
            Self::Reserved => "reserved",
        }
    }
}

/// What speaks against `address` as a public server's; `None` if nothing does.
///
/// ```
/// use layerscope_gateway::{SpecialUse, special_use};
///
/// assert_eq!(special_use([1, 1, 1, 1].into()), None);
/// assert_eq!(special_use([169, 254, 169, 254].into()), Some(SpecialUse::LinkLocal));
/// ```
pub fn special_use(address: IpAddr) -> Option<SpecialUse> {
    match address {
        IpAddr::V4(address) => special_use_v4(address),
        IpAddr::V6(address) => special_use_v6(address),
    }
}

/// A block of addresses: the first one, the length of the prefix, the use.
type Block<A> = (A, u32, SpecialUse);

/// The first block that holds an address says what it is.
const V4: [Block<Ipv4Addr>; 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, SpecialUse::Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, SpecialUse::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, SpecialUse::Shared),
    (Ipv4Addr::new(127, 0, 0, 0), 8, SpecialUse::Loopback),
    (Ipv4Addr::new(169, 254, 0, 0), 16, SpecialUse::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, SpecialUse::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, SpecialUse::Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, SpecialUse::Documentation),
    (Ipv4Addr::new(192, 88, 99, 0), 24, SpecialUse::Reserved),
    (Ipv4Addr::new(192, 168, 0, 0), 16, SpecialUse::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, SpecialUse::Documentation),
    (
        Ipv4Addr::new(198, 51, 100, 0),
        24,
        SpecialUse::Documentation,
    ),
    (Ipv4Addr::new(203, 0, 113, 0), 24, SpecialUse::Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, SpecialUse::Multicast),
    (Ipv4Addr::BROADCAST, 32, SpecialUse::Broadcast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, SpecialUse::Reserved),
];

const V6: [Block<Ipv6Addr>; 15] = [
    (Ipv6Addr::UNSPECIFIED, 128, SpecialUse::Unspecified),
    (Ipv6Addr::LOCALHOST, 128, SpecialUse::Loopback),
    (block(0, 0, 0, 0, 0, 0xffff), 96, SpecialUse::Embedded),
    (block(0, 0, 0, 0, 0xffff, 0), 96, SpecialUse::Embedded),
    (block(0, 0, 0, 0, 0, 0), 96, SpecialUse::Embedded),
    (block(0x64, 0xff9b, 1, 0, 0, 0), 48, SpecialUse::Embedded),
    (
        block(0x2001, 0xdb8, 0, 0, 0, 0),
        32,
        SpecialUse::Documentation,
    ),
    (block(0x2001, 0, 0, 0, 0, 0), 32, SpecialUse::Embedded),
    (block(0x2001, 0, 0, 0, 0, 0), 23, SpecialUse::Reserved),
    (block(0x2002, 0, 0, 0, 0, 0), 16, SpecialUse::Embedded),
    (block(0x3fff, 0, 0, 0, 0, 0), 20, SpecialUse::Documentation),
    (block(0xfc00, 0, 0, 0, 0, 0), 7, SpecialUse::Private),
    (block(0xfe80, 0, 0, 0, 0, 0), 10, SpecialUse::LinkLocal),
    (block(0xfec0, 0, 0, 0, 0, 0), 10, SpecialUse::LinkLocal),
    (block(0xff00, 0, 0, 0, 0, 0), 8, SpecialUse::Multicast),
];

/// The well-known prefix of NAT64 (RFC 6052): networks without IPv4 reach every IPv4 server through it.
const NAT64: Ipv6Addr = block(0x64, 0xff9b, 0, 0, 0, 0);

const fn block(a: u16, b: u16, c: u16, d: u16, e: u16, f: u16) -> Ipv6Addr {
    Ipv6Addr::new(a, b, c, d, e, f, 0, 0)
}

fn special_use_v4(address: Ipv4Addr) -> Option<SpecialUse> {
    let bits = u32::from(address);
    V4.iter()
        .find(|(first, length, _)| (bits ^ u32::from(*first)).leading_zeros() >= *length)
        .map(|(_, _, special)| *special)
}

fn special_use_v6(address: Ipv6Addr) -> Option<SpecialUse> {
    let bits = u128::from(address);
    let within =
        |first: Ipv6Addr, length: u32| (bits ^ u128::from(first)).leading_zeros() >= length;
    if within(NAT64, 96) {
        let [.., a, b, c, d] = address.octets();
        return special_use_v4(Ipv4Addr::new(a, b, c, d));
    }
    if let Some((_, _, special)) = V6.iter().find(|(first, length, _)| within(*first, *length)) {
        return Some(*special);
    }
    // Global unicast is 2000::/3; what IANA has not handed out is nobody's server.
    (!within(block(0x2000, 0, 0, 0, 0, 0), 3)).then_some(SpecialUse::Reserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ends of each block, and the public addresses just outside of it.
    const TABLE: &[(&str, Option<SpecialUse>)] = &[
        ("0.0.0.0", Some(SpecialUse::Unspecified)),
        ("0.255.255.255", Some(SpecialUse::Unspecified)),
        ("1.0.0.0", None),
        ("9.255.255.255", None),
        ("10.0.0.0", Some(SpecialUse::Private)),
        ("10.255.255.255", Some(SpecialUse::Private)),
        ("11.0.0.0", None),
        ("100.63.255.255", None),
        ("100.64.0.0", Some(SpecialUse::Shared)),
        ("100.127.255.255", Some(SpecialUse::Shared)),
        ("100.128.0.0", None),
        ("126.255.255.255", None),
        ("127.0.0.1", Some(SpecialUse::Loopback)),
        ("127.255.255.255", Some(SpecialUse::Loopback)),
        ("128.0.0.0", None),
        ("169.253.255.255", None),
        ("169.254.0.0", Some(SpecialUse::LinkLocal)),
        ("169.254.169.254", Some(SpecialUse::LinkLocal)),
        ("169.254.255.255", Some(SpecialUse::LinkLocal)),
        ("169.255.0.0", None),
        ("172.15.255.255", None),
        ("172.16.0.0", Some(SpecialUse::Private)),
        ("172.31.255.255", Some(SpecialUse::Private)),
        ("172.32.0.0", None),
        ("192.0.0.0", Some(SpecialUse::Reserved)),
        ("192.0.0.255", Some(SpecialUse::Reserved)),
        ("192.0.1.0", None),
        ("192.0.2.1", Some(SpecialUse::Documentation)),
        ("192.0.3.0", None),
        ("192.88.99.1", Some(SpecialUse::Reserved)),
        ("192.167.255.255", None),
        ("192.168.0.0", Some(SpecialUse::Private)),
        ("192.168.255.255", Some(SpecialUse::Private)),
        ("192.169.0.0", None),
        ("198.17.255.255", None),
        ("198.18.0.0", Some(SpecialUse::Documentation)),
        ("198.19.255.255", Some(SpecialUse::Documentation)),
        ("198.20.0.0", None),
        ("198.51.100.7", Some(SpecialUse::Documentation)),
        ("203.0.113.7", Some(SpecialUse::Documentation)),
        ("223.255.255.255", None),
        ("224.0.0.0", Some(SpecialUse::Multicast)),
        ("239.255.255.255", Some(SpecialUse::Multicast)),
        ("240.0.0.0", Some(SpecialUse::Reserved)),
        ("255.255.255.254", Some(SpecialUse::Reserved)),
        ("255.255.255.255", Some(SpecialUse::Broadcast)),
        ("::", Some(SpecialUse::Unspecified)),
        ("::1", Some(SpecialUse::Loopback)),
        ("::2", Some(SpecialUse::Embedded)),
        ("::127.0.0.1", Some(SpecialUse::Embedded)),
        ("::ffff:127.0.0.1", Some(SpecialUse::Embedded)),
        ("::ffff:1.1.1.1", Some(SpecialUse::Embedded)),
        ("::ffff:0:10.0.0.1", Some(SpecialUse::Embedded)),
        ("64:ff9b::1.1.1.1", None),
        ("64:ff9b::10.0.0.1", Some(SpecialUse::Private)),
        ("64:ff9b::169.254.169.254", Some(SpecialUse::LinkLocal)),
        ("64:ff9b:0:0:1::1", Some(SpecialUse::Reserved)),
        ("64:ff9b:1::1", Some(SpecialUse::Embedded)),
        ("100::1", Some(SpecialUse::Reserved)),
        ("1fff:ffff::", Some(SpecialUse::Reserved)),
        ("2001::1", Some(SpecialUse::Embedded)),
        ("2001:1::", Some(SpecialUse::Reserved)),
        ("2001:1ff:ffff::", Some(SpecialUse::Reserved)),
        ("2001:200::", None),
        ("2001:db7:ffff::", None),
        ("2001:db8::1", Some(SpecialUse::Documentation)),
        ("2001:db8:ffff:ffff::", Some(SpecialUse::Documentation)),
        ("2001:db9::", None),
        ("2002:7f00:1::", Some(SpecialUse::Embedded)),
        ("2003::", None),
        ("2606:4700:4700::1111", None),
        ("3ffe:ffff::", None),
        ("3fff::1", Some(SpecialUse::Documentation)),
        ("3fff:1000::", None),
        ("4000::", Some(SpecialUse::Reserved)),
        ("5f00::", Some(SpecialUse::Reserved)),
        ("fbff::", Some(SpecialUse::Reserved)),
        ("fc00::", Some(SpecialUse::Private)),
        ("fd00:ec2::254", Some(SpecialUse::Private)),
        ("fdff:ffff::", Some(SpecialUse::Private)),
        ("fe00::", Some(SpecialUse::Reserved)),
        ("fe80::1", Some(SpecialUse::LinkLocal)),
        ("febf::", Some(SpecialUse::LinkLocal)),
        ("fec0::", Some(SpecialUse::LinkLocal)),
        ("ff02::1", Some(SpecialUse::Multicast)),
    ];

    #[test]
    fn every_block_is_known_from_end_to_end() {
        for (address, expected) in TABLE {
            assert_eq!(
                special_use(address.parse().expect(address)),
                *expected,
                "{address}"
            );
        }
    }

    #[test]
    fn what_the_standard_library_calls_local_is_never_public() {
        for first in 0..=255u8 {
            for second in 0..=255u8 {
                for address in [
                    Ipv4Addr::new(first, second, 0, 1),
                    Ipv4Addr::new(first, second, 255, 254),
                ] {
                    let local = address.is_loopback()
                        || address.is_private()
                        || address.is_link_local()
                        || address.is_multicast()
                        || address.is_unspecified();
                    assert!(!local || special_use(address.into()).is_some(), "{address}");
                }
            }
        }
    }
}
