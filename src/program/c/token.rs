//! Preprocessing tokens and the table of their spellings.

use super::index::{Index, hash_bytes};
use crate::program::Span;
use std::rc::Rc;

/// An interned spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sym(pub(crate) u32);

/// Every spelling once, so that names compare as numbers.
#[derive(Default)]
pub(crate) struct Interner {
    by_name: Index,
    names: Vec<Rc<str>>,
}

impl Interner {
    /// The number of a spelling.
    pub(crate) fn sym(&mut self, name: &str) -> Sym {
        let hash = hash_bytes(name.as_bytes());
        let is = |sym: u32| &*self.names[sym as usize] == name;
        if let Some(sym) = self.by_name.find(hash, &is) {
            return Sym(sym);
        }
        let sym = self.names.len() as u32;
        self.names.push(name.into());
        self.by_name.add(hash, sym);
        Sym(sym)
    }

    /// The spelling of a number.
    pub(crate) fn name(&self, sym: Sym) -> &str {
        &self.names[sym.0 as usize]
    }

    /// The spelling of a number, shared.
    pub(crate) fn shared(&self, sym: Sym) -> Rc<str> {
        self.names[sym.0 as usize].clone()
    }
}

macro_rules! puncts {
    ($($name:ident $text:literal,)*) => {
        /// A punctuator.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum P { $($name,)* }

        impl P {
            /// Every punctuator, longest first.
            pub(crate) const ALL: &'static [(&'static str, P)] = &[$(($text, P::$name),)*];

            /// How it is written.
            pub(crate) fn text(self) -> &'static str {
                match self { $(P::$name => $text,)* }
            }
        }
    };
}

puncts! {
    ShlEq "<<=", ShrEq ">>=", Dots "...",
    Arrow "->", Inc "++", Dec "--", Shl "<<", Shr ">>", Le "<=", Ge ">=", EqEq "==", Ne "!=",
    AndAnd "&&", OrOr "||", MulEq "*=", DivEq "/=", ModEq "%=", AddEq "+=", SubEq "-=",
    AndEq "&=", XorEq "^=", OrEq "|=", HashHash "##",
    LBracket "[", RBracket "]", LParen "(", RParen ")", LBrace "{", RBrace "}", Dot ".",
    And "&", Star "*", Plus "+", Minus "-", Tilde "~", Bang "!", Slash "/", Percent "%",
    Lt "<", Gt ">", Caret "^", Or "|", Question "?", Colon ":", Semi ";", Eq "=", Comma ",",
    Hash "#",
}

/// What kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tok {
    Ident,
    /// A preprocessing number: integers and floating constants, not yet looked into.
    Num,
    /// A character constant with its quotes.
    Char,
    /// A string literal with its quotes.
    Str,
    P(P),
    /// A character that C has no use for.
    Other,
    Eof,
}

/// One preprocessing token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Tok,
    /// The spelling.
    pub(crate) sym: Sym,
    /// Where it stands; what a macro made stands where the macro was named.
    pub(crate) span: Span,
    /// First on its line.
    pub(crate) first: bool,
    /// White space before it.
    pub(crate) space: bool,
    /// A macro's own name inside its expansion: not expanded again.
    pub(crate) painted: bool,
}

impl Token {
    /// Whether it is that punctuator.
    pub(crate) fn is(&self, p: P) -> bool {
        self.kind == Tok::P(p)
    }
}
