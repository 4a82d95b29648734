//! ICMP messages of a script: errors about the connection's packets.

use super::flow::Flow;
use super::host::Variant;
use super::script::{About, IcmpMessage};
use crate::base::Seq;
use crate::packet::icmp::{Carried, Error, Icmp, Quoted};
use std::rc::Rc;

/// Name, type, and the code if one must be named.
const V4: &[(&str, u8)] = &[
    ("unreachable", 3),
    ("source_quench", 4),
    ("time_exceeded", 11),
    ("parameter_problem", 12),
];
const V6: &[(&str, u8)] = &[
    ("unreachable", 1),
    ("packet_too_big", 2),
    ("time_exceeded", 3),
    ("parameter_problem", 4),
];
/// Codes of "unreachable" (RFC 792, RFC 1812 §5.2.7.1), in order.
const V4_CODES: [&str; 16] = [
    "net_unreachable",
    "host_unreachable",
    "protocol_unreachable",
    "port_unreachable",
    "frag_needed",
    "source_route_failed",
    "net_unknown",
    "host_unknown",
    "source_host_isolated",
    "net_prohibited",
    "host_prohibited",
    "net_unreachable_for_tos",
    "host_unreachable_for_tos",
    "packet_filtered",
    "precedence_violation",
    "precedence_cutoff",
];
/// RFC 4443 §3.1, §3.3, §3.4.
const V6_CODES: &[(&str, u8)] = &[
    ("net_unreachable", 0),
    ("no_route", 0),
    ("admin_prohibited", 1),
    ("not_neighbour", 2),
    ("address_unreachable", 3),
    ("port_unreachable", 4),
    ("exceeded_hop_limit", 0),
    ("exceeded_frag_time", 1),
    ("header_field", 0),
    ("unknown_next_header", 1),
    ("unknown_option", 2),
];

fn number(table: &[(&str, u8)], name: &str) -> Option<u8> {
    table.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
}

/// Type and code of a message. An error names what is not supported.
pub(super) fn kind(
    message: &IcmpMessage,
    variant: Variant,
    defines: &[(String, String)],
) -> Result<(u8, u8), String> {
    let six = variant == Variant::Ipv6;
    let unknown = |name: &str| format!("the ICMP message {name}");
    let ty = number(if six { V6 } else { V4 }, &message.ty).ok_or_else(|| unknown(&message.ty))?;
    let Some(name) = &message.code else {
        return Ok((ty, 0));
    };
    let defined = defines.iter().find(|(symbol, _)| symbol == name);
    let name = defined.map_or(name.as_str(), |(_, value)| value.as_str());
    let code = match six {
        true => number(V6_CODES, name),
        false => V4_CODES.iter().position(|n| *n == name).map(|n| n as u8),
    };
    Ok((ty, code.ok_or_else(|| unknown(name))?))
}

/// The message as the peer of a connection sends it.
pub(super) fn to_live(message: &IcmpMessage, (ty, code): (u8, u8), flow: &Flow) -> Icmp {
    let carried = match message.about {
        About::Tcp(seq) => Carried::Tcp(Seq(seq.wrapping_add(flow.live_isn))),
        About::Udp(len) => Carried::Udp(Rc::from(vec![0; usize::from(len)])),
    };
    Icmp::Error(Error {
        ty,
        code,
        mtu: message.mtu,
        about: Quoted {
            from: flow.local,
            to: flow.remote,
            carried,
        },
        written: None,
    })
}
