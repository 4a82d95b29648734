//! gcc's `__builtin_` functions that a compiler answers by itself.

use super::*;
use crate::program::c::ast::BinaryOp;
use crate::program::c::ir::Un;

impl Lower<'_> {
    /// A call of a name that nobody declared, if it is a built-in function.
    pub(super) fn builtin(
        &mut self,
        name: Sym,
        args: &[ExprId],
        span: Span,
        want: Option<Reg>,
    ) -> Parsed<Option<Value>> {
        let text = self.names.shared(name);
        let Some(word) = text.strip_prefix("__builtin_") else {
            return Ok(None);
        };
        let takes = match word {
            "expect" | "bswap64" => 1,
            "choose_expr" => 3,
            _ => usize::from(word != "unreachable" && word != "trap"),
        };
        if args.len() < takes {
            return self.error(span, format!("`{text}` takes more arguments"));
        }
        let long = Ty::int(Int::Long);
        let value = match word {
            "expect" | "expect_with_probability" => {
                let value = self.rvalue(args[0], want)?;
                self.convert(value, long, want)
            }
            "assume_aligned" => self.rvalue(args[0], want)?,
            "constant_p" => {
                let known = self.without_code(|l| l.rvalue(args[0], None))?;
                let yes = matches!(
                    known,
                    (
                        Value {
                            val: Val::Const(_),
                            ..
                        },
                        false
                    )
                );
                constant(u64::from(yes), Ty::INT)
            }
            "choose_expr" => {
                let first = self.const_int(args[0])? != 0;
                self.rvalue(args[if first { 1 } else { 2 }], want)?
            }
            "object_size" => constant(u64::MAX, Ty::int(Int::ULong)),
            "unreachable" | "trap" => {
                self.at(span, |l| l.call_library("abort", &[]))?;
                constant(0, Ty::VOID)
            }
            "bswap16" => self.swapped("htons", args[0], Int::UShort)?,
            "bswap32" => self.swapped("htonl", args[0], Int::UInt)?,
            "bswap64" => self.swapped_twice(args[0], span)?,
            _ => return self.bit_count(word, args, span),
        };
        Ok(Some(value))
    }

    fn swapped(&mut self, by: &str, arg: ExprId, int: Int) -> Parsed<Value> {
        let value = self.rvalue(arg, None)?;
        let value = self.convert(value, Ty::int(int), None);
        let reg = self.call_library(by, &[value.val])?;
        Ok(Value {
            val: Val::Reg(reg),
            ty: Ty::int(int),
        })
    }

    /// 64 bits in reverse order: the two halves, each in reverse order, change places.
    fn swapped_twice(&mut self, arg: ExprId, span: Span) -> Parsed<Value> {
        let (word, half) = (Ty::int(Int::ULong), Ty::int(Int::UInt));
        let value = self.rvalue(arg, None)?;
        let value = self.convert(value, word, None);
        let low = self.convert(value, half, None);
        let kept = self.temp();
        self.move_to(value.val, kept);
        let low = self.call_library("htonl", &[low.val])?;
        let up = constant(32, Ty::INT);
        let whole = Value {
            val: Val::Reg(kept),
            ty: word,
        };
        let low = Value {
            val: Val::Reg(low),
            ty: word,
        };
        let low = self.binary(BinaryOp::Shl, low, up, span, None)?;
        let high = self.binary(BinaryOp::Shr, whole, up, span, None)?;
        let high = Value {
            val: Val::Reg(self.call_library("htonl", &[high.val])?),
            ty: word,
        };
        self.binary(BinaryOp::Or, low, high, span, None)
    }

    /// `popcount`, `parity`, `clz`, `ctz` and `ffs`, for int, `l` and `ll`; whatever else has that
    /// prefix is the library's function of the name without it.
    fn bit_count(&mut self, word: &str, args: &[ExprId], span: Span) -> Parsed<Option<Value>> {
        let wide = word.ends_with('l');
        let kind = word.trim_end_matches('l');
        if !matches!(kind, "popcount" | "parity" | "clz" | "ctz" | "ffs") {
            let name = self.names.sym(word);
            let library = crate::program::c::library::names().any(|known| known == word);
            if self.lib(name).is_none() && !library {
                return Ok(None);
            }
            if self.find_first(name).is_none() {
                self.implicit_function(name, span)?;
            }
            let Some(Entity::Function(function)) = self.find_first(name) else {
                return Ok(None);
            };
            self.use_function(function, span);
            let call = self.call_function(function, args, span)?;
            return Ok(Some(call));
        }
        let int = if wide { Int::ULong } else { Int::UInt };
        let ty = Ty::int(int);
        let value = self.rvalue(args[0], None)?;
        let x = self.convert(value, ty, None);
        let one = constant(1, ty);
        let counted = match kind {
            "ctz" | "ffs" => {
                // Ones where the zeros at the end are; for ffs() one more.
                let less = self.binary(BinaryOp::Sub, x, one, span, None)?;
                let both = self.binary(BinaryOp::Xor, x, less, span, None)?;
                match kind {
                    "ffs" => both,
                    _ => self.binary(BinaryOp::Shr, both, one, span, None)?,
                }
            }
            "clz" => {
                // Every bit below the first one set.
                let mut filled = x;
                let mut by = 1;
                while by < 8 * int.size() {
                    let moved = constant(by, Ty::INT);
                    let moved = self.binary(BinaryOp::Shr, filled, moved, span, None)?;
                    filled = self.binary(BinaryOp::Or, filled, moved, span, None)?;
                    by *= 2;
                }
                filled
            }
            _ => x,
        };
        let count = self.ones(counted, int, span)?;
        let count = self.convert(count, Ty::INT, None);
        let value = match kind {
            "parity" => self.binary(BinaryOp::And, count, constant(1, Ty::INT), span, None)?,
            "clz" => {
                let all = constant(8 * int.size(), Ty::INT);
                self.binary(BinaryOp::Sub, all, count, span, None)?
            }
            // ffs(0) is 0.
            "ffs" => {
                let any = Value {
                    val: self.unary_op(Un::Bool, x.val, None),
                    ty: Ty::INT,
                };
                self.binary(BinaryOp::Mul, count, any, span, None)?
            }
            _ => count,
        };
        Ok(Some(value))
    }

    /// How many bits are set: added in ever wider fields.
    fn ones(&mut self, x: Value, int: Int, span: Span) -> Parsed<Value> {
        let ty = Ty::int(int);
        let mask = |byte: u64| constant(int.fit(byte * 0x0101_0101_0101_0101), ty);
        let by = |n: u64| constant(n, Ty::INT);
        let odd = self.binary(BinaryOp::Shr, x, by(1), span, None)?;
        let odd = self.binary(BinaryOp::And, odd, mask(0x55), span, None)?;
        let pairs = self.binary(BinaryOp::Sub, x, odd, span, None)?;
        let high = self.binary(BinaryOp::Shr, pairs, by(2), span, None)?;
        let high = self.binary(BinaryOp::And, high, mask(0x33), span, None)?;
        let low = self.binary(BinaryOp::And, pairs, mask(0x33), span, None)?;
        let fours = self.binary(BinaryOp::Add, low, high, span, None)?;
        let high = self.binary(BinaryOp::Shr, fours, by(4), span, None)?;
        let bytes = self.binary(BinaryOp::Add, fours, high, span, None)?;
        let bytes = self.binary(BinaryOp::And, bytes, mask(0x0f), span, None)?;
        let sum = self.binary(BinaryOp::Mul, bytes, mask(1), span, None)?;
        self.binary(BinaryOp::Shr, sum, by(8 * int.size() - 8), span, None)
    }
}

fn constant(value: u64, ty: Ty) -> Value {
    Value {
        val: Val::Const(value),
        ty,
    }
}
