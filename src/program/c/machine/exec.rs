//! The loop.

use super::*;
use crate::program::c::arith;
use crate::program::c::ir::{Ins, Mem};
use crate::program::c::libc::Halt;
use memory::BadAccess;

/// Why the fast loop handed over.
enum Slow {
    Arith(arith::Undefined),
    Access(BadAccess, u64, u32, bool),
    Other(Ins),
}

impl Machine {
    /// Executes at most `budget` instructions; says how many it did and why it stopped earlier.
    pub(super) fn execute(&mut self, budget: u64) -> (u64, Option<Stop>) {
        let paid = self.debt.min(budget);
        self.debt -= paid;
        let mut used = paid;
        let image = self.image.clone();
        while used < budget {
            let (fast, slow) = self.fast(&image, budget - used);
            used += fast;
            let Some(slow) = slow else {
                break;
            };
            // The instruction that the fast loop could not do counts now.
            used += 1;
            if let Some(stop) = self.slow(&image, slow) {
                return (used, Some(stop));
            }
            let paid = self.debt.min(budget - used);
            self.debt -= paid;
            used += paid;
        }
        (used, None)
    }

    /// The instructions that need registers and memory alone.
    fn fast(&mut self, image: &Image, budget: u64) -> (u64, Option<Slow>) {
        let base = self.calls.last().map_or(0, |c| c.base as usize);
        let mut left = budget;
        let mut pc = self.pc as usize;
        let memory = &mut self.memory;
        let r = &mut self.regs[base..];
        let code = image.code.as_slice();
        macro_rules! r {
            ($reg:expr) => {
                *r.get_mut(usize::from($reg)).unwrap_or_else(|| outside())
            };
        }
        macro_rules! jump {
            ($cond:expr, $to:expr) => {
                if $cond {
                    pc = $to as usize;
                } else {
                    pc += 1;
                }
            };
        }
        let slow = loop {
            if left == 0 {
                break None;
            }
            let ins = code[pc];
            match ins {
                Ins::AddI32 { d, a, v } => r!(d) = (r!(a) as i32).wrapping_add(v) as u64,
                Ins::Add32 { d, a, b } => r!(d) = (r!(a) as i32).wrapping_add(r!(b) as i32) as u64,
                Ins::Sub32 { d, a, b } => r!(d) = (r!(a) as i32).wrapping_sub(r!(b) as i32) as u64,
                Ins::Mul32 { d, a, b } => r!(d) = (r!(a) as i32).wrapping_mul(r!(b) as i32) as u64,
                Ins::Add64 { d, a, b } => r!(d) = r!(a).wrapping_add(r!(b)),
                Ins::Xor { d, a, b } => r!(d) = r!(a) ^ r!(b),
                Ins::And { d, a, b } => r!(d) = r!(a) & r!(b),
                Ins::AddI64 { d, a, v } => r!(d) = r!(a).wrapping_add(v as i64 as u64),
                Ins::Index { d, a, b, v } => {
                    r!(d) = r!(a).wrapping_add(r!(b).wrapping_mul(v as i64 as u64));
                }
                Ins::Move { d, a } => r!(d) = r!(a),
                Ins::Const { d, v } => r!(d) = v as i64 as u64,
                Ins::Wide { d, k } => r!(d) = image.wide[k as usize],
                Ins::Bin { op, d, a, b } => match arith::binary(op, r!(a), r!(b)) {
                    Ok(value) => r!(d) = value,
                    Err(undefined) => break Some(Slow::Arith(undefined)),
                },
                Ins::Un { op, d, a } => r!(d) = arith::unary(op, r!(a)),
                Ins::Load { mem, d, a, off } => {
                    let at = r!(a).wrapping_add(off as i64 as u64);
                    match memory.load(at, mem.size()) {
                        Ok(bits) => r!(d) = extend(mem, bits),
                        Err(bad) => break Some(Slow::Access(bad, at, mem.size(), false)),
                    }
                }
                Ins::Store { mem, a, b, off } => {
                    let at = r!(a).wrapping_add(off as i64 as u64);
                    let value = match mem {
                        Mem::F32 => u64::from((f64::from_bits(r!(b)) as f32).to_bits()),
                        _ => r!(b),
                    };
                    if let Err(bad) = memory.store(at, mem.size(), value) {
                        break Some(Slow::Access(bad, at, mem.size(), true));
                    }
                }
                Ins::Jump { to } => {
                    pc = to as usize;
                    left -= 1;
                    continue;
                }
                Ins::JumpIfZero { a, to } => {
                    jump!(r!(a) == 0, to);
                    left -= 1;
                    continue;
                }
                Ins::JumpIfNot { a, to } => {
                    jump!(r!(a) != 0, to);
                    left -= 1;
                    continue;
                }
                Ins::JumpLt { a, b, to } => {
                    jump!((r!(a) as i64) < r!(b) as i64, to);
                    left -= 1;
                    continue;
                }
                Ins::JumpLe { a, b, to } => {
                    jump!(r!(a) as i64 <= r!(b) as i64, to);
                    left -= 1;
                    continue;
                }
                Ins::JumpLtU { a, b, to } => {
                    jump!(r!(a) < r!(b), to);
                    left -= 1;
                    continue;
                }
                Ins::JumpLeU { a, b, to } => {
                    jump!(r!(a) <= r!(b), to);
                    left -= 1;
                    continue;
                }
                Ins::JumpEq { a, b, to } => {
                    jump!(r!(a) == r!(b), to);
                    left -= 1;
                    continue;
                }
                Ins::JumpNe { a, b, to } => {
                    jump!(r!(a) != r!(b), to);
                    left -= 1;
                    continue;
                }
                Ins::Mark { d, yes } => r!(d) = u64::from(yes),
                Ins::Check { a, .. } if r!(a) != 0 => {}
                Ins::Nop => {}
                other => break Some(Slow::Other(other)),
            }
            pc += 1;
            left -= 1;
        };
        self.pc = pc as u32;
        (budget - left, slow)
    }

