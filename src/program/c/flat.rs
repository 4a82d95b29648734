//! Compiled programs as they are stored and sent: a list of numbers, one of texts, one of bytes.
//!
//! What serde derives to read the few dozen types of an [`Image`](super::ir::Image) weighs 10 KB of the page. Read
//! from plain lists, whose ends nobody has to handle at each field, they weigh a fraction of it.

use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Values in plain lists.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Flat {
    numbers: Vec<u64>,
    texts: Vec<Rc<str>>,
    bytes: Vec<u8>,
}

impl Flat {
    /// A value in lists.
    pub(crate) fn of(value: &impl Flatten) -> Flat {
        let mut flat = Flat::default();
        value.put(&mut flat);
        flat
    }

    /// The value; none if the lists are not those of one.
    pub(crate) fn read<T: Flatten>(&self) -> Option<T> {
        let mut reader = Reader {
            flat: self,
            at: [0; 3],
            wrong: false,
        };
        let value = T::get(&mut reader);
        (!reader.wrong).then_some(value)
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, number: u64) {
        self.numbers.push(number);
    }

    /// Adds bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }
}

/// Reads lists from their beginnings. What is not there reads as zero, and is noted.
pub(crate) struct Reader<'a> {
    flat: &'a Flat,
    /// Numbers, texts, bytes read so far.
    at: [usize; 3],
    wrong: bool,
}

impl Reader<'_> {
    /// The next number.
    #[inline(never)]
    pub(crate) fn number(&mut self) -> u64 {
        match self.flat.numbers.get(self.at[0]) {
            Some(number) => {
                self.at[0] += 1;
                *number
            }
            None => self.wrong(),
        }
    }

    /// The next text.
    #[inline(never)]
    pub(crate) fn text(&mut self) -> Rc<str> {
        match self.flat.texts.get(self.at[1]) {
            Some(text) => {
                self.at[1] += 1;
                text.clone()
            }
            None => {
                self.wrong();
                "".into()
            }
        }
    }

    /// The next bytes.
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        let from = self.at[2];
        self.at[2] = from.saturating_add(self.number() as usize);
        let bytes = self.flat.bytes.get(from..self.at[2]);
        bytes.map_or_else(Vec::new, <[u8]>::to_vec)
    }

    /// Notes that something is not as it was written.
    pub(crate) fn wrong(&mut self) -> u64 {
        self.wrong = true;
        0
    }
}

/// What can be put into lists and got out of them.
pub(crate) trait Flatten {
    /// Adds the value.
    fn put(&self, flat: &mut Flat);
    /// The next value.
    fn get(from: &mut Reader) -> Self;
}

macro_rules! numbers {
    ($($int:ty as $unsigned:ty)*) => {$(
        impl Flatten for $int {
            fn put(&self, flat: &mut Flat) {
                flat.number(*self as $unsigned as u64);
            }

            fn get(from: &mut Reader) -> $int {
                from.number() as $int
            }
        }
    )*};
}

numbers! { u8 as u8  u16 as u16  u32 as u32  i32 as u32  u64 as u64 }

impl Flatten for bool {
    fn put(&self, flat: &mut Flat) {
        flat.number(u64::from(*self));
    }

    fn get(from: &mut Reader) -> bool {
        from.number() != 0
    }
}

impl Flatten for Rc<str> {
    fn put(&self, flat: &mut Flat) {
        flat.texts.push(self.clone());
    }

    fn get(from: &mut Reader) -> Rc<str> {
        from.text()
    }
}

impl Flatten for String {
    fn put(&self, flat: &mut Flat) {
        flat.texts.push(self.as_str().into());
    }

    fn get(from: &mut Reader) -> String {
        from.text().as_ref().to_owned()
    }
}

impl<T: Flatten> Flatten for Option<T> {
    fn put(&self, flat: &mut Flat) {
        self.is_some().put(flat);
        if let Some(value) = self {
            value.put(flat);
        }
    }

