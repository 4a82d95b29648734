//! Initialisers (C11 6.7.9).

use super::place::{LValue, Place, memory};
use super::*;
use crate::program::c::ast::{Designator, ExprKind, Init};
use crate::program::c::machine::memory::MAX_OBJECT;
use crate::program::c::types::Bits;

/// One value of an initialiser and the subobject that it goes to.
struct Item {
    offset: u64,
    ty: Ty,
    bits: Bits,
    value: ExprId,
    /// A string literal for a character array.
    string: bool,
}

type Items = [(Vec<Designator>, Init)];

/// What is collected on the walk over an initialiser.
#[derive(Default)]
struct Walk {
    items: Vec<Item>,
    /// Elements that an array of unknown length turned out to have.
    length: u64,
}

impl Lower<'_> {
    /// The type with the length that the initialiser gives an array.
    pub(super) fn complete_by(&mut self, ty: Ty, init: &Init, span: Span) -> Parsed<Ty> {
        let Kind::Array(of, None) = *self.types.kind(ty) else {
            return Ok(ty);
        };
        let mut walk = Walk::default();
        self.walk(ty, 0, init, span, &mut walk)?;
        Ok(self.types.plain(Kind::Array(of, Some(walk.length as u32))))
    }

    /// Puts the initial value into a static object.
    pub(super) fn static_init(&mut self, index: usize, init: &Init) -> Parsed<()> {
        let object = self.statics[index].clone();
        let mut walk = Walk::default();
        self.walk(object.ty, 0, init, object.at, &mut walk)?;
        for item in walk.items {
            self.static_item(object.address, &item)?;
        }
        Ok(())
    }

    fn static_item(&mut self, base: u64, item: &Item) -> Parsed<()> {
        let unit = self.unit;
        let span = self.span(item.value);
        let at = base + item.offset;
        if let (true, ExprKind::Str(bytes)) = (item.string, &unit.expr(item.value).kind) {
            let room = self.types.size(item.ty).unwrap_or(0) as usize;
            let _ = self.memory.initialise(at, &bytes[..bytes.len().min(room)]);
            return Ok(());
        }
        let (ty, value) = (item.ty, item.value);
        let (value, made) = self.without_code(|l| {
            let value = l.rvalue(value, None)?;
            l.assignable(value, ty, span, "an object", None)
        })?;
        let record = self.types.record(item.ty).is_some();
        let Val::Const(bits) = value.val else {
            return self.not_constant(span);
        };
        if made {
            return self.not_constant(span);
        }
        if record {
            // A compound literal as a static object's value.
            let size = self.types.size(item.ty).unwrap_or(0);
            return match self.memory.copy(at, bits, size) {
                Ok(()) => Ok(()),
                Err(_) => self.not_constant(span),
            };
        }
        let size = self.types.size(item.ty).unwrap_or(1) as usize;
        let mut bits = match self.types.kind(item.ty) {
            Kind::Float => u64::from((f64::from_bits(bits) as f32).to_bits()),
            _ => bits,
        };
        if let Some((shift, width)) = item.bits {
            let mask = (u64::MAX >> (64 - u64::from(width))) << shift;
            let old = self.memory.load(at, size as u32).unwrap_or(0);
            bits = (old & !mask) | ((bits << shift) & mask);
        }
        let _ = self.memory.initialise(at, &bits.to_le_bytes()[..size]);
        Ok(())
    }

    fn not_constant<T>(&mut self, span: Span) -> Parsed<T> {
        self.fail(
            Diagnostic::error(span, "this initial value is not a constant").help(
                "a static object has its value before the program runs; assign in a function",
            ),
        )
    }

    /// Emits what gives a local object its initial value.
    pub(super) fn local_init(&mut self, place: LValue, init: &Init, span: Span) -> Parsed<()> {
        let (base, scalar) = match place.place {
            Place::Memory { addr, .. } => (addr, self.types.is_scalar(place.ty)),
            _ => (Val::Const(0), true),
        };
        let mut walk = Walk::default();
        self.walk(place.ty, 0, init, span, &mut walk)?;
        if scalar {
            let Some(item) = walk.items.first() else {
                return self.store(place, Val::Const(0));
            };
            let want = self.wanted_by(place);
            let value = self.rvalue(item.value, want)?;
            let at = self.span(item.value);
            let value = self.assignable(value, place.ty, at, "an object", want)?;
            return self.store(place, value.val);
        }
        // A struct given as a whole needs no zeroing.
        let whole = matches!(init, Init::Expr(_)) && walk.items.first().is_some_and(|i| !i.string);
        if !whole {
            let size = self.types.size(place.ty).unwrap_or(0) as u32;
            let a = self.in_reg(base);
            self.emit(Ins::Zero { a, off: 0, size });
        }
        for item in &walk.items {
            let top = self.f.top;
            self.local_item_init(base, item)?;
            self.f.top = top;
        }
        Ok(())
    }

    fn local_item_init(&mut self, base: Val, item: &Item) -> Parsed<()> {
        let unit = self.unit;
        let span = self.span(item.value);
        self.f.span = span;
        let off = item.offset as i64;
        if let (true, ExprKind::Str(bytes)) = (item.string, &unit.expr(item.value).kind) {
            let room = self.types.size(item.ty).unwrap_or(0);
            let size = room.min(bytes.len() as u64) as u32;
            if size > 0 {
                let (from, _) = self.string_literal(bytes, span)?;
                let to = self.address(base, off, None);
                let (a, b) = (self.in_reg(to), self.in_reg(Val::Const(from)));
                self.emit(Ins::Copy { a, b, size });
            }
            return Ok(());
        }
        let value = self.rvalue(item.value, None)?;
        let value = self.assignable(value, item.ty, span, "an object", None)?;
        let target = match (item.bits, self.types.as_int(item.ty)) {
            (Some((shift, width)), Some(int)) => LValue {
                place: Place::Bits {
                    addr: base,
                    off,
                    mem: self.mem(item.ty),
                    signed: int.signed(),
                    shift,
                    width,
                },
                ty: item.ty,
            },
            _ => memory(base, off, item.ty),
        };
        self.store(target, value.val)
    }

    // ---- the walk ----

    fn walk(
        &mut self,
        ty: Ty,
        offset: u64,
        init: &Init,
        span: Span,
        walk: &mut Walk,
    ) -> Parsed<()> {
        let aggregate = matches!(self.types.kind(ty), Kind::Array(..) | Kind::Record(_));
        match init {
            Init::Expr(value) if !aggregate => {
                walk.items.push(Item {
                    offset,
                    ty,
                    bits: None,
                    value: *value,
                    string: false,
                });
                Ok(())
            }
            Init::Expr(value) => self.whole(ty, offset, *value, span, walk),
            Init::List(items, at) if !aggregate => match items.as_slice() {
                [(designators, inner)] if designators.is_empty() => {
                    self.walk(ty, offset, inner, *at, walk)
                }
                [] => Ok(()),
                _ => self.error(*at, "a single value needs a single initial value"),
            },
            Init::List(items, at) => {
                // `char s[] = { "text" }`
                if let [(designators, Init::Expr(value))] = items.as_slice()
                    && designators.is_empty()
                    && self.is_string_for(ty, *value)
                {
                    return self.whole(ty, offset, *value, *at, walk);
                }
                let mut next = 0;
                self.fill(ty, offset, items, &mut next, true, *at, walk)?;
                if let Some((_, extra)) = items.get(next) {
                    let at = self.init_span(extra, *at);
                    self.warn(Diagnostic::warning(
                        at,
                        "more initial values than the object has room for",
                    ));
                }
                Ok(())
            }
        }
    }

    fn init_span(&self, init: &Init, or: Span) -> Span {
        match init {
            Init::Expr(value) => self.span(*value),
            Init::List(_, span) => {
                if span.end > span.start {
                    *span
                } else {
                    or
                }
            }
        }
    }

    /// An array or struct given by one expression: a string, or another struct.
    fn whole(
        &mut self,
        ty: Ty,
        offset: u64,
        value: ExprId,
        span: Span,
        walk: &mut Walk,
    ) -> Parsed<()> {
        let at = self.span(value);
        if self.is_string_for(ty, value) {
            let unit = self.unit;
            let length = match &unit.expr(value).kind {
                ExprKind::Str(bytes) => bytes.len() as u64,
                _ => 0,
            };
            if let Kind::Array(_, Some(room)) = *self.types.kind(ty)
                && length > u64::from(room)
            {
                self.warn(Diagnostic::warning(
                    at,
                    "the string is longer than the array",
                ));
            }
            walk.length = walk.length.max(length + 1);
            walk.items.push(Item {
                offset,
                ty,
                bits: None,
                value,
                string: true,
            });
            return Ok(());
        }
        if self.types.record(ty).is_some() {
            walk.items.push(Item {
                offset,
                ty,
                bits: None,
                value,
                string: false,
            });
            return Ok(());
        }
        let _ = span;
        self.error(at, "an array needs its initial values in { }")
    }

    fn is_string_for(&self, ty: Ty, value: ExprId) -> bool {
        let Kind::Array(of, _) = self.types.kind(ty) else {
            return false;
        };
        let chars = matches!(self.types.kind(*of), Kind::Int(int) if int.size() == 1);
        chars && matches!(self.unit.expr(value).kind, ExprKind::Str(_))
    }

    /// Number of subobjects of an aggregate, and each one: type, offset, bits.
    fn subobject(&self, ty: Ty, i: u64) -> Option<(Ty, u64, Bits)> {
        match self.types.kind(ty) {
            Kind::Array(of, length) => {
                let size = self.types.size(*of)?;
                let inside = length.is_none_or(|n| i < u64::from(n));
                (inside && i.checked_mul(size.max(1))? < MAX_OBJECT).then_some((
                    *of,
                    i * size,
                    None,
                ))
            }
            Kind::Record(_) => {
                let record = self.types.record(ty)?;
                // Of a union only the first member.
                let member = record.members.get(i as usize)?;
                (!record.union || i == 0).then_some((member.ty, member.offset, member.bits))
            }
            _ => None,
        }
    }

    /// Takes values from a list for the subobjects of an aggregate, in order. `braced`: the list is
    /// this aggregate's own, so designators in it are about this aggregate.
    #[allow(clippy::too_many_arguments)]
    fn fill(
        &mut self,
        ty: Ty,
        offset: u64,
        items: &Items,
        next: &mut usize,
        braced: bool,
        span: Span,
        walk: &mut Walk,
    ) -> Parsed<()> {
        let mut i = 0u64;
        let open = matches!(self.types.kind(ty), Kind::Array(_, None));
        while let Some((designators, init)) = items.get(*next) {
            if !designators.is_empty() {
                if !braced {
                    return Ok(());
                }
                let at = self.init_span(init, span);
                let (sub, by, bits, index) = self.designated(ty, designators, at)?;
                *next += 1;
                self.subinit(sub, offset + by, bits, init, at, walk)?;
                if designators.len() > 1 && items.get(*next).is_some_and(|(d, _)| d.is_empty()) {
                    return self.error(
                        at,
                        "a value after a designator of several steps is not known here",
                    );
                }
                i = index + 1;
            } else {
                let Some((sub, by, bits)) = self.subobject(ty, i) else {
                    return Ok(());
                };
                self.take(sub, offset + by, bits, items, next, span, walk)?;
                i += 1;
            }
            if open {
                walk.length = walk.length.max(i);
            }
        }
        Ok(())
    }

    /// The next value for a subobject; without braces of its own it takes as many as it needs.
    #[allow(clippy::too_many_arguments)]
    fn take(
        &mut self,
        ty: Ty,
        offset: u64,
        bits: Bits,
        items: &Items,
        next: &mut usize,
        span: Span,
        walk: &mut Walk,
    ) -> Parsed<()> {
        let Some((_, init)) = items.get(*next) else {
            return Ok(());
        };
        let aggregate = matches!(self.types.kind(ty), Kind::Array(..) | Kind::Record(_));
        if let (true, Init::Expr(value)) = (aggregate, init) {
            let record = self.types.record(ty).is_some();
            let given = if record {
                Some(self.type_of_value(*value)?.ty)
            } else {
                None
            };
            let same = given.is_some_and(|ty| self.types.record(ty).is_some());
            if !self.is_string_for(ty, *value) && !same {
                let before = *next;
                self.fill(ty, offset, items, next, false, span, walk)?;
                // An aggregate without members takes nothing; the list must still end.
                *next = (*next).max(before + usize::from(self.subobject(ty, 0).is_none()));
                return Ok(());
            }
        }
        *next += 1;
        let at = self.init_span(init, span);
        self.subinit(ty, offset, bits, init, at, walk)
    }

    fn subinit(
        &mut self,
        ty: Ty,
        offset: u64,
        bits: Bits,
        init: &Init,
        at: Span,
        walk: &mut Walk,
    ) -> Parsed<()> {
        // The length of an inner array is known: what it finds must not count for the outer one.
        let length = walk.length;
        let from = walk.items.len();
        self.walk(ty, offset, init, at, walk)?;
        walk.length = length;
        if bits.is_some() {
            for item in &mut walk.items[from..] {
                item.bits = bits;
            }
        }
        Ok(())
    }

    /// The subobject that designators name, and which one of the aggregate it is (in).
    fn designated(
        &mut self,
        ty: Ty,
        designators: &[Designator],
        at: Span,
    ) -> Parsed<(Ty, u64, Bits, u64)> {
        let (mut ty, mut offset, mut bits, mut first) = (ty, 0, None, None);
        for designator in designators {
            match designator {
                Designator::Field(name, span) => {
                    let member = self.names.shared(*name);
                    let Some((by, sub, b)) = self.types.member(ty, &member) else {
                        let text = self.text(ty);
                        return self.error(*span, format!("`{text}` has no member `{member}`"));
                    };
                    let index = self.types.record(ty).and_then(|r| {
                        r.members.iter().position(|m| match &m.name {
                            Some(own) => *own == member,
                            None => self.types.member(m.ty, &member).is_some(),
                        })
                    });
                    first = first.or(index.map(|i| i as u64));
                    (ty, offset, bits) = (sub, offset + by, b);
                }
                Designator::Index(index) => {
                    let span = self.span(*index);
                    let i = self.const_int(*index)?;
                    let is_array = matches!(self.types.kind(ty), Kind::Array(..));
                    match u64::try_from(i).ok().and_then(|i| self.subobject(ty, i)) {
                        Some((sub, by, _)) if is_array => {
                            first = first.or(Some(i as u64));
                            (ty, offset, bits) = (sub, offset + by, None);
                        }
                        _ => return self.error(span, format!("there is no element {i}")),
                    }
                }
            }
        }
        match first {
            Some(first) => Ok((ty, offset, bits, first)),
            None => self.error(at, "this designator names nothing"),
        }
    }
}
