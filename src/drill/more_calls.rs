//! Calls of a script that packetdrill's own table lacks or serves in ways of its own: descriptors, names, select(2),
//! files, splice(2).

use super::arguments::{Context, Made, member};
use super::calls::{Check, Prepared};
use super::runner::{Done, Runner, Stop};
use super::script::{Call, Expr};
use super::stage::{MAIN, Went};
use crate::abi::constants::{MSG_DONTWAIT, SIOCATMARK};
use crate::abi::{Reply, Syscall, UserIn, UserOut};

/// `PIPE_BUF` times the buffers of a pipe: splice(2) moves no more.
const PIPE_ROOM: u64 = 65_536;

impl Context<'_> {
    /// A set of select(2): `[4, 5]`, `[]` or NULL.
    fn set(&self, expr: &Expr) -> Made<Option<UserIn>> {
        let Expr::List(list) = expr else {
            return Ok(None);
        };
        let mut bits = vec![0u8; 128];
        for fd in list {
            let fd = usize::try_from(self.fd(fd)?).unwrap_or(usize::MAX);
            let byte = bits.get_mut(fd / 8).ok_or("a descriptor beyond a set")?;
            *byte |= 1 << (fd % 8);
        }
        Ok(Some(UserIn::Bytes(bits)))
    }

    /// `{tv_sec=1, tv_usec=0}`, or NULL.
    fn time(&self, expr: &Expr) -> Made<Option<UserIn>> {
        let Expr::Struct(fields) = expr else {
            return Ok(None);
        };
        let seconds = self.int(member(fields, "tv_sec")?)?;
        let part = member(fields, "tv_usec").or_else(|_| member(fields, "tv_nsec"))?;
        let bytes = [seconds.to_le_bytes(), self.int(part)?.to_le_bytes()].concat();
        Ok(Some(UserIn::Bytes(bytes)))
    }

    /// `[3, 4]`: descriptors that a call makes.
    pub(super) fn pair(&self, expr: &Expr) -> Made<Check> {
        match expr {
            Expr::List(list) if list.len() == 2 => {
                Ok(Check::Pair(self.int32(&list[0])?, self.int32(&list[1])?))
            }
            _ => Err("an argument that is no array of two descriptors".to_owned()),
        }
    }

    /// A call that [`Context::prepare`] does not know.
    pub(super) fn prepare_more(&self, call: &Call) -> Made<Prepared> {
        let a = &call.args;
        let mut check = Check::Value;
        let int = |at: usize| {
            let expr = a.get(at).ok_or("a call with too few arguments")?;
            self.int32(expr)
        };
        let fd = |at: usize| self.fd(a.get(at).ok_or("a call with too few arguments")?);
        let room = || UserIn::Bytes(128_i32.to_le_bytes().to_vec());
        let syscall = match (call.name.as_str(), a.len()) {
            ("accept4", 4) => {
                check = Check::NewFd;
                Syscall::Accept4 {
                    fd: fd(0)?,
                    addr: Some(UserOut::Capacity(128)),
                    addrlen: room(),
                    flags: int(3)?,
                }
            }
            ("dup", 1) => {
                check = Check::NewFd;
                Syscall::Dup { fd: fd(0)? }
            }
            ("dup2", 2) | ("dup3", 3) => {
                check = Check::NewFd;
                let old = fd(0)?;
                // A number that the script has not got yet is any free one.
                let newfd = match self.fds.iter().find(|(s, _)| Ok(*s) == int(1)) {
                    Some((_, live)) => *live,
                    None => int(1)?,
                };
                match call.name.as_str() {
                    "dup2" => Syscall::Dup2 { fd: old, newfd },
                    _ => Syscall::Dup3 {
                        fd: old,
                        newfd,
                        flags: int(2)?,
                    },
                }
            }
            ("epoll_create1", 1) => {
                check = Check::NewFd;
                Syscall::EpollCreate1 { flags: int(0)? }
            }
            ("pipe2", 2) => {
                check = self.pair(&a[0])?;
                Syscall::Pipe2 {
                    pipefd: UserOut::Capacity(8),
                    flags: int(1)?,
                }
            }
            ("socketpair", 4) => {
                check = self.pair(&a[3])?;
                Syscall::Socketpair {
                    domain: int(0)?,
                    ty: int(1)?,
                    protocol: int(2)?,
                    sv: UserOut::Capacity(8),
                }
            }
            ("getsockname" | "getpeername", 3) => {
                if let Expr::Struct(_) = &a[1] {
                    let (UserIn::Bytes(name), _) = self.address(&a[1], self.bind_to)? else {
                        return Err("an address".to_owned());
                    };
                    check = Check::Written(vec![(1, "address", name)]);
                }
                let (fd, addr, addrlen) = (fd(0)?, UserOut::Capacity(128), room());
                match call.name.as_str() {
                    "getsockname" => Syscall::Getsockname { fd, addr, addrlen },
                    _ => Syscall::Getpeername { fd, addr, addrlen },
                }
            }
            ("select", 5) => Syscall::Select {
                nfds: 1_024,
                readfds: self.set(&a[1])?,
                writefds: self.set(&a[2])?,
                exceptfds: self.set(&a[3])?,
                timeout: self.time(&a[4])?,
            },
            ("pselect" | "pselect6", 6) => Syscall::Pselect6 {
                nfds: 1_024,
                readfds: self.set(&a[1])?,
                writefds: self.set(&a[2])?,
                exceptfds: self.set(&a[3])?,
                timeout: self.time(&a[4])?,
                sigmask: None,
            },
            ("ppoll", 4) => {
                let (given, back) = self.pollfds(&a[0])?;
                check = Check::Written(vec![(0, "pollfd", back)]);
                Syscall::Ppoll {
                    nfds: (given.len() / 8) as u32,
                    fds: UserIn::Bytes(given),
                    timeout: self.time(&a[2])?,
                    sigmask: None,
                }
            }
            // A file holds zeros, as many as the command that made it wrote; its descriptor is an empty one.
            ("open", 2 | 3) => {
                check = Check::NewFd;
                match &a[0] {
                    Expr::Text(path) if self.file(path).is_some() && int(1)? == 0 => {}
                    _ => return Err("open() of a file that no command has made".to_owned()),
                }
                Syscall::EpollCreate1 { flags: 0 }
            }
            ("sendfile", 4) => {
                let Some((_, size)) = self.open_files.iter().find(|(s, _)| Ok(*s) == int(1)) else {
                    return Err("sendfile() from anything but a file".to_owned());
                };
                let offset = match &a[2] {
                    Expr::List(_) => self.in_brackets(&a[2])? as u64,
                    _ => return Err("sendfile() without an offset".to_owned()),
                };
                let len = self.count(&a[3])?.min(size.saturating_sub(offset));
                Syscall::Sendto {
                    fd: fd(0)?,
                    buf: UserIn::Bytes(vec![0; len as usize]),
                    len,
                    flags: 0,
                    addr: None,
                    addrlen: 0,
                }
            }
            (other, count) => {
                return Err(format!("the system call {other}() with {count} arguments"));
            }
        };
        let fd = syscall.fd();
        Ok(Prepared { syscall, fd, check })
    }

    /// The size of a file that a command has made.
    pub(super) fn file(&self, path: &[u8]) -> Option<u64> {
        let file = self.files.iter().find(|(name, _)| name.as_bytes() == path);
        file.map(|(_, size)| *size)
    }
}

