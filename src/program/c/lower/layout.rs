//! Where the members of structs and unions lie (System V ABI for x86-64, 3.1.2).

use super::specs::Packing;
use super::*;
use crate::program::c::ast::{Aligned, Attributes, Field, TypeSpec};
use crate::program::c::machine::memory::MAX_OBJECT;
use crate::program::c::types::{Member, Record, unit_of};

/// A record being laid out.
struct Layout {
    record: Record,
    /// Where the next member may begin, in bits.
    bit: u64,
    packing: Packing,
}

impl Lower<'_> {
    /// The alignment that attributes and `_Alignas` ask for; 0 for none.
    pub(super) fn alignment(&mut self, attributes: &Attributes, span: Span) -> Parsed<u64> {
        let mut most = 0;
        for aligned in &attributes.aligned {
            let (to, at) = match aligned {
                Aligned::Most => (16, span),
                Aligned::To(expr) => (self.const_int(*expr)? as u64, self.span(*expr)),
                Aligned::As(name) => {
                    let ty = self.type_name(name)?;
                    (self.types.align(ty), span)
                }
            };
            // `_Alignas(0)` says nothing.
            if to != 0 && (!to.is_power_of_two() || to > 1 << 20) {
                return self.error(at, "an alignment is a power of two");
            }
            most = most.max(to);
        }
        Ok(most)
    }

    /// The members' offsets. `align` is what the record's attributes ask for.
    pub(super) fn lay_out(
        &mut self,
        union: bool,
        fields: &[Field],
        packing: Packing,
        align: u64,
    ) -> Parsed<Record> {
        let mut laid = Layout {
            record: Record {
                tag: None,
                union,
                members: Vec::new(),
                size: 0,
                align: 1,
                complete: true,
            },
            bit: 0,
            packing,
        };
        for field in fields {
            self.lay_field(&mut laid, field)?;
        }
        let Layout {
            mut record, bit, ..
        } = laid;
        record.align = record.align.max(align);
        let bytes = record.size.max(bit.div_ceil(8));
        record.size = bytes.next_multiple_of(record.align);
        self.narrow_units(&mut record, fields)?;
        Ok(record)
    }

    fn lay_field(&mut self, laid: &mut Layout, field: &Field) -> Parsed<()> {
        let base = self.spec_type(&field.specs)?;
        let span = field.specs.span;
        let asked = self.alignment(&field.specs.attributes, span)?;
        let packed = field.specs.attributes.packed;
        if field.declarators.is_empty() {
            // An anonymous struct or union; a plain tag declares nothing.
            let anonymous = matches!(
                &field.specs.base,
                TypeSpec::Record {
                    tag: None,
                    fields: Some(_),
                    ..
                }
            );
            if anonymous {
                self.check_names(&laid.record, base, span)?;
                self.add_member(laid, None, base, (packed, asked), span)?;
            }
            return Ok(());
        }
        for (declarator, width) in &field.declarators {
            let (ty, at) = (self.declared_type(base, declarator)?, declarator.span);
            let own = self.alignment(&declarator.attributes, at)?.max(asked);
            let packed = packed || declarator.attributes.packed;
            let name = declarator.name.map(|n| self.names.shared(n));
            if let Some(name) = &name
                && member_of(&self.types, &laid.record, name)
            {
                return self.error(at, format!("two members are called `{name}`"));
            }
            match width {
                Some(width) => self.add_bits(laid, name, ty, *width, packed, at)?,
                None => self.add_member(laid, name, ty, (packed, own), at)?,
            }
        }
        Ok(())
    }

    /// The members of an anonymous record are also those of the one around it.
    fn check_names(&mut self, record: &Record, inner: Ty, span: Span) -> Parsed<()> {
        let Some(inside) = self.types.record(inner) else {
            return Ok(());
        };
        let twice = inside.members.iter().filter_map(|m| m.name.clone());
        let twice = twice
            .into_iter()
            .find(|n| member_of(&self.types, record, n));
        match twice {
            Some(name) => self.error(span, format!("two members are called `{name}`")),
            None => Ok(()),
        }
    }

    fn add_member(
        &mut self,
        laid: &mut Layout,
        name: Option<Rc<str>>,
        ty: Ty,
        (packed, asked): (bool, u64),
        span: Span,
    ) -> Parsed<()> {
        let Layout {
            record,
            bit,
            packing,
        } = laid;
        let size = match self.types.kind(ty) {
            // A flexible array member.
            Kind::Array(_, None) if !record.union && !record.members.is_empty() => Some(0),
            Kind::Function(_) | Kind::Void => None,
            _ => self.types.size(ty),
        };
        let Some(size) = size else {
            return self.error_ty(span, "a member cannot have the incomplete type `{}`", ty);
        };
        let natural = match packed || packing.packed {
            true => 1,
            false => self.types.align(ty),
        };
        let align = match packing.pack {
            0 => natural.max(asked),
            most => natural.max(asked).min(most),
        };
        let offset = match record.union {
            true => 0,
            false => bit.div_ceil(8).next_multiple_of(align),
        };
        record.members.push(Member {
            name,
            ty,
            offset,
            bits: None,
        });
        record.align = record.align.max(align);
        record.size = record.size.max(offset + size);
        if record.size > MAX_OBJECT {
            return self.error(span, "this type is larger than 48 MiB");
        }
        if !record.union {
            *bit = (offset + size) * 8;
        }
        Ok(())
    }

    fn add_bits(
        &mut self,
        laid: &mut Layout,
        name: Option<Rc<str>>,
        ty: Ty,
        width: ExprId,
        packed: bool,
        span: Span,
    ) -> Parsed<()> {
        let at = self.span(width);
        let width = self.const_int(width)?;
        let Some(int) = self.types.as_int(ty) else {
            return self.error(span, "a bit-field must have an integer type");
        };
        let Layout {
            record,
            bit,
            packing,
        } = laid;
        let packed = packed || packing.packed;
        let unit = int.size() * 8;
        let most = if int == Int::Bool { 1 } else { unit };
        if width < 0 || width as u64 > most || (width == 0 && name.is_some()) {
            return self.error(at, format!("a bit-field of this type has 1 to {most} bits"));
        }
        let width = width as u64;
        if width == 0 {
            *bit = bit.next_multiple_of(unit);
            return Ok(());
        }
        if record.union {
            *bit = 0;
        }
        // A bit-field does not cross a unit of its type, unless it is packed.
        let close = packed || (packing.pack != 0 && packing.pack < int.size());
        if !close && *bit / unit != (*bit + width - 1) / unit {
            *bit = bit.next_multiple_of(unit);
        }
        if name.is_some() {
            let align = match (packed, packing.pack) {
                (true, _) => 1,
                (false, 0) => int.size(),
                (false, most) => int.size().min(most),
            };
            record.align = record.align.max(align);
            record.members.push(Member {
                name,
                ty,
                offset: *bit / 8,
                bits: Some(((*bit % 8) as u8, width as u8)),
            });
        }
        *bit += width;
        record.size = record.size.max(bit.div_ceil(8));
        Ok(())
    }

    /// A bit-field's unit must not reach beyond the record.
    fn narrow_units(&mut self, record: &mut Record, fields: &[Field]) -> Parsed<()> {
        for member in &mut record.members {
            let Some((shift, width)) = member.bits else {
                continue;
            };
            let unit = u64::from(unit_of(shift, width));
            let back = (member.offset + unit).saturating_sub(record.size);
            let moved = u64::from(shift) + 8 * back;
            let fits = back <= member.offset
                && moved + u64::from(width) <= 64
                && unit_of(moved as u8, width) as u64 == unit;
            if !fits || unit > 8 {
                let span = fields.first().map_or(self.f.span, |f| f.specs.span);
                return self.error(
                    span,
                    "a packed bit-field across nine bytes is not known here",
                );
            }
            member.offset -= back;
            member.bits = Some((moved as u8, width));
        }
        Ok(())
    }
}

/// Whether a record has a member of that name, in an anonymous record perhaps.
fn member_of(types: &Types, record: &Record, name: &str) -> bool {
    record.members.iter().any(|m| match &m.name {
        Some(own) => own.as_ref() == name,
        None => types.member(m.ty, name).is_some(),
    })
}
