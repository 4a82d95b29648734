//! Random C programs without undefined behaviour, the same for the same seed.
//!
//! What keeps them defined: everything has a value before it is read, indices and shift counts are masked,
//! divisors are not zero, doubles are brought back to a range before they become integers, loops count, and no two
//! parts of an expression without an order between them touch the same object. Signed overflow wraps, as gcc has it
//! with `-fwrapv` and the machine always.

use std::fmt::Write;

/// A small generator of numbers: splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.roll() % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A type: how it is written, how wide its shifts may be, whether it is floating, whether it is unsigned.
#[derive(Clone, Copy, PartialEq)]
struct Ty {
    name: &'static str,
    bits: u32,
    float: bool,
    unsigned: bool,
}

const fn ty(name: &'static str, bits: u32, float: bool, unsigned: bool) -> Ty {
    Ty {
        name,
        bits,
        float,
        unsigned,
    }
}

const TYPES: &[Ty] = &[
    ty("int", 32, false, false),
    ty("unsigned", 32, false, true),
    ty("long", 64, false, false),
    ty("unsigned long", 64, false, true),
    ty("char", 8, false, false),
    ty("signed char", 8, false, false),
    ty("unsigned char", 8, false, true),
    ty("short", 16, false, false),
    ty("unsigned short", 16, false, true),
    ty("long long", 64, false, false),
    ty("unsigned long long", 64, false, true),
    ty("_Bool", 1, false, true),
    ty("enum e", 32, false, true),
    ty("double", 64, true, false),
    ty("float", 32, true, false),
];

const INT: Ty = TYPES[0];
const LONG: Ty = TYPES[2];
const DOUBLE: Ty = TYPES[13];

/// What every program begins with.
const HEAD: &str = r#"#include <stdio.h>
#include <string.h>
enum e { E0, E1, E5 = 5, EBIG = 0x80000001u };
struct in { short a; unsigned char b[3]; };
struct s { char c; int i; unsigned u : 5; int f : 7; long l; struct in in[2]; double d; _Bool t : 1; unsigned long w : 40; };
struct __attribute__((packed)) p { char c; int i; short s; long l; };
union n { unsigned char b[8]; unsigned u; long l; double d; float f; };
static struct s gs = { 'x', -7, 21, -3, 1L << 40, { { 1, { 2, 3, 4 } }, { .b = { [1] = 9 } } }, 2.5, 1, 77 };
static struct p gp = { 1, 2, 3, 4 };
static unsigned long trace = 1;
static unsigned calls;
static int ga[8] = { 1, -2, 3, [5] = 1000000007, 6 };
static double gd[4] = { 0.5, -1.25, 1e9, 3 };
static double fin(double d) { return d > -1e15 && d < 1e15 ? d : 2.75; }
static double cl(double d) { return d > -100.0 && d < 100.0 ? d : 3.5; }
static double cu(double d) { return d >= 0.0 && d < 100.0 ? d : 4.5; }
static void out(const char *what, long long v) { trace = trace * 31 + (unsigned long)v; printf("%s=%lld\n", what, v); }
static void outd(const char *what, double v) { printf("%s=%.17g\n", what, v); }
"#;

/// A variable in scope.
#[derive(Clone)]
struct Var {
    name: String,
    ty: Ty,
}

struct Function {
    name: String,
    result: Ty,
    params: Vec<Ty>,
}

struct Generator {
    dice: Dice,
    out: String,
    functions: Vec<Function>,
    vars: Vec<Var>,
    /// Variables that this expression changes somewhere: nothing else in it may name them.
    taken: Vec<String>,
    /// Variables that this expression names.
    named: Vec<String>,
    /// Whether this expression calls functions; if so, it looks at no global object, which they may change.
    calling: bool,
    called: bool,
    next: usize,
    loops: usize,
    indent: usize,
}

/// The program of a seed.
pub(crate) fn program(seed: u64) -> String {
    let mut g = Generator {
        dice: Dice(seed),
        out: HEAD.to_owned(),
        functions: Vec::new(),
        vars: Vec::new(),
        taken: Vec::new(),
        named: Vec::new(),
        calling: false,
        called: false,
        next: 0,
        loops: 0,
        indent: 1,
    };
    g.struct_functions();
    let count = 3 + g.dice.below(4);
    for i in 0..count {
        g.function(i);
    }
    g.main();
    g.out
}

