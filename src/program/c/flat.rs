//! Values as they are stored and sent: numbers and octets, one after the other.
//!
//! What serde derives to read the few dozen types of an [`Image`](super::ir::Image) weighs 10 KB of the page. Read
//! from plain lists, whose ends nobody has to handle at each field, they weigh a fraction of it.

use std::borrow::Cow;
use std::rc::Rc;

/// Values in two lists: their numbers, and the octets of their texts, of which the lengths are among the numbers.
#[derive(Debug, Default)]
pub struct Flat {
    /// Each in as few octets as it takes, seven bits in each, the lowest first (LEB128).
    numbers: Vec<u8>,
    octets: Vec<u8>,
}

impl Flat {
    /// Both lists as bytes, with the number of their version.
    pub(crate) fn into_bytes(self, version: u32) -> Vec<u8> {
        let length = self.numbers.len() as u32;
        let head = [version.to_le_bytes(), length.to_le_bytes()].concat();
        [head, self.numbers, self.octets].concat()
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.numbers.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.numbers.push(number as u8);
    }

    /// Adds octets.
    pub(crate) fn octets(&mut self, octets: &[u8]) {
        self.number(octets.len() as u64);
        self.octets.extend_from_slice(octets);
    }
}

/// Reads lists from their beginnings. What is not there reads as zero, and is noted.
#[derive(Debug)]
pub struct Reader<'a> {
    numbers: &'a [u8],
    octets: &'a [u8],
    wrong: bool,
}

impl<'a> Reader<'a> {
    /// The reader of what [`Flat::into_bytes`] gave; none if it is of another version.
    pub(crate) fn new(bytes: &'a [u8], version: u32) -> Option<Reader<'a>> {
        let (expected, rest) = bytes.split_first_chunk()?;
        let (length, lists) = rest.split_first_chunk()?;
        let (numbers, octets) = lists.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        (u32::from_le_bytes(*expected) == version).then_some(Reader {
            numbers,
            octets,
            wrong: false,
        })
    }

    /// The next value, which is the last; none if the lists are not those of one.
    pub(crate) fn value<T: Flatten>(mut self) -> Option<T> {
        let value = T::get(&mut self);
        (!self.wrong).then_some(value)
    }

    /// The next number.
    #[inline(never)]
    pub(crate) fn number(&mut self) -> u64 {
        let mut number = 0;
        for at in 0..10 {
            let Some((octet, rest)) = self.numbers.split_first() else {
                break;
            };
            self.numbers = rest;
            number |= u64::from(octet & 0x7f) << (7 * at);
            if *octet <= 0x7f {
                return number;
            }
        }
        self.wrong()
    }

    /// The next octets.
    #[inline(never)]
    pub(crate) fn octets(&mut self) -> &'a [u8] {
        let length = self.number() as usize;
        match self.octets.split_at_checked(length) {
            Some((octets, rest)) => {
                self.octets = rest;
                octets
            }
            None => {
                self.wrong();
                &[]
            }
        }
    }

    /// The next text.
    #[inline(never)]
    pub(crate) fn text(&mut self) -> &'a str {
        // The only check of UTF-8 that the page has.
        match String::from_utf8_lossy(self.octets()) {
            Cow::Borrowed(text) => text,
            Cow::Owned(_) => {
                self.wrong();
                ""
            }
        }
    }

    /// Notes that something is not as it was written.
    pub(crate) fn wrong(&mut self) -> u64 {
        self.wrong = true;
        0
    }
}

/// What can be put into lists and got out of them.
pub trait Flatten {
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
        flat.octets(self.as_bytes());
    }

    fn get(from: &mut Reader) -> Rc<str> {
        from.text().into()
    }
}

impl Flatten for String {
    fn put(&self, flat: &mut Flat) {
        flat.octets(self.as_bytes());
    }

    fn get(from: &mut Reader) -> String {
        from.text().to_owned()
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

impl<T: Flatten, E: Flatten> Flatten for Result<T, E> {
    fn put(&self, flat: &mut Flat) {
        self.is_ok().put(flat);
        match self {
            Ok(value) => value.put(flat),
            Err(error) => error.put(flat),
        }
    }

    fn get(from: &mut Reader) -> Result<T, E> {
        match bool::get(from) {
            true => Ok(T::get(from)),
            false => Err(E::get(from)),
        }
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

            /// The one of that number.
            #[inline(never)]
            pub(crate) fn of(number: u64, from: &mut $crate::program::c::flat::Reader) -> $name {
                match $name::ALL.get(number as usize) {
                    Some(one) => *one,
                    None => {
                        from.wrong();
                        $name::ALL[0]
                    }
                }
            }
        }

        impl $crate::program::c::flat::Flatten for $name {
            fn put(&self, flat: &mut $crate::program::c::flat::Flat) {
                flat.number(*self as u64);
            }

            fn get(from: &mut $crate::program::c::flat::Reader) -> $name {
                let number = from.number();
                $name::of(number, from)
            }
        }
    };
}

pub(crate) use {by_number, flatten};