impl Runner<'_> {
    /// splice(2) from or to a socket, by the calls that move the same: it stops at urgent data, which it leaves in the
    /// stream (`tcp_read_sock()`), and `offsets` are NULL.
    pub(super) fn splice(&mut self, line: u32, call: &Call) -> Done {
        let unsupported = |what: String| Stop::Unsupported(line, what);
        let context = self.context();
        let [from, _, to, _, len, flags] = call.args.as_slice() else {
            return Err(unsupported(
                "splice() with other than 6 arguments".to_owned(),
            ));
        };
        const SPLICE_F_NONBLOCK: i32 = 2;
        let read = |context: &Context<'_>| -> Made<(i32, i32, u64, i32, i32)> {
            let len = context.count(len)?.min(PIPE_ROOM);
            let expected = context.int32(&call.result)?;
            Ok((
                context.fd(from)?,
                context.fd(to)?,
                len,
                context.int32(flags)?,
                expected,
            ))
        };
        let (from, to, len, flags, expected) = read(&context).map_err(unsupported)?;
        let mark = Syscall::Ioctl {
            fd: from,
            request: SIOCATMARK as u64,
            argp: UserIn::Bytes(vec![0xff; 4]),
        };
        let at_mark = match self.stage.call(MAIN, &mark) {
            Went::Returned(reply) => reply.written(2) == Some(&[1, 0, 0, 0]),
            Went::Asleep | Went::Ended(_) => false,
        };
        let mut moved = Ok(0);
        if !at_mark {
            let buf = UserOut::Capacity(len);
            let socket = Syscall::Recvfrom {
                fd: from,
                buf,
                len,
                flags: if flags & SPLICE_F_NONBLOCK != 0 {
                    MSG_DONTWAIT
                } else {
                    0
                },
                addr: None,
                addrlen: UserIn::Fault,
            };
            let pipe = Syscall::Read {
                fd: from,
                buf,
                count: len,
            };
            moved = self.returns(line, &socket)?.result;
            if moved == Err(crate::abi::Errno::ENOTSOCK) {
                moved = self.returns(line, &pipe)?.result;
            }
            if let Ok(count @ 1..) = moved {
                let buf = UserIn::Bytes(vec![0; count as usize]);
                let write = Syscall::Write { fd: to, buf, count };
                moved = self.returns(line, &write)?.result;
            }
        }
        let got = moved.map_or(-1, |count| count as i32);
        let same_error = match (&call.errno, moved) {
            (Some(name), Err(errno)) => errno.name() == name,
            (wanted, _) => wanted.is_none(),
        };
        if got != expected || !same_error {
            let wanted = format!("splice() = {expected}");
            return Err(Stop::Fail(line, wanted, format!("{moved:?}")));
        }
        self.say(self.stage.now(), &format!("splice() = {got}"));
        Ok(())
    }

    /// A call that does not sleep.
    fn returns(&mut self, line: u32, call: &Syscall) -> Done<Reply> {
        let went = self.stage.call(MAIN, call);
        self.modelled(line)?;
        match went {
            Went::Returned(reply) => Ok(reply),
            Went::Asleep | Went::Ended(_) => {
                let what = "splice() that sleeps".to_owned();
                Err(Stop::Unsupported(line, what))
            }
        }
    }
}
