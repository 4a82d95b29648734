//! C's types with the sizes and alignments of Linux on x86-64 (LP64).

use super::flat::by_number;
use super::index::{Index, hash};
use std::rc::Rc;

/// Bit offset in its unit and width, of a member that is a bit-field. See [`unit_of`].
pub(crate) type Bits = Option<(u8, u8)>;

/// Bytes of the unit in which a bit-field is read and written: as few as hold it, so that its
/// neighbours stay untouched.
pub(crate) fn unit_of(shift: u8, width: u8) -> u32 {
    (u32::from(shift) + u32::from(width))
        .div_ceil(8)
        .next_power_of_two()
}

/// A type's number in [`Types`]; equal numbers are the same type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ty(pub(super) u32);

/// The types that every program has. [`Types::new`] gives them these numbers.
impl Ty {
    pub(crate) const VOID: Ty = Ty(0);
    pub(crate) const FLOAT: Ty = Ty(1);
    pub(crate) const DOUBLE: Ty = Ty(2);
    pub(crate) const INT: Ty = Ty::int(Int::Int);
    pub(crate) const LONG_DOUBLE: Ty = Ty(3 + Int::ALL.len() as u32);

    /// An integer type.
    pub(crate) const fn int(int: Int) -> Ty {
        Ty(3 + int as u32)
    }
}

by_number! {
    /// Integer types by C's names; enumerations are `Int` or `UInt`.
    #[derive(PartialOrd, Ord)]
    #[allow(clippy::enum_variant_names)] // They are C's names.
    pub(crate) enum Int {
        Bool,
        Char,
        SChar,
        UChar,
        Short,
        UShort,
        Int,
        UInt,
        Long,
        ULong,
        LLong,
        ULLong,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Void,
    Int(Int),
    Float,
    Double,
    /// 16 bytes, as on Linux; its values are those of `double`, in the first eight.
    LongDouble,
    Pointer(Ty),
    /// Without a length it is incomplete.
    Array(Ty, Option<u32>),
    /// An array whose size is known when its declaration is reached: which one in its function.
    Vla(Ty, u32),
    /// The number of its signature.
    Function(u32),
    /// The number of its record.
    Record(u32),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) result: Ty,
    pub(crate) params: Vec<Ty>,
    pub(crate) variadic: bool,
    pub(crate) unspecified: bool,
}

/// A struct or union.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) tag: Option<Rc<str>>,
    pub(crate) union: bool,
    pub(crate) members: Vec<Member>,
    pub(crate) size: u64,
    pub(crate) align: u64,
    pub(crate) complete: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Absent for an anonymous struct or union, whose members count as this one's.
    pub(crate) name: Option<Rc<str>>,
    pub(crate) ty: Ty,
    pub(crate) offset: u64,
    pub(crate) bits: Bits,
}

/// All types of a program.
#[derive(Debug, Default)]
pub(crate) struct Types {
    /// What each is, and whether it is constant.
    pub(super) all: Vec<(Kind, bool)>,
    by_kind: Index,
    pub(super) signatures: Vec<Rc<Signature>>,
    by_signature: Index,
    pub(crate) records: Vec<Record>,
}

impl Int {
    pub(crate) fn size(self) -> u64 {
        match self {
            Int::Bool | Int::Char | Int::SChar | Int::UChar => 1,
            Int::Short | Int::UShort => 2,
            Int::Int | Int::UInt => 4,
            Int::Long | Int::ULong | Int::LLong | Int::ULLong => 8,
        }
    }

    pub(crate) fn signed(self) -> bool {
        match self {
            Int::Char | Int::SChar | Int::Short | Int::Int | Int::Long | Int::LLong => true,
            Int::Bool | Int::UChar | Int::UShort | Int::UInt | Int::ULong | Int::ULLong => false,
        }
    }

    fn rank(self) -> u8 {
        match self {
            Int::Bool => 0,
            Int::Char | Int::SChar | Int::UChar => 1,
            Int::Short | Int::UShort => 2,
            Int::Int | Int::UInt => 3,
            Int::Long | Int::ULong => 4,
            Int::LLong | Int::ULLong => 5,
        }
    }

    fn unsigned(self) -> Int {
        match self {
            Int::Int => Int::UInt,
            Int::Long => Int::ULong,
            Int::LLong => Int::ULLong,
            other => other,
        }
    }

