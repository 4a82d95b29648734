//! Packets of a script.

use super::lex::{Kind, Problem};
use super::parse::Parser;
use super::script::{Tcp, TcpOption, Wire};
use crate::packet::Flags;

/// What stands behind `<` or `>`.
pub(super) fn wire(p: &mut Parser) -> Result<Wire, Problem> {
    let mut other = ip_info(p)?;
    if let Some(Kind::Word(word)) = p.peek().cloned()
        && matches!(
            word.as_str(),
            "ipv4" | "ipv6" | "gre" | "GREv0" | "mpls" | "encap" | "udp" | "icmp"
        )
    {
        let what = match word.as_str() {
            "udp" => "a UDP datagram",
            "icmp" => "an ICMP message",
            _ => "a packet within a packet",
        };
        skip_packet(p);
        return Ok(Wire::Other(what.to_owned()));
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

fn tcp(p: &mut Parser) -> Result<Tcp, Problem> {
    let mut tcp = Tcp {
        options: Some(Vec::new()),
        ..Tcp::default()
    };
    if p.peek_at(1) == Some(&Kind::Symbol('>')) {
        let from = p.number("a port")?;
        p.symbol('>')?;
        tcp.ports = Some((from, p.number("a port")?));
    }
    tcp.flags = flags(p)?;
    tcp.seq = p.number("a sequence number")?;
    p.symbol(':')?;
    let end: u32 = p.number("a sequence number")?;
    p.symbol('(')?;
    tcp.len = u32::from(p.number::<u16>("a length")?);
    p.symbol(')')?;
    if u64::from(end) != u64::from(tcp.seq) + u64::from(tcp.len) {
        return Err(p.problem("sequence numbers and length that do not agree"));
    }
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
