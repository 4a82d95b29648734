//! The compact instructions that the machine executes.
//!
//! Every function has a window of 64-bit registers. Scalar variables whose address is never taken
//! live in registers; everything else is an object in memory, and the register of such a variable
//! holds its address. Integers are kept extended to 64 bits by their type's sign, `float` as the
//! `double` of the same value.

pub(crate) use super::instruction::Ins;

use super::flat::{Flat, Flatten, Reader, by_number};
use super::libc::Lib;
use super::machine::memory::Memory;
use super::types::{Ty, Types};
use crate::program::{Diagnostic, SourceFile, Span};
use std::rc::Rc;

/// A register of the current window.
pub(crate) type Reg = u16;

by_number! {
    /// Two operands, one result.
    pub(crate) enum Op {
        Add32,
        AddU32,
        Add64,
        Sub32,
        SubU32,
        Sub64,
        Mul32,
        MulU32,
        Mul64,
        And,
        Or,
        Xor,
        Shl32,
        ShlU32,
        Shl64,
        Shr32,
        ShrU32,
        Shr64,
        ShrU64,
        Div32,
        DivU,
        Div64,
        Rem32,
        RemU,
        Rem64,
        Lt,
        Le,
        LtU,
        LeU,
        Eq,
        Ne,
        AddF,
        SubF,
        MulF,
        DivF,
        LtF,
        LeF,
        EqF,
        NeF,
    }
}

by_number! {
    /// One operand, one result.
    pub(crate) enum Un {
        Neg64,
        NegF,
        /// 1 if zero.
        Not,
        /// 1 if not zero.
        Bool,
        /// The same for `double`: −0.0 is zero.
        BoolF,
        S8,
        U8,
        S16,
        U16,
        S32,
        U32,
        IntToF,
        UIntToF,
        FToInt,
        FToUInt,
        /// Rounded to `float`.
        RoundF,
    }
}

by_number! {
    /// How a scalar lies in memory.
    pub(crate) enum Mem {
        S8,
        U8,
        S16,
        U16,
        S32,
        U32,
        W64,
        F32,
    }
}

impl Mem {
    /// Bytes.
    pub(crate) fn size(self) -> u32 {
        match self {
            Mem::S8 | Mem::U8 => 1,
            Mem::S16 | Mem::U16 => 2,
            Mem::S32 | Mem::U32 | Mem::F32 => 4,
            Mem::W64 => 8,
        }
    }
}

by_number! {
    /// Which instruction.
    pub(crate) enum What {
        Nop,
        Const,
        Wide,
        Move,
        Add32,
        Sub32,
        Mul32,
        Add64,
        Xor,
        And,
        AddI32,
        AddI64,
        Index,
        Bin,
        Un,
        Jump,
        JumpIfZero,
        JumpIfNot,
        JumpLt,
        JumpLe,
        JumpLtU,
        JumpLeU,
        JumpEq,
        JumpNe,
        Load,
        Store,
        LoadBits,
        StoreBits,
        Copy,
        Zero,
        Born,
        Dead,
        Mark,
        Check,
        Call,
        CallPtr,
        Return,
        ReturnNothing,
        VaArg,
    }
}

/// An instruction as it is stored and executed. All have one shape, so that one piece of code reads the operands of any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) what: What,
    pub(crate) op: Op,
    pub(crate) un: Un,
    pub(crate) mem: Mem,
    /// Where the result goes; of a call, its first register; otherwise a variable's number.
    pub(crate) d: Reg,
    pub(crate) a: Reg,
    pub(crate) b: Reg,
    /// A number: a constant, an offset, where to go, an index, a size.
    pub(crate) v: u32,
}

impl Word {
    pub(super) const NOP: Word = Word {
        what: What::Nop,
        op: Op::Add32,
        un: Un::Neg64,
        mem: Mem::S8,
        d: 0,
        a: 0,
        b: 0,
        v: 0,
    };

    pub(super) fn of(what: What, d: Reg, a: Reg, b: Reg, v: u32) -> Word {
        let rest = Word::NOP;
        Word {
            what,
            d,
            a,
            b,
            v,
            ..rest
        }
    }

    pub(crate) fn is_call(&self) -> bool {
        matches!(self.what, What::Call | What::CallPtr)
    }

    /// The number of a [`What::Zero`] or a [`What::Call`] besides `v`, in two halves.
    pub(crate) fn wide(first: Reg, second: Reg) -> u32 {
        u32::from(second) << 16 | u32::from(first)
    }
}