    /// The integer promotions (C11 6.3.1.1).
    pub(crate) fn promoted(self) -> Int {
        if self.rank() < Int::Int.rank() {
            Int::Int
        } else {
            self
        }
    }

    /// The usual arithmetic conversions of two promoted integers (C11 6.3.1.8).
    pub(crate) fn common(self, other: Int) -> Int {
        let (a, b) = (self.promoted(), other.promoted());
        if a.signed() == b.signed() {
            return if a.rank() >= b.rank() { a } else { b };
        }
        let (unsigned, signed) = if a.signed() { (b, a) } else { (a, b) };
        if unsigned.rank() >= signed.rank() {
            unsigned
        } else if signed.size() > unsigned.size() {
            signed
        } else {
            signed.unsigned()
        }
    }

    /// The value cut to this type and extended to 64 bits again.
    pub(crate) fn fit(self, value: u64) -> u64 {
        match self {
            Int::Bool => u64::from(value != 0),
            Int::Char | Int::SChar => value as i8 as u64,
            Int::UChar => u64::from(value as u8),
            Int::Short => value as i16 as u64,
            Int::UShort => u64::from(value as u16),
            Int::Int => value as i32 as u64,
            Int::UInt => u64::from(value as u32),
            Int::Long | Int::ULong | Int::LLong | Int::ULLong => value,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Int::Bool => "_Bool",
            Int::Char => "char",
            Int::SChar => "signed char",
            Int::UChar => "unsigned char",
            Int::Short => "short",
            Int::UShort => "unsigned short",
            Int::Int => "int",
            Int::UInt => "unsigned int",
            Int::Long => "long",
            Int::ULong => "unsigned long",
            Int::LLong => "long long",
            Int::ULLong => "unsigned long long",
        }
    }
}

impl Types {
    /// The types that every program has.
    pub(crate) fn new() -> Types {
        let mut types = Types::default();
        types.plain(Kind::Void);
        types.plain(Kind::Float);
        types.plain(Kind::Double);
        for int in Int::ALL {
            types.plain(Kind::Int(*int));
        }
        types.plain(Kind::LongDouble);
        types
    }

    pub(crate) fn make(&mut self, kind: Kind, constant: bool) -> Ty {
        let (sort, a, b) = match kind {
            Kind::Void => (0, 0, 0),
            Kind::Int(int) => (1, int as u32, 0),
            Kind::Float => (2, 0, 0),
            Kind::Double => (3, 0, 0),
            Kind::Pointer(to) => (4, to.0, 0),
            Kind::Array(of, length) => (5, of.0, length.map_or(0, |n| n.wrapping_add(1))),
            Kind::Function(id) => (6, id, 0),
            Kind::Record(id) => (7, id, 0),
            Kind::LongDouble => (8, 0, 0),
            Kind::Vla(of, id) => (9, of.0, id),
        };
        let hash = hash(&[sort * 2 + u64::from(constant), u64::from(a), u64::from(b)]);
        let wanted = (kind, constant);
        let is = |ty: u32| self.all[ty as usize] == wanted;
        if let Some(ty) = self.by_kind.find(hash, &is) {
            return Ty(ty);
        }
        let ty = self.all.len() as u32;
        self.all.push(wanted);
        self.by_kind.add(hash, ty);
        Ty(ty)
    }

    /// The type of functions with that signature.
    pub(crate) fn function(&mut self, signature: Signature) -> Ty {
        let words = signature.params.iter().map(|ty| ty.0);
        let hash = words.fold(u64::from(signature.result.0), |h, ty| {
            hash(&[h, u64::from(ty)])
        });
        let is = |id: u32| *self.signatures[id as usize] == signature;
        let id = match self.by_signature.find(hash, &is) {
            Some(id) => id,
            None => {
                let id = self.signatures.len() as u32;
                self.signatures.push(Rc::new(signature));
                self.by_signature.add(hash, id);
                id
            }
        };
        self.plain(Kind::Function(id))
    }

    pub(crate) fn plain(&mut self, kind: Kind) -> Ty {
        self.make(kind, false)
    }

    pub(crate) fn pointer(&mut self, to: Ty) -> Ty {
        self.plain(Kind::Pointer(to))
    }

    pub(crate) fn kind(&self, ty: Ty) -> &Kind {
        &self.all[ty.0 as usize].0
    }

    /// Whether objects of the type must not be written. An array is constant if its elements are.
    pub(crate) fn is_const(&self, ty: Ty) -> bool {
        let (kind, constant) = &self.all[ty.0 as usize];
        match kind {
            Kind::Array(of, _) | Kind::Vla(of, _) => *constant || self.is_const(*of),
            _ => *constant,
        }
    }

