//! Designators in initialisers (C11 6.7.9), and GNU's ranges of them.

use super::init::{Cursor, MAX_VALUES, Walk};
use super::*;
use crate::program::c::ast::Designator;
use crate::program::c::types::Bits;

impl Lower<'_> {
    /// Follows designators to their subobject and gives it the next value, what lies behind it in the
    /// aggregates on the way the values after it. Says which subobject of `ty` comes next.
    pub(super) fn designated(
        &mut self,
        ty: Ty,
        offset: u64,
        designators: &[Designator],
        cursor: &mut Cursor,
        span: Span,
        walk: &mut Walk,
    ) -> Parsed<u64> {
        let Some((first, rest)) = designators.split_first() else {
            return self.error(span, "this designator names nothing");
        };
        let (low, high, rest) = match first {
            Designator::Field(name, at) => {
                let (index, inside) = self.member_number(ty, *name, *at)?;
                // A member of an anonymous record: the same name again, in there.
                let rest = if inside { designators } else { rest };
                (index, index, rest)
            }
            Designator::Index(index) => {
                let i = self.element_number(ty, *index)?;
                (i, i, rest)
            }
            Designator::Range(from, to) => {
                let (low, high) = (
                    self.element_number(ty, *from)?,
                    self.element_number(ty, *to)?,
                );
                if high < low {
                    return self.error(self.span(*to), "this range is empty");
                }
                (low, high, rest)
            }
        };
        let begin = *cursor;
        for i in low..=high {
            let Some((sub, by, bits)) = self.subobject_named(ty, i) else {
                return self.error(span, "this designator names nothing");
            };
            *cursor = begin;
            if rest.is_empty() {
                cursor.entered = true;
                self.take(sub, offset + by, bits, cursor, span, walk)?;
            } else {
                let next = self.designated(sub, offset + by, rest, cursor, span, walk)?;
                self.fill(sub, offset + by, cursor, next, false, span, walk)?;
            }
            if walk.items.len() > MAX_VALUES {
                return self.error(span, "this initialiser has more than four million values");
            }
        }
        Ok(high + 1)
    }

    /// As [`Lower::subobject`], but of a union any member.
    fn subobject_named(&self, ty: Ty, i: u64) -> Option<(Ty, u64, Bits)> {
        match self.types.record(ty) {
            Some(record) => {
                let member = record.members.get(i as usize)?;
                Some((member.ty, member.offset, member.bits))
            }
            None => self.subobject(ty, i),
        }
    }

    /// Which member of a record has that name, and whether it is inside of an anonymous one.
    fn member_number(&mut self, ty: Ty, name: Sym, span: Span) -> Parsed<(u64, bool)> {
        let member = self.names.shared(name);
        let found = self.types.record(ty).and_then(|r| {
            r.members.iter().position(|m| match &m.name {
                Some(own) => *own == member,
                None => self.types.member(m.ty, &member).is_some(),
            })
        });
        let Some(index) = found else {
            let text = self.text(ty);
            return self.error(span, format!("`{text}` has no member `{member}`"));
        };
        let named = self
            .types
            .record(ty)
            .map(|r| r.members[index].name.is_some());
        Ok((index as u64, named == Some(false)))
    }

    fn element_number(&mut self, ty: Ty, index: ExprId) -> Parsed<u64> {
        let span = self.span(index);
        let i = self.const_int(index)?;
        let is_array = matches!(self.types.kind(ty), Kind::Array(..));
        match u64::try_from(i) {
            Ok(i) if is_array && self.subobject(ty, i).is_some() => Ok(i),
            _ => self.error(span, format!("there is no element {i}")),
        }
    }
}
