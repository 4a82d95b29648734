//! System calls of a script as the kernel takes them, and whether the answer is the one expected.

use super::arguments::{CMSG_HEADER, Context, ControlMessage, Made, member};
use super::script::{Call, Expr};
use crate::abi::syscall::nested;
use crate::abi::{Errno, MsgIn, MsgOut, Reply, Syscall, UserIn, UserOut};

/// A call ready to be made.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) syscall: Syscall,
    /// The kernel's descriptor that it is about.
    pub(super) fd: Option<i32>,
    pub(super) check: Check,
}

/// What is compared besides the value returned.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Check {
    /// Nothing.
    Value,
    /// The value is a new descriptor: any will do, and stands for the script's.
    NewFd,
    /// These arguments were written: bytes at each, with a name for the report.
    Written(Vec<(u8, &'static str, Vec<u8>)>),
    /// Control messages were written: level, type, and how the data begins; and `msg_flags`.
    Messages(i32, Vec<ControlMessage>),
    /// Two new descriptors were written, which stand for these.
    Pair(i32, i32),
}

impl Context<'_> {
    /// The call of a script as a system call.
    pub(super) fn prepare(&self, call: &Call) -> Made<Prepared> {
        let a = &call.args;
        let count = |wanted: usize| {
            if a.len() == wanted {
                Ok(())
            } else {
                Err(format!("{}() with {} arguments", call.name, a.len()))
            }
        };
        let mut check = Check::Value;
        let syscall = match call.name.as_str() {
            "socket" => {
                count(3)?;
                check = Check::NewFd;
                Syscall::Socket {
                    domain: match &a[0] {
                        Expr::Ellipsis => self.family,
                        domain => self.int32(domain)?,
                    },
                    ty: self.int32(&a[1])?,
                    protocol: self.int32(&a[2])?,
                }
            }
            "bind" | "connect" => {
                count(3)?;
                let bind = call.name == "bind";
                let default = if bind { self.bind_to } else { self.connect_to };
                let fd = self.fd(&a[0])?;
                let (addr, addrlen) = self.address(&a[1], default)?;
                if bind {
                    Syscall::Bind { fd, addr, addrlen }
                } else {
                    Syscall::Connect { fd, addr, addrlen }
                }
            }
            "listen" => {
                count(2)?;
                Syscall::Listen {
                    fd: self.fd(&a[0])?,
                    backlog: self.int32(&a[1])?,
                }
            }
            "accept" => {
                count(3)?;
                check = Check::NewFd;
                Syscall::Accept {
                    fd: self.fd(&a[0])?,
                    addr: Some(UserOut::Capacity(128)),
                    addrlen: UserIn::Bytes(128_i32.to_le_bytes().to_vec()),
                }
            }
            "read" => {
                count(3)?;
                let count = self.count(&a[2])?;
                Syscall::Read {
                    fd: self.fd(&a[0])?,
                    buf: self.room(&a[1], count),
                    count,
                }
            }
            "write" => {
                count(3)?;
                let count = self.count(&a[2])?;
                Syscall::Write {
                    fd: self.fd(&a[0])?,
                    buf: self.data(&a[1], count),
                    count,
                }
            }
            "recv" | "recvfrom" => {
                count(if call.name == "recv" { 4 } else { 6 })?;
                let len = self.count(&a[2])?;
                Syscall::Recvfrom {
                    fd: self.fd(&a[0])?,
                    buf: self.room(&a[1], len),
                    len,
                    flags: self.int32(&a[3])?,
                    addr: None,
                    addrlen: UserIn::Fault,
                }
            }
            "send" | "sendto" => {
                let to = call.name == "sendto";
                count(if to { 6 } else { 4 })?;
                let len = self.count(&a[2])?;
                let (addr, addrlen) = if to {
                    let (addr, len) = self.address(&a[4], self.connect_to)?;
                    (Some(addr), len)
                } else {
                    (None, 0)
                };
                Syscall::Sendto {
                    fd: self.fd(&a[0])?,
                    buf: self.data(&a[1], len),
                    len,
                    flags: self.int32(&a[3])?,
                    addr,
                    addrlen,
                }
            }
            "readv" | "writev" => {
                count(3)?;
                let (fd, iovcnt) = (self.fd(&a[0])?, self.int32(&a[2])?);
                let lengths = self.iovecs(&a[1])?;
                if call.name == "readv" {
                    let room = lengths.iter().map(|n| (UserOut::Capacity(*n), *n));
                    let iov = Some(room.collect());
                    Syscall::Readv { fd, iov, iovcnt }
                } else {
                    let iov = Some(zeros(&lengths));
                    Syscall::Writev { fd, iov, iovcnt }
                }
            }
            "sendmsg" => {
                count(3)?;
                let Expr::Struct(fields) = &a[1] else {
                    return Err("an argument that is no struct msghdr".to_owned());
                };
                let control = self.control(fields)?;
                let control: Vec<u8> = control.iter().flat_map(ControlMessage::bytes).collect();
                Syscall::Sendmsg {
                    fd: self.fd(&a[0])?,
                    msg: Some(MsgIn {
                        name: None,
                        namelen: 0,
                        iov: Some(zeros(&self.iovecs(member(fields, "msg_iov")?)?)),
                        controllen: control.len() as u64,
                        control: (!control.is_empty()).then_some(UserIn::Bytes(control)),
                    }),
                    flags: self.int32(&a[2])?,
                }
            }
            "recvmsg" => {
                count(3)?;
                let Expr::Struct(fields) = &a[1] else {
                    return Err("an argument that is no struct msghdr".to_owned());
                };
                let lengths = self.iovecs(member(fields, "msg_iov")?)?;
                let flags = self.int32(member(fields, "msg_flags")?)?;
                // packetdrill gives no more room than the messages of the script take; what others need is cut off.
                let control = self.control(fields)?;
                let space = |m: &ControlMessage| (CMSG_HEADER + m.room).next_multiple_of(8);
                let controllen = control.iter().map(space).sum::<usize>() as u64;
                let capacity = (controllen > 0).then_some(UserOut::Capacity(controllen));
                check = Check::Messages(flags, control);
                Syscall::Recvmsg {
                    fd: self.fd(&a[0])?,
                    msg: Some(MsgOut {
                        name: None,
                        namelen: 0,
                        iov: Some(
                            lengths
                                .iter()
                                .map(|n| (UserOut::Capacity(*n), *n))
                                .collect(),
                        ),
                        control: capacity,
                        controllen,
                    }),
                    flags: self.int32(&a[2])?,
                }
            }
            "fcntl" => {
                let arg = match a.len() {
                    2 => 0,
                    3 => self.int(&a[2])? as u64,
                    _ => return Err("fcntl() with other than 2 or 3 arguments".to_owned()),
                };
                Syscall::Fcntl {
                    fd: self.fd(&a[0])?,
                    cmd: self.int32(&a[1])?,
                    arg,
                }
            }
            "ioctl" => {
                let request = self.int(&a[1])? as u64;
                let argp = match a.len() {
                    2 => UserIn::Fault,
                    3 if request == crate::abi::constants::FIONBIO as u64 => {
                        UserIn::Bytes(self.in_brackets(&a[2])?.to_le_bytes().to_vec())
                    }
                    3 => {
                        // What is there before is something else, so that writing it shows.
                        let expected = self.in_brackets(&a[2])?;
                        let expected = expected.to_le_bytes().to_vec();
                        let before = expected.iter().map(|byte| !byte).collect();
                        check = Check::Written(vec![(2, "value", expected)]);
                        UserIn::Bytes(before)
                    }
                    _ => return Err("ioctl() with other than 2 or 3 arguments".to_owned()),
                };
                Syscall::Ioctl {
                    fd: self.fd(&a[0])?,
                    request,
                    argp,
                }
            }
            "close" => {
                count(1)?;
                Syscall::Close {
                    fd: self.fd(&a[0])?,
                }
            }
            "shutdown" => {
                count(2)?;
                Syscall::Shutdown {
                    fd: self.fd(&a[0])?,
                    how: self.int32(&a[1])?,
                }
            }
            "setsockopt" => {
                count(5)?;
                Syscall::Setsockopt {
                    fd: self.fd(&a[0])?,
                    level: self.int32(&a[1])?,
                    optname: self.int32(&a[2])?,
                    optval: UserIn::Bytes(self.option_value(&a[3])?),
                    optlen: self.int32(&a[4])?,
                }
            }
            "getsockopt" => {
                count(5)?;
                let expected = self.option_value(&a[3])?;
                let optlen = self.in_brackets(&a[4])?;
                check = Check::Written(vec![
                    (4, "length", optlen.to_le_bytes().to_vec()),
                    (3, "value", expected),
                ]);
                Syscall::Getsockopt {
                    fd: self.fd(&a[0])?,
                    level: self.int32(&a[1])?,
                    optname: self.int32(&a[2])?,
                    optval: UserOut::Capacity(optlen.max(0) as u64),
                    optlen: UserIn::Bytes(optlen.to_le_bytes().to_vec()),
                }
            }
            "poll" => {
                count(3)?;
                let (given, back) = self.pollfds(&a[0])?;
                check = Check::Written(vec![(0, "pollfd", back)]);
                Syscall::Poll {
                    nfds: (given.len() / 8) as u32,
                    fds: UserIn::Bytes(given),
                    timeout: self.int32(&a[2])?,
                }
            }
            "epoll_create" => {
                count(1)?;
                check = Check::NewFd;
                if self.int(&a[0])? <= 0 {
                    return Err("epoll_create() with a size that is not positive".to_owned());
                }
                Syscall::EpollCreate1 { flags: 0 }
            }
            "epoll_ctl" => {
                count(4)?;
                Syscall::EpollCtl {
                    epfd: self.fd(&a[0])?,
                    op: self.int32(&a[1])?,
                    fd: self.fd(&a[2])?,
                    event: Some(UserIn::Bytes(self.epoll_event(&a[3])?)),
                }
            }
            "epoll_wait" => {
                count(4)?;
                let event = self.epoll_event(&a[1])?;
                let maxevents = self.int32(&a[2])?;
                if self.int(&call.result)? > 0 {
                    check = Check::Written(vec![(1, "epoll_event", event)]);
                }
                Syscall::EpollWait {
                    epfd: self.fd(&a[0])?,
                    events: UserOut::Capacity(12 * maxevents.max(0) as u64),
                    maxevents,
                    timeout: self.int32(&a[3])?,
                }
            }
            "pipe" => {
                count(1)?;
                check = self.pair(&a[0])?;
                Syscall::Pipe {
                    pipefd: UserOut::Capacity(8),
                }
            }
            _ => return self.prepare_more(call),
        };
        let fd = syscall.fd();
        Ok(Prepared { syscall, fd, check })
    }

    /// Compares an answer: `None` if it is as expected, otherwise what was expected and what came.
    pub(super) fn compare(
        &self,
        call: &Call,
        check: &Check,
        reply: &Reply,
    ) -> Made<Option<(String, String)>> {
        let expected = self.int32(&call.result)?;
        let returned = match reply.result {
            Ok(value) => value as i32,
            Err(_) => -1,
        };
        let got = match reply.result {
            Ok(value) => (value as i32).to_string(),
            Err(errno) => format!("-1 {errno}"),
        };
        let wanted = match &call.errno {
            Some(errno) => format!("{expected} {errno}"),
            None => expected.to_string(),
        };
        let any_fd = *check == Check::NewFd && expected >= 0;
        let same = if any_fd {
            returned >= 0
        } else {
            returned == expected
        };
        let same_errno = match &call.errno {
            None => true,
            Some(name) => {
                let known = Errno::ALL.iter().find(|e| e.name() == name);
                let known = known.ok_or_else(|| format!("the error {name}"))?;
                reply.result == Err(*known)
            }
        };
        if !same || !same_errno {
            return Ok(Some((wanted, got)));
        }
        if reply.result.is_err() {
            return Ok(None);
        }
        if let Check::Messages(flags, messages) = check {
            return Ok(differing_messages(*flags, messages, reply));
        }
        let Check::Written(writes) = check else {
            return Ok(None);
        };
        for (arg, name, bytes) in writes {
            // What is longer than expected is an array of which only the beginning is known.
            let actual = reply.written(*arg).unwrap_or_default();
            let actual = &actual[..actual.len().min(bytes.len())];
            if actual != bytes {
                let shown = |bytes: &[u8]| format!("{name} {}", numbers(bytes));
                return Ok(Some((shown(bytes), shown(actual))));
            }
        }
        Ok(None)
    }
}

