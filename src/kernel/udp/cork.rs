//! Datagrams that are held back until more has come: MSG_MORE and UDP_CORK (`udp_sendmsg()`, `ip_append_data()`,
//! `udp_push_pending_frames()`).

use super::calls::longest;
use super::{Held, Way};
use crate::abi::Inet;
use crate::abi::{Errno, Reply};
use crate::base::SockId;
use crate::kernel::event::EventKind;
use crate::kernel::option::Opt;
use crate::kernel::rule::Rule;
use crate::kernel::syscall::Answer;
use crate::kernel::syscall::message::Message;
use crate::kernel::{Cx, Kernel};
use crate::packet::{Body, Datagram};

impl Kernel {
    /// A datagram leaves.
    pub(super) fn udp_transmit(&mut self, cx: &mut Cx, sock: SockId, way: Way, data: Vec<u8>) {
        let Some(socket) = self.sockets.get(sock) else {
            return;
        };
        let ttl = socket.options.is_set(Opt::Ttl);
        let ttl = ttl.unwrap_or(self.sysctl.ip_default_ttl.into());
        let datagram = Datagram {
            src_port: socket.local.port_number(),
            dst_port: way.to.port_number(),
            ttl: ttl as u8,
            payload: data.into(),
        };
        let addresses = (way.source, way.to.address());
        let body = Body::Udp(datagram);
        cx.transmit_body(Some(sock), addresses, body, Rule::DatagramSent);
    }

    /// Begins a datagram that more will join; where it goes is settled now.
    pub(super) fn udp_hold(&mut self, cx: &mut Cx, sock: SockId, way: Way, data: Vec<u8>) {
        let len = data.len() as u32;
        if let Some(udp) = self.sockets.get_mut(sock).and_then(|s| s.udp_mut()) {
            udp.held = Some(Box::new(Held { way, data }));
            let queued = len;
            cx.emit(EventKind::DatagramHeld { sock, len, queued });
        }
    }

    /// `do_append_data`: what a call sends joins the datagram that is held back, and without `more` the whole leaves. A
    /// call that fails takes the datagram with it.
    pub(super) fn udp_append(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        message: Message,
        more: bool,
    ) -> Answer {
        let udp = self.sockets.get_mut(sock).and_then(|s| s.udp_mut());
        let held = udp.and_then(|udp| udp.held.take());
        let mut held = held.ok_or(Errno::EBADF)?;
        let before = held.data.len() as u32;
        let long = u64::from(before) + message.len > longest(held.way.to);
        if long || message.fault {
            let (len, queued) = (before, 0);
            cx.emit(EventKind::DatagramHeld { sock, len, queued });
            cx.memory_is_back(sock);
            if !long {
                return Err(Errno::EFAULT.into());
            }
            self.udp_too_long(cx, sock, held.way.to);
            return Err(Errno::EMSGSIZE.into());
        }
        held.data.extend(message.data);
        let (len, queued) = (message.len as u32, held.data.len() as u32);
        cx.emit(EventKind::DatagramHeld { sock, len, queued });
        if let Some(udp) = self.sockets.get_mut(sock).and_then(|s| s.udp_mut()) {
            udp.held = Some(held);
        }
        if !more {
            self.udp_push(cx, sock);
        }
        Ok(Reply::ok(message.len))
    }

    /// `udp_push_pending_frames()`: what is held back leaves.
    pub(crate) fn udp_push(&mut self, cx: &mut Cx, sock: SockId) {
        let udp = self.sockets.get_mut(sock).and_then(|s| s.udp_mut());
        if let Some(held) = udp.and_then(|udp| udp.held.take()) {
            self.udp_transmit(cx, sock, held.way, held.data);
        }
    }
}