    /// The instruction at `pc` that the fast loop could not do. `None`: go on.
    fn slow(&mut self, image: &Image, slow: Slow) -> Option<Stop> {
        match slow {
            Slow::Arith(undefined) => {
                let problem = self.arithmetic(undefined);
                Some(self.stop_fault(problem))
            }
            Slow::Access(bad, at, size, write) => {
                let problem = self.bad_access(bad, at, u64::from(size), write);
                Some(self.stop_fault(problem))
            }
            Slow::Other(ins) => self.other(image, ins),
        }
    }

    fn other(&mut self, image: &Image, ins: Ins) -> Option<Stop> {
        match ins {
            Ins::Call { func, base, site } => return self.call(func, base, site),
            Ins::CallPtr { a, base, site } => {
                let at = self.reg(a);
                match self.callee(at, site) {
                    Ok(func) => return self.call(func, base, site),
                    Err(problem) => return Some(self.stop_fault(*problem)),
                }
            }
            Ins::Return => return self.pop_frame(),
            Ins::ReturnNothing => {
                if let Some(problem) = self.nothing_returned(image) {
                    return Some(self.stop_fault(problem));
                }
                return self.pop_frame();
            }
            Ins::Born { local } => self.born(local),
            Ins::Dead { local } => {
                if let Some(reg) = self.local_reg(local) {
                    let at = self.regs[reg];
                    self.memory.end_local(at);
                }
            }
            Ins::VaArg { d, a, kind } => match self.next_argument(self.reg(a), kind) {
                Ok(value) => self.set_reg(d, value),
                Err(halt) => {
                    if let Halt::Fault(problem) = *halt {
                        return Some(self.stop_fault(problem));
                    }
                }
            },
            Ins::Check { var, .. } => {
                let problem = self.unset(var);
                return Some(self.stop_fault(problem));
            }
            _ => {
                if let Err((bad, at, size, write)) = self.memory_instruction(ins) {
                    let problem = self.bad_access(bad, at, size, write);
                    return Some(self.stop_fault(problem));
                }
            }
        }
        self.pc += 1;
        None
    }

