//! A compiled program as it is stored and sent.

use super::flat::{Flat, Flatten, Reader, flatten};
use super::ir::{Body, Code, Function, Image, Local, Site, Statement, Static, Variable};
use super::libc::{self, Lib};
use super::types::{Kind, Member, Record, Signature, Ty, Types};
use crate::program::{Diagnostic, Label, Severity, SourceFile, Span};

flatten! {
    Image { files warnings types code spans starts statements wide sites functions statics memory main exit errno }
    Span { file start end }
    SourceFile { name text }
    Diagnostic { severity span message labels help }
    Label { span message }
    Site { args kinds used signature }
    Variable { name ty at reg in_memory note from to }
    Local { reg size align var early }
    Function { name ty at library body }
    Code { start end regs params variadic locals variables frame }
    Statement { span line }
    Static { name ty at size address }
    Signature { result params variadic unspecified }
    Record { tag union members size align complete }
    Member { name ty offset bits }
}

impl Flatten for Severity {
    fn put(&self, flat: &mut Flat) {
        (*self == Severity::Warning).put(flat);
    }

    fn get(from: &mut Reader) -> Severity {
        match bool::get(from) {
            true => Severity::Warning,
            false => Severity::Error,
        }
    }
}

impl Flatten for Types {
    fn put(&self, flat: &mut Flat) {
        self.all.put(flat);
        self.signatures.put(flat);
        self.records.put(flat);
    }

    /// Without the indices by which a compiler makes more.
    fn get(from: &mut Reader) -> Types {
        let mut types = Types::default();
        types.all = Flatten::get(from);
        types.signatures = Flatten::get(from);
        types.records = Flatten::get(from);
        types
    }
}

impl Flatten for Ty {
    fn put(&self, flat: &mut Flat) {
        self.0.put(flat);
    }

    fn get(from: &mut Reader) -> Ty {
        Ty(Flatten::get(from))
    }
}

impl Flatten for Kind {
    fn put(&self, flat: &mut Flat) {
        match self {
            Kind::Void => flat.number(0),
            Kind::Int(int) => (1u8, *int).put(flat),
            Kind::Float => flat.number(2),
            Kind::Double => flat.number(3),
            Kind::Pointer(to) => (4u8, *to).put(flat),
            Kind::Array(of, length) => (5u8, (*of, *length)).put(flat),
            Kind::Function(signature) => (6u8, *signature).put(flat),
            Kind::Record(record) => (7u8, *record).put(flat),
            Kind::LongDouble => flat.number(8),
            Kind::Vla(of, id) => (9u8, (*of, *id)).put(flat),
        }
    }

    fn get(from: &mut Reader) -> Kind {
        match from.number() {
            1 => Kind::Int(Flatten::get(from)),
            2 => Kind::Float,
            3 => Kind::Double,
            4 => Kind::Pointer(Flatten::get(from)),
            5 => Kind::Array(Flatten::get(from), Flatten::get(from)),
            6 => Kind::Function(Flatten::get(from)),
            7 => Kind::Record(Flatten::get(from)),
            8 => Kind::LongDouble,
            9 => Kind::Vla(Flatten::get(from), Flatten::get(from)),
            _ => Kind::Void,
        }
    }
}

impl Flatten for Body {
    fn put(&self, flat: &mut Flat) {
        match self {
            Body::Missing => flat.number(0),
            Body::NotModelled(why) => {
                flat.number(3);
                why.put(flat);
            }
            Body::Lib(lib) => {
                flat.number(1);
                lib.put(flat);
            }
            Body::Code(code) => {
                flat.number(2);
                code.put(flat);
            }
        }
    }

    fn get(from: &mut Reader) -> Body {
        match from.number() {
            1 => Body::Lib(Flatten::get(from)),
            2 => Body::Code(Flatten::get(from)),
            3 => Body::NotModelled(Flatten::get(from)),
            _ => Body::Missing,
        }
    }
}

/// By its name, so that a stored program outlives a change of the library's table.
impl Flatten for Lib {
    fn put(&self, flat: &mut Flat) {
        self.name().to_owned().put(flat);
    }

    fn get(from: &mut Reader) -> Lib {
        libc::find(from.text()).unwrap_or_else(|| {
            from.wrong();
            Lib::Free
        })
    }
}
