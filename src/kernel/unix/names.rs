//! Names: paths, abstract names, names that the kernel chooses.
//!
//! A host has a file system of two directories that hold nothing but sockets: the one that programs run in, and
//! `/tmp`. Both are writable for everyone and sticky. What lies elsewhere is not modelled.

use crate::abi::constants::AF_UNIX;
use crate::abi::{Errno, NotModelled, Reply, UserIn};
use crate::base::{ChoiceKind, Pid, SockId, SortedMap};
use crate::kernel::Kernel;
use crate::kernel::cx::Cx;
use crate::kernel::event::EventKind;
use crate::kernel::rule::Rule;
use crate::kernel::syscall::{Answer, Stop};
use crate::kernel::unix::{Kind, Unix};
use std::rc::Rc;

/// Size of `struct sockaddr_un`.
const SOCKADDR_UN_LEN: usize = 110;
/// The family field, before `sun_path`.
const FAMILY_LEN: usize = 2;
/// So many names can be chosen: five hexadecimal digits.
const CHOSEN_NAMES: u32 = 1 << 20;
/// NAME_MAX.
const NAME_MAX: usize = 255;
/// What lies elsewhere.
const ELSEWHERE: NotModelled = NotModelled::Protocol {
    what: "a path outside the current directory and /tmp",
};
/// PATH_MAX, with the NUL.
const PATH_MAX: usize = 4_096;

/// A node of the file system that bind(2) made. It stays when the socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The socket that was bound to it.
    pub sock: SockId,
    /// It belongs to root.
    pub root: bool,
}

/// The nodes by where they are: `name` in the current directory, `/tmp/name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    nodes: Rc<SortedMap<Vec<u8>, Node>>,
}

/// Where a path leads (`kern_path()`).
enum Place {
    /// To a directory; ordinary users may write to all but the root.
    Directory { root: bool },
    /// To a name in a directory, perhaps with a slash behind it.
    Name { key: Vec<u8>, slash: bool },
}

impl Nodes {
    /// The nodes, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Node)> {
        self.nodes
            .iter()
            .map(|(path, node)| (path.as_slice(), node))
    }

    /// Follows a path, which holds no NUL. ENOENT, ENOTDIR, ENAMETOOLONG on the way.
    fn walk(&self, path: &[u8]) -> Result<Place, Stop> {
        #[derive(Clone, Copy, PartialEq)]
        enum Dir {
            Root,
            Tmp,
            Current,
        }
        if path.is_empty() {
            return Err(Errno::ENOENT.into());
        }
        if path.len() >= PATH_MAX {
            return Err(Errno::ENAMETOOLONG.into());
        }
        let elsewhere = || Stop::from(ELSEWHERE);
        let mut dir = if path[0] == b'/' {
            Dir::Root
        } else {
            Dir::Current
        };
        let mut parts = path.split(|b| *b == b'/').filter(|p| !p.is_empty());
        let mut next = parts.next();
        while let Some(part) = next {
            next = parts.next();
            match (dir, part) {
                (_, b".") => {}
                (Dir::Root | Dir::Tmp, b"..") => dir = Dir::Root,
                // Every directory has one above it; what that holds is another question.
                (Dir::Current, b"..") if next.is_none() => {
                    return Ok(Place::Directory { root: false });
                }
                (Dir::Current, b"..") => return Err(elsewhere()),
                (Dir::Root, b"tmp") => dir = Dir::Tmp,
                (_, name) if name.len() > NAME_MAX => return Err(Errno::ENAMETOOLONG.into()),
                (Dir::Root, _) => return Err(elsewhere()),
                (Dir::Tmp | Dir::Current, name) => {
                    let before: &[u8] = if dir == Dir::Tmp { b"/tmp/" } else { b"" };
                    let key = [before, name].concat();
                    if next.is_none() {
                        let slash = path.ends_with(b"/");
                        return Ok(Place::Name { key, slash });
                    }
                    let errno = match self.nodes.get(&key) {
                        Some(_) => Errno::ENOTDIR,
                        None => Errno::ENOENT,
                    };
                    return Err(errno.into());
                }
            }
        }
        Ok(Place::Directory {
            root: dir == Dir::Root,
        })
    }
}

