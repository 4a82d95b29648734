//! The syntax tree. Expressions live in one table and name each other by number, so that neither a
//! deep tree nor dropping one needs the machine's stack; statements and declarations nest no deeper
//! than the parser allows.

use super::literal::{Encoding, Precision};
use super::token::Sym;
use crate::program::Span;
use std::rc::Rc;

/// An expression's number in [`Unit::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExprId(pub(crate) u32);

/// One expression.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
    /// Height of the tree below, bounded by the parser.
    pub(crate) height: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnaryOp {
    Plus,
    Minus,
    Not,
    BitNot,
    Deref,
    AddressOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Mul,
    Div,
    Rem,
    Add,
    Sub,
    Shl,
    Shr,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Xor,
    Or,
    LogAnd,
    LogOr,
}

impl BinaryOp {
    /// How it is written.
    pub(crate) fn text(self) -> &'static str {
        match self {
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Shl => "<<",
            BinaryOp::Shr => ">>",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::And => "&",
            BinaryOp::Xor => "^",
            BinaryOp::Or => "|",
            BinaryOp::LogAnd => "&&",
            BinaryOp::LogOr => "||",
        }
    }
}

#[derive(Debug)]
pub(crate) enum ExprKind {
    /// An integer constant: value, unsigned suffix, number of `l`, decimal.
    Int(u64, super::literal::Suffix),
    Float {
        value: f64,
        precision: Precision,
    },
    Char(i32, Encoding),
    /// Its characters' bytes, no NUL added.
    Str(Rc<[u8]>, Encoding),
    Name(Sym),
    Unary(UnaryOp, ExprId),
    Binary(BinaryOp, ExprId, ExprId),
    Assign(Option<BinaryOp>, ExprId, ExprId),
    /// `++` and `--`: prefix or not, by +1 or −1.
    Step {
        prefix: bool,
        up: bool,
        of: ExprId,
    },
    /// Without a middle it is GNU's `a ?: b`.
    Cond(ExprId, Option<ExprId>, ExprId),
    Comma(ExprId, ExprId),
    Call(ExprId, Vec<ExprId>),
    Member {
        of: ExprId,
        name: Sym,
        arrow: bool,
    },
    Index(ExprId, ExprId),
    Cast(Rc<TypeName>, ExprId),
    Compound(Rc<TypeName>, Rc<Init>),
    SizeofExpr(ExprId),
    SizeofType(Rc<TypeName>),
    AlignofExpr(ExprId),
    AlignofType(Rc<TypeName>),
    /// `_Generic`: for each type what is chosen; `default` has none.
    Generic(ExprId, Vec<(Option<Rc<TypeName>>, ExprId)>),
    /// GNU's `({ … })`: its value is that of the last statement.
    Block(Rc<[Stmt]>),
    TypesCompatible(Rc<TypeName>, Rc<TypeName>),
    Offsetof(Rc<TypeName>, Vec<Designator>),
    VaArg(ExprId, Rc<TypeName>),
}

/// A type as written: specifiers and an abstract declarator.
#[derive(Debug)]
pub(crate) struct TypeName {
    pub(crate) specs: Specs,
    pub(crate) declarator: Declarator,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Storage {
    #[default]
    None,
    Typedef,
    Extern,
    Static,
    /// `auto` and `register` say nothing here.
    Auto,
}

/// Declaration specifiers.
#[derive(Debug)]
pub(crate) struct Specs {
    pub(crate) storage: Storage,
    pub(crate) constant: bool,
    pub(crate) attributes: Attributes,
    pub(crate) base: TypeSpec,
    pub(crate) span: Span,
}

/// What attributes and `_Alignas` say of an object, a member or a record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) packed: bool,
    /// The strictest one counts.
    pub(crate) aligned: Vec<Aligned>,
}

/// An alignment as written.
#[derive(Clone, Debug)]
pub(crate) enum Aligned {
    /// `aligned` without a number: as strict as any type needs.
    Most,
    To(ExprId),
    As(Rc<TypeName>),
}

/// The basic types that specifiers can spell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basic {
    Void,
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
    LongLong,
    ULongLong,
    Float,
    Double,
    LongDouble,
}

