//! Arguments of a script's calls: symbols, numbers, buffers and structures as the kernel takes them.

use super::script::{Expr, Field};
use super::symbols;
use crate::abi::constants::AF_INET;
use crate::abi::{UserIn, UserOut};
use std::net::SocketAddr;

/// So many octets of one call at most.
const MOST: i64 = 1 << 26;
/// `struct cmsghdr`, octets.
pub(super) const CMSG_HEADER: usize = 16;

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
    /// Files that commands have made, with their sizes; and script descriptors of those that are open.
    pub(super) files: &'a [(String, u64)],
    pub(super) open_files: &'a [(i32, u64)],
}

/// Why a call cannot be made: what is not supported.
pub(super) type Made<T> = Result<T, String>;

impl Context<'_> {
    pub(super) fn word(&self, name: &str) -> Made<i64> {
        let defined = self.defines.iter().find(|(symbol, _)| symbol == name);
        let name = defined.map_or(name, |(_, value)| value.as_str());
        symbols::value(name)
            .or_else(|| name.parse().ok())
            .ok_or_else(|| format!("the name {name}"))
    }

    pub(super) fn int(&self, expr: &Expr) -> Made<i64> {
        match expr {
            Expr::Int(n) => Ok(*n),
            // htonl(3), htons(3)
            Expr::Apply(name, args) if args.len() == 1 => match name.as_str() {
                "htons" => Ok((self.int(&args[0])? as u16).to_be().into()),
                "htonl" => Ok((self.int(&args[0])? as u32).to_be().into()),
                _ => Err(format!("the function {name}()")),
            },
            Expr::Word(name) => self.word(name),
            Expr::Or(a, b) => Ok(self.int(a)? | self.int(b)?),
            Expr::Ellipsis | Expr::Text(_) | Expr::List(_) | Expr::Struct(_) | Expr::Apply(..) => {
                Err("an argument that is no number".to_owned())
            }
        }
    }

    pub(super) fn int32(&self, expr: &Expr) -> Made<i32> {
        Ok(self.int(expr)? as i32)
    }

    /// `[n]`
    pub(super) fn in_brackets(&self, expr: &Expr) -> Made<i32> {
        match expr {
            Expr::List(list) if list.len() == 1 => self.int32(&list[0]),
            _ => Err("an argument that is not [number]".to_owned()),
        }
    }

    /// The kernel's descriptor; one that the script never got is none of the kernel's either.
    pub(super) fn fd(&self, expr: &Expr) -> Made<i32> {
        let script = self.int32(expr)?;
        let live = self.fds.iter().find(|(s, _)| *s == script);
        Ok(
            live.map_or(if script < 0 { script } else { i32::MAX }, |(_, live)| {
                *live
            }),
        )
    }

    pub(super) fn count(&self, expr: &Expr) -> Made<u64> {
        match self.int(expr)? {
            n @ 0..=MOST => Ok(n as u64),
            n => Err(format!("a buffer of {n} octets")),
        }
    }

    /// What is sent: zeros.
    pub(super) fn data(&self, expr: &Expr, count: u64) -> UserIn {
        match expr {
            Expr::Word(null) if null == "NULL" => UserIn::Fault,
            _ => UserIn::Bytes(vec![0; count as usize]),
        }
    }

    pub(super) fn room(&self, expr: &Expr, count: u64) -> UserOut {
        match expr {
            Expr::Word(null) if null == "NULL" => UserOut::Fault,
            _ => UserOut::Capacity(count),
        }
    }

    /// `...`, a family alone, or a struct sockaddr_in written out.
    pub(super) fn address(&self, expr: &Expr, default: SocketAddr) -> Made<(UserIn, i32)> {
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
    pub(super) fn option_value(&self, expr: &Expr) -> Made<Vec<u8>> {
        Ok(match expr {
            Expr::List(list) => {
                let mut bytes = Vec::new();
                for number in list {
                    bytes.extend(self.int32(number)?.to_le_bytes());
                }
                bytes
            }
            Expr::Int(_) | Expr::Word(_) | Expr::Or(..) => self.int32(expr)?.to_le_bytes().to_vec(),
            Expr::Text(text) => text.clone(),
            // struct timeval
            Expr::Struct(fields) if member(fields, "tv_sec").is_ok() => {
                let seconds = self.int(member(fields, "tv_sec")?)?;
                let micros = self.int(member(fields, "tv_usec")?)?;
                [seconds.to_le_bytes(), micros.to_le_bytes()].concat()
            }
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
    pub(super) fn iovecs(&self, expr: &Expr) -> Made<Vec<u64>> {
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
    pub(super) fn epoll_event(&self, expr: &Expr) -> Made<Vec<u8>> {
        let Expr::Struct(fields) = expr else {
            return Err("an argument that is no struct epoll_event".to_owned());
        };
        let events = self.int(member(fields, "events")?)? as u32;
        let data = fields.iter().find(|f| f.name != "events");
        let data = data.map_or(Ok(0), |f| self.int(&f.value))?;
        Ok([&events.to_le_bytes()[..], &data.to_le_bytes()[..]].concat())
    }

    /// `[{fd=4, events=POLLIN, revents=POLLIN}]`: what poll(2) is given, and what it is to give back.
    pub(super) fn pollfds(&self, expr: &Expr) -> Made<(Vec<u8>, Vec<u8>)> {
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

    /// The control messages of a struct msghdr.
    pub(super) fn control(&self, fields: &[Field]) -> Made<Vec<ControlMessage>> {
        let Ok(Expr::List(list)) = member(fields, "msg_control") else {
            return Ok(Vec::new());
        };
        list.iter().map(|message| self.message(message)).collect()
    }

    fn message(&self, expr: &Expr) -> Made<ControlMessage> {
        let Expr::Struct(fields) = expr else {
            return Err("an argument that is no struct cmsghdr".to_owned());
        };
        let (data, room) = match member(fields, "cmsg_data")? {
            Expr::Struct(error) if member(error, "ee_errno").is_ok() => {
                let byte = |name| Ok::<u8, String>(self.int(member(error, name)?)? as u8);
                let word = |name| Ok::<u32, String>(self.int(member(error, name)?)? as u32);
                let bytes = [byte("ee_origin")?, byte("ee_type")?, byte("ee_code")?, 0];
                let (errno, info) = (word("ee_errno")?, word("ee_info")?);
                let words = [errno.to_le_bytes(), bytes, info.to_le_bytes()].concat();
                // struct sock_extended_err, and the address of whoever sent the error behind it.
                let offender = if self.family == AF_INET { 16 } else { 28 };
                let data = [&words[..], &word("ee_data")?.to_le_bytes()].concat();
                (data, 16 + offender)
            }
            Expr::Struct(_) => return Err("a control message with times".to_owned()),
            number => (self.int32(number)?.to_le_bytes().to_vec(), 4),
        };
        Ok(ControlMessage {
            level: self.int32(member(fields, "cmsg_level")?)?,
            ty: self.int32(member(fields, "cmsg_type")?)?,
            data,
            room,
        })
    }
}

/// A control message: how its data begins, and how long it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ControlMessage {
    pub(super) level: i32,
    pub(super) ty: i32,
    pub(super) data: Vec<u8>,
    pub(super) room: usize,
}

impl ControlMessage {
    /// As a program gives it to sendmsg(2): padded, as CMSG_SPACE() says.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = ((CMSG_HEADER + self.data.len()) as u64)
            .to_le_bytes()
            .to_vec();
        bytes.extend([self.level.to_le_bytes(), self.ty.to_le_bytes()].concat());
        bytes.extend(&self.data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }
}

/// A member of a struct by its name.
pub(super) fn member<'a>(fields: &'a [Field], name: &str) -> Made<&'a Expr> {
    let field = fields.iter().find(|f| f.name == name);
    let field = field.ok_or_else(|| format!("a struct without {name}"))?;
    Ok(&field.value)
}

/// The argument of `name(…)`.
pub(super) fn apply<'a>(expr: &'a Expr, name: &str) -> Made<&'a Expr> {
    match expr {
        Expr::Apply(function, args) if function == name && args.len() == 1 => Ok(&args[0]),
        _ => Err(format!("an argument that is not {name}(…)")),
    }
}
