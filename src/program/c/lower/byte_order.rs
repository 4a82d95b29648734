//! A port or address that looks as if `htons()` or `htonl()` was forgotten: a hint, and only where it is hardly ever
//! wrong.

use super::*;
use crate::program::c::ast::{BinaryOp, ExprKind};

/// What swaps the bytes on the way to the network.
const SWAPS: [&str; 4] = ["htons", "htonl", "ntohs", "ntohl"];
/// What makes a number of a text.
const NUMBERS: [&str; 5] = ["atoi", "atol", "strtol", "strtoul", "strtoull"];

impl Lower<'_> {
    /// A value is assigned to that expression.
    pub(super) fn check_byte_order(&mut self, left: ExprId, right: ExprId) {
        let unit = self.unit;
        match &unit.expr(left).kind {
            ExprKind::Member { name, .. } => {
                let member = self.names.shared(*name);
                self.check_member(&member, right);
            }
            ExprKind::Name(name) => self.note_order(*name, right),
            _ => {}
        }
    }

    /// A value is given to a member of that name.
    pub(super) fn check_member(&mut self, member: &str, value: ExprId) {
        let (by, bits) = match member {
            "sin_port" | "sin6_port" => ("htons", 16),
            "s_addr" => ("htonl", 32),
            _ => return,
        };
        if self.in_library || !self.is_host_order(value, bits) {
            return;
        }
        let span = self.span(value);
        let text = self
            .files
            .get(span.file as usize)
            .map_or("", |f| f.slice(span))
            .to_owned();
        let what = if bits == 16 { "a port" } else { "an address" };
        let known = self.without_code(|l| l.rvalue(value, None));
        let instead = match known {
            Ok((
                Value {
                    val: Val::Const(n), ..
                },
                false,
            )) if bits == 16 => {
                format!("that is port {} to the network", (n as u16).swap_bytes())
            }
            _ => "the network has the bytes in the other order".to_owned(),
        };
        self.warn(
            Diagnostic::warning(
                span,
                format!("`{text}` is stored as {what} without {by}(): {instead}"),
            )
            .help(format!("write {by}({text})")),
        );
    }

    /// The member of a `struct sockaddr_in` or `sockaddr_in6` at that offset is given a value.
    pub(super) fn check_offset(&mut self, record: Ty, offset: u64, value: ExprId) {
        let tag = self.types.record(record).and_then(|r| r.tag.clone());
        if offset == 2 && matches!(tag.as_deref(), Some("sockaddr_in" | "sockaddr_in6")) {
            self.check_member("sin_port", value);
        }
    }

    /// Remembers whether a variable holds what `htons()` gave.
    pub(super) fn note_order(&mut self, name: Sym, value: ExprId) {
        if let Some(Entity::Local(index)) = self.find(name) {
            let (host, swapped) = (self.is_host_order(value, 16), self.is_swapped(value));
            self.f.orders.retain(|(known, _)| *known != index);
            if host || swapped {
                self.f.orders.push((index, host));
            }
        }
    }

    fn called(&self, callee: ExprId) -> &str {
        match self.unit.expr(callee).kind {
            ExprKind::Name(name) => self.names.name(name),
            _ => "",
        }
    }

    fn is_swapped(&self, id: ExprId) -> bool {
        match &self.unit.expr(id).kind {
            ExprKind::Call(callee, _) => SWAPS.contains(&self.called(*callee)),
            ExprKind::Cast(_, of) => self.is_swapped(*of),
            _ => false,
        }
    }

    /// Whether a value is surely a number as the program counts, in which the byte order matters.
    fn is_host_order(&mut self, id: ExprId, bits: u32) -> bool {
        let unit = self.unit;
        match &unit.expr(id).kind {
            ExprKind::Call(callee, _) => bits == 16 && NUMBERS.contains(&self.called(*callee)),
            ExprKind::Cast(_, of) => self.is_host_order(*of, bits),
            ExprKind::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) if bits == 16 => {
                self.is_host_order(*a, bits) || self.is_host_order(*b, bits)
            }
            ExprKind::Name(name) => match self.find(*name) {
                Some(Entity::Local(index)) if bits == 16 => {
                    let noted = self.f.orders.iter().find(|(known, _)| *known == index);
                    let wide = self.types.as_int(self.f.vars[index].ty);
                    noted.map_or(wide.is_some_and(|i| i.size() > 2), |(_, host)| *host)
                }
                Some(Entity::Constant(value, _)) => telling(value as u64, bits),
                _ => false,
            },
            ExprKind::Int(value, _) => telling(*value, bits),
            _ => false,
        }
    }
}

/// Ports that people write, besides round numbers.
const FAMILIAR: [u16; 10] = [21, 22, 23, 25, 53, 80, 443, 8080, 8443, 8888];

/// Whether the byte order of a constant matters, and it looks as if it was not swapped by hand.
fn telling(value: u64, bits: u32) -> bool {
    match bits {
        16 => {
            let (port, swapped) = (value as u16, (value as u16).swap_bytes());
            let chosen = |port: u16| port.is_multiple_of(100) || FAMILIAR.contains(&port);
            value <= 0xffff && port != swapped && (chosen(port) || !chosen(swapped))
        }
        // Loopback is the address that people write as a constant; all ones and 0 read alike.
        _ => value >> 24 == 127,
    }
}