#[derive(Debug)]
pub(crate) enum TypeSpec {
    Basic(Basic),
    /// GNU's `__auto_type`: that of the initial value.
    Auto,
    Typedef(Sym),
    Record {
        union: bool,
        tag: Option<Sym>,
        /// Given if this defines it.
        fields: Option<Vec<Field>>,
        attributes: Attributes,
        /// What `#pragma pack` says where it is defined; 0 for nothing.
        pack: u8,
    },
    Enum {
        tag: Option<Sym>,
        items: Option<Vec<(Sym, Option<ExprId>, Span)>>,
    },
    TypeofExpr(ExprId),
    TypeofType(Box<TypeName>),
}

/// One declaration inside a struct or union.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) specs: Specs,
    /// Declarator and bit-field width; empty for an anonymous struct or union.
    pub(crate) declarators: Vec<(Declarator, Option<ExprId>)>,
}

/// A name and what it is made of, from the name outwards: `*a[3]` is array, then pointer.
#[derive(Debug, Default)]
pub(crate) struct Declarator {
    pub(crate) name: Option<Sym>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) span: Span,
    pub(crate) attributes: Attributes,
}

#[derive(Debug)]
pub(crate) enum Layer {
    Pointer { constant: bool },
    Array(Length),
    Function(Params),
}

/// What stands between the brackets of an array's declarator.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Length {
    None,
    /// `[*]` in a prototype: some length.
    Some,
    Expr(ExprId),
}

#[derive(Debug)]
pub(crate) struct Params {
    pub(crate) list: Vec<(Specs, Declarator)>,
    pub(crate) variadic: bool,
    /// `f()` says nothing about parameters; nor does `f(a, b)`, K&R's way.
    pub(crate) unspecified: bool,
    /// The names in K&R's way.
    pub(crate) names: Vec<(Sym, Span)>,
}

/// An initialiser.
#[derive(Debug)]
pub(crate) enum Init {
    Expr(ExprId),
    List(Vec<(Vec<Designator>, Init)>, Span),
}

#[derive(Debug)]
pub(crate) enum Designator {
    Field(Sym, Span),
    Index(ExprId),
    /// GNU's `[first ... last]`.
    Range(ExprId, ExprId),
}

/// A declaration: specifiers and declarators with initialisers.
#[derive(Debug)]
pub(crate) struct Decl {
    pub(crate) specs: Specs,
    pub(crate) items: Vec<(Declarator, Option<Init>)>,
}

#[derive(Debug)]
pub(crate) struct Stmt {
    pub(crate) kind: StmtKind,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum StmtKind {
    Empty,
    Expr(ExprId),
    Decl(Decl),
    Block(Vec<Stmt>),
    /// A labelled statement: its labels and it, in the scope around.
    Seq(Vec<Stmt>),
    /// `if … else if … else`: one entry, however long the chain.
    If(Vec<(ExprId, Stmt)>, Option<Box<Stmt>>),
    While(ExprId, Box<Stmt>),
    DoWhile(Box<Stmt>, ExprId),
    For {
        init: Option<Box<Stmt>>,
        cond: Option<ExprId>,
        step: Option<ExprId>,
        body: Box<Stmt>,
    },
    Switch(ExprId, Box<Stmt>),
    Case(ExprId, Option<ExprId>),
    Default,
    Label(Sym),
    Goto(Sym),
    Break,
    Continue,
    Return(Option<ExprId>),
}

/// A function definition.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) specs: Specs,
    pub(crate) declarator: Declarator,
    pub(crate) body: Vec<Stmt>,
    /// The closing brace.
    pub(crate) end: Span,
    /// Names whose address is taken anywhere in it: variables of those names live in memory.
    pub(crate) addressed: Vec<Sym>,
    /// It has labels: control can enter a block from the side.
    pub(crate) labels: bool,
}

#[derive(Debug)]
pub(crate) enum External {
    Decl(Decl),
    Function(Box<Function>),
    StaticAssert(ExprId, Option<Rc<[u8]>>),
}

/// One translation unit (C11 5.1.1.1).
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub(crate) exprs: Vec<Expr>,
    pub(crate) items: Vec<External>,
}

impl Unit {
    /// The expression of that number.
    pub(crate) fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }
}