    /// Instructions on memory beyond single loads and stores.
    fn memory_instruction(&mut self, ins: Ins) -> Result<(), (BadAccess, u64, u64, bool)> {
        match ins {
            Ins::Copy { a, b, size } => {
                let (to, from, size) = (self.reg(a), self.reg(b), u64::from(size));
                self.memory.copy(to, from, size).map_err(|bad| {
                    let reading = self.memory.read(from, size, false).is_err();
                    if reading {
                        (bad, from, size, false)
                    } else {
                        (bad, to, size, true)
                    }
                })?;
                self.debt += size / 64;
            }
            Ins::Zero { a, off, size } => {
                let at = self.reg(a).wrapping_add(off as i64 as u64);
                let size = u64::from(size);
                self.memory
                    .set(at, 0, size)
                    .map_err(|bad| (bad, at, size, true))?;
                self.debt += size / 64;
            }
            Ins::LoadBits {
                mem,
                signed,
                shift,
                width,
                d,
                a,
            } => {
                let at = self.reg(a);
                let unit = u64::from(mem.size());
                let bits = self
                    .load_unit(at, mem)
                    .map_err(|bad| (bad, at, unit, false))?;
                let up = 64 - u32::from(width);
                let cut = (bits >> shift) << up;
                let value = if signed {
                    ((cut as i64) >> up) as u64
                } else {
                    cut >> up
                };
                self.set_reg(d, value);
            }
            Ins::StoreBits {
                mem,
                shift,
                width,
                a,
                b,
            } => {
                let at = self.reg(a);
                let unit = u64::from(mem.size());
                let mask = (u64::MAX >> (64 - u32::from(width))) << shift;
                // The other fields of the unit may not have been written yet: they stay as they are.
                let old = self
                    .memory
                    .read(at, unit, false)
                    .map_err(|bad| (bad, at, unit, true))?;
                let old = old
                    .iter()
                    .rev()
                    .fold(0u64, |v, byte| v << 8 | u64::from(*byte));
                let new = (old & !mask) | ((self.reg(b) << shift) & mask);
                self.memory
                    .store(at, mem.size(), new)
                    .map_err(|bad| (bad, at, unit, true))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A bit-field's unit: bytes of neighbours that were never written read as zero.
    fn load_unit(&self, at: u64, mem: Mem) -> Result<u64, BadAccess> {
        match self.memory.load(at, mem.size()) {
            Err(BadAccess::Unwritten { .. }) => {
                let bytes = self.memory.read(at, u64::from(mem.size()), false)?;
                Ok(bytes
                    .iter()
                    .rev()
                    .fold(0u64, |v, byte| v << 8 | u64::from(*byte)))
            }
            other => other,
        }
    }

    pub(super) fn reg(&self, reg: u16) -> u64 {
        let base = self.calls.last().map_or(0, |c| c.base as usize);
        self.regs.get(base + usize::from(reg)).copied().unwrap_or(0)
    }

    pub(super) fn set_reg(&mut self, reg: u16, value: u64) {
        let base = self.calls.last().map_or(0, |c| c.base as usize);
        if let Some(place) = self.regs.get_mut(base + usize::from(reg)) {
            *place = value;
        }
    }

    /// The register (of all) that holds a memory variable's address.
    fn local_reg(&self, local: u16) -> Option<usize> {
        let code = self.code_of_current()?;
        let reg = code.locals.get(usize::from(local))?.reg;
        Some(self.calls.last()?.base as usize + usize::from(reg))
    }

    /// A block's variable begins its life (again).
    fn born(&mut self, local: u16) {
        let Some(reg) = self.local_reg(local) else {
            return;
        };
        let (function, size) = match (self.calls.last(), self.code_of_current()) {
            (Some(call), Some(code)) => (call.function, code.locals[usize::from(local)].size),
            _ => return,
        };
        let old = self.regs[reg];
        let new = match old {
            0 => self.memory.push_local(size, function, u32::from(local)),
            _ => self.memory.reborn(old),
        };
        self.regs[reg] = new.unwrap_or(0);
    }
}

/// The compiler gives every function registers for all that it names. One way out for all of them.
#[cold]
#[inline(never)]
fn outside() -> ! {
    panic!("a register outside of the window")
}

/// A loaded scalar as registers hold it.
#[inline(always)]
pub(super) fn extend(mem: Mem, bits: u64) -> u64 {
    match mem {
        Mem::S8 => bits as i8 as u64,
        Mem::S16 => bits as i16 as u64,
        Mem::S32 => bits as i32 as u64,
        Mem::U8 | Mem::U16 | Mem::U32 | Mem::W64 => bits,
        Mem::F32 => f64::from(f32::from_bits(bits as u32)).to_bits(),
    }
}