    fn get(from: &mut Reader) -> Option<T> {
        bool::get(from).then(|| T::get(from))
    }
}

impl<T: Flatten> Flatten for Vec<T> {
    fn put(&self, flat: &mut Flat) {
        flat.number(self.len() as u64);
        for value in self {
            value.put(flat);
        }
    }

    fn get(from: &mut Reader) -> Vec<T> {
        let mut values = Vec::new();
        for _ in 0..from.number() {
            if from.wrong {
                break;
            }
            values.push(T::get(from));
        }
        values
    }
}

impl<T: Flatten> Flatten for Rc<T> {
    fn put(&self, flat: &mut Flat) {
        T::put(self, flat);
    }

    fn get(from: &mut Reader) -> Rc<T> {
        Rc::new(T::get(from))
    }
}

impl<A: Flatten, B: Flatten> Flatten for (A, B) {
    fn put(&self, flat: &mut Flat) {
        self.0.put(flat);
        self.1.put(flat);
    }

    fn get(from: &mut Reader) -> (A, B) {
        (A::get(from), B::get(from))
    }
}

/// [`Flatten`] for structs: their fields one by one. The compiler says if one is forgotten.
macro_rules! flatten {
    ($($name:ident { $($field:ident)* })*) => {$(
        impl $crate::program::c::flat::Flatten for $name {
            fn put(&self, flat: &mut $crate::program::c::flat::Flat) {
                $($crate::program::c::flat::Flatten::put(&self.$field, flat);)*
            }

            fn get(from: &mut $crate::program::c::flat::Reader) -> $name {
                $name { $($field: $crate::program::c::flat::Flatten::get(from),)* }
            }
        }
    )*};
}

/// An enum without data, which is a number.
macro_rules! by_number {
    ($(#[$meta:meta])* pub(crate) enum $name:ident { $($(#[$doc:meta])* $variant:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every one, in order.
            const ALL: &[$name] = &[$($name::$variant,)*];
        }

        impl $crate::program::c::flat::Flatten for $name {
            fn put(&self, flat: &mut $crate::program::c::flat::Flat) {
                flat.number(*self as u64);
            }

            fn get(from: &mut $crate::program::c::flat::Reader) -> $name {
                match $name::ALL.get(from.number() as usize) {
                    Some(one) => *one,
                    None => {
                        from.wrong();
                        $name::ALL[0]
                    }
                }
            }
        }
    };
}

/// An enum of which each variant has named fields or none: its number, then the fields.
macro_rules! variants {
    (
        $(#[$meta:meta])*
        pub(crate) enum $enum:ident {
            $($(#[$doc:meta])* $name:ident $({ $($field:ident: $ty:ty,)* })?,)*
        }
    ) => {
        $(#[$meta])*
        pub(crate) enum $enum { $($(#[$doc])* $name $({ $($field: $ty,)* })?,)* }

        const _: () = {
            #[allow(non_upper_case_globals)]
            mod number {
                enum Number { $($name,)* }
                $(pub(super) const $name: u64 = Number::$name as u64;)*
            }

            impl $crate::program::c::flat::Flatten for $enum {
                fn put(&self, flat: &mut $crate::program::c::flat::Flat) {
                    match self {
                        $($enum::$name $({ $($field,)* })? => {
                            flat.number(number::$name);
                            $($($crate::program::c::flat::Flatten::put($field, flat);)*)?
                        })*
                    }
                }

                fn get(from: &mut $crate::program::c::flat::Reader) -> $enum {
                    match from.number() {
                        $(number::$name => $enum::$name $({
                            $($field: $crate::program::c::flat::Flatten::get(from),)*
                        })?,)*
                        _ => {
                            from.wrong();
                            $enum::NONE
                        }
                    }
                }
            }
        };
    };
}

pub(crate) use {by_number, flatten, variants};