/// Control messages that are not as expected, and flags.
fn differing_messages(
    flags: i32,
    expected: &[ControlMessage],
    reply: &Reply,
) -> Option<(String, String)> {
    let word = |bytes: &[u8]| bytes.first_chunk().map_or(0, |b| i32::from_le_bytes(*b));
    let actual = reply.written(nested::MSG_FLAGS).unwrap_or_default();
    if word(actual) != flags {
        let shown = |flags| format!("msg_flags {flags:#x}");
        return Some((shown(flags), shown(word(actual))));
    }
    let mut rest = reply.written(nested::MSG_CONTROL).unwrap_or_default();
    for message in expected {
        let len = (word(rest) as usize).min(rest.len());
        let actual = &rest[..len];
        let header = CMSG_HEADER.min(len);
        let wanted = message.bytes();
        let same = actual.get(8..header) == wanted.get(8..CMSG_HEADER)
            && actual[header..].starts_with(&message.data);
        if !same {
            let shown = |bytes: &[u8]| format!("a control message {}", numbers(bytes));
            return Some((shown(&wanted), shown(actual)));
        }
        rest = rest.get(len.next_multiple_of(8)..).unwrap_or_default();
    }
    let more = (!rest.is_empty()).then(|| numbers(rest));
    more.map(|more| ("no more control messages".to_owned(), more))
}

fn zeros(lengths: &[u64]) -> Vec<(UserIn, u64)> {
    let zeros = |n: &u64| (UserIn::Bytes(vec![0; *n as usize]), *n);
    lengths.iter().map(zeros).collect()
}

/// Bytes for a report: an int as a number, everything else in hexadecimal.
fn numbers(bytes: &[u8]) -> String {
    if let Ok(int) = <[u8; 4]>::try_from(bytes) {
        return i32::from_le_bytes(int).to_string();
    }
    let hex: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("[{}]", hex.join(" "))
}
