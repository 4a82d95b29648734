//! Packets of a script.

use super::lex::{Kind, Problem};
use super::parse::Parser;
use super::script::{About, IcmpMessage, Tcp, TcpOption, UdpDatagram, Wire};
use crate::packet::Flags;

/// What stands behind `<` or `>`.
pub(super) fn wire(p: &mut Parser) -> Result<Wire, Problem> {
    let mut other = ip_info(p)?;
    if let Some(Kind::Word(word)) = p.peek().cloned()
        && matches!(
            word.as_str(),
            "ipv4" | "ipv6" | "gre" | "GREv0" | "mpls" | "encap" | "psp"
        )
    {
        skip_packet(p);
        return Ok(Wire::Other("a packet within a packet".to_owned()));
    }
    let carried = if p.take_word("udp") {
        Some(Wire::Udp(udp(p)?))
    } else if p.take_word("icmp") {
        Some(icmp(p)?)
    } else {
        None
    };
    if let Some(wire) = carried {
        return Ok(other.map_or(wire, Wire::Other));
    }
    let tcp = tcp(p)?;
    if let Some(options) = &tcp.options {
        other = other.or_else(|| {
            options.iter().find_map(|option| match option {
                TcpOption::Other(what) => Some(what.clone()),
                TcpOption::Nop
                | TcpOption::Eol
                | TcpOption::Mss(_)
                | TcpOption::WindowScale(_)
                | TcpOption::SackPermitted
                | TcpOption::Sack(_)
                | TcpOption::Timestamps(..) => None,
            })
        });
    }
    Ok(match other {
        Some(what) => Wire::Other(what),
        None => Wire::Tcp(tcp),
    })
}

/// `[…]` before a packet: fields of the IP header. No segment here carries ECN bits, so that `noecn`
/// is always true; the rest is not carried out.
fn ip_info(p: &mut Parser) -> Result<Option<String>, Problem> {
    let end = if p.take_symbol('[') {
        ']'
    } else if p.take_symbol('(') {
        ')'
    } else {
        return Ok(None);
    };
    let mut what = None;
    while !p.take_symbol(end) {
        match p.next() {
            Some(Kind::Word(word)) if word != "noecn" => {
                what.get_or_insert(format!("{word} in an IP header"));
            }
            Some(_) => {}
            None => return p.expected("the end of the IP header's fields"),
        }
    }
    Ok(what)
}

/// Leaves out the rest of a packet: up to what begins the next event.
fn skip_packet(p: &mut Parser) {
    let line = p.line();
    while p.peek().is_some() && p.line() == line {
        p.next();
    }
}

/// `1000 > 2000`
fn ports(p: &mut Parser) -> Result<Option<(u16, u16)>, Problem> {
    if p.peek_at(1) != Some(&Kind::Symbol('>')) {
        return Ok(None);
    }
    let from = p.number("a port")?;
    p.symbol('>')?;
    Ok(Some((from, p.number("a port")?)))
}

/// `(1000)`
fn length(p: &mut Parser) -> Result<u16, Problem> {
    p.symbol('(')?;
    let len = p.number("a length")?;
    p.symbol(')')?;
    Ok(len)
}

fn udp(p: &mut Parser) -> Result<UdpDatagram, Problem> {
    let ports = ports(p)?;
    let len = length(p)?;
    Ok(UdpDatagram { ports, len })
}

/// `unreachable port_unreachable mtu 1400 id 1 [1:1001(1000)]`
fn icmp(p: &mut Parser) -> Result<Wire, Problem> {
    let ty = p.word("the type of an ICMP message")?;
    let mut message = IcmpMessage {
        ty,
        code: None,
        mtu: 0,
        about: About::Tcp(0),
    };
    let mut other = None;
    // A word is a code, unless it begins what stands behind it, or a system call of the next event.
    if let Some(Kind::Word(word)) = p.peek().cloned()
        && !matches!(word.as_str(), "mtu" | "id")
    {
        message.code = Some(word);
        p.next();
    }
    if p.take_word("mtu") {
        message.mtu = p.number("an MTU")?;
    }
    if p.take_word("id") {
        p.number::<u16>("an identifier")?;
    }
    if p.take_symbol('[') {
        if p.take_word("udp") {
            message.about = About::Udp(length(p)?);
        } else if p.take_word("raw") {
            length(p)?;
            other = Some("an ICMP message about a raw packet".to_owned());
        } else {
            message.about = About::Tcp(sequence(p)?.0);
        }
        p.symbol(']')?;
    }
    Ok(other.map_or(Wire::Icmp(message), Wire::Other))
}