    pub(crate) fn with_const(&mut self, ty: Ty) -> Ty {
        match *self.kind(ty) {
            Kind::Array(of, length) => {
                let of = self.with_const(of);
                self.plain(Kind::Array(of, length))
            }
            Kind::Vla(of, id) => {
                let of = self.with_const(of);
                self.plain(Kind::Vla(of, id))
            }
            Kind::Function(_) => ty,
            kind => self.make(kind, true),
        }
    }

    pub(crate) fn without_const(&mut self, ty: Ty) -> Ty {
        if !self.all[ty.0 as usize].1 {
            return ty;
        }
        let kind = *self.kind(ty);
        self.make(kind, false)
    }

    /// The integer type behind it, if it is one.
    pub(crate) fn as_int(&self, ty: Ty) -> Option<Int> {
        match self.kind(ty) {
            Kind::Int(int) => Some(*int),
            _ => None,
        }
    }

    pub(crate) fn is_float(&self, ty: Ty) -> bool {
        matches!(self.kind(ty), Kind::Float | Kind::Double | Kind::LongDouble)
    }

    pub(crate) fn is_arithmetic(&self, ty: Ty) -> bool {
        self.as_int(ty).is_some() || self.is_float(ty)
    }

    /// What a pointer points to.
    pub(crate) fn pointee(&self, ty: Ty) -> Option<Ty> {
        match self.kind(ty) {
            Kind::Pointer(to) => Some(*to),
            _ => None,
        }
    }

    pub(crate) fn is_scalar(&self, ty: Ty) -> bool {
        self.is_arithmetic(ty) || self.pointee(ty).is_some()
    }

    pub(crate) fn record(&self, ty: Ty) -> Option<&Record> {
        match self.kind(ty) {
            Kind::Record(id) => self.records.get(*id as usize),
            _ => None,
        }
    }

    /// The signature of a function, or of one behind a pointer.
    pub(crate) fn signature(&self, ty: Ty) -> Option<Rc<Signature>> {
        let ty = self.pointee(ty).unwrap_or(ty);
        match self.kind(ty) {
            Kind::Function(id) => self.signatures.get(*id as usize).cloned(),
            _ => None,
        }
    }

    /// Size in bytes; `None` for an incomplete type. `void` and functions count 1, as gcc has it.
    pub(crate) fn size(&self, ty: Ty) -> Option<u64> {
        match self.kind(ty) {
            Kind::Void | Kind::Function(_) => Some(1),
            Kind::Int(int) => Some(int.size()),
            Kind::Float => Some(4),
            Kind::Double | Kind::Pointer(_) => Some(8),
            Kind::LongDouble => Some(16),
            Kind::Vla(..) => None,
            Kind::Array(of, length) => self.size(*of)?.checked_mul(u64::from((*length)?)),
            Kind::Record(id) => {
                let record = self.records.get(*id as usize)?;
                record.complete.then_some(record.size)
            }
        }
    }

    /// Alignment in bytes.
    pub(crate) fn align(&self, ty: Ty) -> u64 {
        match self.kind(ty) {
            Kind::Array(of, _) | Kind::Vla(of, _) => self.align(*of),
            Kind::Record(id) => self.records.get(*id as usize).map_or(1, |r| r.align),
            _ => self.size(ty).unwrap_or(1),
        }
    }

    /// A member by name, anonymous records looked into: offset, type and bits.
    pub(crate) fn member(&self, ty: Ty, name: &str) -> Option<(u64, Ty, Bits)> {
        for member in &self.record(ty)?.members {
            match &member.name {
                Some(own) if own.as_ref() == name => {
                    return Some((member.offset, member.ty, member.bits));
                }
                None => {
                    if let Some((offset, ty, bits)) = self.member(member.ty, name) {
                        return Some((member.offset + offset, ty, bits));
                    }
                }
                Some(_) => {}
            }
        }
        None
    }

    /// Whether a value of one pointer type may be taken for the other without a cast: the same but
    /// for const, or `void *`.
    pub(crate) fn compatible_pointers(&self, a: Ty, b: Ty) -> bool {
        match (self.pointee(a), self.pointee(b)) {
            (Some(a), Some(b)) => {
                matches!(self.kind(a), Kind::Void)
                    || matches!(self.kind(b), Kind::Void)
                    || self.compatible(a, b)
            }
            _ => false,
        }
    }

