//! Instructions as the compiler makes them, and the words that they become.

use super::ir::{ArgKind, Mem, Op, Reg, Un, What, Word};

/// One instruction: one unit of the budget. This is what the compiler makes; what runs is its [`Word`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ins {
    Nop,
    Const {
        d: Reg,
        v: i32,
    },
    Wide {
        d: Reg,
        k: u32,
    },
    Move {
        d: Reg,
        a: Reg,
    },
    // The commonest of the `Bin` below, without its second dispatch.
    Add32 {
        d: Reg,
        a: Reg,
        b: Reg,
    },
    Sub32 {
        d: Reg,
        a: Reg,
        b: Reg,
    },
    Mul32 {
        d: Reg,
        a: Reg,
        b: Reg,
    },
    Add64 {
        d: Reg,
        a: Reg,
        b: Reg,
    },
    Xor {
        d: Reg,
        a: Reg,
        b: Reg,
    },
    And {
        d: Reg,
        a: Reg,
        b: Reg,
    },
    AddI32 {
        d: Reg,
        a: Reg,
        v: i32,
    },
    AddI64 {
        d: Reg,
        a: Reg,
        v: i32,
    },
    /// `d = a + b * v`: an element's address.
    Index {
        d: Reg,
        a: Reg,
        b: Reg,
        v: i32,
    },
    Bin {
        op: Op,
        d: Reg,
        a: Reg,
        b: Reg,
    },
    Un {
        op: Un,
        d: Reg,
        a: Reg,
    },
    Jump {
        to: u32,
    },
    JumpIfZero {
        a: Reg,
        to: u32,
    },
    JumpIfNot {
        a: Reg,
        to: u32,
    },
    JumpLt {
        a: Reg,
        b: Reg,
        to: u32,
    },
    JumpLe {
        a: Reg,
        b: Reg,
        to: u32,
    },
    JumpLtU {
        a: Reg,
        b: Reg,
        to: u32,
    },
    JumpLeU {
        a: Reg,
        b: Reg,
        to: u32,
    },
    JumpEq {
        a: Reg,
        b: Reg,
        to: u32,
    },
    JumpNe {
        a: Reg,
        b: Reg,
        to: u32,
    },
    Load {
        mem: Mem,
        d: Reg,
        a: Reg,
        off: i32,
    },
    Store {
        mem: Mem,
        a: Reg,
        b: Reg,
        off: i32,
    },
    /// Reads a bit-field of `width` bits at bit `shift` of a unit of `mem`; `signed` extends it.
    LoadBits {
        mem: Mem,
        signed: bool,
        shift: u8,
        width: u8,
        d: Reg,
        a: Reg,
    },
    StoreBits {
        mem: Mem,
        shift: u8,
        width: u8,
        a: Reg,
        b: Reg,
    },
    /// Copies an object's bytes, unwritten ones included.
    Copy {
        a: Reg,
        b: Reg,
        size: u32,
    },
    Zero {
        a: Reg,
        off: i32,
        size: u32,
    },
    /// A block's variable begins its life anew: the one before, if any, is gone.
    Born {
        local: u16,
    },
    Dead {
        local: u16,
    },
    /// Notes that a variable in a register has (or has not) a value.
    Mark {
        d: Reg,
        yes: bool,
    },
    /// Stops if the variable with that note has no value.
    Check {
        a: Reg,
        var: u16,
    },
    Call {
        func: u32,
        base: Reg,
        site: u32,
    },
    CallPtr {
        a: Reg,
        base: Reg,
        site: u32,
    },
    Return,
    /// The end of a function that should have returned a value: its result must not be used.
    ReturnNothing,
    /// The next variable argument of the list at `a`.
    VaArg {
        d: Reg,
        a: Reg,
        kind: ArgKind,
    },
}

