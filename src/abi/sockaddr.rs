//! Socket addresses, byte for byte as Linux lays them out on x86-64.

use crate::abi::constants::{AF_INET, AF_INET6, AF_UNSPEC};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// Size of `struct sockaddr_in`.
pub const SOCKADDR_IN_LEN: usize = 16;
/// Size of `struct sockaddr_in6`.
pub const SOCKADDR_IN6_LEN: usize = 28;
/// The shortest `struct sockaddr_in6` that Linux takes: without `sin6_scope_id` (RFC 2133).
pub const SOCKADDR_IN6_LEN_RFC2133: usize = 24;
/// Size of `struct sockaddr_storage`: the kernel takes no longer address.
pub const SOCKADDR_STORAGE_LEN: usize = 128;

/// A socket address as the kernel reads it from a program.
///
/// ```
/// use sockscope::abi::SockAddr;
/// let bytes = [2, 0, 0x30, 0x39, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
/// let SockAddr::Inet(addr) = SockAddr::decode(&bytes) else { panic!() };
/// assert_eq!(addr.to_string(), "127.0.0.1:12345"); // 0x3039, in network byte order
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SockAddr {
    /// AF_INET or AF_INET6.
    Inet(SocketAddr),
    /// AF_UNSPEC: disconnects where that means something.
    Unspec,
    /// Shorter than its family says.
    TooShort {
        /// The family field.
        family: u16,
    },
    /// Another family.
    Other {
        /// The family field.
        family: u16,
    },
}

/// The parts of an address. The library's own are inlined, and at each place look at both families.
pub(crate) trait Inet {
    /// Without the port.
    fn address(&self) -> IpAddr;
    /// The port.
    fn port_number(&self) -> u16;
}

impl Inet for SocketAddr {
    #[inline(never)]
    fn address(&self) -> IpAddr {
        self.ip()
    }

    #[inline(never)]
    fn port_number(&self) -> u16 {
        self.port()
    }
}

impl SockAddr {
    /// Reads an address. Fewer than two bytes have no family: they count as AF_UNSPEC, too short.
    pub fn decode(bytes: &[u8]) -> SockAddr {
        let Some(family) = bytes.first_chunk::<2>() else {
            return SockAddr::TooShort {
                family: AF_UNSPEC as u16,
            };
        };
        let family = u16::from_le_bytes(*family);
        match i32::from(family) {
            AF_UNSPEC => SockAddr::Unspec,
            AF_INET => match bytes.first_chunk::<SOCKADDR_IN_LEN>() {
                Some(b) => {
                    let ip = Ipv4Addr::new(b[4], b[5], b[6], b[7]);
                    let port = u16::from_be_bytes([b[2], b[3]]);
                    SockAddr::Inet(SocketAddr::V4(SocketAddrV4::new(ip, port)))
                }
                None => SockAddr::TooShort { family },
            },
            AF_INET6 => match bytes.first_chunk::<SOCKADDR_IN6_LEN_RFC2133>() {
                Some(b) => {
                    let port = u16::from_be_bytes([b[2], b[3]]);
                    let flow = u32::from_be_bytes([b[4], b[5], b[6], b[7]]);
                    let mut ip = [0; 16];
                    ip.copy_from_slice(&b[8..24]);
                    let scope = bytes
                        .get(24..28)
                        .map_or(0, |s| u32::from_le_bytes([s[0], s[1], s[2], s[3]]));
                    let ip = Ipv6Addr::from(ip);
                    SockAddr::Inet(SocketAddr::V6(SocketAddrV6::new(ip, port, flow, scope)))
                }
                None => SockAddr::TooShort { family },
            },
            _ => SockAddr::Other { family },
        }
    }
}

/// The bytes of `struct sockaddr_in` or `struct sockaddr_in6`, padding zero.
pub fn encode(addr: SocketAddr) -> Vec<u8> {
    match addr {
        SocketAddr::V4(a) => {
            let mut b = [0; SOCKADDR_IN_LEN];
            b[..2].copy_from_slice(&(AF_INET as u16).to_le_bytes());
            b[2..4].copy_from_slice(&a.port().to_be_bytes());
            b[4..8].copy_from_slice(&a.ip().octets());
            b.to_vec()
        }
        SocketAddr::V6(a) => {
            let mut b = [0; SOCKADDR_IN6_LEN];
            b[..2].copy_from_slice(&(AF_INET6 as u16).to_le_bytes());
            b[2..4].copy_from_slice(&a.port().to_be_bytes());
            b[4..8].copy_from_slice(&a.flowinfo().to_be_bytes());
            b[8..24].copy_from_slice(&a.ip().octets());
            b[24..28].copy_from_slice(&a.scope_id().to_le_bytes());
            b.to_vec()
        }
    }
}

/// An IPv4 address as the IPv6 address that a dual-stack socket shows for it (RFC 4291 §2.5.5.2).
#[inline(never)]
pub fn to_mapped(addr: SocketAddr) -> SocketAddr {
    match addr {
        SocketAddr::V4(a) => SocketAddr::new(IpAddr::V6(a.ip().to_ipv6_mapped()), a.port()),
        SocketAddr::V6(_) => addr,
    }
}

/// The IPv4 address inside a v4-mapped one; any other address unchanged.
pub fn from_mapped(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(addr.ip().to_canonical(), addr.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encode_and_decode_are_inverse() {
        for text in ["127.0.0.1:80", "0.0.0.0:0", "[::1]:65535", "[fe80::1%3]:9"] {
            let addr: SocketAddr = text.parse().unwrap();
            assert_eq!(
                SockAddr::decode(&encode(addr)),
                SockAddr::Inet(addr),
                "{text}"
            );
        }
    }

    #[test]
    fn sockaddr_in6_without_scope_id_is_taken() {
        let bytes = encode("[::1]:7".parse().unwrap());
        assert!(matches!(SockAddr::decode(&bytes[..24]), SockAddr::Inet(_)));
        assert_eq!(
            SockAddr::decode(&bytes[..23]),
            SockAddr::TooShort { family: 10 }
        );
    }
}
