//! Initialisers (C11 6.7.9).

use super::place::{LValue, Place, memory};
use super::*;
use crate::program::c::ast::{Designator, ExprKind, Init};
use crate::program::c::literal::Encoding;
use crate::program::c::machine::memory::MAX_OBJECT;
use crate::program::c::types::{Bits, unit_of};

/// The most values that an initialiser may come to.
pub(super) const MAX_VALUES: usize = 4 << 20;

/// One value of an initialiser and the subobject that it goes to.
pub(super) struct Item {
    offset: u64,
    ty: Ty,
    bits: Bits,
    value: ExprId,
    /// A string literal for a character array.
    string: bool,
}

type Items = [(Vec<Designator>, Init)];

/// The values of a list that are still to be taken.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    items: &'a Items,
    next: usize,
    /// The designators of the next one have been followed.
    pub(super) entered: bool,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<(&'a [Designator], &'a Init)> {
        let (designators, init) = self.items.get(self.next)?;
        Some((if self.entered { &[] } else { designators }, init))
    }

    pub(super) fn take(&mut self) {
        self.next += 1;
        self.entered = false;
    }
}

/// What is collected on the walk over an initialiser.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) items: Vec<Item>,
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
            self.check_offset(object.ty, item.offset, item.value);
            self.static_item(object.address, &item)?;
        }
        Ok(())
    }

    fn static_item(&mut self, base: u64, item: &Item) -> Parsed<()> {
        let unit = self.unit;
        let span = self.span(item.value);
        let at = base + item.offset;
        if let (true, ExprKind::Str(bytes, _)) = (item.string, &unit.expr(item.value).kind) {
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
            let (mask, unit) = (
                (u64::MAX >> (64 - u64::from(width))) << shift,
                unit_of(shift, width),
            );
            let old = self.memory.load(at, unit).unwrap_or(0);
            bits = (old & !mask) | ((bits << shift) & mask);
            let _ = self
                .memory
                .initialise(at, &bits.to_le_bytes()[..unit as usize]);
            return Ok(());
        }
        let _ = self
            .memory
            .initialise(at, &bits.to_le_bytes()[..size.min(8)]);
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
            self.check_offset(place.ty, item.offset, item.value);
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
        if let (true, ExprKind::Str(bytes, encoding)) = (item.string, &unit.expr(item.value).kind) {
            let room = self.types.size(item.ty).unwrap_or(0);
            let size = room.min(bytes.len() as u64) as u32;
            if size > 0 {
                let (from, _) = self.string_literal(bytes, *encoding, span)?;
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
                    mem: place::mem_of_bits(shift, width),
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
                let mut cursor = Cursor {
                    items,
                    next: 0,
                    entered: false,
                };
                self.fill(ty, offset, &mut cursor, 0, true, *at, walk)?;
                if let Some((_, extra)) = items.get(cursor.next) {
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
                ExprKind::Str(bytes, encoding) => (bytes.len() / encoding.size()) as u64,
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
        let (Kind::Array(of, _), ExprKind::Str(_, encoding)) =
            (self.types.kind(ty), &self.unit.expr(value).kind)
        else {
            return false;
        };
        match (self.types.as_int(*of), encoding) {
            (Some(int), Encoding::Bytes) => int.size() == 1,
            (Some(int), _) => int.size() == encoding.size() as u64,
            (None, _) => false,
        }
    }

    /// Number of subobjects of an aggregate, and each one: type, offset, bits.
    pub(super) fn subobject(&self, ty: Ty, i: u64) -> Option<(Ty, u64, Bits)> {
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

    /// Takes values from a list for the subobjects of an aggregate, in order from number `i` on.
    /// `braced`: the list is this aggregate's own, so designators in it are about this aggregate.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn fill(
        &mut self,
        ty: Ty,
        offset: u64,
        cursor: &mut Cursor,
        mut i: u64,
        braced: bool,
        span: Span,
        walk: &mut Walk,
    ) -> Parsed<()> {
        let open = matches!(self.types.kind(ty), Kind::Array(_, None));
        while let Some((designators, _)) = cursor.peek() {
            if !designators.is_empty() {
                if !braced {
                    return Ok(());
                }
                i = self.designated(ty, offset, designators, cursor, span, walk)?;
            } else {
                let Some((sub, by, bits)) = self.subobject(ty, i) else {
                    return Ok(());
                };
                self.take(sub, offset + by, bits, cursor, span, walk)?;
                i += 1;
            }
            if open {
                walk.length = walk.length.max(i);
            }
            if walk.items.len() > MAX_VALUES {
                return self.error(span, "this initialiser has more than four million values");
            }
        }
        Ok(())
    }

    /// The next value for a subobject; without braces of its own it takes as many as it needs.
    pub(super) fn take(
        &mut self,
        ty: Ty,
        offset: u64,
        bits: Bits,
        cursor: &mut Cursor,
        span: Span,
        walk: &mut Walk,
    ) -> Parsed<()> {
        let Some((_, init)) = cursor.peek() else {
            return Ok(());
        };
        let at = self.init_span(init, span);
        if let Kind::Array(_, None) = self.types.kind(ty) {
            return self.fail(
                Diagnostic::error(
                    at,
                    "a flexible array member cannot have initial values here",
                )
                .help("give it room with malloc()"),
            );
        }
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
                // An aggregate without members takes nothing; the list must still end.
                let empty = self.subobject(ty, 0).is_none();
                let length = walk.length;
                if !empty {
                    let before = cursor.next;
                    self.first_inside(ty, offset, cursor, span, walk)?;
                    debug_assert!(cursor.next > before);
                } else {
                    cursor.take();
                }
                walk.length = length;
                return Ok(());
            }
        }
        cursor.take();
        self.subinit(ty, offset, bits, init, at, walk)
    }

    /// Without braces: the next value is for the first subobject, those after it for the others.
    fn first_inside(
        &mut self,
        ty: Ty,
        offset: u64,
        cursor: &mut Cursor,
        span: Span,
        walk: &mut Walk,
    ) -> Parsed<()> {
        let Some((sub, by, bits)) = self.subobject(ty, 0) else {
            return Ok(());
        };
        self.take(sub, offset + by, bits, cursor, span, walk)?;
        self.fill(ty, offset, cursor, 1, false, span, walk)
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
}
