//! Network devices of a stage: each is one end of a veth pair, and nobody answers at the other.

use super::wire::{Unable, retry};
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage,
    NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoVeth, LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::errno::Errno as Sys;
use nix::net::if_::if_nametoindex;
use nix::sys::socket::{
    AddressFamily as Family, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, setsockopt,
    socket, sockopt,
};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};

/// A device besides the loopback device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceConfig {
    /// Its address.
    pub address: Ipv4Addr,
    /// Bits that the addresses on it share.
    pub prefix: u8,
    /// Nobody is asked for who has an address: what is sent to one leaves, and vanishes. Otherwise requests for
    /// neighbours go out, and stay unanswered.
    pub silent: bool,
}

/// Makes the devices `eth0`, `eth1`, … in the calling process's network namespace.
pub(super) fn make(devices: &[DeviceConfig]) -> Result<(), Unable> {
    if devices.is_empty() {
        return Ok(());
    }
    let kernel = open().map_err(Unable::when("asking for devices"))?;
    for (number, device) in devices.iter().enumerate() {
        let names = [format!("eth{number}"), format!("far{number}")];
        let doing = || Unable::when("making a network device (a veth pair)");
        pair(&kernel, &names).map_err(doing())?;
        for name in &names {
            // Only what programs send is to be seen on it: no router solicitations.
            let _ = std::fs::write(format!("/proc/sys/net/ipv6/conf/{name}/disable_ipv6"), "1");
        }
        let [near, far] = names.map(|name| if_nametoindex(&*name));
        let (near, far) = (near.map_err(doing())?, far.map_err(doing())?);
        let none = if device.silent {
            // Without ARP a neighbour needs no answer: its address is the device's own, which the other end does not
            // have, so that it drops what comes.
            LinkFlags::Noarp
        } else {
            LinkFlags::empty()
        };
        up(&kernel, far, LinkFlags::empty()).map_err(doing())?;
        up(&kernel, near, none).map_err(doing())?;
        address(&kernel, near, device).map_err(doing())?;
    }
    Ok(())
}

/// A window to the kernel's network configuration.
fn open() -> nix::Result<OwnedFd> {
    let window = socket(
        Family::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    // The kernel answers at once; this bounds what must not happen.
    setsockopt(&window, sockopt::ReceiveTimeout, &TimeVal::new(5, 0))?;
    Ok(window)
}

fn pair(kernel: &OwnedFd, names: &[String; 2]) -> nix::Result<()> {
    let [near, far] = names;
    let mut peer = LinkMessage::default();
    peer.attributes.push(LinkAttribute::IfName(far.clone()));
    let info = vec![
        LinkInfo::Kind(InfoKind::Veth),
        LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(peer))),
    ];
    let mut link = LinkMessage::default();
    link.attributes.push(LinkAttribute::IfName(near.clone()));
    link.attributes.push(LinkAttribute::LinkInfo(info));
    ask(
        kernel,
        RouteNetlinkMessage::NewLink(link),
        NLM_F_CREATE | NLM_F_EXCL,
    )
}

/// Sets a device up, and these flags.
fn up(kernel: &OwnedFd, index: u32, flags: LinkFlags) -> nix::Result<()> {
    let mut link = LinkMessage::default();
    link.header.index = index;
    link.header.flags = LinkFlags::Up | flags;
    link.header.change_mask = link.header.flags;
    ask(kernel, RouteNetlinkMessage::SetLink(link), 0)
}

fn address(kernel: &OwnedFd, index: u32, device: &DeviceConfig) -> nix::Result<()> {
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.prefix_len = device.prefix;
    message.header.index = index;
    let own = device.address.into();
    message.attributes = vec![AddressAttribute::Local(own), AddressAttribute::Address(own)];
    let message = RouteNetlinkMessage::NewAddress(message);
    ask(kernel, message, NLM_F_CREATE | NLM_F_EXCL)
}

/// Sends one request and hears whether it was done.
fn ask(kernel: &OwnedFd, request: RouteNetlinkMessage, flags: u16) -> nix::Result<()> {
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::from(request));
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    send(kernel.as_raw_fd(), &bytes, MsgFlags::empty())?;
    let mut answer = vec![0; 1 << 13];
    let length = retry(|| recv(kernel.as_raw_fd(), &mut answer, MsgFlags::empty()))?;
    let answer = NetlinkMessage::<RouteNetlinkMessage>::deserialize(&answer[..length]);
    match answer.map_err(|_| Sys::EBADMSG)?.payload {
        NetlinkPayload::Error(error) => match error.code {
            None => Ok(()),
            Some(code) => Err(Sys::from_raw(-code.get())),
        },
        _ => Err(Sys::EBADMSG),
    }
}
