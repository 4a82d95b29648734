//! A value part by part, as serde describes it.
//!
//! For whom no part is ever wrong: a serialiser of serde's may fail at each, and whoever handles that at every field
//! of every type carries twice the code. Only what traces and views are made of can be told: no floating-point
//! numbers, no characters, no keys but text.

use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// Is told the parts of a value, in order.
pub trait Parts {
    /// A truth value.
    fn flag(&mut self, on: bool);
    /// A number of eight bits.
    fn octet(&mut self, number: u8);
    /// A number that is not negative.
    fn unsigned(&mut self, number: u64);
    /// A number.
    fn signed(&mut self, number: i64);
    /// A text.
    fn text(&mut self, text: &str);
    /// Nothing, or what follows.
    fn optional(&mut self, there: bool);
    /// A variant without data: its number and its name.
    fn variant(&mut self, number: u32, name: &'static str);
    /// A variant with data, which follow; then it is closed.
    fn open_variant(&mut self, number: u32, name: &'static str);
    /// A list, of so many if that is not clear from its type; what follows belongs to it until it is closed.
    fn open_list(&mut self, length: Option<usize>);
    /// Fields, each with its name before it; they belong to it until it is closed.
    fn open_fields(&mut self);
    /// The name of the field that follows.
    fn name(&mut self, name: &'static str);
    /// Nothing more belongs to what was opened last.
    fn close(&mut self);
}

/// Tells the parts of a value.
pub fn tell(value: &(impl Serialize + ?Sized), parts: &mut impl Parts) {
    let Ok(()) = value.serialize(Teller(parts));
}

/// What no part is.
#[derive(Debug)]
enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Never {
        untold()
    }
}

#[cold]
fn untold() -> ! {
    panic!("no part of a trace or a view")
}

struct Teller<'a, P>(&'a mut P);

/// Something that was opened, once or, for a variant with fields, twice.
struct Opened<'a, P> {
    parts: &'a mut P,
    closes: u8,
}

impl<P: Parts> Opened<'_, P> {
    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(Teller(&mut *self.parts))
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Never> {
        self.parts.name(name);
        self.part(value)
    }

    fn close(self) -> Result<(), Never> {
        for _ in 0..self.closes {
            self.parts.close();
        }
        Ok(())
    }
}

impl<'a, P: Parts> Teller<'a, P> {
    fn opened(self, closes: u8) -> Result<Opened<'a, P>, Never> {
        let parts = self.0;
        Ok(Opened { parts, closes })
    }
}

macro_rules! scalars {
    ($($name:ident: $ty:ty => $part:ident as $as:ty;)*) => {$(
        fn $name(self, value: $ty) -> Result<(), Never> {
            self.0.$part(value as $as);
            Ok(())
        }
    )*};
}

macro_rules! untold {
    ($($name:ident: $ty:ty;)*) => {$(
        fn $name(self, _: $ty) -> Result<(), Never> {
            untold()
        }
    )*};
}

impl<'a, P: Parts> Serializer for Teller<'a, P> {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Opened<'a, P>;
    type SerializeTuple = Opened<'a, P>;
    type SerializeTupleStruct = Opened<'a, P>;
    type SerializeTupleVariant = Opened<'a, P>;
    type SerializeMap = ser::Impossible<(), Never>;
    type SerializeStruct = Opened<'a, P>;
    type SerializeStructVariant = Opened<'a, P>;

    scalars! {
        serialize_bool: bool => flag as bool;
        serialize_u8: u8 => octet as u8;
        serialize_u16: u16 => unsigned as u64;
        serialize_u32: u32 => unsigned as u64;
        serialize_u64: u64 => unsigned as u64;
        serialize_i16: i16 => signed as i64;
        serialize_i32: i32 => signed as i64;
        serialize_i64: i64 => signed as i64;
        serialize_str: &str => text as &str;
    }

    untold! {
        serialize_i8: i8;
        serialize_f32: f32;
        serialize_f64: f64;
        serialize_char: char;
        serialize_bytes: &[u8];
        serialize_unit_struct: &'static str;
    }

    fn serialize_unit(self) -> Result<(), Never> {
        untold()
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.0.optional(false);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        self.0.optional(true);
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        number: u32,
        name: &'static str,
    ) -> Result<(), Never> {
        self.0.variant(number, name);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        number: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        self.0.open_variant(number, name);
        let mut opened = self.opened(1)?;
        opened.part(value)?;
        opened.close()
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Opened<'a, P>, Never> {
        self.0.open_list(length);
        self.opened(1)
    }

    fn serialize_tuple(self, _: usize) -> Result<Opened<'a, P>, Never> {
        self.0.open_list(None);
        self.opened(1)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<Opened<'a, P>, Never> {
        self.serialize_tuple(length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        number: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Opened<'a, P>, Never> {
        self.0.open_variant(number, name);
        self.0.open_list(None);
        self.opened(2)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Never> {
        untold()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Opened<'a, P>, Never> {
        self.0.open_fields();
        self.opened(1)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        number: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Opened<'a, P>, Never> {
        self.0.open_variant(number, name);
        self.0.open_fields();
        self.opened(2)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! elements {
    ($($compound:ident::$element:ident)*) => {$(
        impl<P: Parts> ser::$compound for Opened<'_, P> {
            type Ok = ();
            type Error = Never;

            fn $element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                self.part(value)
            }

            fn end(self) -> Result<(), Never> {
                self.close()
            }
        }
    )*};
}

elements! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

macro_rules! fields {
    ($($compound:ident)*) => {$(
        impl<P: Parts> ser::$compound for Opened<'_, P> {
            type Ok = ();
            type Error = Never;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Never> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Never> {
                self.close()
            }
        }
    )*};
}

fields! { SerializeStruct SerializeStructVariant }
