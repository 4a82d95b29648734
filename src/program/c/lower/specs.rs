//! Types as written into types (C11 6.7.2, 6.7.6).

use super::*;
use crate::program::c::ast::{
    Attributes, Basic, Declarator, Field, Layer, Params, Specs, TypeName, TypeSpec,
};
use crate::program::c::types::{Record, Signature};

/// How close the members of a record lie.
#[derive(Clone, Copy)]
pub(super) struct Packing {
    pub(super) packed: bool,
    /// What `#pragma pack` allows at most; 0 for anything.
    pub(super) pack: u64,
}

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
                attributes,
                pack,
            } => {
                let packing = Packing {
                    packed: attributes.packed,
                    pack: (*pack).into(),
                };
                let fields = fields.as_deref();
                self.record(*union, *tag, fields, attributes, packing, specs.span)?
            }
            TypeSpec::Enum { tag, items } => {
                self.enumeration(*tag, items.as_deref(), specs.span)?
            }
            TypeSpec::Auto => {
                return self.error(specs.span, "`__auto_type` needs an initial value");
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
            Basic::LongDouble => return Ty::LONG_DOUBLE,
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

    fn function_type(&mut self, result: Ty, params: &Params, span: Span) -> Parsed<Ty> {
        if matches!(
            self.types.kind(result),
            Kind::Array(..) | Kind::Vla(..) | Kind::Function(_)
        ) {
            return self.error(span, "a function cannot return an array or a function");
        }
        let mut list = Vec::new();
        self.open_scope();
        self.prototypes += 1;
        let mut failed = false;
        for (specs, declarator) in &params.list {
            match self.parameter_type(specs, declarator) {
                Ok(ty) => {
                    if let Some(name) = declarator.name {
                        self.bind(name, Entity::Parameter(ty));
                    }
                    list.push(ty);
                }
                Err(Reported) => failed = true,
            }
        }
        self.prototypes -= 1;
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
            Kind::Array(of, _) | Kind::Vla(of, _) => self.types.pointer(of),
            Kind::Function(_) => self.types.pointer(ty),
            Kind::Void => {
                return self.error(declarator.span, "a parameter cannot have type void");
            }
            _ => ty,
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn record(
        &mut self,
        union: bool,
        tag: Option<Sym>,
        fields: Option<&[Field]>,
        attributes: &Attributes,
        packing: Packing,
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
        let align = self.alignment(attributes, span)?;
        let laid = self.lay_out(union, fields, packing, align)?;
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
        let (mut next, mut least, mut most) = (0i128, 0i128, 0i128);
        let mut values = Vec::new();
        for (name, value, at) in items {
            if let Some(value) = value {
                let (bits, int) = self.const_value(*value)?;
                next = match int.signed() {
                    true => i128::from(bits as i64),
                    false => i128::from(bits),
                };
            }
            (least, most) = (least.min(next), most.max(next));
            if most > u64::MAX.into() || (least < 0 && most > i64::MAX.into()) {
                return self.error(*at, "no integer type holds all values of this enum");
            }
            // gcc takes values beyond int; those have the type of the whole then.
            let own = match i32::try_from(next) {
                Ok(_) => Int::Int,
                Err(_) if u32::try_from(next).is_ok() => Int::UInt,
                Err(_) if i64::try_from(next).is_ok() => Int::Long,
                Err(_) => Int::ULong,
            };
            self.bind(*name, Entity::Constant(next as i64, Ty::int(own)));
            values.push((*name, next));
            next += 1;
        }
        let wide = i32::try_from(least).is_err()
            || u32::try_from(most).is_err()
            || (least < 0 && i32::try_from(most).is_err());
        let ty = Ty::int(match (wide, least < 0) {
            (false, true) => Int::Int,
            (false, false) => Int::UInt,
            (true, true) => Int::Long,
            (true, false) => Int::ULong,
        });
        for (name, value) in values {
            if i32::try_from(value).is_err() {
                self.bind(name, Entity::Constant(value as i64, ty));
            }
        }
        if let Some(tag) = tag {
            self.bind_tag(tag, Tag::Enum(ty));
        }
        Ok(ty)
    }
}
