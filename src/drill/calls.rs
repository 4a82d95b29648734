//! System calls of a script as the kernel takes them, and whether the answer is the one expected.

use super::script::{Call, Expr, Field};
use super::symbols;
use crate::abi::syscall::nested;
use crate::abi::{Errno, MsgIn, MsgOut, Reply, Syscall, UserIn, UserOut};
use std::net::SocketAddr;

/// So many octets of one call at most.
const MOST: i64 = 1 << 26;
/// `struct cmsghdr`, octets.
const CMSG_HEADER: usize = 16;

/// What a call can be asked besides its own text.
pub(super) struct Context<'a> {
    /// Script descriptors and the kernel's.
    pub(super) fds: &'a [(i32, i32)],
    /// The family that `...` means for socket(2).
    pub(super) family: i32,
    /// What `...` means for bind(2) and connect(2), as the program writes it.
    pub(super) bind_to: SocketAddr,
    pub(super) connect_to: SocketAddr,
    /// Symbols of the script's own.
    pub(super) defines: &'a [(String, String)],
}

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
    /// Two new descriptors were written, which stand for these.
    Pair(i32, i32),
}

/// Why a call cannot be made: what is not supported.
type Made<T> = Result<T, String>;

impl Context<'_> {
    fn word(&self, name: &str) -> Made<i64> {
        let defined = self.defines.iter().find(|(symbol, _)| symbol == name);
        let name = defined.map_or(name, |(_, value)| value.as_str());
        symbols::value(name)
            .or_else(|| name.parse().ok())
            .ok_or_else(|| format!("the name {name}"))
    }

    fn int(&self, expr: &Expr) -> Made<i64> {
        match expr {
            Expr::Int(n) => Ok(*n),
            Expr::Word(name) => self.word(name),
            Expr::Or(a, b) => Ok(self.int(a)? | self.int(b)?),
            Expr::Ellipsis | Expr::Text(_) | Expr::List(_) | Expr::Struct(_) | Expr::Apply(..) => {
                Err("an argument that is no number".to_owned())
            }
        }
    }

    fn int32(&self, expr: &Expr) -> Made<i32> {
        Ok(self.int(expr)? as i32)
    }

    /// `[n]`
    fn in_brackets(&self, expr: &Expr) -> Made<i32> {
        match expr {
            Expr::List(list) if list.len() == 1 => self.int32(&list[0]),
            _ => Err("an argument that is not [number]".to_owned()),
        }
    }

    /// The kernel's descriptor; one that the script never got is none of the kernel's either.
    fn fd(&self, expr: &Expr) -> Made<i32> {
        let script = self.int32(expr)?;
        let live = self.fds.iter().find(|(s, _)| *s == script);
        Ok(
            live.map_or(if script < 0 { script } else { i32::MAX }, |(_, live)| {
                *live
            }),
        )
    }

    fn count(&self, expr: &Expr) -> Made<u64> {
        match self.int(expr)? {
            n @ 0..=MOST => Ok(n as u64),
            n => Err(format!("a buffer of {n} octets")),
        }
    }

    /// What is sent: zeros.
    fn data(&self, expr: &Expr, count: u64) -> UserIn {
        match expr {
            Expr::Word(null) if null == "NULL" => UserIn::Fault,
            _ => UserIn::Bytes(vec![0; count as usize]),
        }
    }

    fn room(&self, expr: &Expr, count: u64) -> UserOut {
        match expr {
            Expr::Word(null) if null == "NULL" => UserOut::Fault,
            _ => UserOut::Capacity(count),
        }
    }

    /// `...`, a family alone, or a struct sockaddr_in written out.
    fn address(&self, expr: &Expr, default: SocketAddr) -> Made<(UserIn, i32)> {
        let bytes = match expr {
            Expr::Ellipsis => crate::abi::sockaddr::encode(default),
            Expr::Struct(fields) => {
                let port = apply(member(fields, "sin_port")?, "htons")?;
                let port = u16::try_from(self.int(port)?).map_err(|_| "a port")?;
                let ip = member(fields, "sin_addr")?;
                let ip = apply(ip, "inet_addr").or_else(|_| apply(ip, "inet6_addr"))?;
                let Expr::Text(ip) = ip else {
                    return Err("an address".to_owned());
                };
                let ip = String::from_utf8_lossy(ip);
                let ip = ip.parse().map_err(|_| format!("the address {ip}"))?;
                crate::abi::sockaddr::encode(SocketAddr::new(ip, port))
            }
            family => {
                let mut bytes = vec![0; 16];
                bytes[..2].copy_from_slice(&(self.int(family)? as u16).to_le_bytes());
                bytes
            }
        };
        let len = bytes.len() as i32;
        Ok((UserIn::Bytes(bytes), len))
    }

    /// The bytes of an option's value.
    fn option_value(&self, expr: &Expr) -> Made<Vec<u8>> {
        Ok(match expr {
            Expr::List(list) if list.len() == 1 => self.int32(&list[0])?.to_le_bytes().to_vec(),
            Expr::Text(text) => text.clone(),
            // struct linger
            Expr::Struct(fields) => {
                let onoff = self.int32(member(fields, "onoff")?)?;
                let linger = self.int32(member(fields, "linger")?)?;
                [onoff.to_le_bytes(), linger.to_le_bytes()].concat()
            }
            _ => return Err("an option's value of this form".to_owned()),
        })
    }

    /// The lengths of an array of struct iovec.
    fn iovecs(&self, expr: &Expr) -> Made<Vec<u64>> {
        let Expr::List(list) = expr else {
            return Err("an argument that is no array of struct iovec".to_owned());
        };
        let one = |iovec: &Expr| match iovec {
            Expr::Struct(fields) if fields.len() == 2 => self.count(&fields[1].value),
            _ => Err("an argument that is no struct iovec".to_owned()),
        };
        list.iter().map(one).collect()
    }

    /// `{events=…, fd=…}`: struct epoll_event.
    fn epoll_event(&self, expr: &Expr) -> Made<Vec<u8>> {
        let Expr::Struct(fields) = expr else {
            return Err("an argument that is no struct epoll_event".to_owned());
        };
        let events = self.int(member(fields, "events")?)? as u32;
        let data = fields.iter().find(|f| f.name != "events");
        let data = data.map_or(Ok(0), |f| self.int(&f.value))?;
        Ok([&events.to_le_bytes()[..], &data.to_le_bytes()[..]].concat())
    }

    /// `[{fd=4, events=POLLIN, revents=POLLIN}]`: what poll(2) is given, and what it is to give back.
    fn pollfds(&self, expr: &Expr) -> Made<(Vec<u8>, Vec<u8>)> {
        let Expr::List(list) = expr else {
            return Err("an argument that is no array of struct pollfd".to_owned());
        };
        let (mut given, mut back) = (Vec::new(), Vec::new());
        for pollfd in list {
            let Expr::Struct(fields) = pollfd else {
                return Err("an argument that is no struct pollfd".to_owned());
            };
            let fd = self.fd(member(fields, "fd")?)?.to_le_bytes();
            let events = (self.int(member(fields, "events")?)? as i16).to_le_bytes();
            let revents = match member(fields, "revents") {
                Ok(expr) => self.int(expr)? as i16,
                Err(_) => 0,
            };
            given.extend([&fd[..], &events, &[0, 0]].concat());
            back.extend([&fd[..], &events, &revents.to_le_bytes()].concat());
        }
        Ok((given, back))
    }

    /// The control messages that recvmsg(2) is to write, in the kernel's form.
    fn control(&self, fields: &[Field]) -> Made<Vec<u8>> {
        let mut bytes = Vec::new();
        let Ok(Expr::List(list)) = member(fields, "msg_control") else {
            return Ok(bytes);
        };
        for message in list {
            let Expr::Struct(fields) = message else {
                return Err("an argument that is no struct cmsghdr".to_owned());
            };
            let level = self.int32(member(fields, "cmsg_level")?)?;
            let ty = self.int32(member(fields, "cmsg_type")?)?;
            let data = self.int32(member(fields, "cmsg_data")?);
            let data = data.map_err(|_| "a control message that is no number")?;
            let len = (CMSG_HEADER + 4) as u64;
            bytes.extend(len.to_le_bytes());
            bytes.extend([level.to_le_bytes(), ty.to_le_bytes(), data.to_le_bytes()].concat());
            // CMSG_SPACE(): the next one begins at a multiple of eight.
            bytes.extend([0; 4]);
        }
        Ok(bytes)
    }

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
                Syscall::Sendmsg {
                    fd: self.fd(&a[0])?,
                    msg: Some(MsgIn {
                        name: None,
                        namelen: 0,
                        iov: Some(zeros(&self.iovecs(member(fields, "msg_iov")?)?)),
                        control: None,
                        controllen: 0,
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
                let control = self.control(fields)?;
                let controllen = control.len() as u64;
                let capacity = (controllen > 0).then_some(UserOut::Capacity(controllen));
                check = Check::Written(vec![
                    (nested::MSG_FLAGS, "msg_flags", flags.to_le_bytes().to_vec()),
                    (nested::MSG_CONTROL, "msg_control", control),
                ]);
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
                let Expr::List(list) = &a[0] else {
                    return Err("an argument that is no array of two descriptors".to_owned());
                };
                let [from, to] = list.as_slice() else {
                    return Err("an argument that is no array of two descriptors".to_owned());
                };
                check = Check::Pair(self.int32(from)?, self.int32(to)?);
                Syscall::Pipe {
                    pipefd: UserOut::Capacity(8),
                }
            }
            other => return Err(format!("the system call {other}()")),
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
        let Check::Written(writes) = check else {
            return Ok(None);
        };
        if reply.result.is_err() {
            return Ok(None);
        }
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

/// A member of a struct by its name.
fn member<'a>(fields: &'a [Field], name: &str) -> Made<&'a Expr> {
    let field = fields.iter().find(|f| f.name == name);
    let field = field.ok_or_else(|| format!("a struct without {name}"))?;
    Ok(&field.value)
}

/// The argument of `name(…)`.
fn apply<'a>(expr: &'a Expr, name: &str) -> Made<&'a Expr> {
    match expr {
        Expr::Apply(function, args) if function == name && args.len() == 1 => Ok(&args[0]),
        _ => Err(format!("an argument that is not {name}(…)")),
    }
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