/// `unix_validate_addr()`: `sun_path` of an address, or EINVAL.
pub(super) fn path_of(addr: &[u8]) -> Result<&[u8], Errno> {
    let family = (AF_UNIX as u16).to_le_bytes();
    if addr.len() <= FAMILY_LEN || addr.len() > SOCKADDR_UN_LEN || addr[..FAMILY_LEN] != family {
        return Err(Errno::EINVAL);
    }
    Ok(&addr[FAMILY_LEN..])
}

/// A path ends at its first NUL, or where the address ends (`unix_mkname_bsd()`).
fn until_nul(path: &[u8]) -> &[u8] {
    let end = path.iter().position(|b| *b == 0);
    &path[..end.unwrap_or(path.len())]
}

/// The bytes of a `struct sockaddr_un`; an unnamed socket has nothing but the family.
pub(crate) fn encode(name: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = (AF_UNIX as u16).to_le_bytes().to_vec();
    bytes.extend_from_slice(name.unwrap_or_default());
    bytes
}

impl Kernel {
    /// The file system's nodes.
    pub fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// bind(2): `unix_bind()`. With the family alone the kernel chooses a name.
    pub(crate) fn unix_bind(&mut self, cx: &mut Cx, pid: Pid, sock: SockId, addr: &[u8]) -> Answer {
        if addr == encode(None) {
            return self.autobind(cx, sock);
        }
        let path = path_of(addr)?;
        if path[0] != 0 {
            return self.bind_path(cx, pid, sock, until_nul(path));
        }
        let unix = self.unix(sock).ok_or(Errno::EBADF)?;
        if unix.name.is_some() {
            return Err(Errno::EINVAL.into());
        }
        if let Some(with) = self.find_abstract(unix.kind, path) {
            return self.name_taken(cx, sock, Some(with), Rule::AbstractTaken);
        }
        self.set_name(cx, sock, path.to_vec(), Rule::AskedFor);
        Ok(Reply::ok(0))
    }

    fn name_taken(
        &mut self,
        cx: &mut Cx,
        sock: SockId,
        with: Option<SockId>,
        because: Rule,
    ) -> Answer {
        cx.emit(EventKind::NameTaken {
            sock,
            with,
            because,
        });
        Err(Errno::EADDRINUSE.into())
    }

    /// `unix_bind_bsd()`: the node is made before the socket is asked whether it has a name already.
    fn bind_path(&mut self, cx: &mut Cx, pid: Pid, sock: SockId, path: &[u8]) -> Answer {
        let key = match self.nodes.walk(path)? {
            Place::Directory { .. } => return self.name_taken(cx, sock, None, Rule::NodeExists),
            Place::Name { key, slash } => match self.nodes.nodes.get(&key) {
                Some(node) => {
                    let with = Some(node.sock);
                    return self.name_taken(cx, sock, with, Rule::NodeExists);
                }
                // Only mkdir(2) makes what a slash follows.
                None if slash => return Err(Errno::ENOENT.into()),
                None => key,
            },
        };
        let named = self.unix(sock).is_none_or(|unix| unix.name.is_some());
        if named {
            return Err(Errno::EINVAL.into());
        }
        let root = self.cred_of(pid).root;
        Rc::make_mut(&mut self.nodes.nodes).insert(key, Node { sock, root });
        self.set_name(cx, sock, [path, &[0]].concat(), Rule::AskedFor);
        Ok(Reply::ok(0))
    }

    /// `unix_autobind()`: five hexadecimal digits, the first that are free from a random place on.
    fn autobind(&mut self, cx: &mut Cx, sock: SockId) -> Answer {
        let unix = self.unix(sock).ok_or(Errno::EBADF)?;
        if unix.name.is_some() {
            return Ok(Reply::ok(0));
        }
        let kind = unix.kind;
        let last = cx.choose(ChoiceKind::UnixName, CHOSEN_NAMES);
        for n in 1..=CHOSEN_NAMES {
            let number = (last + n) % CHOSEN_NAMES;
            let mut name = vec![0];
            for shift in [16, 12, 8, 4, 0] {
                let digit = char::from_digit(number >> shift & 0xf, 16);
                name.push(digit.unwrap_or('0') as u8);
            }
            if self.find_abstract(kind, &name).is_none() {
                self.set_name(cx, sock, name, Rule::Autobind);
                return Ok(Reply::ok(0));
            }
        }
        Err(Errno::ENOSPC.into())
    }

