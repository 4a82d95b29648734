//! Plain values as JSON (RFC 8259).

use serde::Serialize;
use serde::ser::{Impossible, SerializeSeq, SerializeStruct, Serializer};
use std::fmt::Error;

/// A value as JSON: structs, lists, options, texts, names of enums' variants, whole numbers and truth values.
/// That is what views are made of, and all that the page has to carry for them.
///
/// Errors: the value has something else in it.
///
/// ```
/// use sockscope::export::json;
/// let texts = vec!["a\"b", "\n"];
/// assert_eq!(json::text(&texts).unwrap(), r#"["a\"b","\u000a"]"#);
/// assert!(json::text(&0.5).is_err());
/// ```
pub fn text(value: &(impl Serialize + ?Sized)) -> Result<String, Error> {
    let mut json = Json(String::new());
    value.serialize(&mut json)?;
    Ok(json.0)
}

struct Json(String);

impl Json {
    fn word(&mut self, word: &str) -> Result<(), Error> {
        self.0.push_str(word);
        Ok(())
    }

    fn quoted(&mut self, text: &str) {
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.0.extend(['\\', c]),
                '\0'..='\u{1f}' => {
                    self.0.push_str("\\u00");
                    let digits = [c as u32 >> 4, c as u32 & 15];
                    self.0
                        .extend(digits.map(|digit| char::from_digit(digit, 16).unwrap_or('0')));
                }
                _ => self.0.push(c),
            }
        }
        self.0.push('"');
    }

    /// A comma before all but the first of a list. Texts end in quotes, so an open bracket at the end is no text's.
    fn next(&mut self) {
        if !self.0.ends_with(['[', '{']) {
            self.0.push(',');
        }
    }
}

type Never = Impossible<(), Error>;

/// Methods for values that no view has.
macro_rules! refused {
    ($($method:ident($($argument:ty),*) -> $answer:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$answer, Error> {
            Err(Error)
        })*
    };
}

/// Methods for whole numbers, which are as wide as the widest here.
macro_rules! numbers {
    ($($method:ident($number:ty) as $wide:ident;)*) => {
        $(fn $method(self, number: $number) -> Result<(), Error> {
            self.$wide(number.into())
        })*
    };
}

impl<'a> Serializer for &'a mut Json {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = &'a mut Json;
    type SerializeStruct = &'a mut Json;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStructVariant = Never;

    numbers! {
        serialize_i8(i8) as serialize_i64;
        serialize_i16(i16) as serialize_i64;
        serialize_i32(i32) as serialize_i64;
        serialize_u8(u8) as serialize_u64;
        serialize_u16(u16) as serialize_u64;
        serialize_u32(u32) as serialize_u64;
    }

    refused! {
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        Err(Error)
    }

    fn serialize_bool(self, is: bool) -> Result<(), Error> {
        self.word(if is { "true" } else { "false" })
    }

    fn serialize_i64(self, number: i64) -> Result<(), Error> {
        self.word(&number.to_string())
    }

    fn serialize_u64(self, number: u64) -> Result<(), Error> {
        self.word(&number.to_string())
    }

    fn serialize_char(self, c: char) -> Result<(), Error> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.quoted(text);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.word("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.word("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.word("null")
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<&'a mut Json, Error> {
        self.0.push('[');
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<&'a mut Json, Error> {
        self.0.push('{');
        Ok(self)
    }
}

impl SerializeSeq for &mut Json {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.next();
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Error> {
        self.word("]")
    }
}

impl SerializeStruct for &mut Json {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.next();
        self.quoted(name);
        self.0.push(':');
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Error> {
        self.word("}")
    }
}
