//! A compiled program as it is stored and sent: plain lists, and the diagnostics that go with it.

use super::flat::{Flat, Flatten, Reader, flatten};
use super::ir::{Body, Code, Function, Image, Local, Site, Statement, Static, Variable};
use super::libc::{self, Lib};
use super::types::{Kind, Member, Record, Signature, Ty, Types};
use crate::program::{Diagnostic, SourceFile, Span};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

impl Serialize for Image {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (Flat::of(self), &self.warnings).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Image {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Image, D::Error> {
        let (flat, warnings) = <(Flat, Vec<Diagnostic>)>::deserialize(from)?;
        let mut image: Image = flat.read().ok_or_else(|| D::Error::custom("no program"))?;
        image.warnings = warnings;
        Ok(image)
    }
}

/// All but its warnings.
impl Flatten for Image {
    fn put(&self, flat: &mut Flat) {
        self.files.put(flat);
        self.types.put(flat);
        self.code.put(flat);
        self.spans.put(flat);
        self.starts.put(flat);
        self.statements.put(flat);
        self.wide.put(flat);
        self.sites.put(flat);
        self.functions.put(flat);
        self.statics.put(flat);
        self.memory.put(flat);
        self.main.put(flat);
        self.exit.put(flat);
        self.errno.put(flat);
    }

    fn get(from: &mut Reader) -> Image {
        Image {
            files: Flatten::get(from),
            warnings: Vec::new(),
            types: Flatten::get(from),
            code: Flatten::get(from),
            spans: Flatten::get(from),
            starts: Flatten::get(from),
            statements: Flatten::get(from),
            wide: Flatten::get(from),
            sites: Flatten::get(from),
            functions: Flatten::get(from),
            statics: Flatten::get(from),
            memory: Flatten::get(from),
            main: Flatten::get(from),
            exit: Flatten::get(from),
            errno: Flatten::get(from),
        }
    }
}

flatten! {
    Span { file start end }
    SourceFile { name text }
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
        libc::find(&from.text()).unwrap_or_else(|| {
            from.wrong();
            Lib::Free
        })
    }
}