impl From<Ins> for Word {
    fn from(ins: Ins) -> Word {
        let of = Word::of;
        match ins {
            Ins::Nop => Word::NOP,
            Ins::Const { d, v } => of(What::Const, d, 0, 0, v as u32),
            Ins::Wide { d, k } => of(What::Wide, d, 0, 0, k),
            Ins::Move { d, a } => of(What::Move, d, a, 0, 0),
            Ins::Add32 { d, a, b } => of(What::Add32, d, a, b, 0),
            Ins::Sub32 { d, a, b } => of(What::Sub32, d, a, b, 0),
            Ins::Mul32 { d, a, b } => of(What::Mul32, d, a, b, 0),
            Ins::Add64 { d, a, b } => of(What::Add64, d, a, b, 0),
            Ins::Xor { d, a, b } => of(What::Xor, d, a, b, 0),
            Ins::And { d, a, b } => of(What::And, d, a, b, 0),
            Ins::AddI32 { d, a, v } => of(What::AddI32, d, a, 0, v as u32),
            Ins::AddI64 { d, a, v } => of(What::AddI64, d, a, 0, v as u32),
            Ins::Index { d, a, b, v } => of(What::Index, d, a, b, v as u32),
            Ins::Bin { op, d, a, b } => Word {
                op,
                ..of(What::Bin, d, a, b, 0)
            },
            Ins::Un { op, d, a } => Word {
                un: op,
                ..of(What::Un, d, a, 0, 0)
            },
            Ins::Jump { to } => of(What::Jump, 0, 0, 0, to),
            Ins::JumpIfZero { a, to } => of(What::JumpIfZero, 0, a, 0, to),
            Ins::JumpIfNot { a, to } => of(What::JumpIfNot, 0, a, 0, to),
            Ins::JumpLt { a, b, to } => of(What::JumpLt, 0, a, b, to),
            Ins::JumpLe { a, b, to } => of(What::JumpLe, 0, a, b, to),
            Ins::JumpLtU { a, b, to } => of(What::JumpLtU, 0, a, b, to),
            Ins::JumpLeU { a, b, to } => of(What::JumpLeU, 0, a, b, to),
            Ins::JumpEq { a, b, to } => of(What::JumpEq, 0, a, b, to),
            Ins::JumpNe { a, b, to } => of(What::JumpNe, 0, a, b, to),
            Ins::Load { mem, d, a, off } => Word {
                mem,
                ..of(What::Load, d, a, 0, off as u32)
            },
            Ins::Store { mem, a, b, off } => Word {
                mem,
                ..of(What::Store, 0, a, b, off as u32)
            },
            Ins::LoadBits {
                mem,
                signed,
                shift,
                width,
                d,
                a,
            } => {
                let v = u32::from_le_bytes([shift, width, signed.into(), 0]);
                Word {
                    mem,
                    ..of(What::LoadBits, d, a, 0, v)
                }
            }
            Ins::StoreBits {
                mem,
                shift,
                width,
                a,
                b,
            } => Word {
                mem,
                ..of(
                    What::StoreBits,
                    0,
                    a,
                    b,
                    u32::from_le_bytes([shift, width, 0, 0]),
                )
            },
            Ins::Copy { a, b, size } => of(What::Copy, 0, a, b, size),
            Ins::Zero { a, off, size } => {
                of(What::Zero, size as Reg, a, (size >> 16) as Reg, off as u32)
            }
            Ins::Born { local } => of(What::Born, local, 0, 0, 0),
            Ins::Dead { local } => of(What::Dead, local, 0, 0, 0),
            Ins::Mark { d, yes } => of(What::Mark, d, 0, 0, yes.into()),
            Ins::Check { a, var } => of(What::Check, var, a, 0, 0),
            Ins::Call { func, base, site } => {
                of(What::Call, base, func as Reg, (func >> 16) as Reg, site)
            }
            Ins::CallPtr { a, base, site } => of(What::CallPtr, base, a, 0, site),
            Ins::Return => of(What::Return, 0, 0, 0, 0),
            Ins::ReturnNothing => of(What::ReturnNothing, 0, 0, 0, 0),
            Ins::VaArg { d, a, kind } => of(What::VaArg, d, a, 0, kind as u32),
        }
    }
}