    /// The same type, const and missing lengths and parameters aside.
    pub(crate) fn compatible(&self, a: Ty, b: Ty) -> bool {
        match (self.kind(a), self.kind(b)) {
            (Kind::Pointer(a), Kind::Pointer(b)) => self.compatible(*a, *b),
            (Kind::Array(a, n), Kind::Array(b, m)) => {
                self.compatible(*a, *b) && (n == m || n.is_none() || m.is_none())
            }
            (Kind::Vla(a, _), Kind::Vla(b, _) | Kind::Array(b, _))
            | (Kind::Array(a, _), Kind::Vla(b, _)) => self.compatible(*a, *b),
            (Kind::Function(a), Kind::Function(b)) => {
                let (a, b) = (&self.signatures[*a as usize], &self.signatures[*b as usize]);
                let mut params = a.params.iter().zip(&b.params);
                self.compatible(a.result, b.result)
                    && (a.unspecified
                        || b.unspecified
                        || (a.variadic == b.variadic
                            && a.params.len() == b.params.len()
                            && params.all(|(a, b)| self.compatible(*a, *b))))
            }
            // `char *` and `unsigned char *` are mixed up so often that only gcc -Wall speaks of it.
            (Kind::Int(a), Kind::Int(b)) => a.size() == b.size(),
            (Kind::Record(a), Kind::Record(b)) => a == b || self.twins(*a, *b),
            (a, b) => a == b,
        }
    }

    /// Whether two files mean the same struct (C11 6.2.7): the same tag or none, and the same members if both are
    /// complete.
    fn twins(&self, a: u32, b: u32) -> bool {
        let (a, b) = (&self.records[a as usize], &self.records[b as usize]);
        let named = |(a, b): (&Member, &Member)| a.name == b.name && a.offset == b.offset;
        (a.tag == b.tag && a.union == b.union)
            && (a.tag.is_some() && !(a.complete && b.complete)
                || a.size == b.size
                    && a.members.len() == b.members.len()
                    && a.members.iter().zip(&b.members).all(named))
    }

    /// The type as C writes it.
    pub(crate) fn text(&self, ty: Ty) -> String {
        self.declare(ty, String::new(), 0)
    }

    /// A declaration of `inner` with that type.
    fn declare(&self, ty: Ty, inner: String, depth: u32) -> String {
        if depth > 40 {
            return "…".to_owned();
        }
        let (kind, constant) = &self.all[ty.0 as usize];
        let prefix = if *constant { "const " } else { "" };
        let base = |name: &str| {
            let space = if inner.is_empty() { "" } else { " " };
            format!("{prefix}{name}{space}{inner}")
        };
        match kind {
            Kind::Void => base("void"),
            Kind::Int(int) => base(int.text()),
            Kind::Float => base("float"),
            Kind::Double => base("double"),
            Kind::LongDouble => base("long double"),
            Kind::Pointer(to) => {
                let star = if *constant { "*const " } else { "*" };
                let inner = format!("{star}{inner}");
                let wrapped = match self.kind(*to) {
                    Kind::Array(..) | Kind::Vla(..) | Kind::Function(_) => format!("({inner})"),
                    _ => inner,
                };
                self.declare(*to, wrapped, depth + 1)
            }
            Kind::Array(of, length) => {
                let length = length.map_or(String::new(), |n| n.to_string());
                self.declare(*of, format!("{inner}[{length}]"), depth + 1)
            }
            Kind::Vla(of, _) => self.declare(*of, format!("{inner}[*]"), depth + 1),
            Kind::Function(id) => {
                let signature = &self.signatures[*id as usize];
                let mut params: Vec<String> = signature
                    .params
                    .iter()
                    .map(|p| self.declare(*p, String::new(), depth + 1))
                    .collect();
                if signature.variadic {
                    params.push("...".to_owned());
                } else if params.is_empty() && !signature.unspecified {
                    params.push("void".to_owned());
                }
                let inner = format!("{inner}({})", params.join(", "));
                self.declare(signature.result, inner, depth + 1)
            }
            Kind::Record(id) => {
                let record = &self.records[*id as usize];
                let word = if record.union { "union" } else { "struct" };
                match &record.tag {
                    Some(tag) => base(&format!("{word} {tag}")),
                    None => base(&format!("{word} {{…}}")),
                }
            }
        }
    }
}
