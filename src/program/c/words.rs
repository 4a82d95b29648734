//! Instructions as they are stored: each as its number and its operands, a fixed count of words.
//!
//! So what reads a stored program is a table and one small match; a reader that serde derives for each variant
//! of [`Ins`](super::ir::Ins) weighs 7 KB of the page.

use serde::{Deserialize, Serialize};

/// The number of an instruction and its operands, the rest zero.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Words([u32; 7]);

impl Words {
    /// An instruction's words.
    pub(crate) fn new(number: u32, operands: &[u32]) -> Words {
        let mut words = Words::default();
        words.0[0] = number;
        words.0[1..=operands.len()].copy_from_slice(operands);
        words
    }

    /// The number, then the operands.
    pub(crate) fn parts(self) -> (u32, impl Iterator<Item = u32>) {
        (self.0[0], self.0.into_iter().skip(1))
    }
}

/// What fits into a word.
pub(crate) trait Word: Copy {
    /// As a word.
    fn word(self) -> u32;
    /// From a word, if it is one's.
    fn of(word: u32) -> Option<Self>;
}

macro_rules! integers {
    ($($int:ty)*) => {$(
        impl Word for $int {
            fn word(self) -> u32 {
                self as u32
            }

            fn of(word: u32) -> Option<$int> {
                Some(word as $int)
            }
        }
    )*};
}

integers! { u8 u16 u32 i32 }

impl Word for bool {
    fn word(self) -> u32 {
        u32::from(self)
    }

    fn of(word: u32) -> Option<bool> {
        Some(word != 0)
    }
}

/// An enum without data that is a [`Word`].
macro_rules! by_number {
    ($(#[$meta:meta])* pub(crate) enum $name:ident { $($(#[$doc:meta])* $variant:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum $name { $($(#[$doc])* $variant,)* }

        impl $crate::program::c::words::Word for $name {
            fn word(self) -> u32 {
                self as u32
            }

            fn of(word: u32) -> Option<$name> {
                [$($name::$variant,)*].get(word as usize).copied()
            }
        }
    };
}

/// The enum `Ins` of instructions with their operands, each of which is a [`Word`].
macro_rules! instructions {
    ($($(#[$doc:meta])* $name:ident $({ $($field:ident: $ty:ty,)* })?,)*) => {
        /// One instruction: one unit of the budget.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(into = "Words", try_from = "Words")]
        pub(crate) enum Ins { $($(#[$doc])* $name $({ $($field: $ty,)* })?,)* }

        /// The instructions' numbers.
        #[derive(Clone, Copy)]
        enum Number { $($name,)* }

        impl From<Ins> for Words {
            fn from(ins: Ins) -> Words {
                match ins {
                    $(Ins::$name $({ $($field,)* })? => {
                        Words::new(Number::$name as u32, &[$($($field.word(),)*)?])
                    })*
                }
            }
        }

        impl TryFrom<Words> for Ins {
            type Error = &'static str;

            fn try_from(words: Words) -> Result<Ins, &'static str> {
                #[allow(non_upper_case_globals)]
                mod number {
                    $(pub(super) const $name: u32 = super::Number::$name as u32;)*
                }
                let (number, mut operands) = words.parts();
                let mut next = || operands.next().unwrap_or(0);
                let ins = match number {
                    $(number::$name => (|| Some(Ins::$name $({ $($field: <$ty>::of(next())?,)* })?))(),)*
                    _ => None,
                };
                ins.ok_or("no instruction")
            }
        }
    };
}

pub(crate) use {by_number, instructions};