/// `1:1001(1000)`: number and length.
fn sequence(p: &mut Parser) -> Result<(u32, u32), Problem> {
    let seq: u32 = p.number("a sequence number")?;
    p.symbol(':')?;
    let end: u32 = p.number("a sequence number")?;
    let len = u32::from(length(p)?);
    // Numbers wrap around.
    if end != seq.wrapping_add(len) {
        return Err(p.problem("sequence numbers and length that do not agree"));
    }
    Ok((seq, len))
}

fn tcp(p: &mut Parser) -> Result<Tcp, Problem> {
    let mut tcp = Tcp {
        options: Some(Vec::new()),
        ports: ports(p)?,
        ..Tcp::default()
    };
    tcp.flags = flags(p)?;
    (tcp.seq, tcp.len) = sequence(p)?;
    if p.take_word("ack") {
        tcp.ack = p.number("an acknowledgement number")?;
    }
    if p.take_word("win") {
        tcp.window = Some(p.number("a window")?);
    }
    if p.take_word("urg") {
        tcp.urgent = p.number("an urgent pointer")?;
    }
    if p.take_symbol('<') {
        tcp.options = options(p)?;
    }
    Ok(tcp)
}

fn flags(p: &mut Parser) -> Result<u8, Problem> {
    if p.take_symbol('-') {
        return Ok(0);
    }
    let mut bits = 0;
    if let Some(Kind::Word(word)) = p.peek().cloned() {
        for letter in word.chars() {
            bits |= match letter {
                'F' => Flags::FIN.0,
                'S' => Flags::SYN.0,
                'R' => Flags::RST.0,
                'P' => Flags::PSH.0,
                'U' => Flags::URG.0,
                'E' => Flags::ECE.0,
                'W' => Flags::CWR.0,
                _ => return Err(p.problem(format!("the flag {letter} of a segment"))),
            };
        }
        p.next();
    }
    if p.take_symbol('.') {
        bits |= Flags::ACK.0;
    } else if let Some(Kind::Decimal(_)) = p.peek() {
        return Err(p.problem("AccECN's counter in the flags"));
    }
    if bits == 0 {
        return p.expected("the flags of a segment");
    }
    Ok(bits)
}

/// The option list behind `<`; `None` for `...`.
fn options(p: &mut Parser) -> Result<Option<Vec<TcpOption>>, Problem> {
    if p.peek() == Some(&Kind::Ellipsis) {
        p.next();
        p.symbol('>')?;
        return Ok(None);
    }
    let mut options = Vec::new();
    loop {
        options.push(option(p)?);
        if p.take_symbol('>') {
            return Ok(Some(options));
        }
        p.symbol(',')?;
    }
}

fn option(p: &mut Parser) -> Result<TcpOption, Problem> {
    let name = p.word("a TCP option")?;
    Ok(match name.as_str() {
        "nop" => TcpOption::Nop,
        "eol" => TcpOption::Eol,
        "mss" => TcpOption::Mss(p.number("an MSS")?),
        "wscale" => TcpOption::WindowScale(p.number("a shift count")?),
        "sackOK" => TcpOption::SackPermitted,
        "sack" => {
            let mut blocks = Vec::new();
            while let Some(Kind::Int(_)) = p.peek() {
                let left = p.number("an edge of a SACK block")?;
                p.symbol(':')?;
                blocks.push((left, p.number("an edge of a SACK block")?));
            }
            TcpOption::Sack(blocks)
        }
        "TS" => {
            p.take_word("val");
            let val = p.number("a timestamp")?;
            p.take_word("ecr");
            TcpOption::Timestamps(val, p.number("a timestamp")?)
        }
        "FO" | "FOEXP" | "md5" | "ECN" => {
            while !matches!(p.peek(), Some(Kind::Symbol(',' | '>')) | None) {
                p.next();
            }
            TcpOption::Other(match name.as_str() {
                "md5" => "the TCP MD5 option".to_owned(),
                "ECN" => "the AccECN option".to_owned(),
                _ => "the TCP Fast Open option".to_owned(),
            })
        }
        _ => return Err(p.problem(format!("the TCP option {name}"))),
    })
}
