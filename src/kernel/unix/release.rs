//! The end of a socket: `unix_release_sock()`.

use crate::abi::Errno;
use crate::base::SockId;
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::unix::State;

impl Kernel {
    /// No program holds the socket any more: it is gone at once. `unaccepted`: its listener goes first. Its node in
    /// the file system stays.
    pub(crate) fn unix_release(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        because: Rule,
        unaccepted: bool,
    ) {
        let Some(unix) = self.unix(sock) else {
            return;
        };
        // unix_release_sock(): one empty message at the head is not missed.
        let empty = (unix.queue.front()).is_some_and(|first| first.data.len() as u32 == first.read);
        let unread = unix.queue.len() > usize::from(empty);
        let (peer, pairs) = (unix.peer, unix.is_connection_based());
        self.purge(cx, sock, because);
        let Some(unix) = self.unix_mut(sock) else {
            return;
        };
        unix.state = State::Unconnected;
        let waiting = std::mem::take(&mut unix.accept_queue);
        let name = unix.name.take();
        if let Some(peer) = peer.filter(|peer| pairs && *peer != sock)
            && let Some(other) = self.sockets.get_mut(peer)
        {
            other.shut(cx, peer, true, true, Rule::UnixPeerClosed);
            if unread || unaccepted {
                let rule = match unaccepted {
                    true => Rule::NeverAccepted,
                    false => Rule::UnixUnread,
                };
                other.note_error(cx, peer, Errno::ECONNRESET, rule);
            }
        }
        for id in self.sockets.ids() {
            if self.unix(id).is_some_and(|u| u.peer == Some(sock))
                && let Some(unix) = self.unix_mut(id)
            {
                unix.peer_name.clone_from(&name);
            }
        }
        self.sockets.remove(sock);
        cx.effects.collect = true;
        cx.emit(EventKind::SocketDestroyed { sock, because });
        if let Some(peer) = peer {
            self.wake(cx, peer, Rule::UnixPeerClosed);
        }
        // Who waited for room here finds that nobody is there.
        self.wake(cx, sock, because);
        self.tell_senders(cx, sock);
        for child in waiting {
            self.unix_release(cx, child, Rule::NeverAccepted, true);
        }
    }
}
