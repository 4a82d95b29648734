//! Types as written into types (C11 6.7.2, 6.7.6).

use super::*;
use crate::program::c::ast::{Basic, Declarator, Field, Layer, Params, Specs, TypeName, TypeSpec};
use crate::program::c::machine::memory::MAX_OBJECT;
use crate::program::c::types::{Member, Record, Signature};

impl Lower<'_> {
    /// The type that declaration specifiers name.
    pub(super) fn spec_type(&mut self, specs: &Specs) -> Parsed<Ty> {
        let ty = match &specs.base {
            TypeSpec::Basic(basic) => self.basic(*basic),
            TypeSpec::Typedef(name) => match self.find(*name) {
                Some(Entity::Typedef(ty)) => ty,
                _ => {
                    return self.error_name(specs.span, "`{}` is not a type here", *name);
                }
            },
            TypeSpec::Record {
                union,
                tag,
                fields,
                packed,
            } => self.record(*union, *tag, fields.as_deref(), *packed, specs.span)?,
            TypeSpec::Enum { tag, items } => {
                self.enumeration(*tag, items.as_deref(), specs.span)?
            }
            TypeSpec::TypeofExpr(expr) => self.type_of(*expr)?,
            TypeSpec::TypeofType(name) => self.type_name(name)?,
        };
        Ok(match specs.constant {
            true => self.types.with_const(ty),
            false => ty,
        })
    }

    fn basic(&mut self, basic: Basic) -> Ty {
        let int = match basic {
            Basic::Void => return Ty::VOID,
            Basic::Float => return Ty::FLOAT,
            Basic::Double => return Ty::DOUBLE,
            Basic::Bool => Int::Bool,
            Basic::Char => Int::Char,
            Basic::SChar => Int::SChar,
            Basic::UChar => Int::UChar,
            Basic::Short => Int::Short,
            Basic::UShort => Int::UShort,
            Basic::Int => Int::Int,
            Basic::UInt => Int::UInt,
            Basic::Long => Int::Long,
            Basic::ULong => Int::ULong,
            Basic::LongLong => Int::LLong,
            Basic::ULongLong => Int::ULLong,
        };
        Ty::int(int)
    }

    pub(super) fn type_name(&mut self, name: &TypeName) -> Parsed<Ty> {
        let base = self.spec_type(&name.specs)?;
        self.declared_type(base, &name.declarator)
    }

    /// The type of what a declarator declares.
    pub(super) fn declared_type(&mut self, base: Ty, declarator: &Declarator) -> Parsed<Ty> {
        let mut ty = base;
        for layer in declarator.layers.iter().rev() {
            ty = match layer {
                Layer::Pointer { constant } => {
                    let kind = Kind::Pointer(ty);
                    self.types.make(kind, *constant)
                }
                Layer::Array(length) => self.array(ty, *length, declarator.span)?,
                Layer::Function(params) => self.function_type(ty, params, declarator.span)?,
            };
        }
        Ok(ty)
    }

    fn array(&mut self, of: Ty, length: Option<ExprId>, span: Span) -> Parsed<Ty> {
        if matches!(self.types.kind(of), Kind::Function(_) | Kind::Void) {
            return self.error_ty(span, "an array cannot have elements of type `{}`", of);
        }
        let Some(size) = self.types.size(of) else {
            return self.error_ty(span, "the elements' type `{}` is incomplete", of);
        };
        let length = match length {
            None => None,
            Some(expr) => {
                let at = self.span(expr);
                let (value, made) = self.without_code(|l| l.rvalue(expr, None))?;
                let Val::Const(bits) = value.val else {
                    return self.variable_length(at);
                };
                if made || self.types.as_int(value.ty).is_none() {
                    return self.variable_length(at);
                }
                if (bits as i64) < 0 {
                    return self.error(at, format!("the length {} is negative", bits as i64));
                }
                if bits.checked_mul(size.max(1)).is_none_or(|n| n > MAX_OBJECT) {
                    return self.error(at, "this array is larger than 48 MiB");
                }
                Some(bits as u32)
            }
        };
        Ok(self.types.plain(Kind::Array(of, length)))
    }

    fn variable_length<T>(&mut self, at: Span) -> Parsed<T> {
        self.fail(
            Diagnostic::error(at, "the length of an array must be a constant here")
                .help("variable-length arrays are not known; use a constant or malloc()"),
        )
    }

    fn function_type(&mut self, result: Ty, params: &Params, span: Span) -> Parsed<Ty> {
        if matches!(self.types.kind(result), Kind::Array(..) | Kind::Function(_)) {
            return self.error(span, "a function cannot return an array or a function");
        }
        let mut list = Vec::new();
        self.open_scope();
        let mut failed = false;
        for (specs, declarator) in &params.list {
            match self.parameter_type(specs, declarator) {
                Ok(ty) => list.push(ty),
                Err(Reported) => failed = true,
            }
        }
        // What a prototype declares for the first time is meant for the scope around: a struct that
        // is only named in a parameter list is nobody else's (gcc warns), but it is harmless.
        self.close_scope();
        if failed {
            return Err(Reported);
        }
        let signature = Signature {
            result: self.types.without_const(result),
            params: list,
            variadic: params.variadic,
            unspecified: params.unspecified,
        };
        Ok(self.types.function(signature))
    }

    /// Arrays and functions as parameters are pointers (C11 6.7.6.3).
    pub(super) fn parameter_type(&mut self, specs: &Specs, declarator: &Declarator) -> Parsed<Ty> {
        let base = self.spec_type(specs)?;
        // `char buf[n]` as a parameter: the length says nothing.
        let ty = match declarator.layers.first() {
            Some(Layer::Array(_)) => {
                let rest = &declarator.layers[1..];
                let mut ty = base;
                for layer in rest.iter().rev() {
                    ty = match layer {
                        Layer::Pointer { constant } => {
                            let kind = Kind::Pointer(ty);
                            self.types.make(kind, *constant)
                        }
                        Layer::Array(length) => self.array(ty, *length, declarator.span)?,
                        Layer::Function(params) => {
                            self.function_type(ty, params, declarator.span)?
                        }
                    };
                }
                self.types.pointer(ty)
            }
            _ => self.declared_type(base, declarator)?,
        };
        Ok(match *self.types.kind(ty) {
            Kind::Array(of, _) => self.types.pointer(of),
            Kind::Function(_) => self.types.pointer(ty),
            Kind::Void => {
                return self.error(declarator.span, "a parameter cannot have type void");
            }
            _ => ty,
        })
    }

    fn record(
        &mut self,
        union: bool,
        tag: Option<Sym>,
        fields: Option<&[Field]>,
        packed: bool,
        span: Span,
    ) -> Parsed<Ty> {
        let word = if union { "union" } else { "struct" };
        let known = match (tag, fields) {
            (Some(tag), Some(_)) => {
                let last = self.tag_scopes.find_last(tag);
                last.and_then(|t| self.tags.get(t as usize)).copied()
            }
            (Some(tag), None) => self.find_tag(tag),
            (None, _) => None,
        };
        let ty = match known {
            Some(Tag::Record(ty, is_union)) if is_union == union => ty,
            Some(_) => return self.error(span, format!("this tag is not that of a {word}")),
            None => {
                let id = self.types.records.len() as u32;
                self.types.records.push(Record {
                    tag: tag.map(|t| self.names.shared(t)),
                    union,
                    members: Vec::new(),
                    size: 0,
                    align: 1,
                    complete: false,
                });
                let ty = self.types.plain(Kind::Record(id));
                if let Some(tag) = tag {
                    self.bind_tag(tag, Tag::Record(ty, union));
                }
                ty
            }
        };
        let Some(fields) = fields else {
            return Ok(ty);
        };
        if self.types.record(ty).is_some_and(|r| r.complete) {
            return self.error_ty(span, "`{}` is defined twice", ty);
        }
        let laid = self.lay_out(union, fields, packed)?;
        if let Kind::Record(id) = *self.types.kind(ty)
            && let Some(record) = self.types.records.get_mut(id as usize)
        {
            record.members = laid.members;
            record.size = laid.size;
            record.align = laid.align;
            record.complete = true;
        }
        Ok(ty)
    }

    /// Offsets as the System V ABI for x86-64 lays them.
    fn lay_out(&mut self, union: bool, fields: &[Field], packed: bool) -> Parsed<Record> {
        let mut laid = Record {
            tag: None,
            union,
            members: Vec::new(),
            size: 0,
            align: 1,
            complete: true,
        };
        // Where the next member may begin, in bits.
        let mut bit = 0u64;
        for field in fields {
            let base = self.spec_type(&field.specs)?;
            if field.declarators.is_empty() {
                // An anonymous struct or union; a plain tag declares nothing.
                if matches!(
                    &field.specs.base,
                    TypeSpec::Record {
                        tag: None,
                        fields: Some(_),
                        ..
                    }
                ) {
                    self.add_member(&mut laid, &mut bit, None, base, packed, field.specs.span)?;
                }
                continue;
            }
            for (declarator, width) in &field.declarators {
                let ty = self.declared_type(base, declarator)?;
                let name = declarator.name.map(|n| self.names.shared(n));
                if let Some(name) = &name
                    && laid.members.iter().any(|m| m.name.as_ref() == Some(name))
                {
                    return self.error(declarator.span, format!("two members are called `{name}`"));
                }
                match width {
                    Some(width) => {
                        self.add_bits(&mut laid, &mut bit, name, ty, *width, declarator.span)?;
                    }
                    None => {
                        self.add_member(&mut laid, &mut bit, name, ty, packed, declarator.span)?;
                    }
                }
            }
        }
        let bytes = laid.size.max(bit.div_ceil(8));
        laid.size = bytes.next_multiple_of(laid.align);
        Ok(laid)
    }

    fn add_member(
        &mut self,
        laid: &mut Record,
        bit: &mut u64,
        name: Option<Rc<str>>,
        ty: Ty,
        packed: bool,
        span: Span,
    ) -> Parsed<()> {
        let size = match self.types.kind(ty) {
            // A flexible array member.
            Kind::Array(_, None) if !laid.union && !laid.members.is_empty() => Some(0),
            Kind::Function(_) | Kind::Void => None,
            _ => self.types.size(ty),
        };
        let Some(size) = size else {
            return self.error_ty(span, "a member cannot have the incomplete type `{}`", ty);
        };
        let align = if packed { 1 } else { self.types.align(ty) };
        let offset = match laid.union {
            true => 0,
            false => bit.div_ceil(8).next_multiple_of(align),
        };
        laid.members.push(Member {
            name,
            ty,
            offset,
            bits: None,
        });
        laid.align = laid.align.max(align);
        laid.size = laid.size.max(offset + size);
        if laid.size > MAX_OBJECT {
            return self.error(span, "this type is larger than 48 MiB");
        }
        if !laid.union {
            *bit = (offset + size) * 8;
        }
        Ok(())
    }

    fn add_bits(
        &mut self,
        laid: &mut Record,
        bit: &mut u64,
        name: Option<Rc<str>>,
        ty: Ty,
        width: ExprId,
        span: Span,
    ) -> Parsed<()> {
        let at = self.span(width);
        let width = self.const_int(width)?;
        let Some(int) = self.types.as_int(ty) else {
            return self.error(span, "a bit-field must have an integer type");
        };
        let unit = int.size() * 8;
        if width < 0 || width as u64 > unit || (width == 0 && name.is_some()) {
            return self.error(at, format!("a bit-field of this type has 1 to {unit} bits"));
        }
        let width = width as u64;
        if width == 0 {
            *bit = bit.next_multiple_of(unit);
            return Ok(());
        }
        if laid.union {
            *bit = 0;
        }
        // A bit-field does not cross a unit of its type.
        if *bit / unit != (*bit + width - 1) / unit {
            *bit = bit.next_multiple_of(unit);
        }
        let offset = *bit / unit * int.size();
        let bits = Some(((*bit % unit) as u8, width as u8));
        if name.is_some() {
            laid.align = laid.align.max(int.size());
            laid.members.push(Member {
                name,
                ty,
                offset,
                bits,
            });
        }
        *bit += width;
        laid.size = laid.size.max(bit.div_ceil(8));
        Ok(())
    }

    fn enumeration(
        &mut self,
        tag: Option<Sym>,
        items: Option<&[(Sym, Option<ExprId>, Span)]>,
        span: Span,
    ) -> Parsed<Ty> {
        let Some(items) = items else {
            return match tag.and_then(|t| self.find_tag(t)) {
                Some(Tag::Enum(ty)) => Ok(ty),
                _ => {
                    let name = tag.map_or("", |t| self.names.name(t)).to_owned();
                    self.error(span, format!("there is no `enum {name}` here"))
                }
            };
        };
        let int = Ty::INT;
        let (mut next, mut negative) = (0i64, false);
        for (name, value, at) in items {
            if let Some(value) = value {
                next = self.const_int(*value)?;
            }
            if i32::try_from(next).is_err() && u32::try_from(next).is_err() {
                return self.error(*at, "the value of an enumerator must fit an int");
            }
            negative |= next < 0;
            self.bind(*name, Entity::Constant(next, int));
            next += 1;
        }
        let ty = Ty::int(if negative { Int::Int } else { Int::UInt });
        if let Some(tag) = tag {
            self.bind_tag(tag, Tag::Enum(ty));
        }
        Ok(ty)
    }
}