impl Generator {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{:1$}{text}", "", 2 * self.indent);
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}{}", self.next)
    }

    fn any_type(&mut self) -> Ty {
        match self.dice.one_in(3) {
            true => *self.dice.pick(&TYPES[..4]),
            false => *self.dice.pick(TYPES),
        }
    }

    // ---- expressions ----

    /// An integer constant that fits anything wider than a byte or two, sometimes an edge.
    fn constant(&mut self, ty: Ty) -> String {
        if ty.float {
            let text = [
                "0.5", "1.0", "-2.25", "1e3", "0.1f", "3.0f", "100", "-7", "0x1.8p1",
            ];
            return (*self.dice.pick(&text)).to_owned();
        }
        let edges = [
            "0",
            "1",
            "-1",
            "2",
            "7",
            "255",
            "-128",
            "127",
            "32767",
            "-32768",
            "65535",
            "'a'",
            "2147483647",
            "(-2147483647 - 1)",
            "4294967295u",
            "0x7fffffffffffffffL",
            "1UL",
            "3LL",
            "E5",
            "0b1011",
            "017",
            "'\\377'",
            "EBIG",
            "-1L",
            "18446744073709551615UL",
            "sizeof(struct s)",
        ];
        match self.dice.one_in(2) {
            true => (*self.dice.pick(&edges)).to_owned(),
            false => (self.dice.roll() as i16).to_string(),
        }
    }

    /// An object that can be read and written, and its type.
    fn object(&mut self, depth: usize) -> (String, Ty) {
        let free: Vec<Var> = self
            .vars
            .iter()
            .filter(|v| !self.taken.contains(&v.name))
            .cloned()
            .collect();
        if !free.is_empty() && (self.calling || !self.dice.one_in(3)) {
            let var = self.dice.pick(&free).clone();
            self.named.push(var.name.clone());
            return (var.name, var.ty);
        }
        if self.calling {
            return ("7".to_owned(), INT);
        }
        let index = |g: &mut Self, mask: usize| {
            let e = g.expression(INT, depth.saturating_sub(1));
            format!("({e}) & {mask}")
        };
        match self.dice.below(13) {
            0 | 1 => {
                let i = index(self, 7);
                (format!("ga[{i}]"), INT)
            }
            2 => {
                let i = index(self, 3);
                (format!("gd[{i}]"), DOUBLE)
            }
            3 => ("gs.i".to_owned(), INT),
            4 => ("gs.u".to_owned(), TYPES[1]),
            5 => ("gs.f".to_owned(), INT),
            6 => ("(&gs)->l".to_owned(), LONG),
            7 => {
                let i = index(self, 1);
                ("gs.in[".to_owned() + &i + "].a", TYPES[7])
            }
            8 => {
                let i = index(self, 1);
                ("gs.in[".to_owned() + &i + "].b[2]", TYPES[6])
            }
            9 => ("gp.i".to_owned(), INT),
            10 => ("gp.l".to_owned(), LONG),
            11 => ("gs.t".to_owned(), TYPES[11]),
            _ => {
                let i = index(self, 7);
                (format!("*(ga + ({i}))"), INT)
            }
        }
    }

    /// An expression that is converted to `ty` without harm.
    fn expression(&mut self, ty: Ty, depth: usize) -> String {
        let (text, own) = self.any(depth);
        if own.float && !ty.float {
            let guard = if ty.unsigned { "cu" } else { "cl" };
            return format!("({}){guard}({text})", ty.name);
        }
        match self.dice.below(3) {
            0 => format!("({})({text})", ty.name),
            _ => text,
        }
    }

    /// An expression of whatever type, and what is known of it: floating or not.
    fn any(&mut self, depth: usize) -> (String, Ty) {
        if depth == 0 {
            return match self.dice.below(3) {
                0 => {
                    let ty = self.any_type();
                    let float = ty.float;
                    (self.constant(ty), if float { DOUBLE } else { LONG })
                }
                _ => self.object(0),
            };
        }
        match self.dice.below(20) {
            0..=6 => self.arithmetic(depth),
            7 => {
                let ty = *self.dice.pick(&TYPES[..11]);
                let x = self.expression(ty, depth - 1);
                let n = self.expression(INT, depth - 1);
                let op = *self.dice.pick(&["<<", ">>"]);
                let mask = if ty.bits == 64 { 63 } else { 31 };
                (
                    format!("((({})({x})) {op} (({n}) & {mask}))", ty.name),
                    LONG,
                )
            }
            8 | 9 => {
                let (a, _) = self.any(depth - 1);
                let (b, _) = self.any(depth - 1);
                let op = *self
                    .dice
                    .pick(&["<", "<=", ">", ">=", "==", "!=", "&&", "||"]);
                (format!("(({a}) {op} ({b}))"), INT)
            }
            10 => {
                let ty = self.any_type();
                let e = self.expression(ty, depth - 1);
                (format!("(({})({e}))", ty.name), ty)
            }
            11 | 12 => {
                let (c, _) = self.any(depth - 1);
                let (a, ta) = self.any(depth - 1);
                let (b, tb) = self.any(depth - 1);
                let float = ta.float || tb.float;
                let text = format!("(({c}) ? ({a}) : ({b}))");
                (text, if float { DOUBLE } else { LONG })
            }
            13 => {
                let (e, ty) = self.any(depth - 1);
                let op = match ty.float {
                    true => *self.dice.pick(&["-", "!", "+"]),
                    false => *self.dice.pick(&["-", "~", "!", "+"]),
                };
                let float = ty.float && op != "!";
                (format!("({op}({e}))"), if float { ty } else { LONG })
            }
            // One call: C leaves the order of two open.
            14..=16 if self.calling && !self.called => self.call(depth),
            14..=16 => self.effect(depth),
            17 => {
                let (e, _) = self.any(depth - 1);
                (format!("((long)sizeof(+({e})))"), LONG)
            }
            18 => {
                let (a, _) = self.any(depth - 1);
                let (b, ty) = self.any(depth - 1);
                (format!("({a}, {b})"), ty)
            }
            _ => self.object(depth),
        }
    }

    fn arithmetic(&mut self, depth: usize) -> (String, Ty) {
        let (a, ta) = self.any(depth - 1);
        let (b, tb) = self.any(depth - 1);
        if ta.float || tb.float {
            let op = *self.dice.pick(&["+", "-", "*", "/"]);
            return match op {
                "/" => (format!("fin(({a}) / (1.5 + cu({b})))"), DOUBLE),
                _ => (format!("fin(({a}) {op} ({b}))"), DOUBLE),
            };
        }
        let op = *self.dice.pick(&["+", "-", "*", "/", "%", "&", "|", "^"]);
        let text = match op {
            // From 1 to 64: neither zero nor −1.
            "/" | "%" => format!("(({a}) {op} ((({b}) & 63) + 1))"),
            _ => format!("(({a}) {op} ({b}))"),
        };
        (text, LONG)
    }

    fn call(&mut self, depth: usize) -> (String, Ty) {
        self.called = true;
        let i = self.dice.below(self.functions.len());
        let (name, result, params) = {
            let f = &self.functions[i];
            (f.name.clone(), f.result, f.params.clone())
        };
        let args: Vec<String> = params
            .iter()
            .map(|ty| self.expression(*ty, depth.saturating_sub(2)))
            .collect();
        (format!("{name}({})", args.join(", ")), result)
    }

    /// Something that changes a variable which nothing else in the expression names.
    fn effect(&mut self, depth: usize) -> (String, Ty) {
        let free: Vec<Var> = self
            .vars
            .iter()
            .filter(|v| !self.taken.contains(&v.name) && !self.named.contains(&v.name))
            .cloned()
            .collect();
        if free.is_empty() {
            return self.object(0);
        }
        let var = self.dice.pick(&free).clone();
        self.taken.push(var.name.clone());
        let name = &var.name;
        let text = match self.dice.below(4) {
            0 if !var.ty.float => format!("{name}++"),
            1 if !var.ty.float => format!("--{name}"),
            2 => {
                let e = self.expression(var.ty, depth - 1);
                format!("({name} = {e})")
            }
            _ => {
                let e = self.expression(var.ty, depth - 1);
                format!("({name} = {e}, {name})")
            }
        };
        (text, var.ty)
    }

    /// A whole expression of a statement.
    fn full(&mut self, ty: Ty, depth: usize) -> String {
        self.begin();
        self.calling = !self.functions.is_empty() && self.dice.one_in(3);
        self.expression(ty, depth)
    }

    fn begin(&mut self) {
        self.taken.clear();
        self.named.clear();
        (self.calling, self.called) = (false, false);
    }
}

include!("statements.rs");
