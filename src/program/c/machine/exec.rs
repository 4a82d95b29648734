//! The loop.

use super::*;
use crate::program::c::arith;
use crate::program::c::ir::{Mem, What, Word};
use crate::program::c::libc::{Halt, kind_of};
use memory::BadAccess;

/// Why the fast loop handed over.
enum Slow {
    Arith(arith::Undefined),
    Access(BadAccess, u64, u32, bool),
    Other(Word),
}

impl Machine {
    /// Executes at most `budget` instructions; says how many it did and why it stopped earlier.
    pub(super) fn execute(&mut self, budget: u64) -> (u64, Option<Stop>) {
        let paid = self.now.debt.min(budget);
        self.now.debt -= paid;
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
            let paid = self.now.debt.min(budget - used);
            self.now.debt -= paid;
            used += paid;
        }
        (used, None)
    }

    /// The instructions that need registers and memory alone.
    fn fast(&mut self, image: &Image, budget: u64) -> (u64, Option<Slow>) {
        let base = self.now.calls.last().map_or(0, |c| c.base as usize);
        let mut left = budget;
        let mut pc = self.now.pc as usize;
        let memory = &mut self.memory;
        let r = &mut self.now.regs[base..];
        let code = image.code.as_slice();
        let slow = 'slow: loop {
            if left == 0 {
                break None;
            }
            let w = &code[pc];
            // The operands of all that has any.
            let a = r.get(usize::from(w.a)).copied().unwrap_or(0);
            let b = r.get(usize::from(w.b)).copied().unwrap_or(0);
            let v = w.v as i32 as u64;
            let jump = 'done: {
                let value = match w.what {
                    What::AddI32 => (a as i32).wrapping_add(v as i32) as u64,
                    What::Add32 => (a as i32).wrapping_add(b as i32) as u64,
                    What::Sub32 => (a as i32).wrapping_sub(b as i32) as u64,
                    What::Mul32 => (a as i32).wrapping_mul(b as i32) as u64,
                    What::Add64 => a.wrapping_add(b),
                    What::Xor => a ^ b,
                    What::And => a & b,
                    What::AddI64 => a.wrapping_add(v),
                    What::Index => a.wrapping_add(b.wrapping_mul(v)),
                    What::Move => a,
                    // A mark's `v` is 0 or 1.
                    What::Const | What::Mark => v,
                    What::Wide => image.wide[w.v as usize],
                    What::Bin => match arith::binary(w.op, a, b) {
                        Ok(value) => value,
                        Err(undefined) => break 'slow Some(Slow::Arith(undefined)),
                    },
                    What::Un => arith::unary(w.un, a),
                    What::Load => {
                        let at = a.wrapping_add(v);
                        match memory.load(at, w.mem.size()) {
                            Ok(bits) => extend(w.mem, bits),
                            Err(bad) => {
                                break 'slow Some(Slow::Access(bad, at, w.mem.size(), false));
                            }
                        }
                    }
                    What::Store => {
                        let at = a.wrapping_add(v);
                        let value = match w.mem {
                            Mem::F32 => u64::from((f64::from_bits(b) as f32).to_bits()),
                            _ => b,
                        };
                        if let Err(bad) = memory.store(at, w.mem.size(), value) {
                            break 'slow Some(Slow::Access(bad, at, w.mem.size(), true));
                        }
                        break 'done false;
                    }
                    What::Jump => break 'done true,
                    What::JumpIfZero => break 'done a == 0,
                    What::JumpIfNot => break 'done a != 0,
                    What::JumpLt => break 'done (a as i64) < b as i64,
                    What::JumpLe => break 'done a as i64 <= b as i64,
                    What::JumpLtU => break 'done a < b,
                    What::JumpLeU => break 'done a <= b,
                    What::JumpEq => break 'done a == b,
                    What::JumpNe => break 'done a != b,
                    What::Check if a != 0 => break 'done false,
                    What::Nop => break 'done false,
                    _ => break 'slow Some(Slow::Other(*w)),
                };
                *r.get_mut(usize::from(w.d)).unwrap_or_else(|| outside()) = value;
                false
            };
            pc = if jump { w.v as usize } else { pc + 1 };
            left -= 1;
        };
        self.now.pc = pc as u32;
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
            Slow::Other(word) => self.other(image, word),
        }
    }

    fn other(&mut self, image: &Image, w: Word) -> Option<Stop> {
        match w.what {
            What::Call => return self.call(Word::wide(w.a, w.b), w.d, w.v),
            What::CallPtr => {
                let at = self.reg(w.a);
                match self.callee(at, w.v) {
                    Ok(func) => return self.call(func, w.d, w.v),
                    Err(problem) => return Some(self.stop_fault(*problem)),
                }
            }
            What::Return => return self.pop_frame(),
            What::ReturnNothing => {
                if let Some(problem) = self.nothing_returned(image) {
                    return Some(self.stop_fault(problem));
                }
                return self.pop_frame();
            }
            What::Born => self.born(w.d),
            What::Dead => {
                if let Some(reg) = self.local_reg(w.d) {
                    let at = self.now.regs[reg];
                    self.memory.end_local(at);
                }
            }
            What::VaArg => match self.next_argument(self.reg(w.a), kind_of(w.v.into())) {
                Ok(value) => self.set_reg(w.d, value),
                Err(halt) => {
                    if let Halt::Fault(problem) = *halt {
                        return Some(self.stop_fault(problem));
                    }
                }
            },
            What::Check => {
                let problem = self.unset(w.d);
                return Some(self.stop_fault(problem));
            }
            _ => {
                let (at, size) = (self.reg(w.a), u64::from(w.mem.size()));
                if let Err((bad, at, size, write)) = self.memory_instruction(w, at, size) {
                    let problem = self.bad_access(bad, at, size, write);
                    return Some(self.stop_fault(problem));
                }
            }
        }
        self.now.pc += 1;
        None
    }

    /// Instructions on memory beyond single loads and stores; `unit` is a bit-field's.
    fn memory_instruction(
        &mut self,
        w: Word,
        at: u64,
        unit: u64,
    ) -> Result<(), (BadAccess, u64, u64, bool)> {
        match w.what {
            What::Copy => {
                let (from, size) = (self.reg(w.b), u64::from(w.v));
                if let Err(bad) = self.memory.copy(at, from, size) {
                    let reading = self.memory.read_check(from, size).is_err();
                    let place = if reading { from } else { at };
                    return Err((bad, place, size, !reading));
                }
                self.owe(size);
            }
            What::Zero => {
                let at = at.wrapping_add(w.v as i32 as u64);
                let size = u64::from(Word::wide(w.d, w.b));
                if let Err(bad) = self.memory.set(at, 0, size) {
                    return Err((bad, at, size, true));
                }
                self.owe(size);
            }
            What::LoadBits | What::StoreBits => {
                let store = matches!(w.what, What::StoreBits);
                let [shift, width, signed, _] = w.v.to_le_bytes();
                // The other fields of the unit may not have been written yet: they stay as they are.
                let bits = match self.memory.load(at, w.mem.size()) {
                    Err(BadAccess::Unwritten { .. }) => self.unit(at, unit),
                    other => other,
                };
                let bits = bits.map_err(|bad| (bad, at, unit, store))?;
                let up = 64 - u32::from(width);
                if store {
                    let mask = (u64::MAX >> up) << shift;
                    let new = (bits & !mask) | ((self.reg(w.b) << shift) & mask);
                    let stored = self.memory.store(at, w.mem.size(), new);
                    return stored.map_err(|bad| (bad, at, unit, true));
                }
                let cut = (bits >> shift) << up;
                self.set_reg(
                    w.d,
                    match signed {
                        0 => cut >> up,
                        _ => ((cut as i64) >> up) as u64,
                    },
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// A bit-field's unit: bytes of neighbours that were never written read as zero.
    fn unit(&self, at: u64, size: u64) -> Result<u64, BadAccess> {
        let bytes = self.memory.read(at, size, false)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0u64, |v, byte| v << 8 | u64::from(*byte)))
    }

    pub(super) fn reg(&self, reg: u16) -> u64 {
        let base = self.now.calls.last().map_or(0, |c| c.base as usize);
        self.now
            .regs
            .get(base + usize::from(reg))
            .copied()
            .unwrap_or(0)
    }

    pub(super) fn set_reg(&mut self, reg: u16, value: u64) {
        let base = self.now.calls.last().map_or(0, |c| c.base as usize);
        if let Some(place) = self.now.regs.get_mut(base + usize::from(reg)) {
            *place = value;
        }
    }

    /// The register (of all) that holds a memory variable's address.
    fn local_reg(&self, local: u16) -> Option<usize> {
        let code = self.code_of_current()?;
        let reg = code.locals.get(usize::from(local))?.reg;
        Some(self.now.calls.last()?.base as usize + usize::from(reg))
    }

    /// A block's variable begins its life (again).
    fn born(&mut self, local: u16) {
        let Some(reg) = self.local_reg(local) else {
            return;
        };
        let (function, size) = match (self.now.calls.last(), self.code_of_current()) {
            (Some(call), Some(code)) => (call.function, code.locals[usize::from(local)].size),
            _ => return,
        };
        let old = self.now.regs[reg];
        let new = match old {
            0 => self.memory.push_local(size, function, u32::from(local)),
            _ => self.memory.reborn(old),
        };
        self.now.regs[reg] = new.unwrap_or(0);
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