    /// What the socket has sent already has its name, too, from now on.
    fn set_name(&mut self, cx: &mut Cx, sock: SockId, name: Vec<u8>, because: Rule) {
        for id in self.sockets.ids() {
            let sent = |u: &Unix| u.queue.iter().any(|m| m.from == sock);
            if self.unix(id).is_some_and(sent)
                && let Some(unix) = self.unix_mut(id)
            {
                let sent = unix.queue.iter_mut().filter(|m| m.from == sock);
                sent.for_each(|m| m.name = Some(name.clone()));
            }
        }
        if let Some(unix) = self.unix_mut(sock) {
            unix.name = Some(name);
        }
        cx.emit(EventKind::NameBound { sock, because });
    }

    /// An abstract name is one only among the sockets of its type. An accepted connection has its listener's name
    /// and cannot be found by it.
    fn find_abstract(&self, kind: Kind, name: &[u8]) -> Option<SockId> {
        let has_it = |u: &Unix| u.kind == kind && u.name.as_deref() == Some(name) && !u.accepted;
        let mut sockets = self.sockets.iter();
        sockets.find_map(|(id, s)| has_it(s.unix()?).then_some(id))
    }

    /// `unix_find_other()`: the socket of that name and type.
    pub(super) fn find_unix(&self, pid: Pid, kind: Kind, path: &[u8]) -> Result<SockId, Stop> {
        if path[0] == 0 {
            return Ok(self.find_abstract(kind, path).ok_or(Errno::ECONNREFUSED)?);
        }
        let cred = self.cred_of(pid);
        let node = match self.nodes.walk(until_nul(path))? {
            Place::Directory { root: true } if !cred.root => return Err(Errno::EACCES.into()),
            Place::Directory { .. } => return Err(Errno::ECONNREFUSED.into()),
            Place::Name { key, slash } => {
                let node = *self.nodes.nodes.get(&key).ok_or(Errno::ENOENT)?;
                if slash {
                    return Err(Errno::ENOTDIR.into());
                }
                node
            }
        };
        // The node's mode is 0755: others may not write.
        if node.root && !cred.root {
            return Err(Errno::EACCES.into());
        }
        let unix = self.unix(node.sock).ok_or(Errno::ECONNREFUSED)?;
        if unix.kind != kind {
            return Err(Errno::EPROTOTYPE.into());
        }
        Ok(node.sock)
    }

    /// unlink(2): `do_unlinkat()`. The socket that was bound to the node keeps its name.
    pub(crate) fn sys_unlink(&mut self, cx: &mut Cx, pid: Pid, pathname: &UserIn) -> Answer {
        let UserIn::Bytes(bytes) = pathname else {
            return Err(Errno::EFAULT.into());
        };
        let Some(end) = bytes.iter().position(|b| *b == 0) else {
            let errno = if bytes.len() >= PATH_MAX {
                Errno::ENAMETOOLONG
            } else {
                Errno::EFAULT
            };
            return Err(errno.into());
        };
        let path = &bytes[..end];
        let key = match self.nodes.walk(path)? {
            // A directory by its name is the business of the one above it, which belongs to root.
            Place::Directory { .. } if !path.ends_with(b"/") && !path.ends_with(b".") => {
                return Err(ELSEWHERE.into());
            }
            Place::Directory { .. } => return Err(Errno::EISDIR.into()),
            Place::Name { key, slash } => {
                if slash {
                    let there = self.nodes.nodes.contains_key(&key);
                    let errno = if there { Errno::ENOTDIR } else { Errno::ENOENT };
                    return Err(errno.into());
                }
                key
            }
        };
        let node = *self.nodes.nodes.get(&key).ok_or(Errno::ENOENT)?;
        // The directory is sticky: check_sticky().
        if node.root && !self.cred_of(pid).root {
            return Err(Errno::EPERM.into());
        }
        Rc::make_mut(&mut self.nodes.nodes).remove(&key);
        let sock = node.sock;
        cx.emit(EventKind::NodeRemoved { sock });
        Ok(Reply::ok(0))
    }

    /// getsockname(2), getpeername(2): `unix_getname()`.
    pub(crate) fn unix_name(&self, unix: &Unix, peer: bool) -> Result<Vec<u8>, Errno> {
        if !peer {
            return Ok(encode(unix.name.as_deref()));
        }
        let of = unix.peer.ok_or(Errno::ENOTCONN)?;
        Ok(encode(match self.unix(of) {
            Some(peer) => peer.name.as_deref(),
            None => unix.peer_name.as_deref(),
        }))
    }
}