/// The first number says which instruction, and which of the others follow: those that are not zero.
impl Flatten for Word {
    fn put(&self, flat: &mut Flat) {
        let numbers = [
            self.op as u32,
            self.un as u32,
            self.mem as u32,
            self.v,
            self.d.into(),
            self.a.into(),
            self.b.into(),
        ];
        let mut first = self.what as u32;
        for (i, number) in numbers.iter().enumerate() {
            first |= u32::from(*number != 0) << (6 + i);
        }
        first.put(flat);
        for number in numbers.iter().filter(|number| **number != 0) {
            number.put(flat);
        }
    }

    fn get(from: &mut Reader) -> Word {
        let first = from.number();
        let mut numbers = [0; 7];
        for (i, number) in numbers.iter_mut().enumerate() {
            if first >> (6 + i) & 1 == 1 {
                *number = from.number() as u32;
            }
        }
        let [op, un, mem, v, d, a, b] = numbers;
        Word {
            what: What::of(u64::from(first as u32 & 63), from),
            op: Op::of(op.into(), from),
            un: Un::of(un.into(), from),
            mem: Mem::of(mem.into(), from),
            d: d as Reg,
            a: a as Reg,
            b: b as Reg,
            v,
        }
    }
}

by_number! {
    /// What was passed where the prototype says `...`.
    pub(crate) enum ArgKind {
        Int,
        UInt,
        Long,
        ULong,
        Double,
        Pointer,
    }
}

/// A call: what the callee cannot know by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Arguments passed.
    pub(crate) args: u16,
    /// Kinds of those that stand for `...` (or of all, where nothing was declared).
    pub(crate) kinds: Vec<ArgKind>,
    /// The result is used.
    pub(crate) used: bool,
    /// How many parameters a callee must have, if it is called through a pointer.
    pub(crate) signature: Option<Ty>,
}

/// A variable, for the view and for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: Rc<str>,
    pub(crate) ty: Ty,
    pub(crate) at: Span,
    /// Its value, or its address if it lives in memory.
    pub(crate) reg: Reg,
    pub(crate) in_memory: bool,
    /// The register that notes whether it has a value.
    pub(crate) note: Option<Reg>,
    /// Instructions during which it is in scope.
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// A variable that lives in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    pub(crate) reg: Reg,
    pub(crate) size: u32,
    pub(crate) align: u32,
    /// Index in the function's variables; none for a temporary.
    pub(crate) var: Option<u16>,
    /// Made when the function is entered; the others when their declaration is reached.
    pub(crate) early: bool,
}

/// A function of the program or of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: Rc<str>,
    pub(crate) ty: Ty,
    pub(crate) at: Span,
    /// It is the library's own C: its code has no places, and belongs to the call of it.
    pub(crate) library: bool,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Missing,
    /// Linux's C library has it, and this one has not: what a call of it is answered.
    NotModelled(Rc<str>),
    Lib(Lib),
    Code(Code),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// First instruction, and one past the last.
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) regs: u32,
    pub(crate) params: u16,
    pub(crate) variadic: bool,
    pub(crate) locals: Vec<Local>,
    pub(crate) variables: Vec<Variable>,
    /// What a frame takes of the simulated stack.
    pub(crate) frame: u32,
}

/// Where a statement begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) span: Span,
    pub(crate) line: u32,
}

/// An object that lives as long as the program: a variable, or a string literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Static {
    pub(crate) name: Option<Rc<str>>,
    pub(crate) ty: Ty,
    pub(crate) at: Span,
    pub(crate) size: u32,
    pub(crate) address: u64,
}

/// A compiled program: everything that does not change while it runs. It can be stored and sent
/// (`scenario::Packed`); what is read back runs in the same way.
#[derive(Debug)]
pub struct Image {
    /// The program's files, then the system headers it includes.
    pub(crate) files: Vec<SourceFile>,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) types: Types,
    pub(crate) code: Vec<Word>,
    /// For each instruction the expression it belongs to; nothing for the library's at the end.
    pub(crate) spans: Vec<Span>,
    /// For each instruction 0, or 1 + the statement that begins there.
    pub(crate) starts: Vec<u32>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) wide: Vec<u64>,
    pub(crate) sites: Vec<Site>,
    pub(crate) functions: Vec<Function>,
    pub(crate) statics: Vec<Static>,
    /// Memory as it is when the program starts.
    pub(crate) memory: Memory,
    pub(crate) main: u32,
    /// The function that main's end calls.
    pub(crate) exit: u32,
    /// The address of `errno`.
    pub(crate) errno: u64,
}

impl Image {
    /// The program's files, then the system headers that it includes: what spans count in.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// What is suspicious about the program, though it can run.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}
